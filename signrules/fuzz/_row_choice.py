"""Which rows judge the values of a body, and the ways to choose the wrong ones."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from .._requirement import REQUIREMENTS
from .._rule import Field, Rule
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, RULES
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM, Kind, judged_as

# The rows for a field, a type and an algorithm.
Rows = Callable[[str, str, str | None], tuple[Rule, ...]]


def rows_that_apply(field: Any, sign_type: Any, sign_algorithm: Any) -> tuple[Rule, ...]:
    """The rows that the table says."""
    return REQUIREMENTS[field, sign_type, sign_algorithm].rules


def judged_values(body: dict[str, Any], rows: Rows = rows_that_apply) -> Iterator[tuple[Field, str, tuple[Rule, ...]]]:
    """The values that rows of the table judge, and which rows."""
    kind = judged_as(body.get("sign_type", DEFAULT_SIGN_TYPE), body.get("sign_algorithm"))
    for field in FIELDS:
        value = body.get(field)
        if isinstance(value, str) and (kind or field not in FIELDS_BY_TYPE):
            yield field, value, rows(field, *(kind or Kind()))


class WrongChoice(NamedTuple):
    """A way to choose the wrong rows: its name, what it does, the member to which it shows (`""` for more than one)."""

    name: str
    does: str
    field: str
    rows: Rows


# What a gateway asks the table for, instead of the right field, type and algorithm.
_Ask = Callable[[str, str, str | None], tuple[str, str, str | None]]


def wrong_choices() -> Iterator[WrongChoice]:
    """The ways to choose the wrong rows, the broadest mistakes first."""
    swapped: dict[str | None, str] = dict(zip(SIGN_ALGORITHMS, reversed(SIGN_ALGORITHMS), strict=True))
    narrower = [
        WrongChoice(
            "algorithm-ignored",
            "ignores sign_algorithm",
            "sign_key",
            _rows_for(lambda field, sign_type, _: (field, sign_type, None)),
        ),
        WrongChoice(
            "algorithm-swapped",
            "swaps the algorithms",
            "sign_key",
            _rows_for(lambda field, sign_type, algorithm: (field, sign_type, swapped.get(algorithm))),
        ),
        WrongChoice(
            "secret-as-key",
            "gives the secret the length of the key",
            "sign_secret",
            _rows_for(
                lambda field, sign_type, algorithm: (
                    "sign_key" if field == "sign_secret" and algorithm else field,
                    sign_type,
                    algorithm,
                )
            ),
        ),
    ]
    for only in SIGN_ALGORITHMS:
        does = f"takes every key of {listed(TYPES_WITH_ALGORITHM, 'and')} for one of {only}"
        narrower.append(WrongChoice(f"algorithm-{only}", does, "sign_key", _rows_for(_with_algorithm(only))))
    for fields in (FIELDS_BY_TYPE, *((field,) for field in FIELDS_BY_TYPE)):
        where, subject = "-".join(fields), listed(fields, "and")
        member = fields[0] if len(fields) == 1 else ""
        does = f"accepts as {subject} of every sign_type what any of them allows"
        yield WrongChoice(f"type-ignored.{where}", does, member, _rows_of_any_type(fields))
        for one in SIGN_TYPES:
            does = f"judges {subject} of every sign_type as of {one}"
            narrower.append(WrongChoice(f"all-{one}.{where}", does, member, _rows_for(_with_type(one, fields))))
    yield from narrower


def _rows_for(ask: _Ask) -> Rows:
    return lambda *question: rows_that_apply(*ask(*question))


def _with_algorithm(only: str) -> _Ask:
    return lambda field, sign_type, algorithm: (
        field,
        sign_type,
        only if sign_type in TYPES_WITH_ALGORITHM else algorithm,
    )


def _with_type(only: str, fields: Collection[str]) -> _Ask:
    return lambda field, sign_type, algorithm: (field, only if field in fields else sign_type, algorithm)


def _rows_of_any_type(fields: Collection[str]) -> Rows:
    return lambda field, *kind: (
        tuple(rule for rule in RULES if rule.field == field) if field in fields else rows_that_apply(field, *kind)
    )
