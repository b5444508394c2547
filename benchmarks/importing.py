"""What an import costs a fresh process."""

import os
import subprocess
import sys
import tempfile
from statistics import median
from typing import Final

BASELINE: Final = "re and typing"
OURS: Final = "signrules"
# The statements, by what they import; each but the first is timed after the first.
STATEMENTS: Final = {
    BASELINE: "import re, typing",
    OURS: "import signrules",
    "signrules.check_request": "from signrules import check_request",
    **{peer: f"import {peer}" for peer in ("msgspec", "dataclasses", "jsonschema", "pydantic")},
}

_PROGRAM = """
{before}
from time import perf_counter_ns
start = perf_counter_ns()
{statement}
print(perf_counter_ns() - start)
"""


def measure_imports(rounds: int) -> dict[str, float]:
    """The median milliseconds that each import takes a process, after `re` and `typing` if it is not theirs."""
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for name in STATEMENTS:
        _import(name)  # compiles to bytecode what was not compiled before
    for _ in range(rounds):
        for name in STATEMENTS:
            times[name].append(_import(name))
    return {name: median(of_one) for name, of_one in times.items()}


def _import(name: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = "" if name == BASELINE else STATEMENTS[BASELINE]
    command = [sys.executable, "-c", _PROGRAM.format(before=before, statement=STATEMENTS[name])]
    # In a folder without the checkout, so that the package is found as it is installed.
    done = subprocess.run(command, env=environment, cwd=tempfile.gettempdir(), capture_output=True, check=True)
    return int(done.stdout) / 1e6
