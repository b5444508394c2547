"""Values that are nearly right, for each row of the table.

The lengths, the first characters, one foreign character at each kind of place, and what an engine may do to a text. If
an engine changes a value before it judges, the changed value must be right, or else the engine would refuse it for
another reason. So a value has room for what is taken away, unless the row has one length alone.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from .._check import MASK
from .._rule import Rule
from .._spelling import DIGITS, LETTERS
from .._table import RULES
from ._variations import neighbours, runs, slug

_FILLER: Final = "kEy0"
# What some strip from both ends of a text.
_QUOTES: Final = "\"'`,;\\\ufeff\u00e9"
_ROUND: Final = (255, 256, 257, 1000, 1025)
# Of other scripts: digits, letters, what folds or normalises to ASCII, and signs that look like ours.
_EVERYWHERE: Final = "\0\t\n\r\x1b\x7f\u0085\u00a0\u00aa\u00e9\u0663\u017f\u212a\U0001d7d8\ud800"
_UNICODE: Final = (
    "\uff10\uff21\u0430\u4e2d\u00df\u00b2\u2160\u0966\u0391\u0131\uff0d\uff3f\uff0f\u2010\u2013\u3000"
    "\u200b\u2028\ufeff\u00ad\ufffd\U0001d400\U0001f600\U0010ffff\udfff"
)


def filled(length: int) -> str:
    """Letters and digits alone, which begin as every row allows."""
    return (_FILLER * (length // len(_FILLER) + 1))[:length]


class Value(NamedTuple):
    """A value that is nearly right, by what it is. `flag` says what is wrong with it, if anything is."""

    slug: str
    text: str
    flag: str
    comment: str


def _lengths(rule: Rule) -> Iterator[Value]:
    shortest, longest = rule.min_length, rule.max_length
    edges = {shortest - 1, shortest, longest, longest + 1}
    # Far from the row's own: the bounds of other rows, and those at which machines count.
    far = {1, shortest // 2, shortest + 1, longest - 1, longest + 2, longest * 2}
    far |= {*_ROUND}
    for other in RULES:
        far |= {other.min_length - 1, other.min_length, other.max_length, other.max_length + 1}
    for length in [*sorted(edges), *sorted(far - edges)]:
        yield Value(f"length-{length}", filled(length), "Length", f"{length} characters")


def _right(rule: Rule) -> Iterator[Value]:
    """Between them, every allowed character, and every first one.

    One begins with each run of first characters. Which of them hold a special character is that character's number in
    binary digits, so that the refused ones tell it. A percent sign begins what some decode.
    """
    special = [c for c in rule.charset if c not in LETTERS + DIGITS]
    for n, (name, run) in enumerate(runs(rule.first)):
        some = "".join(c for number, c in enumerate(special, 1) if number >> n & 1).replace("%", "%20")
        length = rule.max_length if n % 2 else rule.min_length
        comment = f"begins with one of the {name}" + (f", and holds {some}" if some else "") + f"; {length} characters"
        yield Value(f"begins-{slug(run)}", (run[0] + some + filled(length))[:length], "Right", comment)
    for _, run in runs(rule.first):
        if len(run) > 1:
            yield Value(f"begins-{run[-1]}", run[-1] + filled(rule.min_length - 1), "Right", f"begins with {run[-1]}")
    ordered = "".join(special) + LETTERS + DIGITS
    size = min(rule.max_length, len(ordered) + 1)
    for n, start in enumerate(range(0, len(ordered), size - 1)):
        part = ordered[start : start + size - 1]
        text = (LETTERS[0] + part + filled(size))[: max(rule.min_length, len(part) + 1)]
        yield Value(f"characters-{n}", text, "Right", f"allowed characters: {part}")
    if "%" in rule.charset:
        text = f"{filled(3)}%20{filled(rule.min_length)}"[: max(rule.min_length, 6)]
        yield Value("percent", text, "Right", "%20 is three allowed characters")
        yield Value("percent-41", text.replace("%20", "%41"), "Right", "%41 is three allowed characters")


def _firsts(rule: Rule) -> Iterator[Value]:
    """Without the first character, the value is right, if the row has room for one more."""
    rest = filled(rule.min_length - 1 + min(_room(rule), 1))
    specials = [c for c in rule.charset if c not in LETTERS + DIGITS]
    for c in (*specials, DIGITS[0], DIGITS[9]):
        if c not in rule.first:
            yield Value(f"first-{slug(c)}", c + rest, "First", f"begins with {c}")


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


def _foreign(rule: Rule, c: str) -> Iterator[Value]:
    """The character at each kind of place; within the allowed length. What stands on either side of it is right, if the
    row has room for both.
    """
    shown = repr(c) if c.isprintable() else f"U+{ord(c):04X}"
    length = rule.min_length + _room(rule)
    base = filled(length - 1)
    before, behind = filled(rule.min_length), filled(rule.min_length + 1)
    if len(before + c + behind) > rule.max_length:
        before, behind = base[: length // 2], base[length // 2 :]
    for place, text in ("middle", before + c + behind), ("last", base + c), ("first", c + base):
        yield Value(f"{place}-{slug(c)}", text, _flag(c), f"{shown} as the {place} character")


def _around(rule: Rule) -> Iterator[Value]:
    """A right value with something before, after or between; what is right ends where another engine would stop."""
    room = _room(rule)
    base, full = filled(rule.min_length), filled(rule.max_length)
    for name, junk in (
        ("space", " "),
        ("line-break", "\n"),
        ("tab", "\t"),
        ("return", "\r"),
        ("crlf", "\r\n"),
        ("stars", "!*"),
    ):
        yield Value(f"before-{name}", junk + base, _flag(junk[0]), f"{name} before a right value")
        yield Value(f"after-{name}", base + junk, _flag(junk[-1]), f"{name} after a right value")
        yield Value(f"around-{name}", junk + base + junk, _flag(junk[0]), f"{name} around a right value")
        yield Value(f"after-full-{name}", full + junk, _flag(junk[-1]), f"{name} after the longest right value")
    for c in _QUOTES:
        yield Value(f"around-{slug(c)}", f"{c}{base}{c}", _flag(c), f"{c} around a right value")
        if not room:  # otherwise it is as the first or the last character within the allowed length
            yield Value(f"before-{slug(c)}", f"{c}{base}", _flag(c), f"{c} before a right value")
            yield Value(f"after-{slug(c)}", f"{base}{c}", _flag(c), f"{c} after a right value")
    yield Value("second-star", f"{full[:1]}*{full[2:]}", "Ascii", "a star as the second of the longest length")
    for name, escape in ("html", "&#65;"), ("escape", r"\u0041"):
        yield Value(name, f"{base[:-1]}{escape}", "Encoded", f"{escape} as the last character of a right value")
    yield Value("after-nul", f"{base}\0", "Nul", "NUL after a right value")
    yield Value("nul-then", f"{base}\0!*", "Nul", "a right value, NUL, and what is not allowed")
    cut = filled(rule.min_length - 2 if room == 0 else rule.min_length)
    yield Value(
        "nul-within", f"{cut}\0{'*' * max(1, room - 1)}", "Nul", "NUL and a star at the end of an allowed length"
    )
    yield Value("line-then", f"{base}\n!*", "LineBreak", "a right value, and a second line")
    yield Value("line-before", f"!*\n{base}", "LineBreak", "a right value as the second line")
    yield Value("lines", f"!*\n{base}\n!*", "LineBreak", "a right value as the second of three lines")
    if rule.max_length > len(base) * 2:
        yield Value("two-lines", f"{base}\n{base}"[: rule.max_length], "LineBreak", "two right lines")
    if "%" not in rule.charset:
        yield Value("percent-41", f"{base}%41", "Encoded", "%41 at the end of a right value")
    yield Value("percent-00", f"{base}%00", "Encoded", "%00 at the end of a right value")
    stars = MASK[0] * max(rule.min_length - 6, min(rule.max_length, 16) - 6)
    yield Value("masked", f"{full[:3]}{stars}{full[:3]}", "Masked", "most of it starred out")
    for count in (8, 16, 32, 64, 128, *_ROUND):
        if rule.min_length <= count < rule.max_length:
            yield Value(f"behind-{count}", f"{filled(count)}*", "Ascii", f"a star behind {count} right characters")
            yield Value(f"nul-behind-{count}", f"{filled(count)}\0", "Nul", f"a NUL behind {count} right characters")
    yield Value("full-star", f"{full[:-1]}*", "Ascii", "a star at the end of the longest length")


def values(rule: Rule) -> Iterator[Value]:
    """Those that the row accepts have the flag "Right", whatever they were made for."""
    for value in _made(rule):
        yield value._replace(flag="Right") if rule.accepts(value.text) else value


def _made(rule: Rule) -> Iterator[Value]:
    yield from _right(rule)
    yield from _lengths(rule)
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
