"""Hypothesis strategies for values and request bodies: right ones, and near misses with the violations of each.

Importing this module is the opt-in; it needs the extra `hypothesis`. A near miss differs from a valid value by as
little as an implementation might overlook: a length off by one, a wrong first character, one foreign character. The
classic ones are drawn most, since most wrong implementations fall for one; `classic_near_misses` lists them.
"""

from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ._check import ExactQuestion, check, exact_question, rules_for
from ._guard import guarded
from ._request import FORBIDDEN, NOT_AN_OBJECT, OUTSIDE, missing, not_a_string, unknown
from ._request_types import SignatureKeyRequest
from ._requirement import MASK, REQUIREMENTS, Requirement
from ._rule import Field, Rule, SignAlgorithm, SignType
from ._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from ._traps import classic_values, foreign_classes, wrong_lengths
from ._violation import Code, Violation
from ._vocabulary import (
    ENUMERATIONS,
    FIELDS,
    FIELDS_BY_TYPE,
    KINDS,
    SIGN_ALGORITHMS,
    SIGN_TYPES,
    TYPES_WITH_ALGORITHM,
    Kind,
    judged_as,
)

__all__ = ["classic_near_misses", "invalid_requests", "near_misses", "requests", "values"]


@guarded
def values(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> SearchStrategy[str]:
    """Valid values. Both ends of the allowed lengths are drawn as often as all between."""
    return st.one_of(*map(_accepted, rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)))


