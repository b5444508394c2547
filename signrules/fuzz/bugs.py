"""The plausible ways to get the rules wrong: small variations of the table, of the engine, of how a body is read.

A bug changes one of three things: which values a row accepts, which rows apply to a question, or what is read from a
body. `refused` judges a body by a gateway that has one such bug, or none.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from .._check import FIELDS, JUDGES, SIGN_ALGORITHMS, SIGN_TYPES
from .._request import FIELDS_BY_TYPE, TYPES_WITH_ALGORITHM, check_request
from .._rule import DIGITS, LETTERS, Field, Rule, bounded_pattern
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS, RULES

Accepts = Callable[[str], bool]
Rows = Callable[[str, str, str | None], tuple[Rule, ...]]
Read = Callable[[dict[str, Any]], dict[str, Any]]

UNBOUNDED: Final = 1 << 30


def _rows(field: Any, sign_type: Any, sign_algorithm: Any) -> tuple[Rule, ...]:
    return JUDGES[field, sign_type, sign_algorithm].rules


def _read(body: dict[str, Any]) -> dict[str, Any]:
    return body


class Bug(NamedTuple):
    """One way to get one thing wrong: what some rows accept, which rows apply, or how a body is read.

    `name` is stable, for `--bug`; `words` say what a gateway with this bug does. `field` is the member to which it shows,
    `""` for more than one.
    """

    name: str
    words: str
    field: str = ""
    accepts: Mapping[Rule, Accepts] = {}
    rows: Rows = _rows
    read: Read = _read


RIGHT: Final = Bug("none", "keeps every rule")


def refused(body: object, bug: Bug = RIGHT) -> str | None:
    """The first member that a gateway with this bug refuses, `""` for the body itself; `None` if it accepts the body.

    Unknown members are ignored, as the gateway does.
    """
    if not isinstance(body, dict):
        return ""
    body = bug.read(body)
    wrong = misshapen(body) | {
        field
        for field, value, rules in judged(body, bug.rows)
        if not any(bug.accepts.get(rule, rule.accepts)(value) for rule in rules)
    }
    return next((member for member in MEMBERS if member in wrong), None)


def misshapen(body: dict[str, Any]) -> set[str]:
    """The members that are wrong by anything but a row of the table."""
    return {v.field for v in check_request(body) if v.code not in ("length", "charset", "first")} & set(MEMBERS)


def judged(body: dict[str, Any], rows: Rows = _rows) -> Iterator[tuple[Field, str, tuple[Rule, ...]]]:
    """The values that rows of the table judge, and which rows."""
    sign_type, sign_algorithm = body.get("sign_type", DEFAULT_SIGN_TYPE), body.get("sign_algorithm")
    known = sign_type in SIGN_TYPES
    for field in FIELDS:
        value = body.get(field)
        if isinstance(value, str) and (known or field not in FIELDS_BY_TYPE):
            algorithm = sign_algorithm if sign_algorithm in SIGN_ALGORITHMS else None
            yield field, value, rows(field, sign_type if known else DEFAULT_SIGN_TYPE, algorithm)


# Of a row: one number or one character wrong


def runs(characters: str) -> list[tuple[str, str]]:
    """The runs (upper and lower case, digits) that are there as a whole, and each other character; with its name."""
    known = [("upper-case letters", LETTERS[:26]), ("lower-case letters", LETTERS[26:]), ("digits", DIGITS)]
    whole = [(name, run) for name, run in known if set(run) <= set(characters)]
    return [*whole, *((repr(c), c) for c in characters if not any(c in run for _, run in whole))]


def neighbours(rule: Rule, characters: str = LETTERS + DIGITS) -> str:
    """The printable ASCII characters beside one of those, that the row does not allow."""
    beside = {chr(ord(c) + step) for c in characters for step in (-1, 1)}
    return "".join(sorted(c for c in beside - set(rule.charset) if c.isprintable()))


def slug(text: str) -> str:
    """A text as a part of a name."""
    names = {LETTERS[:26]: "upper", LETTERS[26:]: "lower", DIGITS: "digits"}
    return names.get(text) or "-".join(c if c.isascii() and c.isalnum() else f"{ord(c):02x}" for c in text)


_SLIPS: Final = ("A-z", "+-/", "!-%", "--9", "+-=", " -~")  # each is a range in a careless class


def _of_table(rule: Rule) -> Iterator[tuple[str, str, Rule]]:
    shortest, longest = rule.min_length, rule.max_length
    yield "min-1", "accepts one character too few", rule._replace(min_length=shortest - 1)
    yield "no-min", "does not check the shortest length", rule._replace(min_length=1)
    yield "max+1", "accepts one character too many", rule._replace(max_length=longest + 1)
    yield "no-max", "does not check the longest length", rule._replace(max_length=UNBOUNDED)
    if shortest < longest:
        yield "min+1", "refuses the shortest length", rule._replace(min_length=shortest + 1)
        yield "max-1", "refuses the longest length", rule._replace(max_length=longest - 1)
    yield "first-any", "does not check the first character apart", rule._replace(first=rule.charset)
    for name, run in runs(rule.first):
        rest = "".join(c for c in rule.first if c not in run)
        if rest:
            yield f"first-without-{slug(run)}", f"refuses {name} as the first character", rule._replace(first=rest)
    for name, run in runs("".join(c for c in rule.charset if c not in rule.first)):
        yield f"first-with-{slug(run)}", f"accepts {name} as the first character", rule._replace(first=rule.first + run)
    for name, run in runs(rule.charset):
        fewer = rule._replace(
            charset="".join(c for c in rule.charset if c not in run),
            first="".join(c for c in rule.first if c not in run),
        )
        if fewer.first:
            yield f"without-{slug(run)}", f"refuses {name}", fewer
    for c in neighbours(rule):
        yield f"with-{slug(c)}", f"accepts {c!r}", rule._replace(charset=rule.charset + c)
    for slip in _SLIPS:
        between = [chr(n) for n in range(ord(slip[0]), ord(slip[-1]) + 1)]
        if set(slip) <= set(rule.charset) | {" ", "~", "-"}:
            more = "".join(c for c in between if c not in rule.charset)
            if more:
                yield f"range-{slug(slip)}", f"takes {slip} for a range", rule._replace(charset=rule.charset + more)


# Of the engine that matches


def _accepting(rule: Rule) -> Accepts:
    """What `rule.accepts` says, for a row that may have no end: `accepts` itself has a table for each length."""
    shortest, longest, charset = rule.min_length, rule.max_length, frozenset(rule.charset)
    return lambda value: shortest <= len(value) <= longest and value[0] in rule.first and charset.issuperset(value)


def _in_length(rule: Rule, value: str) -> bool:
    return rule.min_length <= len(value) <= rule.max_length


def _as(kind: Callable[[str], bool], stand_in: str) -> Callable[[str], str]:
    """Puts an allowed character in the place of each that is taken for one of its kind."""
    return lambda value: (
        value if value.isascii() else "".join(stand_in if not c.isascii() and kind(c) else c for c in value)
    )


def _without_accents(value: str) -> str:
    return value if value.isascii() else re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", value))


_WHITE: Final = "".join(map(chr, range(33)))

# What such an implementation makes of a value before it judges.
_CHANGES: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "strip": ("strips white space", str.strip),
    "lstrip": ("strips white space at the beginning", str.lstrip),
    "rstrip": ("strips white space at the end", str.rstrip),
    "strip-spaces": ("strips spaces", lambda value: value.strip(" ")),
    "rstrip-spaces": ("strips spaces at the end", lambda value: value.rstrip(" ")),
    "strip-controls": ("strips spaces and control characters", lambda value: value.strip(_WHITE)),
    "strip-line-end": ("strips a line break at the end", lambda value: value.rstrip("\r\n")),
    "no-white-space": ("removes all white space", lambda value: "".join(value.split())),
    "nul": ("stops at NUL", lambda value: value.partition("\0")[0]),
    "no-nul": ("removes NUL", lambda value: value.replace("\0", "")),
    "no-controls": ("removes control characters", lambda value: re.sub("[\0-\x1f]", "", value)),
    "percent": ("decodes %41 to A", lambda value: unquote(value, errors="surrogateescape")),
    "nfkc": ("normalises to NFKC", lambda value: unicodedata.normalize("NFKC", value)),
    "accents": ("removes accents", _without_accents),
    "casefold": ("folds case: \u212a is k, \u017f is s", str.casefold),
    "unicode-digits": ("accepts digits of every script (\\d)", _as(str.isdecimal, "0")),
    "unicode-letters": ("accepts letters of every script", _as(str.isalpha, "a")),
    "unicode-words": ("accepts letters and digits of every script (\\w)", _as(str.isalnum, "a")),
    "latin-1": ("accepts letters of Latin-1", _as(lambda c: c.isalpha() and c < "\u0100", "a")),
    "not-ascii": ("accepts everything outside ASCII", _as(lambda _: True, "a")),
    "ignore-case": ("ignores case: \u212a is k, \u017f is s", _as("\u212a\u017f".__contains__, "a")),
}


# A library's doing, for all values of a kind rather than for one row.
_WIDE: Final = ("latin-1", "accents", "not-ascii", "strip-controls", "percent", "lstrip-apart", "nul-apart", "no-nul-apart")


def _of_engine(rule: Rule) -> Iterator[tuple[str, str, Accepts]]:
    loose = _accepting(rule._replace(min_length=1, max_length=UNBOUNDED))

    def apart(accepts: Accepts) -> Accepts:
        return lambda value: _in_length(rule, value) and accepts(value)

    yield "dollar", "accepts a line break at the end (a `$` anchor)", lambda v: rule.accepts(v.removesuffix("\n"))
    yield (
        "dollar-apart",
        "accepts a line break as the last character (a `$` anchor, the length checked apart)",
        apart(lambda v: loose(v.removesuffix("\n"))),
    )
    yield "lines", "accepts a right line among others (`^` and `$` at lines)", lambda v: any(map(rule.accepts, v.split("\n")))
    for name, words, start, end in (
        ("no-end", "accepts anything at the end (no anchor)", r"\A", ""),
        ("no-start", "accepts anything at the beginning (no anchor)", "", r"\Z"),
        ("search", "accepts anything around (no anchors)", "", ""),
    ):
        bounded, unbounded = (re.compile(f"{start}(?:{pattern}){end}") for pattern in (bounded_pattern([rule]), rule.pattern))
        yield name, words, lambda v, p=bounded: p.search(v) is not None
        yield f"{name}-apart", f"{words}; the length is checked apart", apart(lambda v, p=unbounded: p.search(v) is not None)
    yield "any-characters", "checks the length alone", lambda v: _in_length(rule, v)
    yield (
        "ends",
        "checks the first and the last character alone",
        apart(lambda v: v[0] in rule.first and v[-1] in rule.charset),
    )
    yield "last", "does not check the last character", apart(lambda v: loose(v[:-1] or v))
    yield "first", "does not check the first character at all", apart(lambda v: set(v[1:]) <= set(rule.charset))
    denied = set(rule.charset).difference(rule.first)
    yield (
        "first-denied",
        "checks the first character against a list of forbidden ones",
        apart(lambda v: v[0] not in denied and set(v[1:]) <= set(rule.charset)),
    )
    for count in (8, 32, 255):
        if rule.max_length > count:
            yield f"first-{count}", f"checks the first {count} characters alone", apart(
                lambda v, n=count: loose(v[:n])
            )
    yield "cut", "cuts a value to the longest length", lambda v: rule.accepts(v[: rule.max_length])
    for name, (words, change) in _CHANGES.items():
        yield name, words, lambda v, c=change: rule.accepts(c(v))
        yield f"{name}-apart", f"{words}; the length is checked before", apart(lambda v, c=change: loose(c(v)))


# Of which row applies


def _of_rows() -> Iterator[tuple[str, str, str, Rows]]:
    aes = TYPES_WITH_ALGORITHM
    swap = dict(zip(SIGN_ALGORITHMS, reversed(SIGN_ALGORITHMS), strict=True))
    yield "algorithm-ignored", "ignores sign_algorithm", "sign_key", lambda f, t, a: _rows(f, t, None)
    yield "algorithm-swapped", "swaps the algorithms", "sign_key", lambda f, t, a: _rows(f, t, swap.get(a or ""))
    for only in SIGN_ALGORITHMS:
        words = f"takes every key of {' and '.join(aes)} for one of {only}"
        yield f"algorithm-{only}", words, "sign_key", lambda f, t, a, o=only: _rows(f, t, o if t in aes else a)
    words = "gives the secret the length of the key"
    yield "secret-as-key", words, "sign_secret", lambda f, t, a: _rows(
        "sign_key" if f == "sign_secret" and a else f, t, a
    )
    for field in FIELDS_BY_TYPE:
        words = f"accepts for every sign_type what any allows as {field}"
        every = tuple(rule for rule in RULES if rule.field == field)
        yield f"type-ignored.{field}", words, field, lambda f, t, a, e=every, g=field: e if f == g else _rows(f, t, a)
        for one in SIGN_TYPES:
            words = f"judges {field} of every sign_type as of {one}"
            yield f"all-{one}.{field}", words, field, lambda f, t, a, o=one, g=field: _rows(f, o if f == g else t, a)


# Of how a body is read


def _without(body: dict[str, Any], *members: str) -> dict[str, Any]:
    return {member: value for member, value in body.items() if member not in members}


def _words_as(change: Callable[[str], str], member: str) -> Read:
    return lambda body: {**body, member: change(body[member])} if isinstance(body.get(member), str) else body


def _of_body() -> Iterator[tuple[str, str, str, Read]]:
    """The changes after which a body is judged as ever."""
    optional = [member for member in MEMBERS if member not in MANDATORY]
    for member in optional:
        yield f"mandatory.{member}", f"demands a {member}", member, lambda body, m=member: {m: None, **body}
    yield "null", "takes null for a member that is left out", "", lambda body: (
        {member: value for member, value in body.items() if value is not None or member in MANDATORY}
    )
    yield "empty", 'takes "" for a member that is left out', "", lambda body: (
        {member: value for member, value in body.items() if value != "" or member in MANDATORY}
    )
    yield "number", "takes a number for a string", "", lambda body: (
        {m: str(v) if isinstance(v, int | float) and not isinstance(v, bool) else v for m, v in body.items()}
    )
    for member in MANDATORY:
        yield f"optional.{member}", f"does not demand a {member}", member, lambda body, m=member: {
            **_RIGHT_VALUES[m], **body
        }
    for default in SIGN_TYPES:
        if default != DEFAULT_SIGN_TYPE:
            words = f"takes {default} for the sign_type that is left out"
            yield f"default-{default}", words, "sign_type", lambda body, d=default: {"sign_type": d, **body}
        words = f"refuses sign_type {default}"
        yield f"no-{default}", words, "sign_type", lambda body, d=default: (
            {**body, "sign_type": None} if body.get("sign_type") == d else body
        )
    for member, good in ("sign_type", SIGN_TYPES), ("sign_algorithm", SIGN_ALGORITHMS):
        yield f"case.{member}", f"ignores the case of {member}", member, _words_as(str.lower, member)
        yield f"strip.{member}", f"strips white space around {member}", member, _words_as(str.strip, member)
        yield f"line-end.{member}", f"accepts a line break at the end of {member} (a `$` anchor)", member, _words_as(
            lambda word: word.removesuffix("\n"), member
        )
        yield f"prefix.{member}", f"accepts anything after a right {member} (no anchor)", member, _words_as(
            lambda word, g=good: next((each for each in g if word.startswith(each)), word), member
        )
        yield f"any.{member}", f"takes an unknown {member} for one that is left out", member, lambda body, m=member, g=good: (
            body if body.get(m) in g or not isinstance(body.get(m), str) else _without(body, m)
        )
    yield "algorithm-unbound", "accepts sign_algorithm with any sign_type", "sign_algorithm", lambda body: (
        body if body.get("sign_type") in TYPES_WITH_ALGORITHM else _without(body, "sign_algorithm")
        if body.get("sign_algorithm") in SIGN_ALGORITHMS else body
    )
    yield "algorithm-mandatory", "demands sign_algorithm with sign_type aes", "sign_algorithm", lambda body: (
        {"sign_algorithm": None, **body} if body.get("sign_type") in TYPES_WITH_ALGORITHM else body
    )
    yield "unknown-members", "refuses a member that it does not know", "", lambda body: (
        body if set(body) <= set(MEMBERS) else {}
    )


_RIGHT_VALUES: Final[dict[str, dict[str, str]]] = {member: {member: "abc"} for member in MANDATORY}


# All of them


def described(rule: Rule) -> str:
    """A row in words: "sign_key of aes with aes-128-cfb"."""
    words = [rule.field, rule.sign_type and f"of {rule.sign_type}", rule.sign_algorithm and f"with {rule.sign_algorithm}"]
    return " ".join(filter(None, words))


def row_name(rule: Rule) -> str:
    """A row as a part of a name: "sign_key.aes.aes-128-cfb"."""
    return ".".join(filter(None, rule[:3]))


def _of_row(rule: Rule) -> dict[str, tuple[str, Accepts]]:
    found: dict[str, tuple[str, Accepts]] = {name: (words, _accepting(row)) for name, words, row in _of_table(rule)}
    found |= {name: (words, accepts) for name, words, accepts in _of_engine(rule)}
    for other in RULES:
        if other[3:] != rule[3:]:
            found[f"as-{row_name(other)}"] = f"judges it as {described(other)}", other.accepts
    return found


@cache
def variations() -> dict[Rule, dict[str, tuple[str, Accepts]]]:
    """For each row, the ways to get it wrong, by name: words, and what is accepted then."""
    return {rule: _of_row(rule) for rule in RULES}


@cache
def scopes() -> dict[str, tuple[str, tuple[Rule, ...], tuple[str, ...]]]:
    """For each part of the table that a bug may touch, by name: words, its rows, and the names of the variations."""
    engine = tuple(name for name, _, _ in _of_engine(RULES[0]))
    narrow = {rule: tuple(name for name in found if not name.startswith(_WIDE)) for rule, found in variations().items()}
    return {
        **{row_name(rule): (described(rule), (rule,), narrow[rule]) for rule in RULES},
        **{
            field: (f"{field} of every type", tuple(rule for rule in RULES if rule.field == field), engine)
            for field in FIELDS_BY_TYPE
        },
        "all": ("every value", RULES, engine),
    }


@cache
def bugs() -> dict[str, Bug]:
    """Every bug model by its name: of one row, of all rows of a field, of all rows, and of the body."""
    found: list[Bug] = []
    for where, (subject, rules, names) in scopes().items():
        for name in names:
            varied = {rule: variations()[rule][name] for rule in rules if name in variations()[rule]}
            words, field = next((words, rule.field) for rule, (words, _) in varied.items())
            accepts = {rule: each for rule, (_, each) in varied.items()}
            found.append(Bug(f"{where}:{name}", f"{subject}: {words}", "" if where == "all" else field, accepts))
    found += [Bug(f"rows:{name}", words, field, rows=rows) for name, words, field, rows in _of_rows()]
    found += [Bug(f"body:{name}", words, field, read=read) for name, words, field, read in _of_body()]
    return {bug.name: bug for bug in found}
