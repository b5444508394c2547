"""What wrong implementations fall for: characters that engines take for others, and the classic near misses.

None of these characters is in a set of the table. The Hypothesis strategies and the fuzzer try them.
"""

from collections.abc import Iterator
from typing import Final

from ._requirement import MASK, Requirement
from ._spelling import DIGITS

CONTROLS: Final = "".join(map(chr, (*range(32), 127)))
# The fuzzer tries each of these at every kind of place: what engines trim, stop at, fold to ASCII or take for a letter
# or a digit.
AT_EVERY_PLACE: Final = "\0\t\n\r\x1b\x7f\u0085\u00a0\u00aa\u00e9\u0663\u017f\u212a\U0001d7d8\ud800"
# It tries these in the middle alone: more digits, letters, spaces and signs that look like ours.
IN_THE_MIDDLE: Final = (
    "\uff10\uff21\u0430\u4e2d\u00df\u00b2\u2160\u0966\u0391\u0131\uff0d\uff3f\uff0f\u2010\u2013\u3000"
    "\u200b\u2028\ufeff\u00ad\ufffd\U0001d400\U0001f600\U0010ffff\udfff"
)
# What some strip from both ends of a text.
QUOTES: Final = "\"'`,;\\\ufeff\u00e9"

SPACES: Final = " \N{NO-BREAK SPACE}\N{EM SPACE}\N{IDEOGRAPHIC SPACE}\N{ZERO WIDTH SPACE}\N{LINE SEPARATOR}\ufeff"
SURROGATES: Final = "\ud800\udbff\udc00\udfff"
_MORE: Final = "еорсухіАВЕКМНОРСТХονЖ०९𝟎𝟗𝐳①‑—−"  # noqa: RUF001  look-alikes are the subject
LOOK_ALIKES: Final = "".join(
    sorted({c for c in AT_EVERY_PLACE + IN_THE_MIDDLE + _MORE if not c.isascii()}.difference(SPACES, SURROGATES))
)

# The classic traps. Some engines trim the first ones, stop at them or match before them, so each place matters.
_TRIMMED: Final = "\n\0 \N{NO-BREAK SPACE}"
# Some engines take these for letters or digits, in the first place or in the others; then the last is like the middle.
_TAKEN: Final = (
    "\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}\N{ARABIC-INDIC DIGIT THREE}\N{FULLWIDTH DIGIT THREE}\ud800"
)


def foreign_classes(charset: str) -> list[list[str]]:
    """Characters outside the set, by the mistake that lets them in."""
    neighbours = (chr(ord(c) + step) for c in charset for step in (-1, 1))
    printable = map(chr, range(33, 127))
    full_width = (chr(ord(c) - ord("!") + ord("\N{FULLWIDTH EXCLAMATION MARK}")) for c in charset)
    classes = (neighbours, printable, "\n\0", CONTROLS, SPACES, full_width, LOOK_ALIKES, SURROGATES)
    return [sorted(set(characters).difference(charset)) for characters in classes]


def wrong_lengths(requirement: Requirement) -> list[int]:
    """The lengths that a wrong bound would let in, zero, and twice the longest length."""
    near = {n + step for n in requirement.lengths for step in (-1, 1)} | {0, 2 * max(requirement.lengths)}
    return sorted(near - requirement.lengths)


def classic_values(requirement: Requirement) -> Iterator[str]:
    """The classic near misses: wrong lengths and first characters, a mask, and each trap at each place that matters."""
    rule = requirement.rules[0]
    shortest, longest = rule.min_length, rule.max_length

    def right(length: int) -> str:
        return (rule.first[0] + DIGITS[0] * length)[:length]

    yield from map(right, wrong_lengths(requirement))
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
