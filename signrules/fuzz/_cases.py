"""Which cases to send, in which order.

`quick` is the order that finds the most bug models soonest. It takes seconds to find and does not change from run to
run, so it stands in a file, quick.txt, which `python -m benchmarks.quick` writes. `full` goes on from there with every
other candidate. `wire` has other cases, which test how the bytes of a request are read.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from .._guard import guarded
from ._candidates import candidates
from ._case import Case
from ._wire import wire_cases

# Each case of the first two is a JSON text; those of "wire" are raw bytes.
TextProfile = Literal["quick", "full"]
Profile = Literal["quick", "full", "wire"]

# How many cases `full` has.
FULL: Final = 3000


@cache
def quick_ids() -> tuple[str, ...]:
    """The ids of the cases of `quick`, in their order."""
    return tuple(files(__package__).joinpath("quick.txt").read_text(encoding="ascii").splitlines())


@cache
def _ordered() -> tuple[Case, ...]:
    left = {case.id: case for case in candidates()}
    return (*map(left.pop, quick_ids()), *left.values())


@cache
def by_id() -> Mapping[str, Case]:
    """Every case that a report may name, by its id: also those that no profile has."""
    return {case.id: case for case in (*candidates(), *cases("wire"))}


@guarded
def cases(profile: Profile = "quick") -> Iterator[Case]:
    """The cases of a profile. They are the same every time, by the same ids.

    "quick" comes in the order that finds the most bug models soonest. "full", at most 3,000, begins with those of
    "quick". "wire" tests how the bytes of a request are read: its cases are `raw`.
    """
    if profile == "wire":
        return (case for cases_of_topic in wire_cases().values() for case in cases_of_topic)
    return iter(_ordered()[: len(quick_ids()) if profile == "quick" else FULL])
