"""The benchmarks run, and the page that they wrote is whole."""

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="needs the extra bench: pip install -e '.[bench]'")

from benchmarks import __main__ as benchmarks

DOCS = Path(benchmarks.__file__).parent.parent / "docs"


def test_a_quick_run_prints_every_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick"])
    benchmarks.main()
    page = capsys.readouterr().out
    # The same page but for the figures: the one in docs/ is of this program.
    assert headings(page) == headings(before)
    assert (DOCS / "benchmarks.md").read_text(encoding="utf-8") == before


def headings(page: str) -> list[str]:
    return re.findall(r"^(?:## .*|\| [a-z][^|]*)", page, re.MULTILINE)
