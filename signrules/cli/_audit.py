"""`signrules audit`: counts what is wrong in files and tables, and says in which rows."""

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, get_args

from .._spelling import listed
from .._table import MEMBERS
from .._violation import Code
from .._vocabulary import SIGN_ALGORITHMS, SIGN_TYPES, Kind, given
from ..audit._columns import OPTIONS, AuditError, Columns
from ._bar import Bar
from ._files import STDIN, Source, sources_of
from ._output import Output
from ._parser import ALGORITHMS_IN_WORDS, TYPE_OR_DEFAULT, check_algorithm, command, meant, text, word
from ._status import INVALID, UNUSABLE, VALID, Unusable

if TYPE_CHECKING:
    from ..audit._audit import Audit
    from ..audit._csv import Faults
    from ..audit._tally import Tally
    from ._parser import Commands

_CODES: Final[tuple[Code, ...]] = get_args(Code)
_JSON_LINES: Final = (".json", ".jsonl", ".ndjson")
# How many numbers of rows a message has.
_MOST_ROWS: Final = 10


def add(commands: "Commands") -> None:
    """Adds `signrules audit`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "count what is wrong in large files and tables, and say in which rows",
        """\
FILE is CSV with a header, JSON Lines, a JSON array, Parquet, a database of
SQLite, or the URL of one of PostgreSQL, whose password comes from PGPASSWORD,
PGPASSFILE or a service. Each row is a body. Values are never printed.

examples:
  signrules audit keys.parquet
  signrules audit 'exports/*.csv' --sign-key access_key --type basic
  signrules audit keys.csv --rows wrong.csv
  signrules audit app.db --table signature_keys
  signrules audit postgresql://auditor@db.example/app --table signature_keys""",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="files, or patterns such as '*.csv', or URLs")
    for member, option in OPTIONS.items():
        purpose = f"the column of the {member}; {member} if left out"
        parser.add_argument(option, dest=member, metavar="COLUMN", type=text, help=purpose)
    parser.add_argument("--table", metavar="NAME", type=text, help="the table of a database, if it has several")
    of_rows = "of rows that state none: "
    parser.add_argument("--type", metavar="TYPE", type=word(SIGN_TYPES), help=of_rows + TYPE_OR_DEFAULT)
    parser.add_argument("--algorithm", metavar="A", type=word(SIGN_ALGORITHMS), help=of_rows + ALGORITHMS_IN_WORDS)
    parser.add_argument("--json", action="store_true", help="print a JSON object for each file, one on each line")
    rows = f"write where the wrong rows are, as CSV, or as JSON Lines if FILE ends in {listed(_JSON_LINES, 'or')}"
    parser.add_argument("--rows", metavar="FILE", help=rows)


def run(options: argparse.Namespace) -> int:
    """Prints the counts, and says on standard error what could not be read."""
    try:
        import duckdb  # noqa: F401  whether it is there
    except ImportError:
        raise Unusable("the command needs the extra audit: in a clone, pip install '.[audit]'") from None
    columns = _columns(options)
    sources = sources_of(options.files)
    if any(source.path == STDIN for source in sources):
        raise Unusable("standard input cannot be audited: give a file")
    if options.rows and any(_is_same(options.rows, source.path) for source in sources):
        raise Unusable("--rows: nothing is written: the file is one of those that are read")
    with ExitStack() as stack:
        rows = stack.enter_context(Output("--rows", options.rows)) if options.rows else None
        bar = stack.enter_context(Bar(100 * len(sources) * (2 if rows else 1)))
        auditing = _Auditing(options, columns, bar)
        for source in sources:
            auditing.source(source)
        if rows is not None:
            as_text = _json_lines if options.rows.lower().endswith(_JSON_LINES) else _csv_lines
            rows.write(as_text(auditing.places()))
    return auditing.told(len(sources))


def _columns(options: argparse.Namespace) -> Columns:
    if options.type:  # otherwise the rows may state it
        check_algorithm(options.type, options.algorithm)
    kind = Kind(**given({"sign_type": options.type, "sign_algorithm": options.algorithm}))
    return Columns(given({member: getattr(options, member) for member in MEMBERS}), kind)


def _is_same(path: str, other: str) -> bool:
    return os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other)


# The name of a file, the number of a row, a member, and its codes.
_Place = tuple[str, int, str, tuple[Code, ...]]


