"""The benchmarks run, and the page that they wrote is whole."""

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="needs the extra bench: pip install -e '.[bench]'")
pytest.importorskip("duckdb", reason="needs duckdb: in a clone, pip install '.[dev]'")
pytest.importorskip("pyarrow", reason="needs the extra bench: pip install -e '.[bench]'")

from benchmarks import __main__ as benchmarks
from benchmarks import audit, growth

DOCS = Path(benchmarks.__file__).parent.parent / "docs"


def test_a_quick_run_prints_every_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick"])
    benchmarks.main()
    page = capsys.readouterr().out
    # The same page but for the figures: the one in docs/ is of this program.
    assert headings(page) == headings(before)
    assert (DOCS / "benchmarks.md").read_text(encoding="utf-8") == before


def test_the_benchmark_of_audit_measures_the_same_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["audit", "--rows", "500", "1000", "--rounds", "1"])
    audit.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["rows", "--:", "500", "1,000"]


def test_the_page_of_growth_is_of_this_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["growth", "--quick"])
    growth.main()
    assert headings(capsys.readouterr().out) == headings((DOCS / "growth.md").read_text(encoding="utf-8"))


def headings(page: str) -> list[str]:
    return re.findall(r"^(?:## .*|\| [a-z][^|]*)", page, re.MULTILINE)
