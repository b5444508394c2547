"""The rule table as a table: for a terminal, a page, a program, a spreadsheet."""

import csv
import io
import json
from collections.abc import Sequence

from .._rule import Rule
from .._spelling import charset_in_words, first_in_words
from .._table import RULES


def text_table() -> str:
    """The rules in aligned columns, in words."""
    return aligned(rows_in_words())


def markdown_table() -> str:
    """The rules as a Markdown table, in words."""
    return as_markdown(rows_in_words())


def json_table() -> str:
    """The rules as a JSON array of objects: the columns of `Rule` and its `pattern`."""
    return json.dumps([columns(rule) for rule in RULES], indent=2) + "\n"


def csv_table() -> str:
    """The rules as CSV with a header: the columns of `Rule` and its `pattern`, empty for `None`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns(RULES[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(columns, RULES))
    return text.getvalue()


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as lines whose columns are aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{'  '.join(map(str.ljust, row, widths)).rstrip()}\n" for row in rows)


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a Markdown table whose header is the first of them."""
    header, *others = rows
    lines = (header, ["---"] * len(header), *others)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def rows_in_words() -> list[list[str]]:
    """The rows of the table in words, a header first."""
    header = ["field", "sign_type", "sign_algorithm", "min", "max", "may contain", "must start with"]
    return [
        header,
        *(
            [
                rule.field,
                rule.sign_type or "",
                rule.sign_algorithm or "",
                str(rule.min_length),
                str(rule.max_length),
                charset_in_words(rule.charset),
                first_in_words(rule.first),
            ]
            for rule in RULES
        ),
    ]


def columns(rule: Rule) -> dict[str, object]:
    """The columns of `Rule` and its `pattern`."""
    return {**rule._asdict(), "pattern": rule.pattern}
