"""Requests that differ from a right one in one respect each, so that a wrong answer names its cause.

All are derived from the table. `quick` is the order that finds the most bug models soonest, `full` goes on from there to
every ASCII character at every kind of place, more lengths, and more of Unicode.
"""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

from .._check import FIELDS, JUDGES, MASK, SIGN_ALGORITHMS, SIGN_TYPES
from .._request import FIELDS_BY_TYPE, TYPES_WITH_ALGORITHM, check_request
from .._rule import DIGITS, LETTERS, Field, Rule, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS, RULES
from .._violation import Code
from .bugs import bugs, judged, misshapen, neighbours, refused, row_name, runs, scopes, slug, variations

Profile = Literal["quick", "full"]
Result = Literal["valid", "invalid", "acceptable"]

QUICK: Final = 250
FULL: Final = 3000


class Case(NamedTuple):
    """One request body and what a gateway must make of it.

    `result` is "acceptable" where the page is silent, so that neither answer is wrong. `field` is the member in question,
    `""` for the body; `codes` are those of `check_request`, and empty for a right body. `flags` are kinds of mistakes.
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


# The kinds of mistakes: what each is good for.
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

_FILLER: Final = "kEy0"
# Of other scripts: digits, letters, what folds or normalises to ASCII, and signs that look like ours.
_EVERYWHERE: Final = "\0\t\n\r\x1b\x7f\u0085\u00a0\u00aa\u00e9\u0663\u017f\u212a\U0001d7d8\ud800"
_UNICODE: Final = (
    "\uff10\uff21\u0430\u4e2d\u00df\u00b2\u2160\u0966\u0391\u0131\uff0d\uff3f\uff0f\u2010\u2013\u2212\u2003\u3000\u200b\u200d\u2028"
    "\ufeff\u00ad\u0301\ufffd\U0001d400\U0001f600\U0010ffff\udfff"
)


def _filled(length: int) -> str:
    return (_FILLER * (length // len(_FILLER) + 1))[:length]


class _Kind(NamedTuple):
    """A row as it stands in a body."""

    rule: Rule
    sign_type: SignType | None
    sign_algorithm: SignAlgorithm | None

    @property
    def name(self) -> str:
        return row_name(self.rule)

    def body(self, case: str, value: object) -> dict[str, Any]:
        given = {"name": named(case), "sign_type": self.sign_type, "sign_algorithm": self.sign_algorithm}
        body = {member: word for member, word in given.items() if word is not None} | {self.rule.field: value}
        return {member: body[member] for member in MEMBERS if member in body}


def named(case: str) -> str:
    """A name of lower-case letters alone, which the strictest of gateways takes, and no other case has."""
    return "sr" + "".join(chr(ord("a") + byte % 26) for byte in sha256(case.encode()).digest()[:12])


def _kinds() -> list[_Kind]:
    return [
        _Kind(rule, rule.sign_type, rule.sign_algorithm or (SIGN_ALGORITHMS[0] if rule.sign_type in TYPES_WITH_ALGORITHM else None))
        for rule in RULES
    ]


class _Value(NamedTuple):
    """A value that is nearly right, by what it is."""

    slug: str
    text: str
    flag: str
    comment: str


def _lengths(rule: Rule) -> Iterator[_Value]:
    shortest, longest = rule.min_length, rule.max_length
    edges = {shortest - 1, shortest, longest, longest + 1}
    far = {0, 1, shortest // 2, shortest + 1, longest - 1, longest + 2, longest + 8, longest * 2, 255, 256, 257, 1000, 1025}
    for other in RULES:
        far |= {other.min_length - 1, other.min_length, other.max_length, other.max_length + 1}
    for length in [*sorted(edges), *sorted(far - edges)]:
        right = shortest <= length <= longest
        yield _Value(f"length-{length}", _filled(length), "Right" if right else "Length", f"{length} characters")


def _right(rule: Rule) -> Iterator[_Value]:
    """Between them, every allowed character, and every first one."""
    ordered = "".join(c for c in rule.charset if c not in LETTERS + DIGITS) + LETTERS + DIGITS
    size = min(rule.max_length, len(ordered) + 1)
    for n, start in enumerate(range(0, len(ordered), size - 1)):
        part = ordered[start : start + size - 1]
        text = (LETTERS[0] + part + _filled(size))[: max(rule.min_length, len(part) + 1)]
        yield _Value(f"characters-{n}", text, "Right", f"allowed characters: {part}")
    for name, run in runs(rule.first):
        text = run[0] + _filled(rule.min_length - 1)
        yield _Value(f"begins-{slug(run)}", text, "Right", f"begins with one of the {name}")
    if "%" in rule.charset:
        text = f"{_filled(3)}%20{_filled(rule.min_length)}"[: max(rule.min_length, 6)]
        yield _Value("percent", text, "Right", "%20 is three allowed characters")
        yield _Value("percent-41", text.replace("%20", "%41"), "Right", "%41 is three allowed characters")


def _firsts(rule: Rule) -> Iterator[_Value]:
    for c in rule.charset:
        if c not in rule.first and c not in LETTERS + DIGITS:
            yield _Value(f"first-{slug(c)}", c + _filled(rule.min_length - 1), "First", f"begins with {c}")
    for c in (DIGITS[0], DIGITS[9]):
        if c not in rule.first:
            yield _Value(f"first-{slug(c)}", c + _filled(rule.min_length - 1), "First", f"begins with {c}")


def _room(rule: Rule) -> int:
    """How many characters longer than the shortest a value may be, for a character more on either side."""
    return min(rule.max_length - rule.min_length, 2)


def _flag(c: str) -> str:
    if c == "\0":
        return "Nul"
    if c in "\r\n":
        return "LineBreak"
    if c == " ":
        return "Space"
    if "\ud800" <= c <= "\udfff":
        return "Surrogate"
    return "Unicode" if not c.isascii() else "Ascii" if c.isprintable() else "Control"


def _foreign(rule: Rule, c: str) -> Iterator[_Value]:
    """The character at each kind of place; within the allowed length."""
    length = rule.min_length + _room(rule)
    shown = repr(c) if c.isprintable() else f"U+{ord(c):04X}"
    base = _filled(length - 1)
    for place, at in ("middle", length // 2), ("last", length - 1), ("first", 0):
        yield _Value(f"{place}-{slug(c)}", base[:at] + c + base[at:], _flag(c), f"{shown} as the {place} character")


def _around(rule: Rule) -> Iterator[_Value]:
    """A right value with something before, after or between; what is right ends where another engine would stop."""
    room = _room(rule)
    base, full = _filled(rule.min_length), _filled(rule.max_length)
    for name, junk in ("space", " "), ("line-break", "\n"), ("tab", "\t"), ("return", "\r"), ("crlf", "\r\n"), ("stars", "!*"):
        yield _Value(f"before-{name}", junk + base, _flag(junk[0]), f"{name} before a right value")
        yield _Value(f"after-{name}", base + junk, _flag(junk[-1]), f"{name} after a right value")
        yield _Value(f"around-{name}", junk + base + junk, _flag(junk[0]), f"{name} around a right value")
        yield _Value(f"after-full-{name}", full + junk, _flag(junk[-1]), f"{name} after the longest right value")
    yield _Value("after-nul", f"{base}\0", "Nul", "NUL after a right value")
    yield _Value("nul-then", f"{base}\0!*", "Nul", "a right value, NUL, and what is not allowed")
    cut = _filled(rule.min_length - 2 if room == 0 else rule.min_length)
    yield _Value("nul-within", f"{cut}\0{'*' * max(1, room - 1)}", "Nul", "NUL and a star at the end of an allowed length")
    yield _Value("line-then", f"{base}\n!*", "LineBreak", "a right value, and a second line")
    yield _Value("line-before", f"!*\n{base}", "LineBreak", "a right value as the second line")
    yield _Value("lines", f"!*\n{base}\n!*", "LineBreak", "a right value as the second of three lines")
    if rule.max_length > len(base) * 2:
        yield _Value("two-lines", f"{base}\n{base}"[: rule.max_length], "LineBreak", "two right lines")
    if "%" not in rule.charset:
        yield _Value("percent-41", f"{_filled(rule.min_length)}%41", "Encoded", "%41 at the end of a right value")
    yield _Value("percent-00", f"{_filled(rule.min_length)}%00", "Encoded" if "%" not in rule.charset else "Right", "%00 at the end")
    masked = f"{full[:3]}{MASK[0] * max(1, min(rule.max_length, 16) - 6)}{full[:3]}"
    yield _Value("masked", masked[: rule.max_length], "Masked", "most of it starred out")
    for count in (8, 16, 32, 64, 128, 255, 256, 512, 1000, 1024):
        if rule.min_length <= count < rule.max_length:
            yield _Value(f"behind-{count}", f"{_filled(count)}*", "Ascii", f"a star behind {count} right characters")
            yield _Value(f"nul-behind-{count}", f"{_filled(count)}\0", "Nul", f"a NUL behind {count} right characters")
    yield _Value("full-star", f"{full[:-1]}*", "Ascii", "a star at the end of the longest length")


def _values(rule: Rule) -> Iterator[_Value]:
    yield from _lengths(rule)
    yield from _right(rule)
    yield from _firsts(rule)
    yield from _around(rule)
    near = neighbours(rule)
    rest = [c for c in map(chr, range(32, 127)) if c not in rule.charset and c not in near]
    for c in [*near, *rest, *_EVERYWHERE]:
        yield from _foreign(rule, c)
    for c in map(chr, (*range(32), 127)):
        if c not in _EVERYWHERE:
            yield next(_foreign(rule, c))
    for c in _UNICODE:
        yield next(_foreign(rule, c))


def _judged(id: str, body: Any, field: str, flags: tuple[str, ...], comment: str, *, silent: bool = False) -> Case:
    violations = check_request(body)
    codes = tuple(dict.fromkeys(violation.code for violation in violations))
    result: Result = "acceptable" if silent else "invalid" if codes else "valid"
    return Case(id, body, result, field, codes, (*flags, "Silent") if silent else flags, comment)


def _of_rows() -> Iterator[Case]:
    for kind in _kinds():
        for slug_, text, flag, comment in {value.text: value for value in reversed(list(_values(kind.rule)))}.values():
            id = f"{kind.name}:{slug_}"
            yield _judged(id, kind.body(id, text), kind.rule.field, (flag,), f"{kind.rule.field}: {comment}")


def _pairs() -> Iterator[Case]:
    """Right bodies that hold a name, a key and a secret at once: a gateway that refuses one says which it is."""
    kinds = [(t, a) for t in SIGN_TYPES for a in (SIGN_ALGORITHMS if t in TYPES_WITH_ALGORITHM else (None,))]
    for sign_type, algorithm in kinds:
        rules = {field: JUDGES[field, sign_type, algorithm].rules[0] for field in FIELDS}
        rights = {field: [v for v in _values(rule) if v.flag == "Right" and rule.accepts(v.text)] for field, rule in rules.items()}
        for n in range(max(map(len, rights.values()))):
            where = ".".join(filter(None, (sign_type, algorithm)))
            id = f"body.{where}:right-{n}"
            values = {field: right[n % len(right)] for field, right in rights.items()}
            given = {"sign_type": sign_type, "sign_algorithm": algorithm}
            body = {m: w for m, w in given.items() if w} | {field: value.text for field, value in values.items()}
            comment = "; ".join(f"{field}: {value.comment}" for field, value in values.items())
            yield _judged(id, {m: body[m] for m in MEMBERS if m in body}, "", ("Right",), comment)


def _of_body() -> Iterator[Case]:
    def case(id: str, flag: str, comment: str, /, *, field: str = "", silent: bool = False, named_: bool = True, **members: Any) -> Case:
        id = f"body:{id}"
        body = {"name": named(id)} | members if named_ else members
        return _judged(id, {m: body[m] for m in (*MEMBERS, *body) if m in body}, field, (flag,), comment, silent=silent)

    key, secret = _filled(16), _filled(16)
    yield case("name-alone", "Right", "the name alone")
    for sign_type in SIGN_TYPES:
        yield case(f"type-{sign_type}", "Right", f"the name and sign_type {sign_type}", field="sign_type", sign_type=sign_type)
    for algorithm in SIGN_ALGORITHMS:
        yield case(f"algorithm-{algorithm}", "Right", f"no key with {algorithm}", field="sign_algorithm", sign_type=TYPES_WITH_ALGORITHM[0], sign_algorithm=algorithm)
        yield case(f"secret-{algorithm}", "Right", f"a secret of one block with {algorithm}", field="sign_secret", sign_type=TYPES_WITH_ALGORITHM[0], sign_secret=secret, sign_algorithm=algorithm)
    # What is left out: the default type, judged by values that are right for it or for another alone.
    for field in FIELDS_BY_TYPE:
        for rule in RULES:
            if rule.field == field:
                for end, length in ("shortest", rule.min_length), ("longest", rule.max_length):
                    yield case(f"no-type-{row_name(rule)}-{end}", "Default", f"no sign_type, and a {field} of {length} characters", field=field, **{field: _filled(length)})
                special = _filled(rule.min_length - 1) + "".join(sorted(rule.charset))[-1]
    for sign_type in TYPES_WITH_ALGORITHM:
        for length in sorted({n + step for r in RULES if r.sign_algorithm for n in (r.min_length, r.max_length) for step in (-1, 0, 1)} | {24}):
            yield case(f"no-algorithm-{length}", "Default", f"{sign_type} without sign_algorithm, and a key of {length} characters", field="sign_key", silent=not check_request({"name": "abc", "sign_type": sign_type, "sign_key": _filled(length)}), sign_type=sign_type, sign_key=_filled(length))
    yield case("no-name", "Member", "no name", field="name", named_=False, sign_key=key)
    yield case("nothing", "Member", "an empty object", field="name", named_=False)
    for member in MEMBERS:
        mandatory = member in MANDATORY
        for slug_, flag, value, words in (
            ("null", "Type", None, "null"), ("empty", "Default", "", "an empty string"), ("number", "Type", 12345678901234567, "a number"),
            ("fraction", "Type", 0.5, "a fraction"), ("true", "Type", True, "true"), ("list", "Type", [_right_word(member)], "a list"), ("object", "Type", {"value": _right_word(member)}, "an object"),
        ):
            silent = slug_ in ("null", "empty") and not mandatory
            more = {"sign_type": TYPES_WITH_ALGORITHM[0]} if member == "sign_algorithm" else {}
            yield case(f"{slug_}.{member}", flag, f"{words} as {member}", field=member, silent=silent, **{**more, member: value})
    for member, good in ("sign_type", SIGN_TYPES), ("sign_algorithm", SIGN_ALGORITHMS):
        for word in good:
            more = {"sign_type": TYPES_WITH_ALGORITHM[0]} if member == "sign_algorithm" else {}
            for slug_, text in (("upper", word.upper()), ("title", word.title()), ("before-space", f" {word}"), ("after-space", f"{word} "), ("line-break", f"{word}\n"), ("longer", f"{word}2"), ("shorter", word[:-1]), ("nul", f"{word}\0"), ("dash", word.replace("_", "-").replace("-cfb", "_cfb"))):
                if text not in good:
                    yield case(f"{slug_}.{word}", "Enumeration", f"{member}: {text!r}", field=member, **{**more, member: text})
        more = {"sign_type": TYPES_WITH_ALGORITHM[0]} if member == "sign_algorithm" else {}
        for text in ("none", "null", "0", "default"):
            yield case(f"word-{text}.{member}", "Enumeration", f"{member}: {text!r}", field=member, **{**more, member: text})
    for sign_type in SIGN_TYPES:
        if sign_type not in TYPES_WITH_ALGORITHM:
            for algorithm in SIGN_ALGORITHMS:
                yield case(f"{sign_type}-with-{algorithm}", "Default", f"{sign_type} with {algorithm}", field="sign_algorithm", silent=True, sign_type=sign_type, sign_algorithm=algorithm)
    yield case(f"default-with-{SIGN_ALGORITHMS[0]}", "Default", f"no sign_type, with {SIGN_ALGORITHMS[0]}", field="sign_algorithm", silent=True, sign_algorithm=SIGN_ALGORITHMS[0])
    for member in MEMBERS:
        for other in dict.fromkeys((member.upper(), member.title(), member.replace("_", "-"), member.replace("_", ""), f"{member} ", member[:-2] + member[:-3:-1])):
            if other not in MEMBERS:
                yield case(f"member-{other}", "Member", f"a member {other!r}", silent=True, **{other: _right_word(member)})
    yield case("member-id", "Member", "a member 'id'", silent=True, id="0")
    for slug_, body in ("list", []), ("list-of-one", [{"name": named("body:list")}]), ("string", "name"), ("number", 1), ("null", None), ("true", True):
        yield _judged(f"body:no-object-{slug_}", body, "", ("Type",), f"the body is a {slug_}")


def _right_word(member: str) -> str:
    words = {"sign_type": SIGN_TYPES[0], "sign_algorithm": SIGN_ALGORITHMS[0]}
    return words.get(member, _filled(16))


@cache
def candidates() -> tuple[Case, ...]:
    """Every case that may be chosen from."""
    return (*_pairs(), *_of_body(), *_of_rows())


@cache
def found_by() -> dict[str, frozenset[str]]:
    """For each case, by its id, the names of the bug models whose answer to it is not the right one."""
    return {case.id: frozenset(_found_by(case.body)) for case in candidates()}


def _found_by(body: Any) -> Iterator[str]:
    right = refused(body) is None
    for bug in bugs().values():
        if not bug.accepts and (refused(body, bug) is None) is not right:
            yield bug.name
    if isinstance(body, dict) and not misshapen(body):
        yield from _found_by_rows(body)


def _found_by_rows(body: dict[str, Any]) -> Iterator[str]:
    """The same for the thousand bugs of rows, each of which is asked once for each value."""
    fields = list(judged(body))

    def accepted(name: str, scope: tuple[Rule, ...]) -> bool:
        return all(
            any(rule.accepts(value) is not (rule in scope and name in _varied(rule, value)) for rule in rules)
            for _, value, rules in fields
        )

    right = accepted("", ())
    for where, (_, scope, names) in scopes().items():
        varied = [_varied(rule, value) for _, value, rules in fields for rule in rules if rule in scope]
        if varied:
            for name in frozenset().union(*varied).intersection(names):
                if accepted(name, scope) is not right:
                    yield f"{where}:{name}"


@lru_cache(maxsize=1 << 14)
def _varied(rule: Rule, value: str) -> frozenset[str]:
    """The variations of the row that judge the value otherwise than the row."""
    right = rule.accepts(value)
    return frozenset(name for name, (_, accepts) in variations()[rule].items() if accepts(value) is not right)


@cache
def _ordered() -> tuple[Case, ...]:
    """Those first that find the most bug models which the ones before have not found; then those that find a second
    time what has been found once, and so on: what is planted is seldom just what was foreseen."""
    found = found_by()
    left = {case.id: case for case in candidates()}
    seen: Counter[str] = Counter()
    order: list[Case] = []
    for times in (1, 2):
        missing = {name for names in found.values() for name in names if seen[name] < times}
        while missing:
            best = max(left, key=lambda id: len(found[id] & missing))
            gain = found[best] & missing
            if not gain:
                break
            order.append(left.pop(best))
            seen.update(found[best])
            missing = {name for name in missing if seen[name] < times}
    return (*order, *left.values())


def cases(profile: Profile = "quick") -> Iterator[Case]:
    """The cases of a profile: "quick", at most 250, in the order that finds the most soonest, or "full", at most 3,000,
    which begins with them. The same ones every time, by the same ids.
    """
    return iter(_ordered()[: QUICK if profile == "quick" else FULL])
