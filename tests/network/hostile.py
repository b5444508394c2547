"""A hostile gateway, in process: it does, stores, answers and lists what it likes, while other people use it too.

Time is the runner's pauses alone. Every request and every pause is a *moment*, counted from 1 in each run.

The moves it knows:

*Other people* (`Act`; between two runs, and at any moment of one) make keys: of any name, of a tested one (`kEy`), of
part of a sent or tested one, without one, in the style of ours (`sr…`), also the deterministic name of a case, by an id
that was answered to us before, also by that of a key of ours that is deleted; they rename and delete keys, ours too.

*The list* (`Habits`, for a whole run) is up to 3 seconds behind, ignores `offset`, has small pages, changes its order
between pages, omits `total` or lies about it, goes on with new pages for ever, shows keys with an empty name, without
one, trimmed, cut, beheaded, in lower or upper case, with something before or after. One request (`LIST_MOVES`) is
3 seconds behind, or answered with no answer, half of one, nothing readable, no list, 429, 500 or 503.

*A creation* (`Post`) is done as the rules say, or whatever the body (without a name, or with a wrong one), or 1 to 3
seconds later, or not; and the name is stored as it was sent, trimmed, cut, beheaded, in lower or upper case, with
something before or after, or empty; and the answer is the right one, none, half of one, without an id, unreadable, 303,
400, 429, 500 or 503 with and without Retry-After, 401, 404, APIG.3105, APIG.3207 (also at a first attempt), or it has
the id of somebody else's key (there before the run, or made since), of none, or one that is no id. For a whole run:
every creation is idempotent (200 or 201 with the existing key), or every name is stored changed.

*A deletion* (`Delete`) is done, or 1 to 3 seconds later, or not; and the answer is 204, none, 404, 409, 429 or 500.
Each of them once, a few times, or always.

*The run* (`Plan`) meets 401 or 404 from some moment on, is interrupted at some moment (once or twice), is killed at
some moment (the request done or not), and its state file then holds tested names, and ids of other people's keys.

One hole is accepted, so one move is missing: a creation never answers with the id of somebody else's key that no list
has shown before, if that key is listed under exactly the sent, guessable name, or if no name was sent.
"""

import asyncio
import json
import math
import random
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from signrules.fuzz import Case
from signrules.fuzz._runner import Run
from signrules.fuzz.bugs import refused

URL: Final = "https://gateway.example/v2/project/apigw/instances/instance/signs"

# No lag and no lateness is longer, in seconds; the runner must wait longer than both together.
LONGEST_LAG: Final = 3
# A run that takes more than these is taken for endless.
MOST_MOMENTS, MOST_SECONDS = 20_000, 7_200.0
# As many characters of a fresh name's random part prove that a key is ours; no foreign key has as many.
PROOF: Final = 10

# How a gateway may change a name, when it stores it or when it lists it.
CHANGES: Final[dict[str, Callable[[str], str]]] = {
    "as it is": lambda name: name,
    "lower": str.lower,
    "upper": str.upper,
    "before": lambda name: f"x-{name}",
    "after": lambda name: f"{name}-1",
    "trimmed": str.strip,
    "cut": lambda name: name[:12],
    "cut short": lambda name: name[:5],
    "beheaded": lambda name: name[3:],
    "empty": lambda _: "",
}


class Killed(BaseException):
    """The process is dead: what is sent from now on is never sent."""


class Post(NamedTuple):
    """What becomes of a request for a creation."""

    done: str = "right"
    answer: str = "right"
    stored: str = "as it is"


class Delete(NamedTuple):
    """What becomes of a request for a deletion."""

    done: str = "right"
    answer: str = "right"


_UNCLEAR = (
    "right",
    "lost",
    "half",
    "no id",
    "unreadable",
    "303",
    "500",
    "503",
    "503 after 2",
    "id before",
    "id since",
    "id none",
)
_CLEAR = ("id malformed", "400", "401", "404", "429", "429 after 2", "3105", "3207")
POST_MOVES: Final = (
    *(Post("right", answer) for answer in _UNCLEAR[1:]),
    *(Post("nothing", answer) for answer in _UNCLEAR + _CLEAR),
    *(Post("late", answer) for answer in _UNCLEAR),
    *(Post(done, answer) for done in ("right", "made") for answer in _CLEAR),
    *(Post("made", answer) for answer in ("right", "lost", "500")),
    *(
        Post(done, answer, stored)
        for done in ("right", "made")
        for answer in ("right", "lost", "500")
        for stored in CHANGES
    ),
)
DELETE_MOVES: Final = tuple(
    Delete(done, answer)
    for done in ("right", "late", "nothing")
    for answer in ("right", "lost", "404", "409", "429", "500")
    if (done, answer) != ("right", "right")
)
LIST_MOVES: Final = ("stale", "lost", "half", "unreadable", "no list", "429", "429 after 2", "500", "503")
Move = Post | Delete | str