@guarded
def near_misses(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> SearchStrategy[tuple[str, tuple[Code, ...]]]:
    """Pairs of an invalid value and the codes that it breaks, exactly these, in the order of `check`.

    The first ones are mostly those of `classic_near_misses`; others follow. Hypothesis makes the same choices only
    once, so 100 examples of a test that draws nothing else hold each classic one with a probability above 0.999. A test
    that draws other things too may miss some.
    """
    return _near_misses(exact_question(field, sign_type, sign_algorithm)).map(_with_codes)


@guarded
def classic_near_misses(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> list[tuple[str, tuple[Code, ...]]]:
    """The classic near misses, always the same 30 to 40, as pairs like those of `near_misses`.

    They are "", a length off by one, a wrong first character, a mask; and a line break, NUL, a space, a no-break space,
    the Kelvin sign, a long s, an Arabic and a full-width digit and a lone surrogate, each at each place where it
    matters. Beside such a character stands a right value, if the row has room for it.
    """
    return [*map(_with_codes, _classics(exact_question(field, sign_type, sign_algorithm)))]


def requests() -> SearchStrategy[SignatureKeyRequest]:
    """Valid request bodies of every type, their members in any order."""
    kinds = [{}, *(Kind(sign_type).members for sign_type in SIGN_TYPES)]
    kinds += [kind.members for kind in KINDS if kind.sign_algorithm]
    return st.one_of(*map(_bodies, kinds)).flatmap(_in_any_order)


def invalid_requests() -> SearchStrategy[tuple[Any, tuple[Violation, ...]]]:
    """Pairs of a wrong request body and its violations, exactly as `check_request` reports them."""
    no_objects = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(requests(), max_size=1)
    )
    return st.one_of(_broken_bodies(), st.tuples(no_objects, st.just((NOT_AN_OBJECT,))))


@cache
def _accepted(rule: Rule) -> SearchStrategy[str]:
    return _lengths(rule).flatmap(lambda length: _of_length(rule, length))


def _lengths(rule: Rule) -> SearchStrategy[int]:
    shortest, longest = rule.min_length, rule.max_length
    return st.one_of(st.just(shortest), st.just(longest), st.integers(shortest, longest))


def _of_length(rule: Rule, length: int) -> SearchStrategy[str]:
    rest = st.text(rule.charset, min_size=length - 1, max_size=length - 1)
    return st.tuples(st.sampled_from(rule.first), rest).map("".join)


@cache
def _foreign(charset: str) -> SearchStrategy[str]:
    """One character outside the set. Each class of such characters is as likely as another."""
    classes = map(st.sampled_from, foreign_classes(charset))
    return st.one_of(*classes, st.characters(exclude_characters=charset))


# Each near miss is drawn from its classic ones and so many other choices.
_OTHER_CHOICES: Final = 2


def _with_codes(pair: tuple[str, tuple[Violation, ...]]) -> tuple[str, tuple[Code, ...]]:
    value, violations = pair
    return value, tuple(violation.code for violation in violations)


@st.composite
def _near_misses(draw: DrawFn, question: ExactQuestion) -> tuple[str, tuple[Violation, ...]]:
    """A classic one is a single choice, which Hypothesis does not make again. The other choices lead to all other near
    misses; as these choices are few, a hundred examples have room for all classic ones.
    """
    classic = draw(st.sampled_from((*(None for _ in range(_OTHER_CHOICES)), *_classics(question))))
    return classic or draw(_broken(REQUIREMENTS[question]))


@cache
def _classics(question: ExactQuestion) -> tuple[tuple[str, tuple[Violation, ...]], ...]:
    field, sign_type, sign_algorithm = question
    texts = classic_values(REQUIREMENTS[question])
    return tuple((text, check(field, text, sign_type=sign_type, sign_algorithm=sign_algorithm)) for text in texts)


@st.composite
def _broken(draw: DrawFn, requirement: Requirement) -> tuple[str, tuple[Violation, ...]]:
    """A value that breaks the columns drawn for it, and its violations, which follow from how it was made."""
    rule = draw(st.sampled_from(requirement.rules))
    not_first = sorted(set(rule.charset).difference(rule.first))
    columns = draw(
        st.sets(st.sampled_from(["length", "charset", "first"] if not_first else ["length", "charset"]), min_size=1)
    )
    violations = []

    if "length" in columns:
        length = draw(st.sampled_from([length for length in wrong_lengths(requirement) if length]))
        violations.append(requirement.length)
    else:
        length = draw(_lengths(rule))

    value = list(draw(_of_length(rule, length)))
    if "first" in columns:
        value[0] = draw(st.sampled_from(not_first))
    if "charset" in columns:
        position = draw(st.one_of(st.sampled_from([length - 1, length // 2, 0]), st.integers(0, length - 1)))
        if draw(st.sampled_from(["foreign", "foreign", "foreign", "mask"])) == "foreign":
            value[position] = draw(_foreign(rule.charset))
        else:
            value[position:] = MASK[0] * (length - position)
        message = requirement.masked if "".join(value).startswith(MASK, position) else requirement.charset_message
        violations.append(Violation(rule.field, "charset", message, position))
    if value[0] not in rule.first:
        violations.append(requirement.first)
    return "".join(value), tuple(violations)


def _bodies(members: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Bodies with these members, which state their kind, and with a name; a key and a secret may be left out."""
    rules = Kind(**members)._asdict()
    return st.fixed_dictionaries(
        {"name": values("name"), **{member: st.just(word) for member, word in members.items()}},
        optional={field: values(field, **rules) for field in FIELDS_BY_TYPE},
    )


def _in_any_order(body: dict[str, Any]) -> SearchStrategy[Any]:
    return st.permutations(list(body.items())).map(dict)


def _no_strings() -> SearchStrategy[Any]:
    return st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.text()), st.dictionaries(st.text(), st.text())
    )


def _outside(words: tuple[str, ...]) -> SearchStrategy[str]:
    """Strings outside an enumeration, most of them such that an inexact comparison takes them for one of its words."""
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

    def spoil(member: str) -> None:
        if draw(st.booleans()):
            body[member], found[member] = draw(_outside(ENUMERATIONS[member])), (OUTSIDE[member],)
        else:
            body[member], found[member] = draw(_no_strings()), (not_a_string(member),)

    if "sign_type" in broken:
        spoil("sign_type")
    elif sign_type := draw(st.sampled_from((None, *SIGN_TYPES))):
        body["sign_type"] = sign_type

    kind = judged_as(body.get("sign_type", DEFAULT_SIGN_TYPE), None)
    may_have_algorithm = kind is None or kind.sign_type in TYPES_WITH_ALGORITHM
    if "sign_algorithm" not in broken:
        if may_have_algorithm and (algorithm := draw(st.sampled_from((None, *SIGN_ALGORITHMS)))):
            body["sign_algorithm"] = algorithm
    elif may_have_algorithm or draw(st.booleans()):
        spoil("sign_algorithm")
    else:
        body["sign_algorithm"], found["sign_algorithm"] = draw(st.sampled_from(SIGN_ALGORITHMS)), (FORBIDDEN,)

    kind = judged_as(body.get("sign_type", DEFAULT_SIGN_TYPE), body.get("sign_algorithm"))
    for field in FIELDS:
        question = (field, *(kind or Kind()))
        if field not in broken:
            if field in MANDATORY or draw(st.booleans()):
                body[field] = draw(st.one_of(*map(_accepted, REQUIREMENTS[question].rules)))
            continue
        way = draw(st.sampled_from(["near miss", "no string", "missing" if field in MANDATORY else "near miss"]))
        if way == "near miss":
            near_misses_of_field = st.one_of(_broken(REQUIREMENTS[question]), st.sampled_from(_classics(question)))
            body[field], found[field] = draw(near_misses_of_field)
        elif way == "no string":
            body[field], found[field] = draw(_no_strings()), (not_a_string(field),)
        else:
            found[field] = (missing(field),)
        if field in FIELDS_BY_TYPE and kind is None:
            del found[field]  # without a type, nobody can say

    if "" in broken:
        misspelt = st.sampled_from(["sign_secert", "Name", "sign-key", "id", ""])
        stranger = draw(st.one_of(misspelt, st.text()).filter(lambda member: member not in MEMBERS))
        body[stranger] = draw(st.one_of(_no_strings(), st.text()))
        found[""] = (unknown(stranger),)

    ordered = (violation for member in (*MEMBERS, "") for violation in found.get(member, ()))
    return draw(_in_any_order(body)), tuple(ordered)
