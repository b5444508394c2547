"""A run: sends cases to a gateway, and deletes every key that they make there. Needs httpx."""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from ._answer import Unsuitable, is_temporary
from ._asking import Asker
from ._case import Case, Observation, named
from ._dialogue import Dialogue
from ._http import Endpoint, Sleep, connection, endpoint_url
from ._keys import Keys
from ._remains import KeyFault, Remains
from ._signals import signals_cancel
from ._state import State, StateLostError

__all__ = ["Run", "Unsuitable", "run"]

ShowProgress = Callable[[int, int], object]
Notice = Callable[[str], object]

# So many cases in a row without an answer, or with one of a gateway that is down or overloaded, end the run.
_MOST_UNANSWERED: Final = 10

# These are sent before the cases. A gateway accepts the first and refuses the second, even if it gets a rule
# wrong; `_begin` says with which exceptions.
_RIGHT: Final = Case("first:right", {"name": named("first:right")}, "valid", "name", (), (), "")
_WRONG: Final = Case("first:wrong", {"name": "!" * 1000}, "invalid", "name", (), (), "")


class Run(NamedTuple):
    """What a run has seen.

    `result` is that of the dialogue, `None` if the run ended before it. `observations` come in the order in which the
    dialogue asked. `requests` counts all requests, also those about keys. `left_behind` names the keys of this run, or
    of an earlier one with the same state, that could not be deleted. `perhaps_ours` holds the names and ids of the keys
    that have appeared since the run began and are not proven to be its own. `key_faults` says what the gateway gets
    wrong with keys. `interrupted` is whether a signal ended the run. `stopped` is another reason why it ended early, or
    "".
    """

    observations: tuple[Observation, ...]
    requests: int
    left_behind: tuple[str, ...]
    interrupted: bool
    stopped: str = ""
    perhaps_ours: tuple[str, ...] = ()
    key_faults: tuple[KeyFault, ...] = ()
    result: Any = None


def run(
    url: str,
    dialogue: Dialogue[object],
    *,
    purpose: str,
    token: str | None,
    state: Path,
    fresh: bool = False,
    concurrency: int = 4,
    timeout: float = 10.0,
    attempts: int = 5,
    quota: int = 100,
    rate: float | None = None,
    certificates: ssl.SSLContext | None = None,
    progress: ShowProgress = lambda _done, _total: None,
    notice: Notice = lambda _words: None,
    sleep: Sleep = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Run:
    """Leads a dialogue with `url`, the whole of https://…/v2/{project_id}/apigw/instances/{instance_id}/signs.

    `token` is sent as X-Auth-Token. `state` is a file: if this run is killed, another one with the same URL and purpose
    deletes the keys that are left, and goes on. A run that is complete and clean removes the file. If it is older than
    a day, or with `fresh`, its verdicts do not count; the keys that it names are deleted all the same.

    At most `concurrency` requests are under way and `quota` keys alive at a time, and at most `rate` requests are sent
    in a second (`None`: no limit). An answer may take `timeout` seconds. A request is sent at most `attempts` times if
    there is no answer, if its status is 429 or 503, or if the quota is used up; at most twice after another 5xx.
    `certificates` says which certificates of a gateway to trust; without it, httpx does.

    `progress` is called with the number of cases that are done and the number of those that were asked, `notice` with
    a sentence for the user. `sleep` waits for a number of seconds. `transport` carries the requests instead of the
    network.

    Ctrl-C, SIGTERM or SIGHUP ends the run as soon as the requests under way are answered and their keys deleted; a
    second signal ends it at once. The run has an event loop of its own, so it must not be called within another.

    Raises `Unsuitable` if the URL does not answer like the endpoint before the first case is sent; `ValueError` if the
    URL, the token or a proxy of the environment cannot be used, or if the state file belongs to something else;
    `OSError` if the state file cannot be opened.
    """
    workers = min(concurrency, quota)
    if workers < 1 or attempts < 1 or (rate is not None and not rate > 0):
        del token, url
        raise ValueError("concurrency, quota and attempts must be 1 at least, and rate more than 0")
    try:
        url = endpoint_url(url)
        client = connection(token, timeout=timeout, connections=workers, certificates=certificates, transport=transport)
    except ValueError:
        del url  # there may be a password in it
        raise
    finally:
        del token

    async def main(known: State) -> Run:
        # A second Ctrl-C leaves tasks that nobody waits for; asyncio would print a traceback for each.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        with signals_cancel(asyncio.current_task()):
            async with client:
                endpoint = Endpoint(client, url, timeout=timeout, attempts=attempts, rate=rate, sleep=sleep)
                runner = _Runner(endpoint, known, quota=quota, workers=workers, progress=progress)
                return await runner.run(dialogue)

    with closing(State(state, url, purpose, fresh=fresh)) as known:
        if known.seen:
            begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(known.begun))
            notice(f"going on with {len(known.seen)} right answers from {begun}; --fresh begins anew")
        return asyncio.run(main(known))