class Habits(NamedTuple):
    """What a gateway does all the time."""

    lag: int = 0
    page: int = 500
    offset: bool = True
    shuffled: bool = False
    total: str = "right"
    endless: bool = False
    listed: str = "as it is"
    stored: str = "as it is"
    idempotent: int = 0
    deleted: Delete = Delete()


HABITS: Final[tuple[tuple[str, Any], ...]] = (
    *(("lag", lag) for lag in range(1, LONGEST_LAG + 1)),
    *(("page", size) for size in (1, 2, 3)),
    ("offset", False),
    ("shuffled", True),
    *(("total", total) for total in ("omitted", "more", "less", "zero", "no number")),
    ("endless", True),
    *(("listed", change) for change in (*CHANGES, "without")),
    *(("stored", change) for change in CHANGES),
    *(("idempotent", status) for status in (200, 201)),
    *(("deleted", move) for move in DELETE_MOVES),
)


class Fault(NamedTuple):
    """A move at the `first` request with its method, and the next ones, `times` in all."""

    first: int
    times: int
    move: Move


class Act(NamedTuple):
    """What somebody else does: makes a key, also by an id that we were told, renames or deletes the n-th key."""

    does: str
    n: int
    name: str = ""


class Plan(NamedTuple):
    """All that happens in a run. The numbers are moments."""

    habits: Habits = Habits()
    faults: tuple[Fault, ...] = ()
    acts: tuple[tuple[int, Act], ...] = ()
    refuses_from: float = math.inf
    refusal: int = 401
    interrupts: tuple[int, ...] = ()
    killed_at: float = math.inf
    killed_when_done: bool = False


@dataclass(eq=False)
class Key:
    """A key, dead or alive. `sent` is the name in the request of ours that made it, `None` without one."""

    id: str
    name: str
    ours: bool
    sent: str | None = None
    born: float = -math.inf
    died: float = math.inf
    # The refusal that answered the request that made it, or "".
    denied: str = ""
    # Whether an answer said that it is deleted, which was not so.
    said_gone: bool = False
    # The guessable names that were sent where this key's id was answered.
    promised: set[str] = field(default_factory=set)


