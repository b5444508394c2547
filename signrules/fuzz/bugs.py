"""The plausible ways to get the rules wrong: small variations of the table, of the engine, of how a body is read.

A bug changes one of three things: which values a row accepts, which rows apply to a question, or what is read from a
body. `refused` judges a body by a gateway that has one such bug, or none.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from .._request import check_request
from .._rule import Rule
from .._spelling import listed
from .._table import MEMBERS, RULES
from .._vocabulary import FIELDS_BY_TYPE, SIGN_TYPES
from ._misreadings import BodyReader, Misreading, as_it_is, misreadings, misreadings_of_everything
from ._row_choice import Rows, judged_values, rows_that_apply, wrong_choices
from ._rows import row_in_words, row_name
from ._variation import Accepts
from ._variations import names_for_any_rows, variations


class Bug(NamedTuple):
    """One way to get one thing wrong: what some rows accept, which rows apply, or how a body is read.

    `name` is stable, for `--bug`. `subject` is what part of a body the bug is about, in words, or `""`; `does` says
    what a gateway with this bug does with it. `field` is the member to which it shows, `""` for more than one.
    """

    name: str
    subject: str
    does: str
    field: str = ""
    accepts: Mapping[Rule, Accepts] = {}
    rows: Rows = rows_that_apply
    read: BodyReader = as_it_is

    @property
    def words(self) -> str:
        """What a gateway with this bug does, in one sentence."""
        return f"{self.subject}: {self.does}" if self.subject else self.does


RIGHT: Final = Bug("none", "", "keeps every rule")


def refused(body: object, bug: Bug = RIGHT) -> str | None:
    """The first member that a gateway with this bug refuses, `""` for the body itself; `None` if it accepts the body.

    Unknown members are ignored, as the gateway does.
    """
    body = bug.read(body)
    if not isinstance(body, dict):
        return ""
    wrong = misshapen(body) | misjudged(body, bug)
    return next((member for member in MEMBERS if member in wrong), None)


def misjudged(body: dict[str, Any], bug: Bug) -> set[str]:
    """The members whose values the rows of a gateway with this bug refuse."""
    return {
        field
        for field, value, rules in judged_values(body, bug.rows)
        if not any(bug.accepts.get(rule, rule.accepts)(value) for rule in rules)
    }


def misshapen(body: dict[str, Any]) -> set[str]:
    """The members that are wrong by anything but a row of the table."""
    return {v.field for v in check_request(body) if v.code not in ("length", "charset", "first")} & set(MEMBERS)


class Scope(NamedTuple):
    """A part of the table that one bug may touch: its name, the subject of such a bug, its rows, their variations."""

    name: str
    subject: str
    rules: tuple[Rule, ...]
    variations: tuple[str, ...]


@cache
def scopes() -> tuple[Scope, ...]:
    """Each row; the rows of a field and a type, of a type, and of a field; all rows by type; all rows."""
    columns, engine = names_for_any_rows()
    by_type = tuple(rule for rule in RULES if rule.field in FIELDS_BY_TYPE)
    both = listed(FIELDS_BY_TYPE, "and")
    found = []
    for rule in RULES:
        narrow = tuple(each.name for each in variations()[rule].values() if each.may_be_of_one_row)
        found.append(Scope(row_name(rule), row_in_words(rule), (rule,), narrow))
    for sign_type in SIGN_TYPES:
        of_type = tuple(rule for rule in RULES if rule.sign_type == sign_type)
        for field in FIELDS_BY_TYPE:
            of_field = tuple(rule for rule in of_type if rule.field == field)
            if len(of_field) > 1:
                found.append(Scope(f"{field}.{sign_type}", f"{field} of {sign_type}", of_field, columns))
        found.append(Scope(sign_type, f"{both} of {sign_type}", of_type, columns))
    for field in FIELDS_BY_TYPE:
        rules = tuple(rule for rule in RULES if rule.field == field)
        found.append(Scope(field, f"{field} of every type", rules, columns + engine))
    found.append(Scope("-".join(FIELDS_BY_TYPE), f"{both} of every type", by_type, columns + engine))
    found.append(Scope("all", "every value", RULES, columns + engine))
    return tuple(found)


@cache
def bugs() -> dict[str, Bug]:
    """Every bug model by its name: of most of a body, of some rows, of which rows apply, and of how a body is read.

    Where two of them cannot be told apart, the broader mistakes come first.
    """
    found = [
        *map(_of_misreading, misreadings_of_everything()),
        *_of_rows(),
        *(Bug(f"rows:{wrong.name}", "", wrong.does, wrong.field, rows=wrong.rows) for wrong in wrong_choices()),
        *map(_of_misreading, misreadings()),
    ]
    return {bug.name: bug for bug in found}


def _of_misreading(wrong: Misreading) -> Bug:
    return Bug(f"body:{wrong.name}", wrong.subject, wrong.does, wrong.field, read=wrong.read)


def _of_rows() -> Iterator[Bug]:
    for scope in scopes():
        fields = {rule.field for rule in scope.rules}
        field = "" if len(fields) > 1 else scope.rules[0].field
        for name in scope.variations:
            varied = {rule: variations()[rule][name] for rule in scope.rules if name in variations()[rule]}
            does = next(variation.does for variation in varied.values())
            accepts = {rule: variation.accepts for rule, variation in varied.items()}
            yield Bug(f"{scope.name}:{name}", scope.subject, does, field, accepts)
