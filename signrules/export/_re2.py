"""One value's rule for languages whose patterns are RE2: its characters as a pattern, and its length apart.

RE2 refuses a count above 1,000, and the rules have higher ones. Its `$` matches only at the end of the text.
"""

from collections.abc import Iterable

from .._rule import Rule
from .._spelling import plain_class


def re2_pattern(rule: Rule) -> str:
    """The pattern of a whole value, whatever its length. It has neither a backslash nor a quotation mark."""
    return f"^{plain_class(rule.first)}{plain_class(rule.charset)}*$"


def right_lengths(length: str, rules: Iterable[Rule]) -> str:
    """A condition, in parentheses, that is true of the lengths that one of the rules allows.

    `length` is an expression whose value is the length.
    """
    return f"({' || '.join(_bounds(length, rule) for rule in rules)})"


def _bounds(length: str, rule: Rule) -> str:
    if rule.min_length == rule.max_length:
        return f"{length} == {rule.min_length}"
    return f"{length} >= {rule.min_length} && {length} <= {rule.max_length}"
