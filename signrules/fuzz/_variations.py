"""The ways to get one row of the table wrong: unchecked columns, one number, one character, or the engine that matches.

A variation says which values a row accepts then. Together with the rows that it touches it makes a bug model (`bugs`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from typing import Final
from urllib.parse import unquote

from .._check import MASK
from .._rule import Rule, bounded_pattern
from .._spelling import DIGITS, LETTERS, listed
from .._table import RULES

Accepts = Callable[[str], bool]

UNBOUNDED: Final = 1 << 30


def described(rule: Rule) -> str:
    """A row in words: "sign_key of aes with aes-128-cfb"."""
    words = [
        rule.field,
        rule.sign_type and f"of {rule.sign_type}",
        rule.sign_algorithm and f"with {rule.sign_algorithm}",
    ]
    return " ".join(filter(None, words))


def row_name(rule: Rule) -> str:
    """A row as a part of a name: "sign_key.aes.aes-128-cfb"."""
    return ".".join(filter(None, rule[:3]))


# The table: one number or one character wrong


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

# Beside letters and digits: what other identifiers may hold, and what both alphabets of base64 have, of which keys and
# secrets are often made.
_SLUG: Final = "-._"
_BASE64: Final = "+/-_="


def _of_table(rule: Rule) -> Iterator[tuple[str, str, Rule]]:
    shortest, longest = rule.min_length, rule.max_length
    yield "min-1", "accepts one character too few", rule._replace(min_length=shortest - 1)
    yield "max+1", "accepts one character too many", rule._replace(max_length=longest + 1)
    if shortest < longest:
        yield "min+1", "refuses the shortest length", rule._replace(min_length=shortest + 1)
        yield "max-1", "refuses the longest length", rule._replace(max_length=longest - 1)
    for name, run in runs(rule.first):
        rest = "".join(c for c in rule.first if c not in run)
        yield f"first-without-{slug(run)}", f"refuses {name} as the first character", rule._replace(first=rest)
    for name, run in runs("".join(c for c in rule.charset if c not in rule.first)):
        yield f"first-with-{slug(run)}", f"accepts {name} as the first character", rule._replace(first=rule.first + run)
    for name, run in runs(rule.charset):
        fewer = rule._replace(
            charset="".join(c for c in rule.charset if c not in run),
            first="".join(c for c in rule.first if c not in run),
        )
        yield f"without-{slug(run)}", f"refuses {name}", fewer
    for c in dict.fromkeys((" ", *neighbours(rule), *(_BASE64 if rule.sign_type else _SLUG))):
        if c in rule.charset:
            continue
        yield f"with-{slug(c)}", f"accepts {c!r}", rule._replace(charset=rule.charset + c)
    for slip in _SLIPS:
        between = [chr(n) for n in range(ord(slip[0]), ord(slip[-1]) + 1)]
        if set(slip) <= set(rule.charset) | {" ", "~", "-"}:
            more = "".join(c for c in between if c not in rule.charset)
            yield f"range-{slug(slip)}", f"takes {slip} for a range", rule._replace(charset=rule.charset + more)


# The columns: some are not looked at, or none is

_COLUMNS: Final = {
    "min": "the shortest length",
    "max": "the longest length",
    "charset": "the characters",
    "first": "the first character",
}
# Where the words below would not say it best, or the name is another.
_TOLD: Final = {
    ("charset", "first"): ("any-characters", "checks the length alone"),
    ("first",): ("first-any", "does not check the first character apart"),
}


def _of_columns(rule: Rule) -> Iterator[tuple[str, str, Accepts]]:
    """The broadest mistakes first. An empty text is accepted only where nothing at all is checked."""
    yield "refused", "refuses every value", lambda _: False
    yield "unchecked", "not checked at all (accepts every string)", lambda _: True
    yield "not-empty", "not checked at all, but for the empty string", bool
    for count in range(len(_COLUMNS) - 1, 0, -1):
        for unchecked in combinations(_COLUMNS, count):
            checked = [column for column in _COLUMNS if column not in unchecked]
            name, words = f"no-{'-'.join(unchecked)}", listed((_COLUMNS[column] for column in unchecked), "or")
            words = f"checks {_COLUMNS[checked[0]]} alone" if len(checked) == 1 else f"does not check {words}"
            yield *_TOLD.get(unchecked, (name, words)), _checking(rule, checked)


def _checking(rule: Rule, columns: list[str]) -> Accepts:
    shortest = rule.min_length if "min" in columns else 1
    longest = rule.max_length if "max" in columns else UNBOUNDED
    later = frozenset(rule.charset) if "charset" in columns else None
    first = frozenset(rule.first) if "first" in columns else later
    return lambda value: (
        shortest <= len(value) <= longest
        and (first is None or value[0] in first)
        and (later is None or later.issuperset(value[1:]))
    )


# The engine


def _accepting(rule: Rule) -> Accepts:
    """What `rule.accepts` says, for a row that may have no end: `accepts` itself has a table for each length."""
    shortest, longest, charset = rule.min_length, rule.max_length, frozenset(rule.charset)
    return lambda value: shortest <= len(value) <= longest and value[0] in rule.first and charset.issuperset(value)


def _after(change: Callable[[str], str], accepts: Accepts) -> Accepts:
    return lambda value: accepts(change(value))


def _later(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: value[:1] + change(value[1:])


def _cut(length: int) -> Callable[[str], str]:
    return lambda value: value[:length]


def _searching(pattern: str) -> Accepts:
    search = re.compile(pattern).search
    return lambda value: search(value) is not None


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
    "not-ascii": ("accepts everything outside ASCII", _as(lambda _: True, "a")),
    "ignore-case": ("ignores case: \u212a is k, \u017f is s", _as("\u212a\u017f".__contains__, "a")),
}


# Those that take a character for another, which an implementation may do for all but the first.
_LETS_IN: Final = ("unicode-digits", "unicode-letters", "ignore-case")

# A library's doing, for all values of a kind rather than for one row.
WIDE: Final = (
    "accents",
    "not-ascii",
    "strip-controls",
    "percent",
    "lstrip-apart",
    "nul-apart",
    "no-nul-apart",
    "strip-spaces-apart",
    "rstrip-spaces-apart",
)


_MASKED: Final = re.compile(f"{re.escape(MASK)}+")


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
    yield (
        "lines",
        "accepts a right line among others (`^` and `$` at lines)",
        lambda v: any(map(rule.accepts, v.split("\n"))),
    )
    for name, words, start, end in (
        ("no-end", "accepts anything at the end (no anchor)", r"\A", ""),
        ("no-start", "accepts anything at the beginning (no anchor)", "", r"\Z"),
        ("search", "accepts anything around (no anchors)", "", ""),
    ):
        yield name, words, _searching(f"{start}(?:{bounded_pattern([rule])}){end}")
        loosely = apart(_searching(f"{start}(?:{rule.pattern}){end}"))
        yield f"{name}-apart", f"{words}; the length is checked apart", loosely
    starred = rule._replace(charset=rule.charset + MASK[0])
    yield f"with-{slug(MASK[0])}", f"accepts {MASK[0]!r}", _accepting(starred)
    yield "masked", "accepts a masked value", _after(lambda v: _MASKED.sub(lambda m: "a" * len(m[0]), v), rule.accepts)
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
            yield f"first-{count}", f"checks the first {count} characters alone", apart(_after(_cut(count), loose))
    yield "cut", "cuts a value to the longest length", _after(_cut(rule.max_length), rule.accepts)
    for name, (words, change) in _CHANGES.items():
        yield name, words, _after(change, rule.accepts)
        yield f"{name}-apart", f"{words}; the length is checked before", apart(_after(change, loose))
        if name in _LETS_IN:
            yield f"{name}-later", f"{words}, but not as the first", _after(_later(change), rule.accepts)


# Both


def _of_row(rule: Rule) -> dict[str, tuple[str, Accepts]]:
    table = {name: (words, _accepting(row)) for name, words, row in _of_table(rule)}
    # The most likely first: a bound off by one comes before one that is not looked at.
    found: dict[str, tuple[str, Accepts]] = {name: table[name] for name in ("min-1", "max+1")}
    found |= {name: (words, accepts) for name, words, accepts in _of_columns(rule)}
    found |= table
    found |= {name: (words, accepts) for name, words, accepts in _of_engine(rule)}
    for other in RULES:
        if other[3:] != rule[3:]:
            found[f"as-{row_name(other)}"] = f"judges it as {described(other)}", other.accepts
    return found


@cache
def variations() -> dict[Rule, dict[str, tuple[str, Accepts]]]:
    """For each row, the ways to get it wrong, by name: words, and what is accepted then."""
    return {rule: _of_row(rule) for rule in RULES}


def column_names() -> tuple[str, ...]:
    """The variations that do not look at some columns, which any rows may have."""
    return tuple(name for name, _, _ in _of_columns(RULES[0]))


def engine_names() -> tuple[str, ...]:
    """The variations of the engine, which any rows may have."""
    return tuple(name for name, _, _ in _of_engine(RULES[0]))
