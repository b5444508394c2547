"""What was learnt of a gateway: its rows, and in words what differs from the page or fits no row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from .._rule import Rule
from .._spelling import listed
from .._table import RULES
from ._learning_base import Trial
from ._learning_row import LONGEST, Evidence
from ._rows import row_in_words, runs

# The columns of `Rule` that are learnt; `""` stands for the row as a whole.
Column = Literal["min_length", "max_length", "charset", "first", ""]
Cell = int | str | None


class Difference(NamedTuple):
    """A cell of a gateway that differs from the page, that is not known, or that does not say all.

    `row` is the row of the page. `column` is that of `Rule`, or `""` for the row as a whole. `cell` is what the gateway
    has there, `None` if that is not known or the row as a whole is meant. `words` is one sentence. `is_known` is false
    if it says what could not be learnt.
    """

    row: Rule
    column: Column
    cell: Cell
    words: str
    is_known: bool = True


class Learned(NamedTuple):
    """The table that a gateway has.

    `rows` are in the order of `RULES`; `None` is a row with a cell that could not be learnt. `differences` say what is
    not as on the page and what no row can say, such as a refused length between two accepted ones. `requests` counts
    the cases that were asked.
    """

    rows: tuple[Rule | None, ...]
    differences: tuple[Difference, ...]
    requests: int


def cells_of(learned: Learned, page: Rule) -> dict[Column, Cell]:
    """What the gateway has in the four columns of this row of the page, `None` for a cell that is not known."""
    rule = learned.rows[RULES.index(page)]
    if rule:
        return {column: getattr(rule, column) for column in _BEGINNINGS}
    differing = {each.column: each.cell for each in learned.differences if each.row == page}
    is_any_known = any(column and cell is None for column, cell in differing.items())
    return {column: differing.get(column, getattr(page, column)) if is_any_known else None for column in _BEGINNINGS}


def learnt_row(rule: Rule, evidence: Evidence | None) -> Rule | None:
    """The row of the gateway in the place of this row of the page, or `None` if a cell of it is not known."""
    if evidence is None:
        return None
    cells = _cells(rule, evidence)
    return None if None in cells.values() else Rule(*rule[:3], *cells.values())  # type: ignore[arg-type]  # of these columns


def differences(rule: Rule, evidence: Evidence | None) -> Iterator[Difference]:
    """What differs from this row of the page, what is not known, and what a row cannot say."""

    def difference(column: Column, cell: Cell, words: str, *, is_known: bool = True) -> Difference:
        return Difference(rule, column, cell, f"{row_in_words(rule)}: {words}", is_known)

    if evidence is None:
        words = "none of the many values that were tried is accepted, so this row is not known"
        yield difference("", None, words, is_known=False)
        return
    cells = _cells(rule, evidence)
    for column, cell in cells.items():
        right: Cell = getattr(rule, column)
        if cell is None:
            words = f"{_BEGINNINGS[column]} not known: {_why_unknown(column, evidence)}"
            yield difference(column, None, words, is_known=False)
        elif cell != right:
            yield difference(column, cell, _change(column, right, cell))
    shortest = evidence.bounds[0]
    for words in _holes(evidence.lengths):
        yield difference("max_length", cells["max_length"], words)
    if evidence.lengths.get(0) and shortest > 1:
        yield difference(
            "min_length", cells["min_length"], f"the empty text is accepted, and {shortest - 1} characters are not"
        )
    if unanswered := [n for n in sorted(evidence.lengths) if evidence.lengths[n] is None]:
        words = f"there is no verdict on {_numbers(unanswered)} characters"
        yield difference("max_length", cells["max_length"], words, is_known=False)
    if only_first := [
        c for c, is_accepted in evidence.firsts.items() if is_accepted and evidence.laters.get(c) is False
    ]:
        yield difference("first", cells["first"], f"{_characters(only_first)} may stand first and nowhere else")
    if evidence.unexplained:
        words = f"a value is refused although all its parts are accepted ({first_of(evidence.unexplained)})"
        yield difference("", None, words)


def first_of(trials: Sequence[Trial]) -> str:
    """The first of some values in words, and how many more there are."""
    more = len(trials) - 1
    return trials[0].comment + (f"; and {more} more value{'s' if more > 1 else ''}" if more else "")


# How a sentence about a column begins.
_BEGINNINGS: Mapping[Column, str] = {
    "min_length": "the shortest length is",
    "max_length": "the longest length is",
    "charset": "the allowed characters are",
    "first": "the allowed first characters are",
}


def _cells(rule: Rule, evidence: Evidence) -> dict[Column, Cell]:
    """The cells of the four columns in the order of `Rule`, `None` for one that is not known."""
    asked = evidence.lengths
    shortest, longest = evidence.bounds
    if shortest == 1:
        least = {True: 0, False: 1}.get(asked[0])  # type: ignore[arg-type]  # no verdict
    else:
        least = shortest if all(asked[n] is False for n in (shortest - 1, shortest - 2) if n) else None
    beyond = [asked[n] is False for n in (longest + 1, longest + 2) if n <= LONGEST]
    return {
        "min_length": least,
        "max_length": longest if beyond and all(beyond) else None,
        "charset": _set(rule.charset, evidence.laters),
        "first": _set(rule.first, evidence.firsts),
    }


def _set(page: str, asked: Mapping[str, bool | None]) -> str | None:
    """The accepted characters, in the order of the page and then in that of ASCII."""
    if not asked or None in asked.values():
        return None
    accepted = {c for c, is_accepted in asked.items() if is_accepted}
    return "".join([*(c for c in page if c in accepted), *sorted(accepted.difference(page))])


def _why_unknown(column: Column, evidence: Evidence) -> str:
    if column in ("charset", "first"):
        asked = evidence.laters if column == "charset" else evidence.firsts
        if not asked:
            return "no value is accepted that is longer than one character"
        return f"there is no verdict on {_characters(c for c, is_accepted in asked.items() if is_accepted is None)}"
    shortest, longest = evidence.bounds
    if column == "max_length" and longest == LONGEST:
        return f"{longest} characters are accepted, and no longer value was tried"
    return "there is no verdict on the lengths beside " + str(shortest if column == "min_length" else longest)


def _change(column: Column, right: Cell, cell: Cell) -> str:
    if isinstance(right, str) and isinstance(cell, str):
        verb = "start with" if column == "first" else "contain"
        return "may " + ", and ".join(f"{how} {verb} {which}" for how, which in changes(right, cell).items())
    return f"{_BEGINNINGS[column]} {cell}, not {right}"


def changes(right: str, cell: str) -> dict[str, str]:
    """The characters in words that are in the set of a gateway and not in that of the page ("also"), or only there."""
    change = {"also": set(cell).difference(right), "not": set(right).difference(cell)}
    return {how: _characters(sorted(characters)) for how, characters in change.items() if characters}


def _characters(characters: Iterable[str]) -> str:
    return listed((name for name, _ in runs("".join(characters))), "and")


def _holes(lengths: Mapping[int, bool | None]) -> Iterator[str]:
    """A sentence for each run of refused lengths between two accepted ones."""
    before, refused = 0, list[int]()
    for length in sorted(n for n, is_accepted in lengths.items() if is_accepted is not None and n):
        if not lengths[length]:
            refused.append(length)
            continue
        if refused and before:
            yield f"{before} and {length} characters are accepted, and {_numbers(refused)} are refused"
        before, refused = length, []


def _numbers(numbers: Iterable[int]) -> str:
    """Ascending numbers in words: "12, 14 to 17 and 20"."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    runs_in_words = ([f"{a} to {b}"] if b > a + 1 else dict.fromkeys((str(a), str(b))) for a, b in found)
    return listed(chain.from_iterable(runs_in_words), "and")
