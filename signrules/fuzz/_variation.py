"""`Variation`: one way to get one row of the table wrong."""

from collections.abc import Callable
from typing import Final, NamedTuple

from .._rule import Rule

Accepts = Callable[[str], bool]

UNBOUNDED: Final = 1 << 30


class Variation(NamedTuple):
    """One way to get one row wrong.

    `name` is a part of the name of a bug model. `does` says what a gateway does then, `accepts` which values the row
    accepts. `may_be_of_one_row` is false for what a library does to all values rather than to those of one row.
    """

    name: str
    does: str
    accepts: Accepts
    may_be_of_one_row: bool = True


def accepting(rule: Rule) -> Accepts:
    """The same as `rule.accepts`, also for a row without an end: `accepts` itself has a table for each length."""
    shortest, longest, charset = rule.min_length, rule.max_length, frozenset(rule.charset)
    return lambda value: shortest <= len(value) <= longest and value[0] in rule.first and charset.issuperset(value)
