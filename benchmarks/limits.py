"""The limits that the project sets itself, beside the figures of one run."""

from collections.abc import Mapping
from typing import NamedTuple

from . import bodies, generation, long_values, values
from ._timing import Times


class Limit(NamedTuple):
    """What is limited, what was measured, and the limit: a floor if `at_least`, else a ceiling."""

    what: str
    measured: float
    limit: float
    unit: str
    at_least: bool = False

    def kept(self) -> bool:
        """Whether the measured figure is within the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def project_limits(times: Times, imports: Mapping[str, float]) -> list[Limit]:
    """All limits."""

    def compared(case: str, peer: str) -> float:
        return times[case, "signrules"] / times[case, peer]

    def faster(case: str) -> float:
        return 1 / compared(case, generation.BASELINE)

    slowest = max(time for (_, function), time in times.items() if function in long_values.FUNCTIONS)
    return [
        Limit("`is_valid`, 32 characters, to `re`", compared(values.SHORT, "re"), 1.6, "x"),
        Limit("`is_valid`, 2,048 characters, to `re`", compared(values.LONG, "re"), 0.6, "x"),
        Limit("`check`, 3 violations, to pydantic's `errors()`", compared(values.REPORT, "pydantic"), 1, "x"),
        Limit("`check_request`, right hmac body, to jsonschema-rs", compared(bodies.OK, "jsonschema-rs"), 1, "x"),
        Limit("a million characters, the slowest case", slowest / long_values.LENGTH, 2, " µs per 1,000"),
        Limit("`generate`, 32 characters", faster(generation.SHORT), 40, "x faster", at_least=True),
        Limit("`generate`, 2,048 characters", faster(generation.LONG), 150, "x faster", at_least=True),
        Limit("`import signrules`", imports["signrules"], 3, " ms"),
    ]
