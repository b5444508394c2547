"""The ways in which an engine gets one row wrong: how it matches a value, or how it changes the value before."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from .._requirement import MASK
from .._rule import Rule, bounded_pattern
from ._rows import slug
from ._variation import UNBOUNDED, Accepts, Variation, accepting

_Change = Callable[[str], str]


def _as(is_of_kind: Callable[[str], bool], stand_in: str) -> _Change:
    """Puts an allowed character in the place of each character outside ASCII that is of a kind."""
    return lambda value: (
        value if value.isascii() else "".join(stand_in if not c.isascii() and is_of_kind(c) else c for c in value)
    )


def _without_accents(value: str) -> str:
    return value if value.isascii() else re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", value))


class _TextChange(NamedTuple):
    """What an engine makes of a value before it judges.

    `lets_in` is whether it only takes characters for others; an engine may do that for all but the first.
    `may_be_of_one_row` is whether one row alone may have the bug: first if the changed value is judged as a whole, then
    if the length is checked before the change.
    """

    does: str
    change: _Change
    lets_in: bool = False
    may_be_of_one_row: tuple[bool, bool] = (True, True)


# A library that does this does it to all values, not to those of one row.
_BY_A_LIBRARY: Final = (False, False)
_APART_BY_A_LIBRARY: Final = (True, False)
_WHITE: Final = "".join(map(chr, range(33)))

_TEXT_CHANGES: Final[dict[str, _TextChange]] = {
    "strip": _TextChange("strips white space", str.strip),
    "lstrip": _TextChange("strips white space at the beginning", str.lstrip, may_be_of_one_row=_APART_BY_A_LIBRARY),
    "rstrip": _TextChange("strips white space at the end", str.rstrip),
    "strip-spaces": _TextChange("strips spaces", lambda value: value.strip(" "), may_be_of_one_row=_APART_BY_A_LIBRARY),
    "rstrip-spaces": _TextChange(
        "strips spaces at the end", lambda value: value.rstrip(" "), may_be_of_one_row=_APART_BY_A_LIBRARY
    ),
    "strip-controls": _TextChange(
        "strips spaces and control characters", lambda value: value.strip(_WHITE), may_be_of_one_row=_BY_A_LIBRARY
    ),
    "strip-line-end": _TextChange("strips a line break at the end", lambda value: value.rstrip("\r\n")),
    "no-white-space": _TextChange("removes all white space", lambda value: "".join(value.split())),
    "nul": _TextChange("stops at NUL", lambda value: value.partition("\0")[0], may_be_of_one_row=_APART_BY_A_LIBRARY),
    "no-nul": _TextChange("removes NUL", lambda value: value.replace("\0", ""), may_be_of_one_row=_APART_BY_A_LIBRARY),
    "no-controls": _TextChange("removes control characters", lambda value: re.sub("[\0-\x1f]", "", value)),
    "percent": _TextChange("decodes %41 to A", lambda value: unquote(value, errors="surrogateescape")),
    "nfkc": _TextChange("normalises to NFKC", lambda value: unicodedata.normalize("NFKC", value)),
    "accents": _TextChange("removes accents", _without_accents, may_be_of_one_row=_BY_A_LIBRARY),
    "casefold": _TextChange("folds case: \u212a is k, \u017f is s", str.casefold),
    "unicode-digits": _TextChange("accepts digits of every script (\\d)", _as(str.isdecimal, "0"), lets_in=True),
    "unicode-letters": _TextChange("accepts letters of every script", _as(str.isalpha, "a"), lets_in=True),
    "unicode-words": _TextChange("accepts letters and digits of every script (\\w)", _as(str.isalnum, "a")),
    "not-ascii": _TextChange(
        "accepts everything outside ASCII", _as(lambda _: True, "a"), may_be_of_one_row=_BY_A_LIBRARY
    ),
    "ignore-case": _TextChange(
        "ignores case: \u212a is k, \u017f is s", _as("\u212a\u017f".__contains__, "a"), lets_in=True
    ),
}

_MASKED: Final = re.compile(f"{re.escape(MASK)}+")


def of_engine(rule: Rule) -> Iterator[Variation]:
    """The variations of the row that lie in the engine."""
    yield from _of_anchors(rule)
    yield from _of_places(rule)
    yield Variation("cut", "cuts a value to the longest length", _after(_cut(rule.max_length), rule.accepts))
    for name, made in _TEXT_CHANGES.items():
        whole, apart = made.may_be_of_one_row
        yield Variation(name, made.does, _after(made.change, rule.accepts), whole)
        yield Variation(
            f"{name}-apart",
            f"{made.does}; the length is checked before",
            _in_length(rule, _after(made.change, _of_any_length(rule))),
            apart,
        )
        if made.lets_in:
            but_first = _after(_later(made.change), rule.accepts)
            yield Variation(f"{name}-later", f"{made.does}, but not as the first", but_first)


def _of_anchors(rule: Rule) -> Iterator[Variation]:
    of_any_length = _of_any_length(rule)
    yield Variation(
        "dollar",
        "accepts a line break at the end (a `$` anchor)",
        lambda value: rule.accepts(value.removesuffix("\n")),
    )
    yield Variation(
        "dollar-apart",
        "accepts a line break as the last character (a `$` anchor, the length checked apart)",
        _in_length(rule, lambda value: of_any_length(value.removesuffix("\n"))),
    )
    yield Variation(
        "lines",
        "accepts a right line among others (`^` and `$` at lines)",
        lambda value: any(map(rule.accepts, value.split("\n"))),
    )
    for name, does, start, end in (
        ("no-end", "accepts anything at the end (no anchor)", r"\A", ""),
        ("no-start", "accepts anything at the beginning (no anchor)", "", r"\Z"),
        ("search", "accepts anything around (no anchors)", "", ""),
    ):
        yield Variation(name, does, _searching(f"{start}(?:{bounded_pattern([rule])}){end}"))
        loosely = _in_length(rule, _searching(f"{start}(?:{rule.pattern}){end}"))
        yield Variation(f"{name}-apart", f"{does}; the length is checked apart", loosely)


def _of_places(rule: Rule) -> Iterator[Variation]:
    """What the engine accepts somewhere in a value, or does not look at there."""
    of_any_length, charset = _of_any_length(rule), frozenset(rule.charset)
    starred = accepting(rule._replace(charset=rule.charset + MASK[0]))
    yield Variation(f"with-{slug(MASK[0])}", f"accepts {MASK[0]!r}", starred)
    unmasked = _after(lambda value: _MASKED.sub(lambda found: "a" * len(found[0]), value), rule.accepts)
    yield Variation("masked", "accepts a masked value", unmasked)
    yield Variation("empty", "accepts an empty string", lambda value: not value or rule.accepts(value))
    first_letter = _as(str.isalpha, "a")
    yield Variation(
        "unicode-letters-first",
        "accepts letters of every script as the first character alone",
        _after(lambda value: first_letter(value[:1]) + value[1:], rule.accepts),
    )
    yield Variation(
        "ends",
        "checks the first and the last character alone",
        _in_length(rule, lambda value: value[0] in rule.first and value[-1] in charset),
    )
    yield Variation(
        "last",
        "does not check the last character",
        _in_length(rule, lambda value: of_any_length(value[:-1] or value)),
    )
    yield Variation(
        "first",
        "does not check the first character at all",
        _in_length(rule, lambda value: charset.issuperset(value[1:])),
    )
    denied = charset.difference(rule.first)
    yield Variation(
        "first-denied",
        "checks the first character against a list of forbidden ones",
        _in_length(rule, lambda value: value[0] not in denied and charset.issuperset(value[1:])),
    )
    for count in (8, 32, 255):
        if rule.max_length > count:
            begun = _in_length(rule, _after(_cut(count), of_any_length))
            yield Variation(f"first-{count}", f"checks the first {count} characters alone", begun)


def _of_any_length(rule: Rule) -> Accepts:
    return accepting(rule._replace(min_length=1, max_length=UNBOUNDED))


def _in_length(rule: Rule, accepts: Accepts) -> Accepts:
    """Checks the length of the value as it was given, and then the rest."""
    return lambda value: rule.min_length <= len(value) <= rule.max_length and accepts(value)


def _after(change: _Change, accepts: Accepts) -> Accepts:
    return lambda value: accepts(change(value))


def _later(change: _Change) -> _Change:
    """Changes all but the first character."""
    return lambda value: value[:1] + change(value[1:])


def _cut(length: int) -> _Change:
    return lambda value: value[:length]


def _searching(pattern: str) -> Accepts:
    search = re.compile(pattern).search
    return lambda value: search(value) is not None
