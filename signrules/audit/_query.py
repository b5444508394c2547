"""The query that judges every row of a relation: one scan, whatever is wrong.

Each member of a row becomes a mask, a small integer with one bit for each code. Rows of one kind with the same masks
are one group, so few groups come out of the query, however many rows go in.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, get_args

from .._requirement import REQUIREMENTS
from .._rule import Rule
from .._table import MANDATORY, MEMBERS
from .._violation import Code
from .._vocabulary import (
    ENUMERATIONS,
    FIELDS_BY_TYPE,
    SIGN_ALGORITHMS,
    SIGN_TYPES,
    TYPES_WITH_ALGORITHM,
    Kind,
)
from ..export._sql import sql_name, sql_violations

_BITS: Final[dict[Code, int]] = {code: 1 << place for place, code in enumerate(get_args(Code))}

# Every kind by which a row can be judged; the query names one by its place.
JUDGED: Final = tuple(
    Kind(sign_type, sign_algorithm)
    for sign_type in SIGN_TYPES
    for sign_algorithm in ((None, *SIGN_ALGORITHMS) if sign_type in TYPES_WITH_ALGORITHM else (None,))
)


NO_TEXT: Final = "CAST(NULL AS VARCHAR)"


class Cell(NamedTuple):
    """A member of a row, as two expressions."""

    text: str  # the string, or NULL
    other: str = "false"  # whether there is a value that is no string; may be NULL


class Relation(NamedTuple):
    """What stands after FROM, and where its rows have the members of a body."""

    source: str
    cells: dict[str, Cell]
    no_body: str = "false"  # whether a row cannot be read, or is no object
    columns: Sequence[str] = ()  # the names of all columns, if there are such names


def codes_of(mask: int) -> tuple[Code, ...]:
    """The codes of one member of a row, in their order."""
    return tuple(code for code, bit in _BITS.items() if mask & bit)


def groups_query(relation: Relation, kind: Kind) -> str:
    """The query whose rows are `no_body`, the place in `JUDGED` or NULL, a mask for each member, and a count.

    The mask of a member that is left out, or cannot be judged, is NULL. `kind` is that of a row that states none.
    """
    masks = ", ".join(_mask_name(member) for member in MEMBERS)
    return f"SELECT no_body, kind, {masks}, count(*) FROM ({_masks(relation, kind, 'kind')}) GROUP BY ALL"


def places_query(relation: Relation, kind: Kind) -> str:
    """The query whose rows are the number of a wrong row, counted from 1, `no_body`, and a mask for each member."""
    masks = [_mask_name(member) for member in MEMBERS]
    wrong = " OR ".join(["no_body", *(f"coalesce({mask}, 0) > 0" for mask in masks)])
    judged = _masks(relation, kind, "row", number="row_number() OVER () AS row, ")
    return f"SELECT row, no_body, {', '.join(masks)} FROM ({judged}) WHERE {wrong}"


def _text(member: str) -> str:
    return sql_name(member, "duckdb")


def _other(member: str) -> str:
    return sql_name(f"{member} other", "duckdb")


def _mask_name(member: str) -> str:
    return sql_name(f"{member} mask", "duckdb")


def _masks(relation: Relation, kind: Kind, kept: str, number: str = "") -> str:
    cells = {member: relation.cells.get(member, Cell(NO_TEXT)) for member in MEMBERS}
    read = ", ".join(
        f"{cell.text} AS {_text(member)}, coalesce({cell.other}, false) AS {_other(member)}"
        for member, cell in cells.items()
    )
    rows = f"SELECT {number}{relation.no_body} AS no_body, {read} FROM {relation.source}"
    rows = f"SELECT *, {_stated_type(kind)} AS stated_type, {_stated_algorithm(kind)} AS stated_algorithm FROM ({rows})"
    rows = f"SELECT *, {_KIND} AS kind FROM ({rows})"
    masks = ", ".join(f"{_mask(member)} AS {_mask_name(member)}" for member in MEMBERS)
    return f"SELECT {kept}, no_body, {masks} FROM ({rows})"


def _stated_type(kind: Kind) -> str:
    member = "sign_type"
    return f"CASE WHEN NOT {_other(member)} THEN coalesce({_text(member)}, '{kind.sign_type}') END"


def _stated_algorithm(kind: Kind) -> str:
    """An algorithm outside the enumeration is judged like none."""
    member = "sign_algorithm"
    left_out = "NULL" if kind.sign_algorithm is None else f"'{kind.sign_algorithm}'"
    return (
        f"CASE WHEN {_text(member)} IN ({_strings(SIGN_ALGORITHMS)}) THEN {_text(member)}"
        f" WHEN {_text(member)} IS NULL AND NOT {_other(member)} THEN {left_out} END"
    )


def _strings(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _kind_case() -> str:
    cases = []
    for place, kind in enumerate(JUDGED):
        condition = f"stated_type = '{kind.sign_type}'"
        if kind.sign_algorithm is not None:
            condition += f" AND stated_algorithm = '{kind.sign_algorithm}'"
        elif kind.sign_type in TYPES_WITH_ALGORITHM:
            condition += " AND stated_algorithm IS NULL"
        cases.append(f"WHEN {condition} THEN {place}")
    return f"CASE WHEN no_body THEN NULL {' '.join(cases)} END"


_KIND: Final = _kind_case()


def _mask(member: str) -> str:
    """The same decisions, in the same order, as in `check_request`."""
    left_out = str(_BITS["missing"]) if member in MANDATORY else "NULL"
    unjudged = "no_body OR kind IS NULL" if member in FIELDS_BY_TYPE else "no_body"
    judged = _enumeration_mask(member) if member in ENUMERATIONS else _field_mask(member)
    return (
        f"CASE WHEN {unjudged} THEN NULL WHEN {_other(member)} THEN {_BITS['type']}"
        f" WHEN {_text(member)} IS NULL THEN {left_out} {judged} END"
    )


def _enumeration_mask(member: str) -> str:
    outside = f"WHEN {_text(member)} NOT IN ({_strings(ENUMERATIONS[member])}) THEN {_BITS['unknown']}"
    if member != "sign_algorithm":
        return f"{outside} ELSE 0"
    without = [str(place) for place, kind in enumerate(JUDGED) if kind.sign_type not in TYPES_WITH_ALGORITHM]
    return f"{outside} WHEN kind IN ({', '.join(without)}) THEN {_BITS['forbidden']} ELSE 0"


def _field_mask(member: str) -> str:
    if member not in FIELDS_BY_TYPE:
        return f"ELSE {_bits(member, rules_of(member, Kind()))}"
    places: dict[tuple[Rule, ...], list[str]] = {}
    for place, kind in enumerate(JUDGED):
        places.setdefault(rules_of(member, kind), []).append(str(place))
    return " ".join(f"WHEN kind IN ({', '.join(kinds)}) THEN {_bits(member, rules)}" for rules, kinds in places.items())


def rules_of(field: Any, kind: Kind) -> tuple[Rule, ...]:
    """The rows of the table that apply to a field of this kind."""
    return REQUIREMENTS[field, kind.sign_type, kind.sign_algorithm].rules


def _bits(field: str, rules: tuple[Rule, ...]) -> str:
    conditions = sql_violations(_text(field), "duckdb", rules)
    return " + ".join(f"{_BITS[code]} * ({condition})::TINYINT" for code, condition in conditions.items())
