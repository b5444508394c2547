"""Hypothesis strategies for values and request bodies: right ones, and near misses with what they break.

Importing this module is the opt-in: it needs Hypothesis (the extra `hypothesis`), and nothing else in signrules imports
it. A near miss differs from a valid value by as little as an implementation might overlook: a length off by one, a
wrong first character, one foreign character at the beginning, in the middle or at the end.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ._check import JUDGES, MASK, SIGN_ALGORITHMS, SIGN_TYPES, Judge, rules_for
from ._request import (
    FIELDS_BY_TYPE,
    FORBIDDEN,
    NOT_AN_OBJECT,
    OUTSIDE,
    TYPES_WITH_ALGORITHM,
    SignatureKeyRequest,
    missing,
    not_a_string,
    unknown,
)
from ._rule import Field, Rule, SignAlgorithm, SignType
from ._table import DEFAULT_SIGN_TYPE, MEMBERS
from ._violation import Code, Violation

__all__ = ["invalid_requests", "near_misses", "requests", "values"]

_CONTROLS: Final = [chr(n) for n in (*range(32), 127)]
_SPACES: Final = " \N{NO-BREAK SPACE}\N{EM SPACE}\N{IDEOGRAPHIC SPACE}\N{ZERO WIDTH SPACE}\N{LINE SEPARATOR}\ufeff"
_SURROGATES: Final = "\ud800\udbff\udc00\udfff"
# Letters and digits of other scripts, two that fold to k and s when case is ignored, and the hyphens that are none.
_LOOK_ALIKES: Final = "аеорсухіАВЕКМНОРСТХαονéßЖ中٠٣٩०९𝟎𝟗𝐀𝐳²①\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}‐‑–—−＿😀"
_FULL_WIDTH: Final = ord("！") - ord("!")


def values(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> SearchStrategy[str]:
    """Valid values. Both ends of the allowed lengths are drawn as often as all between."""
    return st.one_of(*map(_accepted, rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)))


def near_misses(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> SearchStrategy[tuple[str, tuple[Code, ...]]]:
    """Pairs of an invalid value and the codes that it breaks, in the order of `check`: exactly these."""
    rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)  # its LookupError for a wrong question
    broken = _broken(JUDGES[field, sign_type, sign_algorithm])
    return broken.map(lambda pair: (pair[0], tuple(violation.code for violation in pair[1])))


def requests() -> SearchStrategy[SignatureKeyRequest]:
    """Valid request bodies of every type, their members in any order."""
    kinds: list[tuple[SignType | None, SignAlgorithm | None]] = [
        (None, None),
        *((sign_type, None) for sign_type in SIGN_TYPES),
        *((sign_type, algorithm) for sign_type in TYPES_WITH_ALGORITHM for algorithm in SIGN_ALGORITHMS),
    ]
    return st.one_of(*(_bodies(sign_type, algorithm) for sign_type, algorithm in kinds)).flatmap(_in_any_order)


def invalid_requests() -> SearchStrategy[tuple[Any, tuple[Violation, ...]]]:
    """Pairs of a wrong request body and its violations, exactly as `check_request` reports them."""
    no_objects = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(requests(), max_size=1)
    )
    return st.one_of(_broken_bodies(), st.tuples(no_objects, st.just((NOT_AN_OBJECT,))))


@cache
def _accepted(rule: Rule) -> SearchStrategy[str]:
    shortest, longest = rule.min_length, rule.max_length
    return st.one_of(st.just(shortest), st.just(longest), st.integers(shortest, longest)).flatmap(
        lambda length: _of_length(rule, length)
    )


def _of_length(rule: Rule, length: int) -> SearchStrategy[str]:
    rest = st.text(rule.charset, min_size=length - 1, max_size=length - 1)
    return st.tuples(st.sampled_from(rule.first), rest).map("".join)


@cache
def _foreign(charset: str) -> SearchStrategy[str]:
    """One character outside the set, each class of them as likely as another."""
    ascii_neighbours = (chr(ord(c) + step) for c in charset for step in (-1, 1))
    classes: list[Iterable[str]] = [
        ascii_neighbours,
        map(chr, range(33, 127)),
        "\n\0",
        _CONTROLS,
        _SPACES,
        (chr(ord(c) + _FULL_WIDTH) for c in charset),
        _LOOK_ALIKES,
        _SURROGATES,
    ]
    drawn = (sorted(set(characters).difference(charset)) for characters in classes)
    return st.one_of(*(st.sampled_from(characters) for characters in drawn), st.characters(exclude_characters=charset))


@cache
def _wrong_lengths(judge: Judge) -> list[int]:
    near = {n + step for n in judge.lengths for step in (-1, 1)} | {0, 2 * max(judge.lengths)}
    return sorted(near - judge.lengths)


@st.composite
def _broken(draw: DrawFn, judge: Judge) -> tuple[str, tuple[Violation, ...]]:
    """A value that breaks the columns drawn for it, and what it breaks, known from how it was made."""
    rule = draw(st.sampled_from(judge.rules))
    not_first = sorted(set(rule.charset).difference(rule.first))
    columns = draw(
        st.sets(st.sampled_from(["length", "charset", "first"] if not_first else ["length", "charset"]), min_size=1)
    )
    violations = []

    if "length" in columns:
        length = draw(st.sampled_from(_wrong_lengths(judge)))
        violations.append(judge.length)
    else:
        length = len(draw(_accepted(rule)))
    if length == 0:
        return "", (judge.length,)

    value = list(draw(_of_length(rule, length)))
    if "first" in columns:
        value[0] = draw(st.sampled_from(not_first))
    if "charset" in columns:
        position = draw(st.one_of(st.sampled_from([length - 1, length // 2, 0]), st.integers(0, length - 1)))
        match draw(st.sampled_from(["foreign", "foreign", "foreign", "line break at the end", "mask"])):
            case "foreign":
                value[position] = draw(_foreign(rule.charset))
            case "mask":
                value[position:] = MASK[0] * (length - position)
            case _:
                position = length - 1
                value[position] = "\n"
        masked = "".join(value).startswith(MASK, position)
        violations.append(judge.charset(position, masked=masked))
    if value[0] not in rule.first:
        violations.append(judge.first)
    return "".join(value), tuple(violations)


def _bodies(sign_type: SignType | None, algorithm: SignAlgorithm | None) -> SearchStrategy[dict[str, Any]]:
    given = {"sign_type": sign_type, "sign_algorithm": algorithm}
    judged_as = sign_type or DEFAULT_SIGN_TYPE
    return st.fixed_dictionaries(
        {"name": values("name"), **{member: st.just(word) for member, word in given.items() if word}},
        optional={
            "sign_key": values("sign_key", sign_type=judged_as, sign_algorithm=algorithm),
            "sign_secret": values("sign_secret", sign_type=judged_as, sign_algorithm=algorithm),
        },
    )


def _in_any_order(body: dict[str, Any]) -> SearchStrategy[Any]:
    return st.permutations(list(body.items())).map(dict)


def _no_strings() -> SearchStrategy[Any]:
    return st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.text()), st.dictionaries(st.text(), st.text())
    )


def _outside(words: tuple[str, ...]) -> SearchStrategy[str]:
    """Strings outside an enumeration, above all those that an inexact comparison takes for a member of it."""
    changed = [
        change for word in words for change in (word.upper(), word.title(), f" {word}", f"{word}\n", word[:-1], "")
    ]
    return st.one_of(st.sampled_from(changed), st.text().filter(lambda text: text not in words))


@st.composite
def _broken_bodies(draw: DrawFn) -> tuple[dict[str, Any], tuple[Violation, ...]]:
    """A body with the drawn members broken ("" stands for an unknown one), and all of its violations."""
    broken = draw(st.sets(st.sampled_from([*MEMBERS, ""]), min_size=1))
    body: dict[str, Any] = {}
    found: dict[str, tuple[Violation, ...]] = {}

    def spoil(member: str, words: tuple[str, ...]) -> None:
        if draw(st.booleans()):
            body[member] = draw(_outside(words))
            found[member] = (OUTSIDE[member],)
        else:
            body[member] = draw(_no_strings())
            found[member] = (not_a_string(member),)

    judged_as: SignType | None = None
    if "sign_type" in broken:
        spoil("sign_type", SIGN_TYPES)
    else:
        sign_type = draw(st.sampled_from((None, *SIGN_TYPES)))
        judged_as = sign_type or DEFAULT_SIGN_TYPE
        if sign_type:
            body["sign_type"] = sign_type

    algorithm: SignAlgorithm | None = None
    if "sign_algorithm" in broken:
        if judged_as and judged_as not in TYPES_WITH_ALGORITHM and draw(st.booleans()):
            body["sign_algorithm"] = draw(st.sampled_from(SIGN_ALGORITHMS))
            found["sign_algorithm"] = (FORBIDDEN,)
        else:
            spoil("sign_algorithm", SIGN_ALGORITHMS)
    elif judged_as is None or judged_as in TYPES_WITH_ALGORITHM:
        algorithm = draw(st.sampled_from((None, *SIGN_ALGORITHMS)))
        if algorithm:
            body["sign_algorithm"] = algorithm

    for field in ("name", *FIELDS_BY_TYPE):
        judge = JUDGES[field, judged_as or DEFAULT_SIGN_TYPE, algorithm]
        if field not in broken:
            if field == "name" or draw(st.booleans()):
                body[field] = draw(st.one_of(*map(_accepted, judge.rules)))
            continue
        kind = draw(st.sampled_from(["near miss", "no string", "missing" if field == "name" else "near miss"]))
        if kind == "near miss":
            body[field], found[field] = draw(_broken(judge))
        elif kind == "no string":
            body[field], found[field] = draw(_no_strings()), (not_a_string(field),)
        else:
            found[field] = (missing(field),)
        if field in FIELDS_BY_TYPE and judged_as is None:
            del found[field]  # without a type, nobody can say

    if "" in broken:
        misspelt = st.sampled_from(["sign_secert", "Name", "sign-key", "id", ""])
        stranger = draw(st.one_of(misspelt, st.text()).filter(lambda member: member not in MEMBERS))
        body[stranger] = draw(st.one_of(_no_strings(), st.text()))
        found[""] = (unknown(stranger),)

    ordered = (violation for member in (*MEMBERS, "") for violation in found.get(member, ()))
    return draw(_in_any_order(body)), tuple(ordered)
