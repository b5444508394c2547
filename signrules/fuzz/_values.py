"""The values that test a row of the table: right ones, and near misses.

They have edge lengths, wrong first characters, one foreign character at each kind of place, and what an engine may do
to a text. If an engine changes a value before it judges, the changed value must be right; otherwise the engine would
refuse it for another reason. So a value is long enough for what is taken away, unless the row has one length alone.
"""

from collections.abc import Iterator
from math import gcd
from typing import Final, NamedTuple

from .._requirement import MASK
from .._rule import Rule
from .._spelling import DIGITS, LETTERS
from .._table import RULES
from .._traps import AT_EVERY_PLACE, CONTROLS, IN_THE_MIDDLE, QUOTES
from ._rows import ENDS, filler, neighbours, runs, slug, special

# Lengths at which machines count.
_ROUND: Final = (255, 256, 257, 1000, 1025)


class Value(NamedTuple):
    """A value that tests a row. `slug` is its part of the id of a case.

    `is_extra` is whether other values find nearly all that it finds.
    """

    slug: str
    text: str
    comment: str
    is_extra: bool = False


def values_for(rule: Rule) -> Iterator[Value]:
    """All values that test a row. Two may have the same text."""
    yield from _telling(rule)
    yield from _right(rule)
    yield from _lengths(rule)
    yield from _firsts(rule)
    yield from _around(rule)
    yield from _stopping(rule)
    near = neighbours(rule)
    others = [c for c in map(chr, range(32, 127)) if c not in rule.charset and c not in near]
    for c in [*near, *others, *AT_EVERY_PLACE]:
        middle, last, first = _foreign(rule, c)
        # Some engines strip the characters of these two lists from the end of a value.
        yield from (middle, last._replace(is_extra=c not in AT_EVERY_PLACE + QUOTES), first)
    for c in CONTROLS:
        if c not in AT_EVERY_PLACE:
            middle, _, first = _foreign(rule, c)
            yield from (middle, first)
    for c in IN_THE_MIDDLE:
        yield next(_foreign(rule, c))


def _telling(rule: Rule) -> Iterator[Value]:
    """Values that tell some mistakes apart. All other values find both or neither of these."""
    base, full = filler(rule.min_length), filler(rule.max_length)
    yield Value("lower", base.lower(), "no upper-case letter", is_extra=True)
    yield Value("upper", base.upper(), "no lower-case letter", is_extra=True)
    yield Value("tildes", "~" * rule.min_length, "nothing but characters that are not allowed", is_extra=True)
    yield Value("ligature", f"{base[:-2]}\ufb01", "one character too few, and U+FB01 becomes two", is_extra=True)
    if "%" not in rule.charset:
        yield Value("full-percent-41", f"{full[:-1]}%41", "%41 at the end of the longest length", is_extra=True)
    half = rule.min_length // 2
    yield Value("within-space", f"{base[:half]} {base[half:]}", "a space within a right value", is_extra=True)


# The turns of `beginning` with the longest and the shortest length, counted from 0 and again after each `len(ENDS)`.
_TURN_OF_LONGEST, _TURN_OF_SHORTEST = 3, 5


