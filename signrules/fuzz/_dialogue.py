"""A dialogue with a gateway: what is asked next depends on what was answered. It does no input or output itself.

The runner leads a dialogue over HTTP, `_exec` over a pipe, and `led` in process.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TypeVar

from ._case import Case, Observation

_T = TypeVar("_T")

# It yields some cases, is sent an observation for each of them in the same order, and returns its result. No two of its
# cases have the same id.
Dialogue = Generator[Sequence[Case], Sequence[Observation], _T]


def all_at_once(cases: Iterable[Case]) -> Dialogue[tuple[Observation, ...]]:
    """Asks all cases, and returns what was observed."""
    return tuple((yield tuple(cases)))


def led(dialogue: Dialogue[_T], answer: Callable[[Case], Observation]) -> _T:
    """The result of a dialogue of which each case is answered in process."""
    batch = next(dialogue)
    while True:
        observations = [answer(case) for case in batch]
        try:
            batch = dialogue.send(observations)
        except StopIteration as end:
            result: _T = end.value
            return result
