"""The table in words, as data, and as Markdown."""

import csv
import io
import json

from signrules import RULES
from signrules.export import csv_table, json_table, markdown_table, text_table

from . import oracle

WORDS = {
    "letters, digits and _": "_",
    "letters, digits and _ -": "_-",
    "letters, digits and _ - + / =": "_-+/=",
    "letters, digits and _ - ! @ # $ %": "_-!@#$%",
    "letters, digits and _ - ! @ # $ % + / =": "_-!@#$%+/=",
    "letter": "letter",
    "letter or digit": "letter|digit",
    "letter, digit, + or /": "letter|digit|+|/",
}
COLUMNS = ["field", "sign_type", "sign_algorithm", "min", "max", "may contain", "must start with"]


def document_rows() -> list[list[str]]:
    with open(oracle.__file__.replace("oracle.py", "data/rules.csv"), newline="") as file:
        return list(csv.reader(file))[1:]


def test_markdown() -> None:
    header, rule, *lines = markdown_table().splitlines()
    assert header == "| " + " | ".join(COLUMNS) + " |"
    assert rule == "| --- | --- | --- | --- | --- | --- | --- |"
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    assert [[*row[:5], WORDS[row[5]], WORDS[row[6]]] for row in cells] == document_rows()


def test_text() -> None:
    header, *lines = text_table().splitlines()
    starts = [header.index(column) for column in COLUMNS]
    cells = [[line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)] for line in lines]
    assert [[*row[:5], WORDS[row[5]], WORDS[row[6]]] for row in cells] == document_rows()
    assert all(line == line.rstrip() for line in lines)


def test_json_and_csv() -> None:
    objects = json.loads(json_table())
    assert objects == [{**rule._asdict(), "pattern": rule.pattern} for rule in RULES]
    rows = list(csv.DictReader(io.StringIO(csv_table())))
    assert rows == [{column: "" if v is None else str(v) for column, v in row.items()} for row in objects]
    assert [set(row["charset"]) for row in rows] == [fact.charset for fact in oracle.FACTS]
    assert [set(row["first"]) for row in rows] == [fact.first for fact in oracle.FACTS]
