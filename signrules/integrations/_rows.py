"""A row of a data frame, judged as a body: what each of its values may break, with the conditions for it.

The judgement is that of `check_request`. A member whose column holds NULL, or that has no column, is left out. An
engine says in its own words what a column holds; this module says which of that is a violation.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar, get_args

from .._check import rules_for
from .._rule import Field, Rule, SignAlgorithm, SignType
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._violation import Code
from .._vocabulary import ENUMERATIONS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM

CODES: Final[tuple[Code, ...]] = get_args(Code)


class Condition(Protocol):
    """A column of yes and no, without NULL."""

    def __and__(self, other: Any, /) -> Self:
        """Whether both are true."""

    def __or__(self, other: Any, /) -> Self:
        """Whether one is true."""

    def __invert__(self) -> Self:
        """Whether it is false."""


E_co = TypeVar("E_co", bound=Condition, covariant=True)


class Row(Protocol[E_co]):
    """What an engine says of the members of a row. The last two say no of a member that is not a text."""

    def always(self) -> E_co:
        """Yes, of every row."""

    def is_given(self, member: str) -> E_co:
        """Whether the member is not NULL."""

    def is_text(self, member: str) -> E_co:
        """Whether the member is given, and a text."""

    def is_one_of(self, member: str, words: Collection[str]) -> E_co:
        """Whether the member is one of these words."""

    def breaks(self, field: Field, rules: tuple[Rule, ...]) -> Mapping[Code, E_co]:
        """Whether the value breaks these rules, by code, in the order of `check`."""


class Judged(NamedTuple, Generic[E_co]):
    """A row of the rule table, or a member without one, and what a row of the frame has by it.

    An aes key without a known algorithm has one of its own, since two rows of the table apply to it.
    """

    field: str
    sign_type: SignType | None
    sign_algorithm: SignAlgorithm | None
    applies: E_co  # at most one of a field does
    is_given: E_co  # whether the field has a value
    is_broken: Mapping[Code, E_co]  # whether it has each code, in the order of `check_request`


def judged_members(row: Row[E_co]) -> Iterator[Judged[E_co]]:
    """All by which the members of a row are judged, in the order of `check_request`."""
    member: Any
    for member in MEMBERS:
        is_given = row.is_given(member)
        if member in FIELDS_BY_TYPE:
            for sign_type, algorithm, rules, applies in _questions(row, member):
                yield Judged(member, sign_type, algorithm, applies, is_given, value_codes(row, member, rules))
        else:
            is_word = member in ENUMERATIONS
            codes = _word_codes(row, member) if is_word else value_codes(row, member, rules_for(member))
            yield Judged(member, None, None, row.always(), is_given, codes)


def value_codes(row: Row[E_co], field: Field, rules: tuple[Rule, ...]) -> dict[Code, E_co]:
    """The conditions under which a value has each code, by these rules."""
    is_given = row.is_given(field)
    missing: dict[Code, E_co] = {"missing": ~is_given} if field in MANDATORY else {}
    return {**missing, "type": is_given & ~row.is_text(field), **row.breaks(field, rules)}


def _word_codes(row: Row[E_co], member: str) -> dict[Code, E_co]:
    """The conditions under which a member that must be one of some words has each code."""
    is_text, is_right = row.is_text(member), row.is_one_of(member, ENUMERATIONS[member])
    codes: dict[Code, E_co] = {"type": row.is_given(member) & ~is_text, "unknown": is_text & ~is_right}
    if member == "sign_algorithm":
        without = [sign_type for sign_type in SIGN_TYPES if sign_type not in TYPES_WITH_ALGORITHM]
        codes["forbidden"] = is_right & reduce(or_, [_is_of(row, sign_type) for sign_type in without])
    return codes


def _questions(row: Row[E_co], field: Field) -> Iterator[tuple[SignType, SignAlgorithm | None, tuple[Rule, ...], E_co]]:
    """The rules of a key or a secret, each with the condition under which they apply; no two conditions are true."""
    for sign_type in SIGN_TYPES:
        applies = _is_of(row, sign_type)
        rules = rules_for(field, sign_type=sign_type)
        if len(rules) == 1:
            yield sign_type, None, rules, applies
            continue
        yield sign_type, None, rules, applies & ~row.is_one_of("sign_algorithm", SIGN_ALGORITHMS)
        for algorithm in SIGN_ALGORITHMS:
            of_algorithm = rules_for(field, sign_type=sign_type, sign_algorithm=algorithm)
            yield sign_type, algorithm, of_algorithm, applies & row.is_one_of("sign_algorithm", [algorithm])


def _is_of(row: Row[E_co], sign_type: SignType) -> E_co:
    """Whether the body is judged as one of this type."""
    is_it = row.is_one_of("sign_type", [sign_type])
    return is_it | ~row.is_given("sign_type") if sign_type == DEFAULT_SIGN_TYPE else is_it


def mapped(columns: Mapping[str, str] | None, names: Collection[str] = MEMBERS) -> dict[str, str]:
    """The names of the columns by member: those that are given, or otherwise the members that are among `names`.

    Raises `LookupError` if there is none, or if one is of no member.
    """
    found = {member: member for member in MEMBERS if member in names} if columns is None else dict(columns)
    if not found or not found.keys() <= set(MEMBERS):
        raise LookupError(f"columns must be those of {listed(MEMBERS, 'or')}")
    return found
