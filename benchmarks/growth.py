"""How the time grows with the length of a value, and with the number of values.

`python -m benchmarks.growth` measures both in some minutes, prints the page and writes it and its picture to docs/.
"""

import argparse
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final, NamedTuple

import duckdb
import jsonschema_rs
import matplotlib as mpl
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import signrules
from signrules.export import sql_check
from signrules.integrations.polars import violations

from ._peers import PURE, calling, ours, string_schema
from ._timing import Candidate, Case, measure
from .chart import _INK, _LINE, _SETTINGS
from .report import _table, ratio_text

_DOCS: Final = Path(__file__).parent.parent / "docs"
_LENGTHS: Final = tuple(2**power for power in range(3, 12))
_ROWS: Final = tuple(10**power for power in range(3, 8))
# A loop in Python is not run over more rows.
_MOST_IN_A_LOOP: Final = 10**6
_RE, _EMPTY, _ONCE = "re", "an empty call", "reading once"
_STYLES: Final = {
    _RE: ("#64748b", "-"),
    "signrules": ("#c2410c", "-"),
    PURE: ("#c2410c", ":"),
    "jsonschema-rs": ("#1d4ed8", "-"),
    "signrules in Polars": ("#15803d", "-"),
    "signrules in DuckDB": ("#a16207", "-"),
    "PyArrow": ("#1d4ed8", "-"),
    _EMPTY: ("#cbd5e1", "-"),
    _ONCE: ("#cbd5e1", "--"),
}
# For each peer, the nanoseconds at each place of the axis.
Curves = Mapping[str, Mapping[int, float]]


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few rounds and rows, to see that all works; write nothing"
    )
    quick = parser.parse_args().quick
    lengths = over_length(rounds=2 if quick else 51, batch_ms=0.1 if quick else 1.5)
    rows = over_rows(_ROWS[:2] if quick else _ROWS, rounds=1 if quick else 5)
    text, drawing = page(lengths, rows), svg(lengths, rows)
    print(text)
    if not quick:
        (_DOCS / "growth.md").write_text(text, encoding="utf-8")
        (_DOCS / "growth.svg").write_text(drawing, encoding="utf-8")


# One value


def over_length(rounds: int, batch_ms: float) -> Curves:
    """The time of one right value of the row that allows the longest, or of the one that allows shorter ones."""
    cases = [_of_length(length) for length in _LENGTHS]
    times = measure(cases, rounds=rounds, batch_ms=batch_ms)
    peers = [candidate.peer for candidate in cases[0].candidates]
    return {peer: {n: times[str(n), peer] for n in _LENGTHS} for peer in peers}


def _of_length(length: int) -> Case:
    rows = [rule for rule in signrules.RULES if rule.sign_type == "public_key"]
    rule = next(rule for rule in rows if rule.min_length <= length <= rule.max_length)
    value = (rule.first * length)[:length]
    candidates = [
        calling(_RE, _counted(rule).fullmatch, value),
        *(
            Candidate(
                peer,
                f"judge({rule.field!r}, value, sign_type={rule.sign_type!r})",
                {"judge": package.is_valid, "value": value},
            )
            for peer, package in ours()
        ),
        calling("jsonschema-rs", jsonschema_rs.validator_for(string_schema(rule)).is_valid, value),
        calling(_EMPTY, lambda _: True, value),
        Candidate(_ONCE, "find('~') < 0", {"find": value.find}),
    ]
    assert all(candidate.accepts() for candidate in candidates)
    return Case(str(length), candidates)


def _counted(rule: signrules.Rule) -> re.Pattern[str]:
    return re.compile(f"{rule.pattern.removesuffix('*')}{{{rule.min_length - 1},{rule.max_length - 1}}}")


# Many values


class _Column(NamedTuple):
    """The same values as each peer holds them."""

    texts: Sequence[str]
    arrow: Any
    polars: pl.DataFrame
    connection: duckdb.DuckDBPyConnection


def over_rows(counts: Sequence[int], rounds: int) -> Curves:
    """The time of each value among so many, of which one in a hundred is wrong."""
    found: dict[str, dict[int, float]] = {}
    for count in counts:
        column = _column(count)
        candidates = {
            peer: judge for peer, judge in _judges().items() if count <= _MOST_IN_A_LOOP or peer not in _IN_A_LOOP
        }
        for peer, seconds in _taken(candidates, column, rounds).items():
            found.setdefault(peer, {})[count] = seconds / count * 1e9
        column.connection.close()
    return found


def _column(count: int) -> _Column:
    texts = [f"{'?' if number % 100 == 7 else ''}key_{number:012}" for number in range(count)]
    arrow = pa.table({"sign_key": texts})
    connection = duckdb.connect()
    connection.execute("CREATE TABLE keys AS SELECT * FROM arrow")
    return _Column(texts, arrow["sign_key"], pl.DataFrame(arrow), connection)


_IN_A_LOOP: Final = (_RE, "signrules", PURE)


