"""Hypothesis strategies for values and request bodies: right ones, and near misses with what they break.

Importing this module is the opt-in: it needs Hypothesis (the extra `hypothesis`), and nothing else in signrules imports
it. A near miss differs from a valid value by as little as an implementation might overlook: a length off by one, a
wrong first character, one foreign character at the beginning, in the middle or at the end. Above all the classic ones
are drawn, to which most wrong implementations fall; `classic_near_misses` lists them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ._check import MASK, REQUIREMENTS, Requirement, check, rules_for
from ._guard import guarded
from ._request import FORBIDDEN, NOT_AN_OBJECT, OUTSIDE, SignatureKeyRequest, missing, not_a_string, unknown
from ._rule import Field, Rule, SignAlgorithm, SignType
from ._spelling import DIGITS
from ._table import DEFAULT_SIGN_TYPE, MEMBERS
from ._violation import Code, Violation
from ._vocabulary import FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM

__all__ = ["classic_near_misses", "invalid_requests", "near_misses", "requests", "values"]

_CONTROLS: Final = [chr(n) for n in (*range(32), 127)]
_SPACES: Final = " \N{NO-BREAK SPACE}\N{EM SPACE}\N{IDEOGRAPHIC SPACE}\N{ZERO WIDTH SPACE}\N{LINE SEPARATOR}\ufeff"
_SURROGATES: Final = "\ud800\udbff\udc00\udfff"
# Letters and digits of other scripts, two that fold to k and s when case is ignored, and the hyphens that are none.
_LOOK_ALIKES: Final = "аеорсухіАВЕКМНОРСТХαονéßЖ中٠٣٩०९𝟎𝟗𝐀𝐳²①\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}‐‑–—−＿😀"
_FULL_WIDTH: Final = ord("！") - ord("!")

# The classic traps. Some engines trim the first ones, stop at them or match before them, so that each place matters.
_TRIMMED: Final = "\n\0 \N{NO-BREAK SPACE}"
# Some engines take these for letters or digits, in the first place or in the others; then the last is like the middle.
_TAKEN: Final = (
    "\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}\N{ARABIC-INDIC DIGIT THREE}\N{FULLWIDTH DIGIT THREE}\ud800"
)


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
    """Pairs of an invalid value and the codes that it breaks, in the order of `check`: exactly these.

    The first ones are mostly of `classic_near_misses`, then come other ones. Hypothesis makes the same choices only
    once, so 100 examples of a test that draws nothing else hold each of the classic ones with a probability above
    0.999. A test that draws other things too may miss some.
    """
    rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)  # its LookupError for a wrong question
    return _near_misses((field, sign_type, sign_algorithm)).map(_with_codes)


@guarded
def classic_near_misses(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> list[tuple[str, tuple[Code, ...]]]:
    """The classic ones of `near_misses`, always the same, for a test with parameters: some 30 or 40.

    They are "", a length off by one, a wrong first character, a mask; and a line break, NUL, a space, a no-break space,
    the Kelvin sign, a long s, an Arabic and a full-width digit and a lone surrogate, each at each place where it
    matters. What stands beside such a character is a right value, if the row has room for it.
    """
    rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)  # its LookupError for a wrong question
    return [*map(_with_codes, _classics((field, sign_type, sign_algorithm)))]


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
def _wrong_lengths(judge: Requirement) -> list[int]:
    near = {n + step for n in judge.lengths for step in (-1, 1)} | {0, 2 * max(judge.lengths)}
    return sorted(near - judge.lengths)


# Of the choices from which one is drawn for each near miss; each classic one is another choice.
_OTHER_CHOICES: Final = 2

_Question = tuple[Field, SignType, SignAlgorithm | None]


def _with_codes(pair: tuple[str, tuple[Violation, ...]]) -> tuple[str, tuple[Code, ...]]:
    value, violations = pair
    return value, tuple(violation.code for violation in violations)


@st.composite
def _near_misses(draw: DrawFn, question: _Question) -> tuple[str, tuple[Violation, ...]]:
    """A classic one is a single choice, which Hypothesis does not make again. The other choices lead to all the rest;
    as they are few, a hundred examples have room for all classic ones.
    """
    classic = draw(st.sampled_from((*(None for _ in range(_OTHER_CHOICES)), *_classics(question))))
    return classic or draw(_broken(REQUIREMENTS[question]))


@cache
def _classics(question: _Question) -> tuple[tuple[str, tuple[Violation, ...]], ...]:
    field, sign_type, sign_algorithm = question
    texts = _classic_texts(REQUIREMENTS[question])
    return tuple((text, check(field, text, sign_type=sign_type, sign_algorithm=sign_algorithm)) for text in texts)


def _classic_texts(judge: Requirement) -> Iterator[str]:
    rule = judge.rules[0]
    shortest, longest = rule.min_length, rule.max_length

    def right(length: int) -> str:
        return (rule.first[0] + DIGITS[0] * length)[:length]

    yield from map(right, _wrong_lengths(judge))
    beside = right(min(shortest, longest - 1))  # with one more, it has an allowed length
    specials = [c for c in rule.charset if c not in rule.first and c not in DIGITS]
    yield from (c + beside for c in (specials[0], DIGITS[0]) if c not in rule.first)
    yield right(3) + MASK[0] * (max(shortest, 3 * len(MASK)) - 6) + right(3)
    before, behind = right(shortest), right(shortest)
    if len(before + behind) >= longest:
        before, behind = right(longest // 2), right(longest - longest // 2 - 1)
    for c in _TRIMMED + _TAKEN:
        yield from (c + beside, before + c + behind)
        if c in _TRIMMED:
            yield beside + c
            if longest == shortest:
                yield from (c + right(longest), right(longest) + c)


@st.composite
def _broken(draw: DrawFn, judge: Requirement) -> tuple[str, tuple[Violation, ...]]:
    """A value that breaks the columns drawn for it, and what it breaks, known from how it was made."""
    rule = draw(st.sampled_from(judge.rules))
    not_first = sorted(set(rule.charset).difference(rule.first))
    columns = draw(
        st.sets(st.sampled_from(["length", "charset", "first"] if not_first else ["length", "charset"]), min_size=1)
    )
    violations = []

    if "length" in columns:
        length = draw(st.sampled_from([length for length in _wrong_lengths(judge) if length]))
        violations.append(judge.length)
    else:
        length = len(draw(_accepted(rule)))

    value = list(draw(_of_length(rule, length)))
    if "first" in columns:
        value[0] = draw(st.sampled_from(not_first))
    if "charset" in columns:
        position = draw(st.one_of(st.sampled_from([length - 1, length // 2, 0]), st.integers(0, length - 1)))
        if draw(st.sampled_from(["foreign", "foreign", "foreign", "mask"])) == "foreign":
            value[position] = draw(_foreign(rule.charset))
        else:
            value[position:] = MASK[0] * (length - position)
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
        question = field, judged_as or DEFAULT_SIGN_TYPE, algorithm
        if field not in broken:
            if field == "name" or draw(st.booleans()):
                body[field] = draw(st.one_of(*map(_accepted, REQUIREMENTS[question].rules)))
            continue
        kind = draw(st.sampled_from(["near miss", "no string", "missing" if field == "name" else "near miss"]))
        if kind == "near miss":
            body[field], found[field] = draw(
                st.one_of(_broken(REQUIREMENTS[question]), st.sampled_from(_classics(question)))
            )
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
