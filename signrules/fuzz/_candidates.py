"""Every case that may be chosen from: the values that test the rows, right bodies, bodies that are wrong as a whole."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import cycle, product
from typing import Any, Final

from .._requirement import REQUIREMENTS
from .._rule import Field, Rule
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS, RULES
from .._vocabulary import (
    ENUMERATIONS,
    FIELDS,
    FIELDS_BY_TYPE,
    KINDS,
    SIGN_ALGORITHMS,
    SIGN_TYPES,
    TYPES_WITH_ALGORITHM,
    Kind,
    given,
)
from ._case import Case, codes_of, named
from ._flags import flag_of
from ._rows import filler, kinds_of, row_in_words, row_name
from ._silent import result_of
from ._values import beginning, values_for

# A right value of every field, where sign_type is left out.
_RIGHT_VALUE: Final = filler(max(REQUIREMENTS[field, DEFAULT_SIGN_TYPE, None].rules[0].min_length for field in FIELDS))


@cache
def candidates() -> tuple[Case, ...]:
    """All of them, the same at every run."""
    return (
        *_members(),
        *_defaults(),
        *_words(),
        *_member_names(),
        *_no_objects(),
        *_beginnings(),
        *(case for rule in RULES for case in _values_of(rule, is_extra=False)),
        # The profile `full` ends before the last of these, which find little that none of those above finds.
        *_right_bodies(),
        *(case for rule in RULES for case in _values_of(rule, is_extra=True)),
    )


def _case(case_id: str, flag: str, comment: str, field: str, body: Any, *, row: Rule | None = None) -> Case:
    """A case with this body, whose members come in any order."""
    if isinstance(body, dict):
        body = {member: body[member] for member in (*MEMBERS, *body) if member in body}
    result = result_of(body)
    flags = (flag, "Silent") if result == "acceptable" else (flag,)
    return Case(case_id, body, result, field, codes_of(body), flags, comment, row)


def _named_case(
    case_id: str, flag: str, comment: str, field: str, members: dict[str, Any], *, row: Rule | None = None
) -> Case:
    """A case whose body has these members and, unless a name is among them, a name of its own."""
    return _case(case_id, flag, comment, field, {"name": named(case_id), **members}, row=row)


def _shortest(field: Field, kind: Kind) -> str:
    """A right value for this kind of key, as short as may be."""
    return filler(REQUIREMENTS[field, *kind].rules[0].min_length)


def _values_of(rule: Rule, *, is_extra: bool) -> Iterator[Case]:
    """A case for each value that tests the row and is an extra or not, those first that were made last.

    The value is given with each kind of key in turn that the row judges: first alone, then beside another right value.
    """
    made = list(values_for(rule))
    by_text = {value.text: value for value in reversed(made)}  # of two with the same text, the first counts
    other: Field = next(field for field in reversed(FIELDS) if field != rule.field)
    for value, (is_beside, kind) in zip(by_text.values(), cycle(product((False, True), kinds_of(rule))), strict=False):
        if value.is_extra is not is_extra:
            continue
        members = {**kind.members, rule.field: value.text}
        if is_beside:
            members[other] = _shortest(other, kind)
        # Where the page is silent, a report shows nothing but the comment.
        subject = rule.field if value.text else row_in_words(rule)
        comment = f"{subject}: {value.comment}"
        case_id = f"{row_name(rule)}:{value.slug}"
        yield _named_case(case_id, flag_of(rule, value.text), comment, rule.field, members, row=rule)


def _right_bodies() -> Iterator[Case]:
    """Right bodies with a key and a secret at once: if a gateway refuses one, it names the member."""
    for kind in KINDS:
        right = {
            rule.field: [value for value in values_for(rule) if rule.accepts(value.text)] for rule in _rows_tested(kind)
        }
        for n in range(max(map(len, right.values()))):
            chosen = {field: values[n % len(values)] for field, values in right.items()}
            members = kind.members | {field: value.text for field, value in chosen.items()}
            comment = "; ".join(f"{field}: {value.comment}" for field, value in chosen.items())
            yield _named_case(f"body.{'.'.join(kind.members.values())}:right-{n}", "Right", comment, "", members)


def _beginnings() -> Iterator[Case]:
    """Right bodies with a key and a secret that begin with each character in turn which may come first.

    Each value holds another half of the allowed characters: which bodies are refused tells the character.
    """
    for kind in KINDS:
        rules = _rows_tested(kind)
        for n in range(max(len(rule.first) for rule in rules)):
            # A body with a name that was there before would be refused for that.
            tested = [rule for rule in rules if rule.sign_type or n < len(rule.first)]
            members = {rule.field: beginning(rule, n) for rule in tested}
            comment = "; ".join(f"{field} begins with {value[0]}" for field, value in members.items())
            case_id = f"body.{'.'.join(kind.members.values())}:begins-{n}"
            yield _named_case(case_id, "Right", comment, "", kind.members | members)


def _rows_tested(kind: Kind) -> list[Rule]:
    """The rows whose values stand in right bodies of this kind.

    Only bodies of the first kind test names: a gateway refuses the same name twice.
    """
    fields = FIELDS if kind is KINDS[0] else FIELDS_BY_TYPE
    return [REQUIREMENTS[field, *kind].rules[0] for field in fields]


def right_word(member: str) -> str:
    """A right value of a member, in a body that has its prerequisites and no other member but a name."""
    return ENUMERATIONS[member][0] if member in ENUMERATIONS else _RIGHT_VALUE


def prerequisites(member: str) -> dict[str, str]:
    """The members without which this one is forbidden."""
    return {"sign_type": TYPES_WITH_ALGORITHM[0]} if member == "sign_algorithm" else {}


def _members() -> Iterator[Case]:
    """Each member left out, or of another type."""
    yield _named_case("body:name-alone", "Right", "the name alone", "name", {})
    for member in MANDATORY:
        yield _case(f"body:no-{member}", "Member", f"no {member}", member, {"sign_key": _RIGHT_VALUE})
    yield _case("body:nothing", "Member", "an empty object", "name", {})
    for member in MEMBERS:
        right = right_word(member)
        others: list[tuple[str, str, Any]] = [
            ("null", "null", None),
            ("empty", "an empty string", ""),
            ("number", "a number", 12345678901234567),
            ("fraction", "a fraction", 0.5),
            ("true", "true", True),
            ("list", "a list", [right]),
            ("object", "an object", {"value": right}),
        ]
        for slug, words, value in others:
            members = {**prerequisites(member), member: value}
            yield _named_case(f"body:{slug}.{member}", "Type", f"{words} as {member}", member, members)


def _near(rules: Iterable[Rule]) -> list[int]:
    """The bounds of the rows, and the lengths beside them."""
    return sorted({n + step for rule in rules for n in (rule.min_length, rule.max_length) for step in (-1, 0, 1)})


def _defaults() -> Iterator[Case]:
    """Bodies that show what a gateway takes in the place of what is left out."""
    for sign_type in SIGN_TYPES:
        comment = f"the name and sign_type {sign_type}"
        yield _named_case(f"body:type-{sign_type}", "Right", comment, "sign_type", {"sign_type": sign_type})
    for field in FIELDS_BY_TYPE:
        for length in _near(rule for rule in RULES if rule.field == field):
            comment = f"no sign_type, and a {field} of {length} characters"
            yield _named_case(f"body:no-type-{field}-{length}", "Default", comment, field, {field: filler(length)})
    for sign_type in TYPES_WITH_ALGORITHM:
        rules = REQUIREMENTS["sign_key", sign_type, None].rules
        for length in sorted({*_near(rules), sum(rule.min_length for rule in rules) // len(rules)}):
            comment = f"{sign_type} without sign_algorithm, and a key of {length} characters"
            members = {"sign_type": sign_type, "sign_key": filler(length)}
            yield _named_case(f"body:no-algorithm-{length}", "Default", comment, "sign_key", members)
        for algorithm in SIGN_ALGORITHMS:
            kind = Kind(sign_type, algorithm)
            comment = f"no key with {algorithm}"
            yield _named_case(f"body:algorithm-{algorithm}", "Right", comment, "sign_algorithm", kind.members)
            members = {**kind.members, "sign_secret": _shortest("sign_secret", kind)}
            yield _named_case(f"body:secret-{algorithm}", "Right", f"a secret with {algorithm}", "sign_secret", members)
    for other in (None, *SIGN_TYPES):
        if other not in TYPES_WITH_ALGORITHM:
            for algorithm in SIGN_ALGORITHMS:
                members = given({"sign_type": other, "sign_algorithm": algorithm})
                comment = f"{other or 'no sign_type'} with {algorithm}"
                case_id = f"body:{other or 'default'}-with-{algorithm}"
                yield _named_case(case_id, "Default", comment, "sign_algorithm", members)


def _words() -> Iterator[Case]:
    """Words that an inexact comparison takes for one of the enumeration."""
    for member, good in ENUMERATIONS.items():
        near = [
            (f"{slug}.{word}", text)
            for word in good
            for slug, text in (
                ("upper", word.upper()),
                ("title", word.title()),
                ("before-space", f" {word}"),
                ("after-space", f"{word} "),
                ("line-break", f"{word}\n"),
                ("longer", f"{word}2"),
                ("shorter", word[:-1]),
                ("nul", f"{word}\0"),
            )
        ]
        for slug, text in (*near, *((f"word-{word}.{member}", word) for word in ("none", "null", "0", "default"))):
            members = {**prerequisites(member), member: text}
            yield _named_case(f"body:{slug}", "Enumeration", f"{member}: {text!r}", member, members)


def _member_names() -> Iterator[Case]:
    """Members that the page does not have. The gateway ignores them, and then generates what was misspelt."""
    for member in MEMBERS:
        changed = (member.upper(), member.title(), member.replace("_", "-"), member.replace("_", ""), f"{member} ")
        for other in dict.fromkeys((*changed, member[:-2] + member[:-3:-1])):
            if other not in MEMBERS:
                case_id = f"body:member-{other}"
                # Go takes NAME for a name. Then the key has the same name as ever, and the runner knows it.
                value = named(case_id) if member in MANDATORY else right_word(member)
                yield _named_case(case_id, "Member", f"a member {other!r}", "", {other: value})


def _no_objects() -> Iterator[Case]:
    """JSON that is no object."""
    bodies: list[tuple[str, Any]] = [
        ("an empty list", []),
        ("a list of one body", [{"name": named("body:list")}]),
        ("a string", "name"),
        ("a number", 1),
        ("null", None),
        ("true", True),
    ]
    for words, body in bodies:
        yield _case(f"body:{words.replace(' ', '-')}", "Type", f"the body is {words}", "", body)