class _Auditing:
    """Audits one source after another, and adds up the counts."""

    def __init__(self, options: argparse.Namespace, columns: Columns, bar: Bar) -> None:
        from ..audit._tally import Tally

        self._options, self._columns, self._bar = options, columns, bar
        self._total = Tally()
        self._audits: list[tuple[str, Audit]] = []

    def source(self, source: Source) -> None:
        """Counts what is wrong in the source; if it cannot be read, says why."""
        from ..audit._audit import Audit, is_url

        name = "the database" if is_url(source.path) else source.name
        try:
            audit = Audit(source.path, self._columns, self._options.table)
            tally = audit.count(self._show)
        except AuditError as error:
            self._say(f"error: {name} {error}")
        else:
            self._audits.append((name, audit))
            self._total.add(tally)
            for line in (*_told_columns(audit), *_told_faults(audit.faults)):
                self._say(f"{name}: {line}")
            if self._options.json:
                print(json.dumps({"file": name, **_as_json(tally)}))
        self._bar.passed += 100

    def places(self) -> Iterator[_Place]:
        """Where something is wrong, in all sources."""
        for name, audit in self._audits:
            try:
                for row, member, codes in audit.places(self._show):
                    yield name, row, member, codes
            except AuditError as error:
                raise Unusable(f"{name} {error}") from None
            self._bar.passed += 100

    def told(self, given: int) -> int:
        """Prints the table, and returns the exit status."""
        total, read = self._total, len(self._audits)
        if read and not self._options.json:
            sys.stdout.writelines(_table(total))
            rows = "row" if total.rows == 1 else "rows"
            files = f" in {read} of {given} files" if given > 1 else ""
            verdict = f"{total.wrong} wrong" if total.wrong else "all valid"
            print(f"{total.rows} {rows}{files} audited, {verdict}", file=sys.stderr)
        if read < given:
            return UNUSABLE
        return INVALID if total.wrong else VALID

    def _show(self, percentage: float) -> None:
        self._bar.show(lambda: int(percentage))

    def _say(self, told: str) -> None:
        self._bar.hide()
        print(f"signrules audit: {told}", file=sys.stderr)


def _told_columns(audit: "Audit") -> Iterator[str]:
    """The columns that may be those of a member. Any other name may be a value, of a file without a header."""
    for column in audit.unread if audit.left_out else ():
        close = column.isprintable() and meant(column, audit.left_out)
        if close:
            yield f"the column {column} is not read: did you mean {close}? If so, say {OPTIONS[close]} {column}"


def _told_faults(faults: "Faults") -> Iterator[str]:
    for words, rows in faults.items():
        more = f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else ""
        numbers = ", ".join(map(str, rows[:_MOST_ROWS]))
        yield f"{'row' if len(rows) == 1 else 'rows'} {numbers}{more} cannot be read: {words}"


def _as_json(tally: "Tally") -> dict[str, object]:
    from ..audit._tally import LINES

    counts = [
        {
            "field": line.member,
            "sign_type": line.sign_type,
            "sign_algorithm": line.sign_algorithm,
            "values": tally.values[line],
            **{code: tally.codes[line, code] for code in _CODES},
        }
        for line in LINES
    ]
    return {"rows": tally.rows, "wrong": tally.wrong, "counts": counts}


def _table(tally: "Tally") -> Iterator[str]:
    """The lines that count something, and the codes that something has."""
    from ..audit._tally import LINES
    from ..export._tables import aligned

    lines = [
        line
        for line in LINES
        if any(tally.codes[line, code] for code in _CODES) or (line.member and tally.values[line])
    ]
    codes = [code for code in _CODES if any(tally.codes[line, code] for line in LINES)]
    counts = [["values", *codes]]
    counts += [
        [str(number) for number in (tally.values[line], *(tally.codes[line, code] for code in codes))] for line in lines
    ]
    widths = [max(map(len, column)) for column in zip(*counts, strict=True)]
    names = [["field", "sign_type", "sign_algorithm"]]
    names += [[line.member or "(the row)", line.sign_type or "", line.sign_algorithm or ""] for line in lines]
    rows = [[*name, *map(str.rjust, row, widths)] for name, row in zip(names, counts, strict=True)]
    yield aligned(rows)


def _json_lines(places: Iterable[_Place]) -> Iterator[str]:
    for file, row, member, codes in places:
        yield json.dumps({"file": file, "row": row, "field": member, "codes": codes}) + "\n"


def _csv_lines(places: Iterable[_Place]) -> Iterator[str]:
    yield _csv_line("file", "row", "field", "codes")
    for file, row, member, codes in places:
        yield _csv_line(file, row, member, " ".join(codes))


def _csv_line(*cells: object) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
