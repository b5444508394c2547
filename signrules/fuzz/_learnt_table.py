"""A learnt table in the columns of the rule table, as text, Markdown, JSON and CSV."""

import csv as csv_module
import io
import json as json_module
from collections.abc import Iterator
from typing import Final

from .._rule import Rule
from .._table import RULES
from ..export._tables import aligned, as_markdown, columns, rows_in_words
from ._learnt import Cell, Learned, cells_of, changes
from ._rows import row_name

UNKNOWN: Final = "?"


def text(learned: Learned) -> str:
    """For a terminal: the table, in which ">" marks a cell that differs from the page, and a sentence for each."""
    table = aligned(list(_in_words(learned, "> {}")))
    return "\n".join([table, *_lines(learned, "{}"), ""])


def markdown(learned: Learned) -> str:
    """The table, in which a cell that differs from the page is bold, and a list of sentences."""
    table = as_markdown([[cell.replace("|", r"\|") for cell in row] for row in _in_words(learned, "**{}**")])
    return "\n".join([table, *_lines(learned, "* {}"), ""])


def json(learned: Learned) -> str:
    """The rows in the columns of `signrules rules`, `null` for what is not known; the differences; the requests."""
    differences = [{**difference._asdict(), "row": row_name(difference.row)} for difference in learned.differences]
    rows = [_known(learned, page) for page in RULES]
    return json_module.dumps({"rows": rows, "differences": differences, "requests": learned.requests}, indent=2) + "\n"


def csv(learned: Learned) -> str:
    """A line for each row: the columns of `signrules rules`, empty if not known, and the differences in words."""
    table = io.StringIO()
    writer = csv_module.DictWriter(table, [*columns(RULES[0]), "differences"], lineterminator="\n")
    writer.writeheader()
    for page in RULES:
        words = "; ".join(difference.words for difference in learned.differences if difference.row == page)
        writer.writerow({**_known(learned, page), "differences": words})
    return table.getvalue()


def _known(learned: Learned, page: Rule) -> dict[str, object]:
    """The columns of the row that the gateway has in the place of this one, `None` for what is not known."""
    rule = learned.rows[RULES.index(page)]
    if rule:
        return columns(rule)
    known = dict[str, object](page._asdict())
    for column, cell in cells_of(learned, page).items():
        known[column] = cell
    return {**known, "pattern": None}


def _lines(learned: Learned, line: str) -> Iterator[str]:
    for difference in learned.differences:
        yield line.format(difference.words)
    if not learned.differences:
        yield "Every row is as on the page."
    yield from ("", f"{learned.requests} requests")


def _in_words(learned: Learned, marked: str) -> Iterator[list[str]]:
    """The rows in words, a header first. A difference marks its cell, or the field for the row as a whole."""
    yield rows_in_words()[0]
    for page in RULES:
        differing = {difference.column or "field" for difference in learned.differences if difference.row == page}
        cells = cells_in_words(learned, page).items()
        yield [marked.format(cell) if column in differing else cell for column, cell in cells]


def cells_in_words(learned: Learned, page: Rule) -> dict[str, str]:
    """What the gateway has in the place of this row of the page, in words: all columns of `Rule`."""
    shown = dict(zip(Rule._fields, rows_in_words()[1 + RULES.index(page)], strict=True))
    cells = cells_of(learned, page).items()
    return shown | {column: _in_place_of(shown[column], getattr(page, column), cell) for column, cell in cells}


def _in_place_of(words: str, right: Cell, cell: Cell) -> str:
    """The words of the page for a cell, changed to what the gateway has there."""
    if cell is None:
        return UNKNOWN
    if isinstance(right, str) and isinstance(cell, str):
        return ", ".join([words, *(f"{how} {which}" for how, which in changes(right, cell).items())])
    return str(cell)
