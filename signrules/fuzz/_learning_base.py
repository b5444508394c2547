"""The first value that a gateway accepts as one row: a base for all others, and the values refused before it."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple, TypeVar

from .._rule import Rule
from .._table import RULES
from ._rows import slug

_T = TypeVar("_T")

PRINTABLE: Final = "".join(map(chr, range(32, 127)))
# A gateway that accepts any value probably accepts these characters: a letter of each case and a digit.
_LIKELY: Final = "kK0"
# Every length below this one is tried, and the bounds of every row.
_SHORT: Final = 64


class Trial(NamedTuple):
    """A value for one row. `slug` is the part of a case's id that says what is asked; `comment` says it in words."""

    slug: str
    text: str
    comment: str


# It yields trials and is sent, in the same order, whether each was accepted; `None` stands for no verdict.
Trying = Generator[Sequence[Trial], Sequence[bool | None], _T]


class Base(NamedTuple):
    """A value: its first character, the one that stands at all later places, and its length."""

    first: str
    later: str
    length: int

    def holding(self, characters: str = "") -> str:
        """The value, with these characters in its middle."""
        rest = self.length - 1 - len(characters)
        return (self.first + self.later * (rest // 2) + characters + self.later * (rest - rest // 2))[: self.length]

    @property
    def trial(self) -> Trial:
        """The value itself."""
        return Trial(
            f"base-{slug(self.first)}-{slug(self.later)}-{self.length}",
            self.holding(),
            f"{self.first!r}, then {self.later!r} throughout, {self.length} characters",
        )


def likeliest(rule: Rule) -> Base:
    """The value that a gateway is likeliest to accept as this row."""
    return Base(_LIKELY[0], _LIKELY[0], _middle(rule))


def find_base(rule: Rule) -> Trying[tuple[Base | None, list[Base]]]:
    """An accepted value, or `None` if none of many likely ones is, and those that were refused before it."""
    asked: set[Base] = set()
    refused: list[Base] = []
    for candidates in _likely_bases(rule):
        bases = [base for base in dict.fromkeys(candidates) if base not in asked]
        asked.update(bases)
        answers = yield [base.trial for base in bases]
        refused += [base for base, is_accepted in zip(bases, answers, strict=True) if is_accepted is False]
        for base, is_accepted in zip(bases, answers, strict=True):
            if is_accepted:
                return base, refused
    return None, refused


def _middle(rule: Rule) -> int:
    return rule.min_length + min(3, rule.max_length - rule.min_length)


def _likely_bases(rule: Rule) -> Iterator[Iterable[Base]]:
    """Values of which one may be accepted, the likeliest first."""
    c, middle = _LIKELY[0], _middle(rule)
    bounds = {length for other in RULES for length in (other.min_length, other.max_length)}
    yield [likeliest(rule)]
    lengths = (middle, rule.min_length, rule.max_length)
    yield [Base(first, later, length) for length, first, later in product(lengths, _LIKELY, _LIKELY)]
    yield [Base(c, c, length) for length in sorted({*range(1, _SHORT), *bounds})]
    yield [Base(other, other, middle) for other in PRINTABLE]
    yield [base for other in PRINTABLE for base in (Base(other, c, middle), Base(c, other, middle))]
