"""Measures everything, prints the page and writes it to docs/."""

import argparse
from pathlib import Path

from . import bodies, chart, generation, long_values, values
from ._timing import measure
from .importing import measure_imports
from .limits import project_limits
from .report import page

_DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only print, write nothing")
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that all works; write nothing")
    options = parser.parse_args()

    groups = [module.group() for module in (values, bodies, generation, long_values)]
    cases = {case.title: case for group in groups for case in group.cases}
    times = measure(list(cases.values()), rounds=2 if options.quick else 151, batch_ms=0.1 if options.quick else 1.5)
    imports = measure_imports(rounds=1 if options.quick else 15)
    text = page(groups, times, imports, project_limits(times, imports))
    panels = {
        "One value: accept 32 characters": values.SHORT,
        "One value: accept 2,048 characters": values.LONG,
        "One value: full report of 3 violations (errors told)": values.REPORT,
        "One request body: accept": bodies.OK,
        "Generation of 32 characters": generation.SHORT,
    }
    # Drawn even when it is not written, so that a quick run tries all of the program.
    drawing = chart.svg([(title, cases[case]) for title, case in panels.items()], times)
    print(text)
    if options.dry_run or options.quick:
        return
    _DOCS.mkdir(exist_ok=True)
    (_DOCS / "benchmarks.md").write_text(text, encoding="utf-8")
    (_DOCS / "benchmarks.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
