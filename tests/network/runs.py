"""Runs of the fuzzer against a gateway whose answers can be spoilt."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs httpx: in a clone, pip install '.[fuzz]'")

from signrules.fuzz import Case
from signrules.fuzz._candidates import candidates
from signrules.fuzz._case import named
from signrules.fuzz._dialogue import all_at_once
from signrules.fuzz._runner import Run, run

from .. import oracle
from ..silence import LONG
from ..threads import in_a_thread
from .faults import Fault, FaultyGateway, Right, Spoil

TOKEN = LONG[:30]


@cache
def chosen(count: int = 60) -> tuple[Case, ...]:
    """Half of them right, of every kind; some of the wrong ones with a name of their own, some without.

    A right one with a name of its own makes a key that is not proven to be ours if its answer is lost: those are below.
    """
    right = [case for case in candidates() if accepts(case) and case.body["name"] == named(case.id)]
    wrong = [case for case in candidates() if not accepts(case)]
    half_of_them = count // 2
    spread = [some[:: len(some) // half_of_them][:half_of_them] for some in (right, wrong)]
    return tuple(case for pair in zip(*spread, strict=True) for case in pair)


def right_ones(count: int) -> tuple[Case, ...]:
    return tuple(case for case in chosen(2 * count) if accepts(case))


def accepts(case: Case) -> bool:
    """What a gateway makes of it that keeps the rules, and ignores unknown members."""
    return oracle.first_refused(case.body) is None


class Sleeper:
    """Sleeps no longer than it takes to let others run."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.001)


@contextmanager
def of(spoil: Spoil = lambda _method, _n: None, **settings: Any) -> Iterator[tuple[FaultyGateway, str]]:
    gateway = FaultyGateway(spoil, **settings)
    with gateway.serving() as url:
        yield gateway, url


def fuzz(url: str, state: Path, few: Sequence[Case] | None = None, **settings: Any) -> Run:
    given: dict[str, Any] = {"token": TOKEN, "state": state / "state", "sleep": Sleeper()}
    return in_a_thread(lambda: sent(url, chosen() if few is None else few, **(given | settings)))


def sent(url: str, few: Sequence[Case], **settings: Any) -> Run:
    """A run that sends these cases."""
    return run(url, all_at_once(few), purpose=purpose_of(few), **settings)


def purpose_of(few: Sequence[Case]) -> str:
    return " ".join(case.id for case in few)


def assert_right(found: Run, few: Sequence[Case]) -> None:
    assert [(o.case.id, o.accepted) for o in found.observations] == [(case.id, accepts(case)) for case in few]
    assert (found.left_behind, found.interrupted, found.stopped) == ((), False, "")


def from_nth(first: int, fault: Fault, method: str = "POST", every: int = 1) -> Spoil:
    return lambda asked, n: fault if asked == method and n >= first and n % every == 0 else None


def between(first: int, end: int, fault: Fault) -> Spoil:
    return lambda method, n: fault if method == "POST" and first <= n < end else None


def interrupted(url: str, folder: Path, few: Sequence[Case], *, at: int = 20) -> None:
    """Leaves a state file with some verdicts."""

    def progress(done: int, _: int) -> None:
        if done == at:
            raise RuntimeError("as if it crashed")

    with pytest.raises(RuntimeError, match="as if"):
        fuzz(url, folder, few, progress=progress)


# Whoever runs the tests in the background may have it ignored.
CLIENT = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.network.runs import TOKEN, right_ones, sent
found = sent(sys.argv[1], right_ones(int(sys.argv[3])), token=TOKEN, state=Path(sys.argv[2]))
print(len(found.observations), found.left_behind, found.interrupted, repr(found.stopped))
"""


@contextmanager
def client(url: str, folder: Path, *, count: int = 60, before: str = "") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", before + CLIENT, url, str(folder / "state"), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process


NEVER = threading.Event()


class Held:
    """A fault that holds an answer back, its key made or not yet, until the test lets it go."""

    def __init__(self, *, made: bool) -> None:
        self.reached, self.released, self._made = threading.Event(), threading.Event(), made

    async def __call__(self, right: Right) -> bytes:
        answer = right() if self._made else b""
        self.reached.set()
        while not self.released.is_set():
            await asyncio.sleep(0.01)
        return answer or right()
