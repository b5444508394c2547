"""How long an audit takes beside a query that is written by hand: `python -m benchmarks.audit`, some minutes.

Both read the same Parquet files, take turns, and ask the same conditions of every value. The query by hand counts the
wrong values of each kind; the audit also says which code each has, and what is wrong with the members around them.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import duckdb

from signrules._rule import Field
from signrules._vocabulary import KINDS, Kind
from signrules.audit._audit import Audit
from signrules.audit._columns import Columns
from signrules.audit._engine import Engine, literal
from signrules.export import sql_check

# One row in a hundred is wrong. No value stands twice, so that no dictionary of the file makes the reading cheaper.
_ROWS = """
    SELECT 'key_' || i AS name, kinds[1 + i % len(kinds)].sign_type AS sign_type,
        CASE WHEN i % 100 = 7 THEN '?' ELSE '' END || substr(md5(i::VARCHAR), 1, kinds[1 + i % len(kinds)].length)
            AS sign_key,
        substr(md5((-i)::VARCHAR), 1, 16) AS sign_secret,
        kinds[1 + i % len(kinds)].sign_algorithm AS sign_algorithm
    FROM range({rows}) AS numbers(i), (SELECT {kinds} AS kinds)
"""


def main() -> None:
    """Prints a Markdown table: the ratio of the medians, the growth, and the peak of memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print("| rows | the audit, to the query by hand | one row, to one row of the line above | peak of memory |")
    print("| --: | --: | --: | --: |")
    with TemporaryDirectory() as folder:
        before = None
        for rows in options.rows:
            path = Path(folder, f"{rows}.parquet")
            write(path, rows)
            audit, by_hand = measured([lambda: audited(path), lambda: asked(path)], options.rounds)  # noqa: B023  called at once
            growth = "-" if before is None else f"{audit / rows / before:.2f}"
            print(f"| {rows:,} | {audit / by_hand:.2f} | {growth} | {peak(path) / 1e6:.0f} MB |", flush=True)
            before = audit / rows


def write(path: Path, rows: int) -> None:
    """Writes the file."""
    kinds = ", ".join(f"{_struct(kind)}" for kind in KINDS)
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        query = _ROWS.format(rows=rows, kinds=f"[{kinds}]")
        connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")


def _struct(kind: Kind) -> str:
    algorithm = "NULL" if kind.sign_algorithm is None else f"'{kind.sign_algorithm}'"
    length = 16 if kind.sign_algorithm == "aes-128-cfb" else 32
    return f"{{'sign_type': '{kind.sign_type}', 'sign_algorithm': {algorithm}, 'length': {length}}}"


def measured(candidates: Sequence[Callable[[], int]], rounds: int) -> list[float]:
    """The median seconds that each candidate takes of all processors together, whoever else uses them.

    Every round runs each of them, and they must count the same.
    """
    times: list[list[float]] = [[] for _ in candidates]
    for _ in range(rounds):
        counts = set()
        for candidate, of_one in zip(candidates, times, strict=True):
            start = process_time()
            counts.add(candidate())
            of_one.append(process_time() - start)
        assert len(counts) == 1, counts
    return [median(of_one) for of_one in times]


def audited(path: Path) -> int:
    """The wrong values that the audit counts."""
    tally = Audit(str(path), Columns({}, Kind())).count(lambda _: None)
    return tally.wrong


def asked(path: Path) -> int:
    """The wrong values that the query by hand counts."""
    fields: list[Field] = ["name", "sign_key", "sign_secret"]
    wrong = ", ".join(f"count(*) FILTER (WHERE NOT {_right(field)})" for field in fields)
    with Engine("fails") as engine:
        query = f"SELECT sign_type, sign_algorithm, {wrong} FROM read_parquet({literal(str(path))}) GROUP BY ALL"  # noqa: S608  ours
        return sum(sum(counts) for _, _, *counts in engine.ask(query))


def _right(field: Field) -> str:
    """The condition for the row's algorithm or, where it has none, its type."""
    cases = " ".join(
        f"WHEN '{kind.sign_algorithm or kind.sign_type}' THEN {sql_check(field, dialect='duckdb', **kind._asdict())}"
        for kind in KINDS
    )
    return f"(CASE coalesce(sign_algorithm, sign_type) {cases} ELSE true END)"


def peak(path: Path) -> int:
    """The most bytes that the process of an audit has had."""
    process = subprocess.Popen(
        [sys.executable, "-m", "signrules", "audit", str(path), "--json"], stdout=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # it has ended, and nobody has to wait for it
    return usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
