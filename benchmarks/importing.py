"""What an import costs a fresh process."""

import os
import subprocess
import sys
from statistics import median

MODULES = ("signrules", "msgspec", "dataclasses", "jsonschema", "pydantic")

_PROGRAM = """
import re, typing
from time import perf_counter_ns
start = perf_counter_ns()
import {module}
print(perf_counter_ns() - start)
"""


def measure_imports(rounds: int) -> dict[str, float]:
    """The median milliseconds that each import adds to a process that has imported `re` and `typing`."""
    times: dict[str, list[float]] = {module: [] for module in MODULES}
    for module in MODULES:
        _import(module)  # compiles to bytecode what was not compiled before
    for _ in range(rounds):
        for module in MODULES:
            times[module].append(_import(module))
    return {module: median(of_one) for module, of_one in times.items()}


def _import(module: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", _PROGRAM.format(module=module)]
    return int(subprocess.run(command, env=environment, capture_output=True, check=True).stdout) / 1e6