def _judges() -> dict[str, Callable[[_Column], int]]:
    """How each peer counts the right values."""
    (rule,) = signrules.rules_for("sign_key")
    counted = _counted(rule)
    both = {peer: package.rules_for("sign_key")[0].accepts for peer, package in ours()}
    is_right = violations("sign_key").list.len() == 0
    is_not_marked = ~pl.col("sign_key").str.contains("?", literal=True)  # as the wrong ones are
    whole = rf"\A(?:{counted.pattern})\z"
    query = f"SELECT count(*) FILTER (WHERE {sql_check('sign_key', dialect='duckdb')}) FROM keys"  # noqa: S608  ours

    def in_duckdb(column: _Column) -> int:
        (count,) = column.connection.execute(query).fetchone() or (0,)
        return int(count)

    return {
        _RE: lambda column: sum(map(bool, map(counted.fullmatch, column.texts))),
        **{peer: _looping(accepts) for peer, accepts in both.items()},
        "PyArrow": lambda column: int(pc.sum(pc.match_substring_regex(column.arrow, whole)).as_py()),
        "signrules in Polars": lambda column: int(column.polars.select(is_right).to_series().sum()),
        "signrules in DuckDB": in_duckdb,
        _ONCE: lambda column: int(column.polars.select(is_not_marked).to_series().sum()),
    }


def _looping(accepts: Callable[[str], bool]) -> Callable[[_Column], int]:
    return lambda column: sum(map(accepts, column.texts))


def _taken(candidates: Mapping[str, Callable[[_Column], int]], column: _Column, rounds: int) -> dict[str, float]:
    """The median seconds of each; every round runs each of them, and they must count the same."""
    times: dict[str, list[float]] = {peer: [] for peer in candidates}
    for _ in range(rounds):
        counts = set()
        for peer, judge in candidates.items():
            start = perf_counter()
            counts.add(judge(column))
            times[peer].append(perf_counter() - start)
        assert len(counts) == 1, counts
    return {peer: median(of_one) for peer, of_one in times.items()}


# What is written


def page(lengths: Curves, rows: Curves) -> str:
    """The whole page."""
    peers = ("duckdb", "jsonschema-rs", "polars", "pyarrow")
    most = max(n for n in rows[_RE])
    parts = [
        "# How the time grows",
        "`python -m benchmarks.growth`, run in the project's root, measures all of it and writes this page and its "
        "picture; do not edit them. Only ratios count.",
        f"Measured with {platform.python_implementation()} {platform.python_version()}, "
        f"{', '.join(f'{peer} {version(peer)}' for peer in peers)}.",
        "![Time over the length of a value and over the number of values](growth.svg)",
        "## With the length of a value",
        "A right value of public_key, judged by `is_valid`. Time relative to `re` at the same length. Two floors: a "
        "call that does nothing, and a search for a character that is not there, which reads the value once.",
        _cells(lengths, lambda n: lengths[_RE][n]),
        "## With the number of values",
        "Keys of hmac, of which one in a hundred is wrong, in memory: a loop of Python over `Rule.accepts`, the "
        "expression of `signrules.integrations.polars`, the condition of `sql_check`, and a pattern in PyArrow. "
        f"Polars and DuckDB use all cores. Time for each value, relative to a loop over `re` with {most:,} values. "
        "The floor is a search that reads every value once.",
        _cells(rows, lambda _: rows[_RE][most]),
    ]
    return "\n\n".join(parts) + "\n"


def _cells(curves: Curves, baseline: Callable[[int], float]) -> str:
    places = list(dict.fromkeys(n for curve in curves.values() for n in curve))
    lines = [
        [peer, *(ratio_text(curve[n] / baseline(n)) if n in curve else "-" for n in places)]
        for peer, curve in curves.items()
    ]
    return _table(["", *(f"{n:,}" for n in places)], lines)


def svg(lengths: Curves, rows: Curves) -> str:
    """The picture, as the text of an SVG file without a date."""
    text = StringIO()
    with mpl.rc_context(_SETTINGS):
        drawing = Figure(figsize=(8, 6.4), facecolor="white", layout="constrained")  # legible on a dark page, too
        upper, lower = drawing.subplots(2, 1)
        _panel(upper, "One value: nanoseconds over characters", lengths)
        _panel(lower, "Many values: nanoseconds for each over their number", rows)
        drawing.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Description": _DESCRIPTION})
    return text.getvalue()


def _panel(axes: Axes, title: str, curves: Curves) -> None:
    for peer, curve in curves.items():
        color, style = _STYLES[peer]
        axes.plot(list(curve), list(curve.values()), linestyle=style, linewidth=1.6, color=color, label=peer)
    axes.set_xscale("log", base=10)
    axes.set_yscale("log")
    places = sorted({n for curve in curves.values() for n in curve})
    axes.set_xticks(places, [f"{n:,}" for n in places])
    axes.minorticks_off()
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
    axes.grid(color=_LINE, linewidth=0.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=_INK)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


_DESCRIPTION: Final = "Written by python -m benchmarks.growth"


if __name__ == "__main__":
    main()
