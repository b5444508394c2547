"""Every case that may be chosen from: near misses of each row, right bodies, and bodies that are wrong as a whole."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from .._check import JUDGES
from .._request import check_request
from .._rule import Field, Rule, SignAlgorithm, SignType
from .._table import MANDATORY, MEMBERS, RULES
from .._violation import Code
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._silent import Result, result_of
from ._values import filled, values
from ._variations import row_name

# The kinds of mistakes, and what each is good for.
FLAGS: Final[dict[str, str]] = {
    "Right": "A right body: a gateway that refuses it is too strict.",
    "Length": "A length next to or far from an allowed one.",
    "First": "An allowed character that may not come first.",
    "Ascii": "One ASCII character that is not allowed.",
    "LineBreak": "A line break: `$` matches before one, and some engines match line by line.",
    "Space": "White space around a right value: some trim before they judge.",
    "Nul": "A NUL: some strings end there.",
    "Control": "A control character.",
    "Unicode": "A letter, digit or sign of another script, which some engines take for an ASCII one.",
    "Surrogate": "A lone surrogate, which has no UTF-8.",
    "Encoded": "An escape that some decode before they judge.",
    "Masked": "A value copied from a console, with most of it starred out.",
    "Type": "JSON of another type.",
    "Member": "A member that is missing, unknown or misspelt.",
    "Enumeration": "A word that is nearly one of the enumeration.",
    "Default": "What is left out, and what is taken in its place.",
    "Silent": "The page does not say whether this is right.",
}


class Case(NamedTuple):
    """One request body and what a gateway must make of it.

    `result` is "acceptable" where the page is silent, so that neither answer is wrong. `field` is the member in
    question, `""` for the body; `codes` are those of `check_request`, empty for a right body; `flags` are of `FLAGS`.
    """

    id: str
    body: Any
    result: Result
    field: str
    codes: tuple[Code, ...]
    flags: tuple[str, ...]
    comment: str

    @property
    def wire(self) -> bytes:
        """The body as JSON in ASCII: a lone surrogate and a NUL travel as escapes."""
        return json.dumps(self.body).encode()


def named(case_id: str) -> str:
    """A name of lower-case letters alone, which the strictest of gateways takes, and no other case has."""
    return "sr" + "".join(chr(ord("a") + byte % 26) for byte in sha256(case_id.encode()).digest()[:12])


@cache
def candidates() -> tuple[Case, ...]:
    """All of them, the same at every run."""
    drafts = (*_of_kinds(), *_of_members(), *_of_defaults(), *_of_enumerations(), *_of_names(), *_of_no_objects())
    return (*map(_case, drafts), *(_case(draft) for rule in RULES for draft in _of_row(rule)))


class _Draft(NamedTuple):
    """A case before it is named and judged. Members in any order; without a `name`, one is given, unless it is bare."""

    id: str
    flag: str
    comment: str
    field: str
    body: Any
    bare: bool = False


def _case(draft: _Draft) -> Case:
    body = draft.body
    if isinstance(body, dict):
        if not draft.bare:
            body = {"name": named(draft.id)} | body
        body = {member: body[member] for member in (*MEMBERS, *body) if member in body}
    codes = tuple(dict.fromkeys(violation.code for violation in check_request(body)))
    result = result_of(body)
    flags = (draft.flag, "Silent") if result == "acceptable" else (draft.flag,)
    return Case(draft.id, body, result, draft.field, codes, flags, draft.comment)


def _given(sign_type: SignType | None, sign_algorithm: SignAlgorithm | None) -> dict[str, Any]:
    words = {"sign_type": sign_type, "sign_algorithm": sign_algorithm}
    return {member: word for member, word in words.items() if word is not None}


def _kinds() -> list[tuple[SignType, SignAlgorithm | None]]:
    return [(t, a) for t in SIGN_TYPES for a in (SIGN_ALGORITHMS if t in TYPES_WITH_ALGORITHM else (None,))]


def _of_row(rule: Rule) -> Iterator[_Draft]:
    """One near miss each: with each kind of body in turn that the row judges, alone and beside another right value."""
    kinds = [kind for kind in _kinds() if rule in JUDGES[rule.field, *kind].rules]
    by_text = {value.text: value for value in reversed(list(values(rule)))}
    for n, value in enumerate(by_text.values()):
        kind = kinds[n % len(kinds)]
        body = _given(*kind) | {rule.field: value.text}
        if n // len(kinds) % 2:
            other = next(field for field in reversed(FIELDS) if field != rule.field)
            body[other] = filled(JUDGES[other, *kind].rules[0].min_length)
        comment = f"{rule.field}: {value.comment}"
        yield _Draft(f"{row_name(rule)}:{value.slug}", value.flag, comment, rule.field, body)


def _of_kinds() -> Iterator[_Draft]:
    """Right bodies that hold a key and a secret at once: a gateway that refuses one says which it is. A name that is
    tested too is in those of the first kind alone, for no two keys may have the same.
    """
    fields: tuple[Field, ...] = FIELDS
    for sign_type, algorithm in _kinds():
        where = ".".join(filter(None, (sign_type, algorithm)))
        rules = [JUDGES[field, sign_type, algorithm].rules[0] for field in fields]
        rights = [[value for value in values(rule) if rule.accepts(value.text)] for rule in rules]
        for n in range(max(map(len, rights))):
            chosen = {rule.field: right[n % len(right)] for rule, right in zip(rules, rights, strict=True)}
            body = _given(sign_type, algorithm) | {field: value.text for field, value in chosen.items()}
            comment = "; ".join(f"{field}: {value.comment}" for field, value in chosen.items())
            yield _Draft(f"body.{where}:right-{n}", "Right", comment, "", body)
        fields = FIELDS_BY_TYPE


def _right_word(member: str) -> str:
    return {"sign_type": SIGN_TYPES[0], "sign_algorithm": SIGN_ALGORITHMS[0]}.get(member, filled(16))


def _with(member: str) -> dict[str, Any]:
    """What makes room for a member."""
    return {"sign_type": TYPES_WITH_ALGORITHM[0]} if member == "sign_algorithm" else {}


def _of_members() -> Iterator[_Draft]:
    """Each member left out, or of another type."""
    yield _Draft("body:name-alone", "Right", "the name alone", "name", {})
    for member in MANDATORY:
        yield _Draft(f"body:no-{member}", "Member", f"no {member}", member, {"sign_key": filled(16)}, bare=True)
    yield _Draft("body:nothing", "Member", "an empty object", "name", {}, bare=True)
    for member in MEMBERS:
        right = _right_word(member)
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
            body = _with(member) | {member: value}
            yield _Draft(f"body:{slug}.{member}", "Type", f"{words} as {member}", member, body)


def _near(rules: Iterable[Rule]) -> list[int]:
    """The bounds of the rows, and the lengths beside them."""
    return sorted({n + step for rule in rules for n in (rule.min_length, rule.max_length) for step in (-1, 0, 1)})


def _of_defaults() -> Iterator[_Draft]:
    """What is taken in the place of what is left out."""
    for sign_type in SIGN_TYPES:
        comment = f"the name and sign_type {sign_type}"
        yield _Draft(f"body:type-{sign_type}", "Right", comment, "sign_type", {"sign_type": sign_type})
    for field in FIELDS_BY_TYPE:
        for length in _near(rule for rule in RULES if rule.field == field):
            comment = f"no sign_type, and a {field} of {length} characters"
            yield _Draft(f"body:no-type-{field}-{length}", "Default", comment, field, {field: filled(length)})
    for sign_type in TYPES_WITH_ALGORITHM:
        rules = JUDGES["sign_key", sign_type, None].rules
        for length in sorted({*_near(rules), sum(rule.min_length for rule in rules) // len(rules)}):
            comment = f"{sign_type} without sign_algorithm, and a key of {length} characters"
            body = {"sign_type": sign_type, "sign_key": filled(length)}
            yield _Draft(f"body:no-algorithm-{length}", "Default", comment, "sign_key", body)
        for algorithm in SIGN_ALGORITHMS:
            given = _given(sign_type, algorithm)
            yield _Draft(f"body:algorithm-{algorithm}", "Right", f"no key with {algorithm}", "sign_algorithm", given)
            body = given | {"sign_secret": filled(16)}
            yield _Draft(f"body:secret-{algorithm}", "Right", f"a secret with {algorithm}", "sign_secret", body)
    for other in (None, *SIGN_TYPES):
        if other not in TYPES_WITH_ALGORITHM:
            for algorithm in SIGN_ALGORITHMS:
                who = other or "default"
                body = _given(other, algorithm)
                comment = f"{other or 'no sign_type'} with {algorithm}"
                yield _Draft(f"body:{who}-with-{algorithm}", "Default", comment, "sign_algorithm", body)


def _of_enumerations() -> Iterator[_Draft]:
    """Words that an inexact comparison takes for one of the enumeration."""
    for member, good in ("sign_type", SIGN_TYPES), ("sign_algorithm", SIGN_ALGORITHMS):
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
            body = _with(member) | {member: text}
            yield _Draft(f"body:{slug}", "Enumeration", f"{member}: {text!r}", member, body)


def _of_names() -> Iterator[_Draft]:
    """Members that the page does not have: the gateway ignores them, and then generates what was misspelt."""
    for member in MEMBERS:
        changed = (member.upper(), member.title(), member.replace("_", "-"), member.replace("_", ""), f"{member} ")
        for other in dict.fromkeys((*changed, member[:-2] + member[:-3:-1])):
            if other not in MEMBERS:
                body = {other: _right_word(member)}
                yield _Draft(f"body:member-{other}", "Member", f"a member {other!r}", "", body)


def _of_no_objects() -> Iterator[_Draft]:
    bodies: list[tuple[str, Any]] = [
        ("an empty list", []),
        ("a list of one body", [{"name": named("body:list")}]),
        ("a string", "name"),
        ("a number", 1),
        ("null", None),
        ("true", True),
    ]
    for words, body in bodies:
        yield _Draft(f"body:{words.replace(' ', '-')}", "Type", f"the body is {words}", "", body)