def beginning(rule: Rule, turn: int) -> str:
    """A right value that begins with the first characters of the row in turn.

    It holds up to half of the allowed characters. A few turns one after the other hold all of them; then they are
    divided otherwise. Some turns have the longest length, some the shortest.
    """
    firsts = sorted(rule.first, key=lambda c: (c not in ENDS, c in LETTERS + DIGITS))
    # A percent sign is followed by what some decode.
    allowed = rule.charset.replace("%", "").replace("012", "1%20" if "%" in rule.charset else "012")
    size = len(allowed)
    count = min(rule.max_length - 1, size // 2)
    division, part = divmod(turn, -(-size // count))
    steps = [step for step in range(1, size) if gcd(step, size) == 1]
    places = range(part * count, (part + 1) * count)
    held = [allowed[place * steps[division % len(steps)] % size] for place in places]
    text = firsts[turn % len(firsts)] + "".join(held)
    length = {_TURN_OF_LONGEST: rule.max_length, _TURN_OF_SHORTEST: rule.min_length}.get(turn % len(ENDS), len(text))
    return (text + filler(length))[:length]


def _lengths(rule: Rule) -> Iterator[Value]:
    shortest, longest = rule.min_length, rule.max_length
    edges = {shortest - 1, shortest, longest, longest + 1}
    # Lengths far from these: those at which machines count, and the bounds of other rows.
    own = {0, 1, shortest // 2, shortest + 1, longest - 1, longest + 2, longest * 2, *_ROUND}
    far = set(own)
    for other in RULES:
        far |= {other.min_length - 1, other.min_length, other.max_length, other.max_length + 1}
    for length in [*sorted(edges), *sorted(far - edges)]:
        is_extra = length not in edges and length not in own
        comment = f"{length} characters" if length else "an empty string"
        yield Value(f"length-{length}", filler(length), comment, is_extra)


def _right(rule: Rule) -> Iterator[Value]:
    """Right values. Together they have every allowed character, and begin with every first one.

    A percent sign is followed by what some decode.
    """
    specials = special(rule)
    for n, (name, run) in enumerate(runs(rule.first)):
        # Value n holds special character k if bit n of k is set: which values are refused tells the character.
        held = "".join(c for k, c in enumerate(specials, 1) if k >> n & 1).replace("%", "%20")
        length = rule.max_length if n % 2 else rule.min_length
        comment = f"begins with one of the {name}" + (f", and holds {held}" if held else "") + f"; {length} characters"
        yield Value(f"begins-{slug(run)}", (run[0] + held + filler(length))[:length], comment, is_extra=True)
    for _, run in runs(rule.first):
        if len(run) > 1:
            text = run[-1] + filler(rule.min_length - 1)
            yield Value(f"begins-{run[-1]}", text, f"begins with {run[-1]}", is_extra=True)
    ordered = "".join(specials) + LETTERS + DIGITS
    size = min(rule.max_length, len(ordered) + 1)
    for n, start in enumerate(range(0, len(ordered), size - 1)):
        part = ordered[start : start + size - 1]
        text = (LETTERS[0] + part + filler(size))[: max(rule.min_length, len(part) + 1)]
        yield Value(f"characters-{n}", text, f"allowed characters: {part}", is_extra=True)
    if "%" in rule.charset:
        text = f"{filler(3)}%20{filler(rule.min_length)}"[: max(rule.min_length, 6)]
        yield Value("percent", text, "%20 is three allowed characters")
        yield Value("percent-41", text.replace("%20", "%41"), "%41 is three allowed characters")


def _firsts(rule: Rule) -> Iterator[Value]:
    """Values that begin with an allowed character which may not come first.

    Without it, what is left is right, unless the row has one length alone.
    """
    rest = filler(rule.min_length - 1 + min(_spare(rule), 1))
    for c in (*special(rule), *DIGITS):
        if c not in rule.first:
            yield Value(f"first-{slug(c)}", c + rest, f"begins with {c}")


def _spare(rule: Rule) -> int:
    """How many characters, two at most, fit between the shortest and the longest length."""
    return min(rule.max_length - rule.min_length, 2)


def _foreign(rule: Rule, c: str) -> Iterator[Value]:
    """The character in the middle, at the end and at the beginning of a value that has an allowed length.

    What stands before and behind it is right, unless the row is too short for both.
    """
    shown = repr(c) if c.isprintable() else f"U+{ord(c):04X}"
    length = rule.min_length + _spare(rule)
    base = filler(length - 1)
    before, behind = filler(rule.min_length), filler(rule.min_length + 1)
    if len(before + c + behind) > rule.max_length:
        before, behind = base[: length // 2], base[length // 2 :]
    for place, text in ("middle", before + c + behind), ("last", base + c), ("first", c + base):
        yield Value(f"{place}-{slug(c)}", text, f"{shown} as the {place} character")


def _around(rule: Rule) -> Iterator[Value]:
    """Right values with something before, after or around them."""
    spare = _spare(rule)
    base, full = filler(rule.min_length), filler(rule.max_length)
    for name, junk in (
        ("space", " "),
        ("line-break", "\n"),
        ("tab", "\t"),
        ("return", "\r"),
        ("crlf", "\r\n"),
        ("stars", "!*"),
    ):
        # If there is room, `_foreign` tries one character as the first and as the last one of an allowed length too.
        is_extra = len(junk) <= spare
        yield Value(f"before-{name}", junk + base, f"{name} before a right value", is_extra)
        yield Value(f"after-{name}", base + junk, f"{name} after a right value", is_extra)
        yield Value(f"around-{name}", junk + base + junk, f"{name} around a right value", is_extra=True)
        yield Value(f"after-full-{name}", full + junk, f"{name} after the longest right value")
    for c in QUOTES:
        yield Value(f"around-{slug(c)}", f"{c}{base}{c}", f"{c} around a right value")
        if not spare:  # otherwise `_foreign` has it as the first and the last character of an allowed length
            yield Value(f"before-{slug(c)}", f"{c}{base}", f"{c} before a right value")
            yield Value(f"after-{slug(c)}", f"{base}{c}", f"{c} after a right value")


def _stopping(rule: Rule) -> Iterator[Value]:
    """Values that are right in part: an engine might stop to read there, begin to read there, or read an escape."""
    spare = _spare(rule)
    base, full = filler(rule.min_length), filler(rule.max_length)
    yield Value("second-star", f"{full[:1]}*{full[2:]}", "a star as the second of the longest length")
    for name, escape in ("html", "&#65;"), ("escape", r"\u0041"):
        yield Value(name, f"{base[:-1]}{escape}", f"{escape} as the last character of a right value")
    yield Value("after-nul", f"{base}\0", "NUL after a right value")
    yield Value("nul-then", f"{base}\0!*", "a right value, NUL, and what is not allowed")
    cut = filler(rule.min_length - 2 if spare == 0 else rule.min_length)
    yield Value("nul-within", f"{cut}\0{'*' * max(1, spare - 1)}", "NUL and a star at the end of an allowed length")
    yield Value("line-then", f"{base}\n!*", "a right value, and a second line")
    yield Value("line-before", f"!*\n{base}", "a right value as the second line")
    yield Value("lines", f"!*\n{base}\n!*", "a right value as the second of three lines")
    if rule.max_length > len(base) * 2:
        yield Value("two-lines", f"{base}\n{base}"[: rule.max_length], "two right lines")
    if "%" not in rule.charset:
        yield Value("percent-41", f"{base}%41", "%41 at the end of a right value")
    yield Value("percent-00", f"{base}%00", "%00 at the end of a right value")
    stars = MASK[0] * max(rule.min_length - 6, min(rule.max_length, 16) - 6)
    yield Value("masked", f"{full[:3]}{stars}{full[:3]}", "most of it starred out")
    for count in (8, 16, 32, 64, 128, *_ROUND):
        if rule.min_length <= count < rule.max_length:
            yield Value(f"behind-{count}", f"{filler(count)}*", f"a star behind {count} right characters")
            yield Value(f"nul-behind-{count}", f"{filler(count)}\0", f"a NUL behind {count} right characters")
    yield Value("full-star", f"{full[:-1]}*", "a star at the end of the longest length")
