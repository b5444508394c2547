"""Histories of runs against a hostile gateway: no foreign key is ever touched, and whatever of ours is left is told.

Hypothesis makes the histories; SIGNRULES_HISTORIES says how many. Then each situation that once went wrong, by name.
"""

import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

pytest.importorskip("httpx", reason="needs httpx: pip install 'signrules[fuzz]'")

from signrules.fuzz import Case
from signrules.fuzz._candidates import candidates, named
from signrules.fuzz._runner import Unsuitable, run
from signrules.fuzz.bugs import refused

from .hostile import (
    CHANGES,
    DELETE_MOVES,
    HABITS,
    LIST_MOVES,
    LONGEST_LAG,
    POST_MOVES,
    URL,
    Act,
    Delete,
    Fault,
    Habits,
    Killed,
    Plan,
    Post,
    Told,
    Transport,
    World,
    forms,
)

# A list without an end need not be long to be tested.
MOST_PAGES = 20

HISTORIES = int(os.environ.get("SIGNRULES_HISTORIES", "300"))

ALPHABET = "name:characters-0"
CHOSEN = (
    "body:name-alone",  # right, with a fresh name
    "body:empty.sign_key",  # wrong, with a fresh name
    "name:length-3",  # right, with the tested name kEy
    "body.hmac:right-5",  # right, with the same
    ALPHABET,  # right, with a tested name that holds abc, XYZ and more
    "name:before-space",  # wrong, with a tested name that becomes kEy if it is trimmed
    "body:empty.name",  # wrong, with an empty name
    "body:no-name",  # wrong, without one
    "body:a-list-of-one-body",  # no object
)
BY_ID = {case.id: case for case in candidates()}
CASES = tuple(BY_ID[case_id] for case_id in CHOSEN)

NAMES = (
    "other",
    "abc",
    "XYZ",
    "kEy",
    "KEY",
    "Ey0",
    "A_AB",
    "",
    "srabcdefghijkl",
    named(CHOSEN[0]),
    "part0",
    "part1",
    "part7",
)


@pytest.fixture(autouse=True, scope="module")
def short_lists() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signrules.fuzz._keys._MOST_PAGES", MOST_PAGES)
        yield


class History:
    """A world, and the runs of one command in it."""

    def __init__(self, folder: Path, cases: Sequence[Case] = CASES[:5]) -> None:
        self.cases, self.state = tuple(cases), folder / "state"
        self.world = World(CASES, self.state)
        self.is_planted = False

    def run(self, plan: Plan = Plan(), *, concurrency: int = 2) -> Told:  # noqa: B008  it is immutable
        """A run, and what must hold of each. What a killed one told, nobody reads."""
        world = self.world
        world.begin(plan)
        usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored
        message, found = "", None
        is_over, planted = False, self.is_planted
        try:
            found = run(
                URL,
                self.cases,
                token=None,
                state=self.state,
                concurrency=concurrency,
                attempts=3,
                sleep=world.sleep,
                transport=Transport(world),
            )
            is_over = True
        except Unsuitable as reason:
            message, is_over = str(reason), True
        except ValueError:
            assert planted
            self.state.write_bytes(self._unplanted)
            self.is_planted = False
        except KeyboardInterrupt:
            assert world.interrupted > 1
        except BaseException:
            if not world.frozen:
                raise
            world.restore()
        finally:
            signal.signal(signal.SIGINT, usual)
        assert not world.endless
        assert not world.touched, "somebody else's key is touched"
        world.advance(LONGEST_LAG)
        told = Told(found, message)
        if world.ours:
            assert self.state.exists(), "the state of what is left is lost"
        if is_over:
            self._check_told(told)
        if found is not None:
            assert found.requests == sum(world.counts.values())
        return told

    def _check_told(self, told: Told) -> None:
        world = self.world
        for key in world.ours:
            assert not told.is_clean, "a run that left a key of ours calls itself clean"
            if world.is_knowable(key) and not self.is_planted:
                assert world.is_told(key, told), "a key of ours is left and not told"
        for key in world.alive:
            if not key.ours and key.id in (world.last_list or ()) and key.id not in (world.before or world.shown):
                assert told.has_id(key.id), "a key that is new since the run began is not told"
        if not self.state.exists():
            self.is_planted = False

    def mend(self) -> Told:
        """A run of the same command against a gateway that is right, while nobody else does anything."""
        self.world.advance(60)
        told = self.run()
        if not self.is_planted:
            assert not any(self.world.is_provable(key) for key in self.world.ours), "a provable key is left"
        return told

    def plant(self, n: int, name: str) -> None:
        """Writes somebody else's keys, and names that anybody can guess, into the state file, as if they were ours."""
        lines = self.state.read_bytes().splitlines(keepends=True)
        world = self.world
        others = [key for key in world.alive if not key.ours and not forms(key.name) & world.tested]
        if len(lines) < 2:
            return
        if not self.is_planted:
            self._unplanted = b"".join(lines)
        self.is_planted = True
        other = others[n % len(others)] if others else world.make("other")
        other.promised |= world.tested
        step = lines[1 + n % (len(lines) - 1)].decode()
        for known in sorted({*world.sent, *world.keys}, key=len, reverse=True):
            if known:
                step = step.replace(json.dumps(known), json.dumps(other.id if known in world.keys else name))
        self.state.write_bytes(b"".join([*lines, step.encode()]))


