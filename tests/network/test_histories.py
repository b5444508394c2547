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

pytest.importorskip("httpx", reason="needs httpx: pip install '.[fuzz]'")

from signrules.fuzz import Case, cases
from signrules.fuzz._candidates import candidates
from signrules.fuzz._case import named
from signrules.fuzz._runner import Unsuitable

from .hostile import (
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
)
from .runs import sent

# A list without an end need not be long to be tested.
MOST_PAGES = 20

HISTORIES = int(os.environ.get("SIGNRULES_HISTORIES", "200"))

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
    "wire:twins.name-wrong-first",  # raw bytes with a fresh name, which stands twice
    "wire:utf16.le-marked",  # raw bytes with a fresh name, not in UTF-8
)
BY_ID = {case.id: case for case in (*candidates(), *cases("wire"))}
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
        patch.setattr("signrules.fuzz._key_list._MOST_PAGES", MOST_PAGES)
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
        is_over = False
        try:
            found = sent(
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
        except KeyboardInterrupt:
            assert world.interrupted > 1
        except Killed:
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
        _, *steps = self.state.read_bytes().splitlines(keepends=True) or [b""]
        world = self.world
        others = [key for key in world.alive if not key.ours and key.name not in world.tested]
        if not steps:
            return
        self.is_planted = True
        other = others[n % len(others)] if others else world.make("other")
        other.promised |= world.tested
        step = steps[n % len(steps)].decode()
        for known in sorted(filter(None, {*world.sent, *world.keys}), key=len, reverse=True):
            step = step.replace(json.dumps(known), json.dumps(other.id if known in world.keys else name))
        with self.state.open("a") as file:
            file.write(step)


# Plans.

MOVES = (*POST_MOVES, *DELETE_MOVES, *LIST_MOVES)
habits = st.lists(st.sampled_from(HABITS), max_size=3).map(lambda some: Habits()._replace(**dict(some)))
faults = st.lists(
    st.builds(Fault, st.integers(1, 9), st.sampled_from((1, 2, 99)), st.sampled_from(MOVES)), max_size=4
).map(tuple)
acts = st.builds(
    Act, st.sampled_from(("make", "rename", "take", "reuse", "delete")), st.integers(0, 9), st.sampled_from(NAMES)
)
moments = st.integers(1, 60)
plans = st.tuples(habits, faults, st.lists(st.tuples(moments, acts), max_size=3).map(tuple)).map(
    lambda all_: Plan(*all_)
)
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


# Each situation by name. The requests before the cases are creations, too: the first two.
NAME_ALONE, KEY, WHOLE_ALPHABET, NAMELESS = (BY_ID[i] for i in (CHOSEN[0], CHOSEN[2], ALPHABET, "body:no-name"))
FIRST = 3


def of(tmp_path: Path, *cases: Case, there: str | None = None) -> History:
    """A history of these cases; long before, somebody else has made a key of that name."""
    history = History(tmp_path, cases)
    if there is not None:
        history.world.make(there)
        history.world.advance(60)
    return history


def third(*moves: Post, habits: Habits = Habits(), acts: Sequence[Act] = ()) -> Plan:  # noqa: B008  it is immutable
    """The first case meets these moves, an attempt each; before its first request, or its list, others act."""
    faults = tuple(Fault(FIRST + n, 1, move) for n, move in enumerate(moves))
    return Plan(habits, faults, tuple((5, act) for act in acts))


def test_a_right_gateway(tmp_path: Path) -> None:
    history = of(tmp_path, *CASES, there="abc")
    assert history.run().is_clean
    assert not history.state.exists()
    assert [key.name for key in history.world.alive] == ["abc"]


@pytest.mark.parametrize("answer", ["500", "lost", "503", "unreadable", "no id"])
def test_a_part_of_a_sent_name_is_no_proof(answer: str, tmp_path: Path) -> None:
    history = of(tmp_path, WHOLE_ALPHABET)
    acts = [Act("make", 0, name) for name in ("abc", "XYZ", "Z", "")]
    told = history.run(third(*[Post("nothing", answer)] * 3, acts=acts), concurrency=1)
    assert [key.name for key in history.world.alive] == ["abc", "XYZ", "Z", ""]
    assert all(told.has_id(key.id) for key in history.world.alive)
    assert history.state.exists()


@pytest.mark.parametrize("name", ["", "part0", "srabcdefghijkl", named(NAME_ALONE.id)])
def test_a_key_like_ours_is_not_ours(name: str, tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE)
    told = history.run(third(*[Post("nothing", "500")] * 2, acts=[Act("make", 0, name)]), concurrency=1)
    [key] = history.world.alive
    assert told.has_id(key.id)
    assert history.mend().has_id(key.id)
    assert history.world.alive == [key]


def test_a_name_that_exists_at_the_first_attempt_is_somebody_elses(tmp_path: Path) -> None:
    history = of(tmp_path, KEY)
    told = history.run(third(acts=[Act("make", 0, "kEy")]), concurrency=1)
    [key] = history.world.alive
    assert (key.name, told.has_id(key.id)) == ("kEy", True)


@pytest.mark.parametrize("status", [200, 201])
def test_an_idempotent_creation_and_a_key_that_was_there_before(status: int, tmp_path: Path) -> None:
    history = of(tmp_path, KEY, there="kEy")
    [key] = history.world.alive
    history.run(third(habits=Habits(idempotent=status)), concurrency=1)
    assert history.world.alive == [key]
    assert history.mend().is_nothing
    assert history.world.alive == [key]


@pytest.mark.parametrize("status", [200, 201])
def test_an_idempotent_creation_and_a_key_that_a_list_has_shown(status: int, tmp_path: Path) -> None:
    history = of(tmp_path, KEY)
    history.run(Plan(acts=((1, Act("make", 0, "kEy")),), killed_at=5))
    [key] = [key for key in history.world.alive if not key.ours]
    history.run(third(habits=Habits(idempotent=status)), concurrency=1)
    assert key in history.world.alive
    history.mend()
    assert history.world.alive == [key]


def test_a_key_that_was_there_before_and_is_hidden_later(tmp_path: Path) -> None:
    history = of(tmp_path, KEY, there="kEy")
    [key] = history.world.alive
    history.run(Plan(killed_at=6), concurrency=1)
    history.world.advance(60)
    plan = third(habits=Habits(lag=3, idempotent=201))
    history.run(plan, concurrency=1)
    assert history.world.alive == [key]


@pytest.mark.parametrize("answer", ["id before", "id since"])
@pytest.mark.parametrize("case", [NAME_ALONE, KEY])
@pytest.mark.parametrize("lag", [0, 3])
@pytest.mark.parametrize("name", ["other", "Ey0", "KEY", "kE", ""])
def test_the_id_of_somebody_elses_key(name: str, lag: int, case: Case, answer: str, tmp_path: Path) -> None:
    history = of(tmp_path, case, there=name)
    [there] = history.world.alive
    plan = third(Post("nothing", answer), habits=Habits(lag=lag), acts=[Act("make", 0, name)])
    history.run(plan, concurrency=1)
    assert there in history.world.alive
    assert len(history.world.alive) == 2
    history.mend()
    assert len(history.world.alive) == 2


@pytest.mark.parametrize("name", ["Ey0", "kEy", ""])
def test_an_id_that_is_answered_before_somebody_else_has_it(name: str, tmp_path: Path) -> None:
    history = of(tmp_path, KEY)
    plan = Plan(faults=(Fault(FIRST, 1, Post("nothing", "id none")),), acts=((9, Act("take", 0, name)),))
    history.run(plan, concurrency=1)
    [key] = history.world.alive
    history.mend()
    assert history.world.alive == [key]


def test_the_accepted_hole_is_left_out(tmp_path: Path) -> None:
    history = of(tmp_path, KEY)
    plan = third(habits=Habits(lag=3, idempotent=201), acts=[Act("delete", 0), Act("make", 0, "kEy")])
    history.run(plan, concurrency=1)
    assert [key.name for key in history.world.alive] == ["kEy"]


def test_a_rerun_does_not_touch_what_was_made_since(tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE, KEY, WHOLE_ALPHABET)
    history.run(Plan(killed_at=9, killed_when_done=True), concurrency=1)
    since = [history.world.make(name) for name in ("abc", "XYZ", "Ey0", "kE", "")]
    told = history.mend()
    assert [key for key in history.world.alive if not key.ours] == since
    assert all(told.has_id(key.id) for key in since)


LOST, LATE = Post("right", "lost"), Post("late", "lost")
# Of a creation whose key is found in the end, and deleted.
FOUND = {
    "a list that is 2 seconds behind a lost answer": third(*[LOST] * 3, habits=Habits(lag=2)),
    "a list that is 3 seconds behind a late creation": third(*[LATE] * 3, habits=Habits(lag=3)),
    "a list in another order at each page": third(*[LOST] * 3, habits=Habits(shuffled=True, page=1)),
    "a list in small pages": third(*[LOST] * 3, habits=Habits(page=1, total="omitted")),
    "another id": third(Post("right", "id none")),
    "no id": third(Post("right", "no id")),
    "half an answer": third(Post("right", "half")),
    "a refusal that lies": third(Post("right", "400")),
    "try again in 2 seconds": third(Post("right", "503 after 2"), Post("nothing", "429 after 2")),
    "a refusal while the list is behind": third(Post("right", "400"), habits=Habits(lag=3)),
    "an id that is none": third(Post("right", "id malformed")),
    "the id of a key that was there before": third(Post("right", "id before")),
    "lower case, then a 500": third(*[Post("right", "500", "upper")] * 2),
    "something before it, then a 500": third(*[Post("right", "500", "before")] * 2),
    "cut, then a 500": third(*[Post("right", "500", "cut")] * 2),
    "not done, then 3207": third(Post("right", "lost"), Post("nothing", "3207")),
    "one 404 to a deletion": Plan(faults=(Fault(2, 1, Delete("nothing", "404")),)),
    "one 409 to a deletion": Plan(faults=(Fault(2, 1, Delete("nothing", "409")),)),
    "a deletion that is done later": Plan(Habits(deleted=Delete("late"))),
    "a deletion without an answer": Plan(Habits(deleted=Delete("right", "lost"))),
}


@pytest.mark.parametrize("name", FOUND)
def test_ours_is_found(name: str, tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE, there="other")
    [there] = history.world.alive
    told = history.run(FOUND[name], concurrency=1)
    assert history.world.alive == [there]
    assert told.is_nothing
    assert history.mend().is_clean
    assert not history.state.exists()


# Of a creation whose key is not deleted: whether a later run can, once the gateway is mended.
LEFT: dict[str, tuple[Case, Plan, bool]] = {
    "a list that ignores offset": (NAME_ALONE, third(*[LOST] * 3, habits=Habits(page=1, offset=False)), True),
    "a list that has no end": (NAME_ALONE, third(*[LOST] * 3, habits=Habits(endless=True)), True),
    "a deletion that is not done": (NAME_ALONE, Plan(Habits(deleted=Delete("nothing"))), True),
    "a deletion that is always refused": (NAME_ALONE, Plan(Habits(deleted=Delete("nothing", "409"))), True),
    "a deletion without an answer": (NAME_ALONE, Plan(Habits(deleted=Delete("nothing", "lost"))), True),
    "no name, while somebody else makes a key": (
        NAMELESS,
        Plan(faults=(Fault(FIRST, 1, Post("made")),), acts=((11, Act("make", 0, "x")),)),
        False,
    ),
    "no name, then a 500": (NAMELESS, third(*[Post("made", "500")] * 2), False),
    "an empty name, then a 500": (NAME_ALONE, third(*[Post("right", "500", "empty")] * 2), False),
    "cut short, then a 500": (NAME_ALONE, third(*[Post("right", "500", "cut short")] * 2), False),
    "a tested name, then a 500": (KEY, third(*[Post("right", "500")] * 2), False),
    "renamed by somebody else": (
        NAME_ALONE,
        Plan(faults=(Fault(FIRST, 3, LOST),), acts=((13, Act("rename", 1, "y")),)),
        False,
    ),
    "a token that ends": (NAME_ALONE, Plan(refuses_from=3), True),
}


@pytest.mark.parametrize("name", LEFT)
def test_ours_is_left_and_told(name: str, tmp_path: Path) -> None:
    case, plan, is_provable = LEFT[name]
    history = of(tmp_path, case, there="other")
    [there] = history.world.alive
    history.run(plan, concurrency=1)
    told = history.mend()
    if is_provable:
        assert history.world.alive == [there]
        assert told.is_clean
    else:
        assert all(told.has_id(key.id) for key in history.world.ours)
        assert history.state.exists()


@pytest.mark.parametrize("moment", range(1, 12))
@pytest.mark.parametrize("end", ["killed", "killed when done", "interrupted", "interrupted twice", "refused"])
def test_a_run_that_ends_at_any_moment(end: str, moment: int, tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE, KEY, there="other")
    [there] = history.world.alive
    plans = {
        "killed": Plan(killed_at=moment),
        "killed when done": Plan(killed_at=moment, killed_when_done=True),
        "interrupted": Plan(interrupts=(moment,)),
        "interrupted twice": Plan(interrupts=(moment, moment + 1)),
        "refused": Plan(refuses_from=moment),
    }
    history.run(plans[end], concurrency=1)
    history.mend()
    assert there in history.world.alive


@pytest.mark.parametrize("name", ["kEy", "abc", ""])
@pytest.mark.parametrize("n", range(6))
def test_a_state_file_that_names_keys_of_others(n: int, name: str, tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE, KEY)
    history.run(Plan(killed_at=8, killed_when_done=True), concurrency=1)
    others = [history.world.make(name) for name in ("other", "abc", "")]
    history.plant(n, name)
    history.mend()
    assert [key for key in history.world.alive if not key.ours] == others


def test_a_state_file_without_steps_has_nothing_to_change(tmp_path: Path) -> None:
    history = of(tmp_path, KEY)
    history.run(Plan(killed_at=1))
    history.plant(0, "kEy")
    assert history.state.read_bytes() == b""


def test_a_list_that_shows_a_part_is_no_proof_that_a_key_is_deleted(tmp_path: Path) -> None:
    history = of(tmp_path, WHOLE_ALPHABET, there="abc")
    habits = Habits(page=1, shuffled=True, deleted=Delete("nothing", "lost"))
    told = history.run(Plan(habits), concurrency=4)
    assert history.world.ours
    assert all(history.world.is_told(key, told) for key in history.world.ours)


def test_a_list_from_before_is_no_proof_that_a_key_is_deleted(tmp_path: Path) -> None:
    history = of(tmp_path, NAMELESS)
    told = history.run(Plan(faults=(Fault(1, 99, Delete("nothing", "409")), Fault(3, 99, "stale"))))
    [key] = history.world.ours
    assert history.world.is_told(key, told)
    assert history.mend().is_clean


@pytest.mark.parametrize("moment", range(10, 60))
def test_a_key_that_moves_up_between_two_pages_is_not_passed_over(moment: int, tmp_path: Path) -> None:
    history = of(tmp_path, KEY, there="abc")
    history.world.make("XYZ")
    history.run(Plan(Habits(listed="upper")), concurrency=1)
    history.run(Plan(Habits(page=2), acts=((moment, Act("delete", 0)),)), concurrency=1)


def test_somebody_elses_key_by_the_answered_id_does_not_hide_ours(tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE)
    faults = (Fault(1, 1, Post("late", "id none")),)
    told = history.run(Plan(Habits(listed="cut"), faults, ((10, Act("take", 0, "other")),)))
    [key] = history.world.alive
    assert (key.name, told.has_id(key.id)) == ("other", True)


@pytest.mark.parametrize("moment", range(10, 16))
@pytest.mark.parametrize(("case", "name"), [(KEY, "kEy"), (NAMELESS, "other")])
def test_a_key_that_gets_the_id_of_a_deleted_one_of_ours(case: Case, name: str, moment: int, tmp_path: Path) -> None:
    history = of(tmp_path, case, NAME_ALONE)
    plan = third(Post("made"))._replace(acts=((moment, Act("reuse", 0, name)),))
    told = history.run(plan, concurrency=1)
    assert [key.name for key in history.world.alive] in ([], [name])
    assert all(told.has_id(key.id) for key in history.world.alive)


@pytest.mark.parametrize("case", [NAME_ALONE, KEY, NAMELESS])
def test_our_key_by_the_id_of_a_deleted_one_of_others(case: Case, tmp_path: Path) -> None:
    history = of(tmp_path, case, there="abc")
    [there] = history.world.alive
    history.world.recycled = there.id
    told = history.run(third(Post("made"), acts=[Act("delete", 0)]), concurrency=1)
    [key] = history.world.ours
    assert (key.id, told.has_id(key.id)) == (there.id, True)


def test_a_redirection_may_have_made_a_key(tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE)
    history.run(third(Post("right", "303")))
    assert history.world.alive == []


def test_a_gateway_that_stays_full_ends_the_run(tmp_path: Path) -> None:
    history = of(tmp_path, NAME_ALONE)
    history.world.quota = 1
    told = history.run(Plan(Habits(listed="cut short")))
    [key] = history.world.ours
    assert told.has_id(key.id)


def test_a_key_without_a_name_may_be_left(tmp_path: Path) -> None:
    history = of(tmp_path, NAMELESS)
    told = history.run(third(Post("made", "no id"))._replace(refuses_from=10))
    assert told.has_name("a key without a name")