class _Runner:
    def __init__(self, endpoint: Endpoint, state: State, *, quota: int, workers: int, progress: ShowProgress) -> None:
        self._endpoint, self._state, self._workers, self._progress = endpoint, state, workers, progress
        self._keys = Keys(endpoint, state)
        self._asker = Asker(endpoint, state, self._keys, quota)
        self._asked: list[Case] = []
        self._done: dict[str, Observation] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._unanswered = 0

    async def run(self, dialogue: Dialogue[object]) -> Run:
        """Leads the dialogue to its end, or to that of the run, and then deletes what is left."""
        stopped, interrupted = "", False
        result, is_over = None, False
        try:
            await self._begin()
            cases = next(dialogue)
            while True:
                cases = dialogue.send(await self._observe(cases))
        except StopIteration as end_of_dialogue:
            result, is_over = end_of_dialogue.value, True
        except (Unsuitable, StateLostError) as reason:
            stopped = str(reason)
        except asyncio.CancelledError:  # by a signal
            interrupted = True
        finally:
            remains, was_signalled = await self._whole_end()
            interrupted = interrupted or was_signalled
            if self._state.before is not None:
                unfinished = bool(self._state.seen) and not is_over
                self._state.is_kept = bool(remains.left or remains.new or remains.unread) or unfinished
        if stopped and not self._asked:
            raise Unsuitable(stopped + _in_words(remains))
        return Run(
            observations=tuple(self._done[case.id] for case in self._asked if case.id in self._done),
            requests=self._endpoint.requests,
            left_behind=remains.left,
            interrupted=interrupted,
            stopped=stopped or remains.unread,
            perhaps_ours=remains.new,
            key_faults=remains.faults,
            result=result,
        )

    async def _observe(self, cases: Sequence[Case]) -> list[Observation]:
        """What the gateway makes of the cases, in their order; what an earlier run has seen is not asked again."""
        self._asked += cases
        for seen in filter(None, map(self._state.known, cases)):
            self._done[seen.case.id] = seen
        self._progress(len(self._done), len(self._asked))
        todo = iter([case for case in cases if case.id not in self._done])
        self._tasks = [asyncio.create_task(self._work(todo)) for _ in range(min(self._workers, len(cases)))]
        await asyncio.gather(*self._tasks)
        return [self._done[case.id] for case in cases]

    async def _work(self, todo: Iterator[Case]) -> None:
        for case in todo:
            seen = self._done[case.id] = await self._asker.ask(case)
            if seen.accepted is not None:
                self._state.saw(seen)
            self._progress(len(self._done), len(self._asked))
            is_unanswered = seen.accepted is None and is_temporary(seen.status)
            self._unanswered = self._unanswered + 1 if is_unanswered else 0
            if self._unanswered == _MOST_UNANSWERED:
                raise Unsuitable(f"the gateway {seen.note}, for {self._unanswered} cases in a row")

    async def _begin(self) -> None:
        """Deletes what an earlier run has left, and finds out whether the URL is that of the endpoint."""
        await self._keys.begin()
        right = await self._asker.ask(_RIGHT)
        wrong = await self._asker.ask(_WRONG)
        for observation in right, wrong:
            if observation.accepted is None:
                raise Unsuitable(f"the gateway {observation.note}")
        # A server that names the wrong member or has the endpoint's error codes is the endpoint, and the cases will
        # show that it is too strict. So is one whose list shows the keys that it makes: the cases will show what it
        # accepts.
        if right.is_wrong and right.member is None and not self._asker.knows_codes:
            raise Unsuitable("the gateway refuses a right body, which has only a name")
        if wrong.is_wrong and not await self._keys.are_real():
            raise Unsuitable("the gateway accepts a name that no rule allows")

    async def _whole_end(self) -> tuple[Remains, bool]:
        """What `_end` returns, and whether a signal came meanwhile: it does not cut the end short."""
        end, was_signalled = asyncio.create_task(self._end()), False
        while not end.done():
            try:
                await asyncio.shield(end)
            except asyncio.CancelledError:
                was_signalled = True
        return end.result(), was_signalled

    async def _end(self) -> Remains:
        """Waits for the requests under way, and deletes the keys that are ours."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._asker.finish()
        if self._state.before is None:
            return Remains()  # nothing was sent
        self._state.may_be_lost = True
        try:
            return await self._keys.end()
        except Unsuitable as reason:
            return self._keys.end_without_list(str(reason))


def _in_words(remains: Remains) -> str:
    """The keys that may be there, as the end of a sentence, or nothing."""
    parts = [("left behind", remains.left), ("there is new since the run began, perhaps ours,", remains.new)]
    return "".join(f", and {what} {', '.join(names)}" for what, names in parts if names)
