"""What a gateway accepts as one row: a generator that asks for values, and is told which of them are accepted.

The row as the page has it says what is asked first. It saves questions; no answer is taken from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from .._rule import Rule
from .._table import RULES
from ._learning_base import Base, Trial, Trying, find_base
from ._rows import slug

# No longer value is asked for.
LONGEST: Final = 4 * max(rule.max_length for rule in RULES)
# How many lengths are asked at once between an accepted one and a refused one, beside the next two.
_AT_ONCE: Final = 3
# How many lengths between the bounds are asked if one of them is refused.
_WITHIN: Final = 64


class Evidence(NamedTuple):
    """What a gateway accepts as one row: each length, first character and later character that was asked.

    `None` stands for no verdict. `laters` is empty if no value has a later place. `unexplained` are refused values
    whose length and characters are accepted in other values.
    """

    base: Base
    lengths: Mapping[int, bool | None]
    firsts: Mapping[str, bool | None]
    laters: Mapping[str, bool | None]
    unexplained: tuple[Trial, ...]

    @property
    def bounds(self) -> tuple[int, int]:
        """The shortest and the longest accepted length, without the empty text."""
        return _bounds(self.lengths)

    def accepts_parts_of(self, base: Base) -> bool:
        """Whether the length of this value and its characters at their places are all accepted in other values."""
        return bool(self.lengths.get(base.length) and self.firsts.get(base.first) and self.laters.get(base.later))


def _bounds(lengths: Mapping[int, bool | None]) -> tuple[int, int]:
    accepted = [length for length, is_accepted in lengths.items() if is_accepted and length]
    return min(accepted), max(accepted)


def trying(rule: Rule, alphabet: str) -> Trying[Evidence | None]:
    """Asks what the gateway accepts as this row; returns `None` if it accepts none of many likely values.

    `alphabet` are the characters that are asked; those of the page are among them.
    """
    base, refused = yield from find_base(rule)
    if base is None:
        return None
    lengths = yield from _try_lengths(rule, base)
    evidence = yield from _try_characters(rule, alphabet, base, lengths)
    odd = [refusal.trial for refusal in refused if evidence.accepts_parts_of(refusal)]
    return evidence._replace(unexplained=(*odd, *evidence.unexplained))


def _length_trial(base: Base, length: int) -> Trial:
    return Trial(f"length-{length}", base._replace(length=length).holding(), f"{length} characters")


def _try_lengths(rule: Rule, base: Base) -> Trying[dict[int, bool | None]]:
    """Asks the bounds of the page and what is beside them; then further, until two refused lengths follow each end."""
    asked: dict[int, bool | None] = {base.length: True}
    alike = [other for other in RULES if other[:2] == rule[:2]]
    wanted = {0, *(length for other in alike for length in (other.min_length, other.max_length))}
    wanted |= {*range(max(rule.min_length - 2, 0), rule.min_length), rule.max_length + 1, rule.max_length + 2}
    while lengths := sorted(wanted - set(asked)):
        answers = yield [_length_trial(base, length) for length in lengths]
        asked.update(zip(lengths, answers, strict=True))
        wanted = {*_beyond(asked, -1, 1), *_beyond(asked, 1, LONGEST)}
    shortest, longest = _bounds(asked)
    between = range(shortest, longest + 1)
    has_hole = any(asked.get(length) is False for length in between)
    if has_hole and (lengths := [length for length in _spread(between, _WITHIN) if length not in asked]):
        answers = yield [_length_trial(base, length) for length in lengths]
        asked.update(zip(lengths, answers, strict=True))
    return asked


def _beyond(asked: Mapping[int, bool | None], step: int, end: int) -> Iterator[int]:
    """The lengths that tell where the accepted ones end, upwards (`step` 1) or downwards (-1), and not beyond `end`."""
    last = _bounds(asked)[step > 0]
    refused = [(length - last) * step for length, is_accepted in asked.items() if is_accepted is False and length]
    nearest = min((distance for distance in refused if distance > 0), default=0)
    room = (end - last) * step
    if nearest:
        further = [nearest * part // (_AT_ONCE + 1) for part in range(1, _AT_ONCE + 1)]
    else:
        further = [*(1 << power for power in range(2, room.bit_length())), room]
    for distance in (1, 2, *further):
        if 0 < distance <= room:
            yield last + step * distance


def _spread(lengths: Sequence[int], count: int) -> Sequence[int]:
    """As many of the lengths as `count` says at most: those near both ends, and others at even distances."""
    if len(lengths) <= count:
        return lengths
    near = (1, 2, len(lengths) - 3, len(lengths) - 2)
    gaps = count - len(near) - 1
    even = ((len(lengths) - 1) * part // gaps for part in range(gaps + 1))
    return [lengths[place] for place in sorted({*near, *even})]


class _Part(NamedTuple):
    """A character at one of the two kinds of places."""

    place: Literal["first", "later"]
    character: str

    def trial(self, base: Base) -> Trial:
        c = self.character
        text = base.holding(c) if self.place == "later" else base._replace(first=c).holding()
        return Trial(f"{self.place}-{slug(c)}", text, f"{c!r} as {'a later' if self.place == 'later' else 'the first'}")


class _Mixture(NamedTuple):
    """A value that tests a first character, some later ones and a length at once."""

    first: str
    laters: str
    length: int

    @property
    def parts(self) -> list[_Part]:
        return [_Part("first", self.first), *(_Part("later", c) for c in self.laters)]

    def trial(self, base: Base) -> Trial:
        begins = self.first + self.laters
        # An engine may stop to read at a character, or refuse it as the last one.
        ends = self.laters if self.length > 2 * len(self.laters) else ""
        text = begins + base.later * (self.length - len(begins) - len(ends)) + ends
        later = f".later-{slug(self.laters)}" if self.laters else ""
        comment = f"begins with {begins!r}, {f'ends with {ends!r}, ' if ends else ''}{self.length} characters"
        return Trial(f"first-{slug(self.first)}{later}.length-{self.length}", text, comment)


def _mixtures(rule: Rule, base: Base, lengths: Sequence[int]) -> Iterator[_Mixture]:
    """Values with all characters of the page at both places and with many of the lengths."""
    firsts = [c for c in rule.first if c != base.first]
    laters = [c for c in rule.charset if c != base.later]
    size = -(-len(laters) // len(firsts))
    chosen = _spread(lengths, len(firsts))
    for number, first in enumerate(firsts):
        length = chosen[number % len(chosen)]
        yield _Mixture(first, "".join(laters[number * size : (number + 1) * size][: length - 1]), length)


def _try_characters(rule: Rule, alphabet: str, base: Base, known: Mapping[int, bool | None]) -> Trying[Evidence]:
    """Asks each character at both places: those of the page several in one value, the others alone.

    What stands in a refused value, and in no accepted one, is then asked alone. So is its length.
    """
    lengths = dict(known)
    shortest, longest = _bounds(lengths)
    accepted = [length for length in lengths if lengths[length] and length]
    # A later place has a place before it and, if possible, one behind it.
    base = base._replace(length=min(accepted, key=lambda n: (n < 3, n < 2, abs(n - base.length))))
    asked: dict[_Part, bool | None] = {_Part("first", base.first): True}
    wanted = [_Part("first", c) for c in alphabet]
    if base.length > 1:
        asked[_Part("later", base.later)] = True
        wanted += [_Part("later", c) for c in alphabet]
    mixtures = list(_mixtures(rule, base, [n for n in range(shortest, longest + 1) if lengths.get(n, True)]))
    of_page = {part for part in wanted if part.character in (rule.first if part.place == "first" else rule.charset)}
    foreign = [part for part in wanted if part not in of_page and part not in asked]
    answers = yield [*(mixture.trial(base) for mixture in mixtures), *(part.trial(base) for part in foreign)]
    refused = []
    for mixture, is_accepted in zip(mixtures, answers, strict=False):
        if is_accepted:
            lengths[mixture.length] = True
            asked.update(dict.fromkeys(mixture.parts, True))
        elif is_accepted is False:
            refused.append(mixture)
    asked.update(zip(foreign, answers[len(mixtures) :], strict=True))
    parts = [part for part in wanted if part not in asked]
    unknown = sorted({mixture.length for mixture in mixtures} - set(lengths))
    trials = [*(part.trial(base) for part in parts), *(_length_trial(base, length) for length in unknown)]
    if trials:
        answers = yield trials
        asked.update(zip(parts, answers, strict=False))
        lengths.update(zip(unknown, answers[len(parts) :], strict=True))
    unexplained = [m for m in refused if lengths[m.length] and all(asked[part] for part in m.parts)]
    return Evidence(
        base,
        lengths,
        {part.character: is_accepted for part, is_accepted in asked.items() if part.place == "first"},
        {part.character: is_accepted for part, is_accepted in asked.items() if part.place == "later"},
        tuple(mixture.trial(base) for mixture in unexplained),
    )
