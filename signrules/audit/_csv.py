"""A CSV file: every cell is a text, and an empty cell without quotes is a member that is left out."""

import csv
import io
import mmap
import os
import re
from bisect import bisect_left
from typing import Final

from ._columns import AuditError, Columns
from ._engine import Engine, file_literal, literal
from ._query import Cell, Relation

_DELIMITERS: Final = ",;\t"
# A cell in quotes, in which no line is blank, or the end of a blank line; the place of the delimiter is marked.
_QUOTED_OR_BLANK: Final = rb'"(?<![^%s\r\n]")(?:[^"]|"")*+"|(?P<blank>\n(?<=\n\n)|\n(?<=\n\r\n)|\r(?<=\r\r)(?!\n))'
# How many bytes are looked at together. A line of two blocks is at the limit of DuckDB.
_BLOCK: Final = 1_000_000

# What DuckDB calls the fault of a row, and what the row has.
_FAULTS: Final = {
    "MISSING COLUMNS": "too few cells",
    "TOO MANY COLUMNS": "too many cells",
    "INVALID ENCODING": "bytes that are not UTF-8",
    "UNQUOTED VALUE": "a quote that is never closed or stands alone in a cell; rows after it may be lost in it",
    "LINE SIZE OVER MAXIMUM": "more than two million bytes",
}
_OTHER_FAULT: Final = "something that no CSV has"


# DuckDB keeps the text of each row that it cannot read. With more of them, or if they are most of many rows, something
# else is wrong with the file.
MOST_FAULTS: Final = 100_000
_MANY_ROWS: Final = 100

# What the rows have that could not be read, and their numbers, counted from 1.
Faults = dict[str, list[int]]


class CsvFile:
    """A CSV file with a header."""

    failed: Final = "cannot be read to its end as CSV; perhaps its lines end in two ways"

    def __init__(self, path: str, head: bytes, columns: Columns) -> None:
        self._path, self._columns = path, columns
        text = head.decode("utf-8-sig", "surrogateescape")
        # Where `newline` is "", `csv` itself finds the end of each line, which may be a carriage return alone.
        headers = [
            (next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [""]), mark) for mark in _DELIMITERS
        ]
        # The delimiter is the one that separates the most columns.
        self._header, self._delimiter = max(headers, key=lambda header: len(header[0]))
        _, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        if not rows and os.path.getsize(path) > len(head):
            raise AuditError(f"has a header of more than {len(head):,} bytes, or a quote in it that is never closed")
        rows = rows[:-1]  # the last may be cut
        ragged = sum(len(row) not in (0, len(self._header)) for row in rows)
        if len(rows) >= _MANY_ROWS and ragged > len(rows) / 2:
            raise AuditError("has a header that does not fit: most rows have more cells, or fewer")

    def relation(self, engine: Engine) -> Relation:
        """The rows that can be read. The names are ours: those in the file may be any."""
        is_ascii, may_be_divided = self._looked_through()
        if not is_ascii:
            # DuckDB fails at bytes that are not UTF-8 if it leaves out a column on their left.
            engine.ask("SET disabled_optimizers = 'unused_columns'")
        places = self._columns.found_in(self._header)
        names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(self._header)))
        source = (
            f"(FROM read_csv({file_literal(self._path)}, auto_detect = false, header = true, columns = {{{names}}},"
            f" delim = {literal(self._delimiter)}, quote = '\"', escape = '\"', strict_mode = true,"
            " allow_quoted_nulls = false, store_rejects = true, rejects_table = 'faults', rejects_scan = 'scans',"
            f" rejects_limit = {MOST_FAULTS}, hive_partitioning = false, parallel = {may_be_divided}))"
        )
        cells = {member: Cell(f"c{place}") for member, place in places.items()}
        return Relation(source, cells, columns=self._header)

    def faults(self, engine: Engine) -> Faults:
        """The rows that could not be read when the relation was, in their order."""
        found = engine.ask(
            "SELECT line, min(byte_position), arg_min(error_type::VARCHAR, coalesce(column_idx, 0)), count(*)"
            " FROM faults GROUP BY line ORDER BY line"
        )
        if sum(count for *_, count in found) >= MOST_FAULTS:
            raise AuditError(f"has {MOST_FAULTS:,} rows or more that cannot be read as CSV")
        blank = self._blank_lines() if found and len(self._header) > 1 else []
        faults: Faults = {}
        for line, position, fault, _ in found:
            faults.setdefault(_FAULTS.get(fault, _OTHER_FAULT), []).append(line - 1 - bisect_left(blank, position))
        return faults

    def _looked_through(self) -> tuple[bool, bool]:
        """Whether all is ASCII, and whether no cell is in quotes and no line is long.

        If DuckDB divides a file of the other sort among its threads, a part may begin inside a cell: rows are then
        counted twice, or are lost without a fault.
        """
        is_ascii = may_be_divided = True
        with open(self._path, "rb") as file:
            while (is_ascii or may_be_divided) and (block := file.read(_BLOCK)):
                is_ascii = is_ascii and block.isascii()
                may_be_divided = may_be_divided and b'"' not in block and (b"\n" in block or b"\r" in block)
        return is_ascii, may_be_divided

    def _blank_lines(self) -> list[int]:
        """Where a blank line ends. DuckDB counts it, but it is a row only if there is one column."""
        tokens = re.compile(_QUOTED_OR_BLANK % re.escape(self._delimiter).encode())
        with open(self._path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return [match.start() for match in tokens.finditer(data) if match["blank"]]
