"""The rule table as a table: for a terminal, a page, a program, a spreadsheet."""

import csv
import io
import json

from .._rule import Rule
from .._spelling import charset_in_words, first_in_words
from .._table import RULES


def text_table() -> str:
    """The rules in aligned columns, in words."""
    widths = [max(map(len, column)) for column in zip(*rows_in_words(), strict=True)]
    rows = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows_in_words())
    return "".join(f"{row}\n" for row in rows)


def markdown_table() -> str:
    """The rules as a Markdown table, in words."""
    header, *rows = rows_in_words()
    lines = (header, ["---"] * len(header), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def json_table() -> str:
    """The rules as a JSON array of objects: the columns of `Rule` and its `pattern`."""
    return json.dumps([_columns(rule) for rule in RULES], indent=2) + "\n"


def csv_table() -> str:
    """The rules as CSV with a header: the columns of `Rule` and its `pattern`, empty for `None`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns(RULES[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_columns, RULES))
    return text.getvalue()


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


def _columns(rule: Rule) -> dict[str, object]:
    return {**rule._asdict(), "pattern": rule.pattern}