class World:
    """A gateway and all who use it. `tested` are the names that anybody can guess; `state` is the runner's file."""

    def __init__(self, cases: Iterable[Case], state: Path) -> None:
        self._state = state
        bodies = [case.body for case in cases if isinstance(case.body, dict)]
        self.tested = {name for body in bodies if isinstance(name := body.get("name"), str)}
        self.now = 0.0
        self.keys: dict[str, Key] = {}
        self.sent: list[str] = []
        # Ids that no request of ours may touch, and those that one has touched.
        self.foreign: set[str] = set()
        self.touched: list[str] = []
        self._numbers = iter(range(1, 1 << 62))
        self._told = ""
        # The id of the last key of ours whose deletion an answer has confirmed.
        self._freed = ""
        # The next key gets this id, as soon as the key is deleted that has it.
        self.recycled = ""
        self.quota = math.inf
        self.before: set[str] | None = None
        self.begin(Plan())

    # Runs.

    def begin(self, plan: Plan) -> None:
        """A run begins."""
        self.plan, self._began = plan, self.now
        self.moments = 0
        self.counts = {"GET": 0, "POST": 0, "DELETE": 0}
        self.frozen = self.endless = False
        self.interrupted = 0
        self._killed_state = b""
        # The ids that a list has shown: in this run; in the last list, if that was answered to its end.
        self.shown: set[str] = set()
        self.last_list: set[str] | None = None
        if not self._state.exists():
            self.before = None

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """The runner's pause."""
        self._moment()
        self._may_go_on()
        self.advance(seconds)
        await asyncio.sleep(0)

    def restore(self) -> None:
        """What a killed process left of its state file."""
        self._state.write_bytes(self._killed_state)

    def _moment(self) -> None:
        self.moments += 1
        self.endless = self.moments > MOST_MOMENTS or self.now - self._began > MOST_SECONDS
        if self.frozen or self.endless:
            raise Killed
        for moment, act in self.plan.acts:
            if moment == self.moments:
                self.act(act)
        if self.moments in self.plan.interrupts:
            self.interrupted += 1
            signal.raise_signal(signal.SIGINT)

    def _may_go_on(self) -> None:
        if self.moments >= self.plan.killed_at:
            self.frozen, self._killed_state = True, self._state.read_bytes()
            raise Killed

    # What is true.

    @property
    def alive(self) -> list[Key]:
        """The keys that there are."""
        return [key for key in self.keys.values() if key.born <= self.now < key.died]

    @property
    def ours(self) -> list[Key]:
        """Those of them that the runner has made."""
        return [key for key in self.alive if key.ours]

    def is_fresh(self, name: str | None) -> bool:
        """Whether a name that was sent has an unguessable part."""
        return name is not None and name.startswith("sr") and name not in self.tested

    def is_provable(self, key: Key) -> bool:
        """Whether the name by which a key is listed proves that it is ours, to a runner that was not lied to."""
        # A request that was refused for its values is remembered, and only such a one.
        if key.sent is None or not self.is_fresh(key.sent) or key.denied not in ("", "400"):
            return False
        at = key.sent.find(key.name)
        is_part = at >= 0 and len(key.name) - max(2 - at, 0) >= PROOF
        return is_part or key.sent[2:].lower() in key.name.lower()

    def is_told(self, key: Key, told: "Told") -> bool:
        """Whether what a run told names this key."""
        listed = self._listed(key).get("name")
        names = {name for name in (key.sent, key.name, listed) if name}
        return told.has_id(key.id) or any(told.has_name(name) for name in names)

    def is_knowable(self, key: Key) -> bool:
        """Whether the runner could know anything by which to tell of this key."""
        return bool(key.sent and not key.denied and not key.said_gone) or (
            self.last_list is not None and key.id in self.last_list
        )

    # Other people.

    def act(self, act: Act) -> None:
        """Somebody else does something."""
        alive = self.alive
        if act.does == "make":
            self.make(act.name)
        elif act.does == "take":
            if self._told and self._told not in self.keys:
                self.make(act.name, self._told)
        elif act.does == "reuse":
            if self._freed and self.keys[self._freed] not in alive:
                self.make("", self._freed).name = act.name
        elif alive and act.does == "rename":
            key = alive[act.n % len(alive)]
            key.name = key.name if act.name in key.promised else act.name
        elif alive:
            alive[act.n % len(alive)].died = self.now

    def make(self, name: str, key_id: str = "") -> Key:
        """Somebody else makes a key; of the names that were sent, with no more than a part that proves nothing."""
        if name.startswith("part") and self.sent:
            n = int(name[4:])
            sent = self.sent[n % len(self.sent)]
            name = sent[2 + n % 4 :][: PROOF - 1] if self.is_fresh(sent) else sent[n % 4 :]
        key = Key(key_id or self._new_id(), name, ours=False, born=self.now)
        if key_id:
            key.promised = {*self.tested, *self.sent}
            if name in key.promised:
                key.name = "taken"
        self.keys[key.id] = key
        self.foreign.add(key.id)
        return key

    def _new_id(self) -> str:
        if self.recycled and self.keys[self.recycled] not in self.alive:
            return self.recycled
        return f"{next(self._numbers):032x}"

    # Answers.

    def handle(self, request: httpx.Request) -> httpx.Response:
        """What the gateway does and answers; raises what the client sees where there is no answer."""
        self._moment()
        if not self.plan.killed_when_done:
            self._may_go_on()
        path, method = str(request.url.copy_with(query=None)).removeprefix(URL), request.method
        self.counts[method] += 1
        if self.moments >= self.plan.refuses_from:
            self.last_list = None
            answer: httpx.Response | None = _json(self.plan.refusal, {})
        elif method == "POST":
            assert not path
            answer = self._post(json.loads(request.content))
        elif method == "DELETE":
            answer = self._delete(path.removeprefix("/"))
        else:
            assert not path
            answer = self._list(int(request.url.params["limit"]), int(request.url.params["offset"]))
        self._may_go_on()
        if answer is None:
            raise httpx.ReadTimeout("too late")
        return answer

    def _move(self, method: str, kind: type[Any], usual: Any) -> Any:
        n = self.counts[method]
        moves = (f.move for f in self.plan.faults if isinstance(f.move, kind) and f.first <= n < f.first + f.times)
        return next(moves, usual)

    def _post(self, body: Any) -> httpx.Response | None:
        if self.before is None:
            self.before = set(self.shown)
        habits = self.plan.habits
        move: Post = self._move("POST", Post, Post(stored=habits.stored))
        given = body.get("name") if isinstance(body, dict) else None
        sent = given if isinstance(given, str) else None
        if sent is not None:
            self.sent.append(sent)
        member = refused(body)
        is_done = move.done == "made" or (member is None and move.done != "nothing")
        # A lying refusal leaves no doubt, so nobody waits for a list that is behind.
        is_denied = move.answer in _CLEAR
        if is_done and is_denied and (habits.lag or any(fault.move == "stale" for fault in self.plan.faults)):
            is_done = False
        name = CHANGES[move.stored](sent or "")
        existing = next((key for key in self.alive if name and key.name == name), None) if is_done else None
        if existing is not None:
            if habits.idempotent and self._may_answer(existing, sent):
                right = _created(habits.idempotent, existing.id)
            else:
                right = _error(400, "APIG.3207")
        elif is_done and len(self.alive) >= self.quota:
            right = _error(403, "APIG.3105")
        elif is_done:
            born = self.now + (self._some_seconds() if move.done == "late" else 0)
            made = Key(self._new_id(), name, ours=True, sent=sent, born=born, denied=move.answer if is_denied else "")
            self.keys[made.id] = made
            right = _created(201, made.id)
        elif member is not None:
            right = _error(400, "APIG.2011", member)
        else:
            right = self._of_no_key(sent)
        return self._answered(move.answer, right, sent)

    def _answered(self, answer: str, right: httpx.Response, sent: str | None) -> httpx.Response | None:
        before = self.before or set()
        match answer:
            case "right":
                return right
            case "no id":
                return _json(201, {"name": "x"})
            case "id none":
                return self._of_no_key(sent)
            case "id malformed":
                return _created(201, "../instances")
            case "id before" | "id since":
                others = [key for key in self.alive if not key.ours and (key.id in before) == (answer == "id before")]
                other = others[self.moments % len(others)] if others else None
                return _created(201, other.id) if other and self._may_answer(other, sent) else self._of_no_key(sent)
            case _:
                return _spoilt(answer, right)

    def _may_answer(self, key: Key, sent: str | None) -> bool:
        """Whether the id of this key may be answered: all but the hole that is accepted."""
        if key.ours or key.id in self.shown | (self.before or set()) or self.is_fresh(sent):
            return True
        if sent is None or sent == key.name:
            return False
        key.promised.add(sent)
        return True

    def _of_no_key(self, sent: str | None) -> httpx.Response:
        """An id of nothing. Somebody may make a key by it later, unless no name was sent."""
        key_id = self._new_id()
        self._told = "" if sent is None else key_id
        return _created(201, key_id)

    def _some_seconds(self) -> int:
        return 1 + self.moments % LONGEST_LAG

    def _delete(self, key_id: str) -> httpx.Response | None:
        move: Delete = self._move("DELETE", Delete, self.plan.habits.deleted)
        self.touched += {key_id} & self.foreign
        key = self.keys.get(key_id)
        right = httpx.Response(204, stream=_Content(b""))
        if key is None or key not in self.alive:
            right = _error(404, "APIG.3017")
        elif move.done == "nothing":
            key.said_gone = key.said_gone or move.answer == "right"
        else:
            key.died = min(key.died, self.now + (self._some_seconds() if move.done == "late" else 0))
            if move == Delete():
                self._freed = key_id
        return _spoilt(move.answer, right)

    def _listed(self, key: Key) -> dict[str, str]:
        """How a key is named in the list: never so that it falls into the hole that is accepted."""
        change = CHANGES.get(self.plan.habits.listed)  # there is none if keys are listed without names
        name = change(key.name) if change else ""
        return {"name": key.name if name in key.promised else name} if change else {}

    def _list(self, limit: int, offset: int) -> httpx.Response | None:
        habits, move = self.plan.habits, self._move("GET", str, "right")
        then = self.now - (LONGEST_LAG if move == "stale" else habits.lag)
        keys = [key for key in self.keys.values() if key.born <= then < key.died]
        if habits.shuffled:
            random.Random(self.moments).shuffle(keys)
        first = offset if habits.offset else 0
        page = [(key.id, self._listed(key)) for key in keys[first:][: min(limit, habits.page)]]
        if habits.endless and not page:
            page = [(self._new_id(), {"name": f"srendless{self.moments}"}), (self._new_id(), {"name": "kEy"})]
            self.foreign.update(key_id for key_id, _ in page)
        signs = [{"id": key_id, **name} for key_id, name in page]
        total = {
            "right": len(keys),
            "more": len(keys) + 1,
            "less": max(len(keys) - 1, 0) if habits.offset else len(keys),
            "zero": 0 if habits.offset else len(keys),
            "no number": "many",
            "omitted": None,
        }[habits.total]
        body = {"size": len(page), "signs": signs} | ({} if total is None else {"total": total})
        if move not in ("right", "stale"):
            self.last_list = None
            return _spoilt(move, _json(200, body))
        if offset == 0:
            self.last_list = set()
        if habits.endless:
            self.last_list = None
        self.shown.update(key_id for key_id, _ in page)
        if self.last_list is not None:
            self.last_list.update(key_id for key_id, _ in page)
        return _json(200, body)


