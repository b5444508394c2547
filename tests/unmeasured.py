"""The environment of programs that coverage does not measure: to measure one takes two to three times as long."""

import os


def unmeasured() -> dict[str, str]:
    """The variables of this process, but those that begin to measure a program in Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
