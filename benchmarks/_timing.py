"""Interleaved timing: every round runs one batch of every candidate, so that a slow moment of the machine hits all."""

from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter_ns
from timeit import Timer
from typing import Any, Literal, NamedTuple


class Candidate(NamedTuple):
    """A statement to time, and the names that it uses.

    It is source text because `timeit` runs that in line: calling a function around it would cost as much as a third of
    the fastest ones. `raises` is what a peer raises to refuse a value.
    """

    peer: str
    statement: str
    names: Mapping[str, object]
    raises: tuple[type[Exception], ...] = ()
    remark: str = ""

    def run(self) -> Any:
        """What the statement, an expression, returns."""
        return eval(self.statement, dict(self.names))

    def accepts(self) -> bool:
        """Whether what it returns is true."""
        try:
            return bool(self.run())
        except self.raises:
            return False

    def caught(self, then: str = "pass") -> "Candidate":
        """The same as a caller writes it who goes on after a refusal; `then` is done with the `error`."""
        if not self.raises:
            return self
        statement = f"try:\n    {self.statement}\nexcept Refused as error:\n    {then}"
        return self._replace(statement=statement, names={**self.names, "Refused": self.raises})


class Case(NamedTuple):
    """Candidates that do the same thing; the first one is what the others are compared with."""

    title: str
    candidates: Sequence[Candidate]


class Group(NamedTuple):
    """Cases that are shown in one table, what a reader has to know to read it, and what its cells show."""

    title: str
    note: str
    cases: Sequence[Case]
    cells: Literal["times as long", "times faster", "us per 1,000"]


# Nanoseconds of one run, by the title of the case and the name of the peer.
Times = Mapping[tuple[str, str], float]


def measure(cases: Sequence[Case], rounds: int, batch_ms: float) -> Times:
    """The median time of every candidate of every case."""
    timers = {
        (case.title, candidate.peer): Timer(candidate.statement, timer=perf_counter_ns, globals=dict(candidate.names))
        for case in cases
        for candidate in case.candidates
    }
    batches = {key: _batch(timer, batch_ms * 1e6) for key, timer in timers.items()}
    times: dict[tuple[str, str], list[float]] = {key: [] for key in timers}
    for _ in range(rounds):
        for key, timer in timers.items():
            times[key].append(timer.timeit(batches[key]) / batches[key])  # timeit turns the garbage collector off
    return {key: median(of_one) for key, of_one in times.items()}


def _batch(timer: Timer, nanoseconds: float) -> int:
    """How many runs take about as long; found by doubling, which warms up as well."""
    number = 1
    while (taken := timer.timeit(number)) < nanoseconds / 2:
        number *= 2
    return max(1, round(number * nanoseconds / taken))
