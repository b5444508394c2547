"""The limits that the project sets itself, beside the figures of one run."""

from collections.abc import Mapping
from typing import NamedTuple

from . import bodies, generation, importing, long_values, values
from ._peers import OURS, PURE
from ._timing import Times


class Limit(NamedTuple):
    """What is limited, what was measured, and the limit: a floor if `at_least`, else a ceiling."""

    what: str
    measured: float
    limit: float
    unit: str = "x"
    at_least: bool = False

    def kept(self) -> bool:
        """Whether the measured figure is within the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def project_limits(times: Times, imports: Mapping[str, float]) -> list[Limit]:
    """All limits. Each is a ratio: an absolute one would be missed on a slower machine."""

    def ratio(case: str, peer: str, other: str) -> float:
        return times[case, peer] / times[case, other]

    def faster(case: str) -> float:
        return ratio(case, generation.BASELINE, OURS)

    def to_fastest(case: str) -> float:
        return times[case, OURS] / min(times[case, peer] for other, peer in times if other == case and OURS not in peer)

    short, report, right = values.SHORT, values.REPORT, bodies.OK
    accepts, check = f"{OURS}, {values.ACCEPTS}", f"{OURS}, {values.CHECK}"
    pure_accepts, pure_check = f"{PURE}, {values.ACCEPTS}", f"{PURE}, {values.CHECK}"
    to_pure = max(ratio(case, peer.replace(PURE, OURS), peer) for case, peer in times if peer.startswith(PURE))
    longest = max(time for (case, peer), time in times.items() if case in long_values.TITLES and OURS in peer)
    searched = times[long_values.TITLES[0], long_values.BASELINE]
    return [
        Limit("`is_valid`, 32 characters, to `re`", ratio(short, OURS, "re"), 0.4),
        Limit("`is_valid`, 32 characters, to the fastest peer", to_fastest(short), 0.7),
        Limit("`is_valid`, 2,048 characters, to `re`", ratio(values.LONG, OURS, "re"), 0.25),
        Limit("`Rule.accepts`, 32 characters, to `is_valid`", ratio(short, accepts, OURS), 1),
        Limit("`check`, 32 right characters, to `is_valid`", ratio(short, check, OURS), 1.3),
        Limit("`check`, 3 violations, to pydantic's `errors()`", ratio(report, OURS, "pydantic"), 0.5),
        Limit("`check_request`, right hmac body, to jsonschema-rs", ratio(right, OURS, "jsonschema-rs"), 0.2),
        Limit("with the accelerator, to pure: the worst case (some are the same)", to_pure, 1.1),
        Limit("pure: `is_valid`, 32 characters, to `re`", ratio(short, PURE, "re"), 1.4),
        Limit("pure: `is_valid`, 2,048 characters, to `re`", ratio(values.LONG, PURE, "re"), 0.6),
        Limit("pure: `Rule.accepts`, 32 characters, to `re`", ratio(short, pure_accepts, "re"), 1.25),
        Limit("pure: `check`, 32 right characters, to `re`", ratio(short, pure_check, "re"), 1.9),
        Limit("pure: `check`, 32 right characters, to `is_valid`", ratio(short, pure_check, PURE), 1.3),
        Limit("pure: `check`, 3 violations, to pydantic's `errors()`", ratio(report, PURE, "pydantic"), 1),
        *(
            Limit(f"pure: `check_request`, {case}, to jsonschema-rs", ratio(case, PURE, "jsonschema-rs"), 1)
            for case in (bodies.OK, bodies.WITHOUT_TYPE, bodies.WITHOUT_KEY)
        ),
        Limit("a million characters, the slowest case, to a search by `re`", longest / searched, 1),
        Limit("`generate`, 32 characters", faster(generation.SHORT), 40, "x faster", at_least=True),
        Limit("`generate`, 2,048 characters", faster(generation.LONG), 150, "x faster", at_least=True),
        Limit("`import signrules`, to `re` and `typing`", imports[importing.OURS] / imports[importing.BASELINE], 0.2),
    ]