# Plans.

MOVES = (*POST_MOVES, *DELETE_MOVES, *LIST_MOVES)
habits = st.lists(st.sampled_from(HABITS), max_size=3).map(lambda some: Habits()._replace(**dict(some)))
faults = st.lists(
    st.builds(Fault, st.integers(1, 9), st.sampled_from((1, 2, 99)), st.sampled_from(MOVES)), max_size=4
).map(tuple)
acts = st.builds(Act, st.sampled_from(("make", "rename", "take", "delete")), st.integers(0, 9), st.sampled_from(NAMES))
moments = st.integers(1, 60)
plans = st.tuples(habits, faults, st.lists(st.tuples(moments, acts), max_size=3).map(tuple)).map(lambda all_: Plan(*all_))
ENDS: dict[str, Any] = {
    "refused": lambda n, m: {"refuses_from": n, "refusal": 401 if m % 2 else 404},
    "interrupted": lambda n, _: {"interrupts": (n,)},
    "interrupted twice": lambda n, m: {"interrupts": (n, n + m)},
    "killed": lambda n, m: {"killed_at": n, "killed_when_done": bool(m % 2)},
}


class Histories(RuleBasedStateMachine):
    """Runs, other people, and time."""

    @initialize(
        chosen=st.lists(st.sampled_from(CHOSEN), min_size=2, max_size=5, unique=True),
        there=st.lists(st.sampled_from(NAMES[:10]), max_size=3),
    )
    def begin(self, chosen: list[str], there: list[str]) -> None:
        self.folder = TemporaryDirectory()
        self.history = History(Path(self.folder.name), [BY_ID[case_id] for case_id in chosen])
        for name in there:
            self.history.world.make(name)
        self.history.world.advance(60)

    @rule(plan=plans, concurrency=st.sampled_from((1, 2, 4)))
    def run(self, plan: Plan, concurrency: int) -> None:
        self.history.run(plan, concurrency=concurrency)

    @rule(plan=plans, end=st.sampled_from(sorted(ENDS)), n=moments, m=st.integers(1, 6))
    def run_that_ends_early(self, plan: Plan, end: str, n: int, m: int) -> None:
        self.history.run(plan._replace(**ENDS[end](n, m)))

    @rule(act=acts)
    def somebody_else(self, act: Act) -> None:
        self.history.world.act(act)

    @precondition(lambda self: self.history.state.exists())
    @rule(n=st.integers(0, 50), name=st.sampled_from(("kEy", "abc", "XYZ", "")))
    def plant(self, n: int, name: str) -> None:
        self.history.plant(n, name)

    @rule()
    def mend(self) -> None:
        self.history.mend()

    def teardown(self) -> None:
        try:
            self.history.mend()
        finally:
            self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=HISTORIES, stateful_step_count=4)
