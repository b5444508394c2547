"""The audit of one file or table: how much is wrong in it, and where."""

import codecs
import os
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from .._guard import guarded
from .._table import MEMBERS
from .._violation import Code
from ._columns import AuditError, Columns
from ._csv import CsvFile, Faults
from ._engine import Engine, Show
from ._json import ARRAY, BODIES, LINES, JsonFile
from ._query import codes_of, groups_query, places_query
from ._tables import SCHEMES, ParquetFile, PostgresqlTable, SqliteFile
from ._tally import Tally

# Enough for a header of thousands of columns. `csv` takes no cell of more characters.
_HEAD: Final = (1 << 17) - 1
_CSV: Final = (".csv", ".tsv")
_LINES: Final = (".jsonl", ".ndjson")

_Format = CsvFile | JsonFile | ParquetFile | SqliteFile | PostgresqlTable


class Place(NamedTuple):
    """Where something is wrong: the number of the row, counted from 1, and the member, or `""` for the whole row."""

    row: int
    member: str
    codes: tuple[Code, ...]


class Audit:
    """A file or a table, of which `count` is called first."""

    @guarded  # the frames hold the first bytes of the file
    def __init__(self, path: str, columns: Columns, table: str | None = None) -> None:
        self._columns = columns
        self._format: _Format = (
            PostgresqlTable(path, table, columns) if is_url(path) else _format_of(path, columns, table)
        )
        self.faults: Faults = {}  # the rows of a CSV file that cannot be read
        self.unread: list[str] = []  # the columns that hold no member
        self.left_out: list[str] = []  # the members that have no column

    @guarded
    def count(self, show: Show) -> Tally:
        """The counts. `show` is called now and then with the percentage that is done."""
        tally = Tally()
        with Engine(self._format.failed) as engine:
            relation = self._format.relation(engine)
            held = self._columns.by_member()
            self.unread = [column for column in relation.columns if column not in held.values()]
            self.left_out = [member for member in held if member not in relation.cells]
            query = groups_query(relation, self._columns.kind)
            for no_body, kind, *masks, count in engine.ask(query, show=show):
                tally.add_group(no_body, kind, masks, count)
            if isinstance(self._format, CsvFile):
                self.faults = self._format.faults(engine)
                tally.add_unread(sum(map(len, self.faults.values())))
        if not tally.rows:
            raise AuditError("has no rows")
        # In JSON, only the bodies say which members there are.
        for member in self._columns.named:
            if isinstance(self._format, JsonFile) and not tally.may_have(member):
                raise self._columns.not_found(member)
        return tally

    def places(self, show: Show) -> Iterator[Place]:
        """All that is wrong, in the order of the rows; this reads the file once more."""
        unread = sorted(chain.from_iterable(self.faults.values()))
        passed = 0  # the rows that could not be read, before the one that was
        with Engine(self._format.failed) as engine:
            query = places_query(self._format.relation(engine), self._columns.kind)
            for row, no_body, *masks in engine.each(query, show):
                while passed < len(unread) and unread[passed] <= row + passed:
                    yield Place(unread[passed], *_NO_BODY)
                    passed += 1
                if no_body:
                    yield Place(row + passed, *_NO_BODY)
                for member, mask in zip(MEMBERS, masks, strict=True):
                    if mask:
                        yield Place(row + passed, member, codes_of(mask))
        for row in unread[passed:]:
            yield Place(row, *_NO_BODY)


# What `check_request` says of a body that is no object.
_NO_BODY: Final[tuple[str, tuple[Code, ...]]] = "", ("type",)


def is_url(path: str) -> bool:
    """Whether it is the URL of a database, and not the path of a file."""
    return path.startswith(SCHEMES)


def _format_of(path: str, columns: Columns, table: str | None) -> _Format:
    """What the first bytes of the file say that it is; CSV and JSON Lines are also known by the end of their names."""
    head = _head(path)
    if head.startswith(b"SQLite format 3\0"):
        return SqliteFile(path, head, table, columns)
    if table is not None:
        raise AuditError("is no database, and --table is given")
    if head.startswith(b"PAR1"):
        return ParquetFile(path, columns)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise AuditError("is UTF-16: make it UTF-8")
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise AuditError("is empty")
    if path.lower().endswith(_CSV):
        return CsvFile(path, head, columns)
    if path.lower().endswith(_LINES):
        return _json_lines(path, head, columns)
    if text.startswith(b"["):
        return JsonFile(path, ARRAY, columns)
    if text.startswith(b"{"):
        # A first line that is no whole body belongs to one that extends over several lines.
        first_line, line_break, _ = text.partition(b"\n")
        is_whole = first_line.rstrip().endswith(b"}") or not line_break
        return _json_lines(path, head, columns) if is_whole else JsonFile(path, BODIES, columns)
    if b"\0" in head:
        raise AuditError("is none of CSV, JSON Lines, JSON, Parquet and SQLite")
    return CsvFile(path, head, columns)


def _json_lines(path: str, head: bytes, columns: Columns) -> JsonFile:
    """The lines; to DuckDB, a byte order mark is a fault of the first of them."""
    if head.startswith(codecs.BOM_UTF8):
        raise AuditError("begins with a byte order mark: write it without")
    return JsonFile(path, LINES, columns)


def _head(path: str) -> bytes:
    """The first bytes of a file."""
    if os.path.isdir(path):
        raise AuditError("is a directory")
    if os.path.exists(path) and not os.path.isfile(path):
        raise AuditError("is not a file that can be read twice")
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        reason = error.strerror
    raise AuditError(f"cannot be read: {reason}")