class _Content(httpx.AsyncByteStream):
    """Content that is read as it comes, of which half may be all."""

    def __init__(self, content: bytes, *, breaks: bool = False) -> None:
        self._content, self._breaks = content, breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
        if self._breaks:
            raise httpx.ReadError("half of it")


def _json(status: int, body: Any, **headers: str) -> httpx.Response:
    return httpx.Response(
        status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        stream=_Content(json.dumps(body).encode()),
    )


def _created(status: int, key_id: str) -> httpx.Response:
    return _json(status, {"id": key_id})


def _error(status: int, code: str, parameter: str = "") -> httpx.Response:
    words = f"Invalid parameter value,parameterName:{parameter}. Please refer to the support documentation"
    return _json(status, {"error_code": code, "error_msg": words if parameter else "no"})


_SPOILT: Final[dict[str, Callable[[httpx.Response], httpx.Response | None]]] = {
    "right": lambda right: right,
    "lost": lambda _: None,
    "half": lambda right: httpx.Response(right.status_code, stream=_Content(b'{"id": "', breaks=True)),
    "unreadable": lambda right: httpx.Response(right.status_code, stream=_Content(b"<html>")),
    "no list": lambda _: _json(200, {}),
    "400": lambda _: _error(400, "APIG.2011", "name"),
    "3105": lambda _: _error(403, "APIG.3105"),
    "3207": lambda _: _error(400, "APIG.3207"),
}


def _spoilt(answer: str, right: httpx.Response) -> httpx.Response | None:
    """What is answered instead of what is right; `None` for no answer."""
    if answer in _SPOILT:
        return _SPOILT[answer](right)
    status, _, seconds = answer.partition(" after ")
    return _json(int(status), {}, **({"Retry_After": seconds} if seconds else {}))


class Transport(httpx.AsyncBaseTransport):
    """Leads what the runner sends to a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer."""
        return self._world.handle(request)


class Told:
    """What a run has told of keys, by what it returned or raised."""

    def __init__(self, run: Run | None, message: str = "") -> None:
        self._names = set(run.left_behind) if run else set()
        self._texts = [*run.perhaps_ours, message] if run else [message]
        # Whether the user is told that all is well.
        self.is_clean = run is not None and not (run.left_behind or run.perhaps_ours or run.stopped or run.interrupted)
        self.is_nothing = run is not None and not (run.left_behind or run.perhaps_ours)

    def has_id(self, key_id: str) -> bool:
        """Whether an id is told."""
        return key_id in self._names or any(key_id in text for text in self._texts)

    def has_name(self, name: str) -> bool:
        """Whether a name is told."""
        whole = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        return name in self._names or any(whole.search(text) for text in self._texts)
