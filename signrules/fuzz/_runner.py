"""A run: sends cases to a gateway, and deletes every key that they make there. Needs httpx."""

import asyncio
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from ._answer import Unsuitable, is_temporary
from ._asking import Asker
from ._case import Case, Observation, named
from ._http import Endpoint, Sleep, connection, endpoint_url
from ._keys import Keys
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

    `observations` come in the order of the cases. `requests` counts all requests, also those about keys. `left_behind`
    names the keys of this run, or of an earlier one with the same state, that could not be deleted. `perhaps_ours`
    holds the names and ids of the keys that have appeared since the run began and are not proven to be its own.
    `interrupted` is whether a signal ended the run. `stopped` is another reason why it ended early, or "".
    """

    observations: tuple[Observation, ...]
    requests: int
    left_behind: tuple[str, ...]
    interrupted: bool
    stopped: str = ""
    perhaps_ours: tuple[str, ...] = ()


def run(
    url: str,
    cases: Iterable[Case],
    *,
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
    """Sends the cases to `url`, the whole of https://…/v2/{project_id}/apigw/instances/{instance_id}/signs.

    `token` is sent as X-Auth-Token. `state` is a file: if this run is killed, another one with the same URL and cases
    deletes the keys that are left, and goes on. A run that is complete and clean removes the file. If it is older than
    a day, or with `fresh`, its verdicts do not count; the keys that it names are deleted all the same.

    At most `concurrency` requests are under way and `quota` keys alive at a time, and at most `rate` requests are sent
    in a second (`None`: no limit). An answer may take `timeout` seconds. A request is sent at most `attempts` times if
    there is no answer, if its status is 429 or 503, or if the quota is used up; at most twice after another 5xx.
    `certificates` says which certificates of a gateway to trust; without it, httpx does.

    `progress` is called with the number of cases that are done and the number of all cases, `notice` with a sentence
    for the user. `sleep` waits for a number of seconds. `transport` carries the requests instead of the network.

    Ctrl-C, SIGTERM or SIGHUP ends the run as soon as the requests under way are answered and their keys deleted; a
    second signal ends it at once. The run has an event loop of its own, so it must not be called within another.

    Raises `Unsuitable` if the URL does not answer like the endpoint before the first case is sent; `ValueError` if the
    URL, the token or a proxy of the environment cannot be used, or if the state file belongs to something else;
    `OSError` if the state file cannot be opened.
    """
    todo = tuple(cases)
    workers = min(concurrency, quota, max(len(todo), 1))
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
        with _signals_cancel(asyncio.current_task()):
            async with client:
                endpoint = Endpoint(client, url, timeout=timeout, attempts=attempts, rate=rate, sleep=sleep)
                return await _Runner(endpoint, known, quota).run(todo, workers, progress)

    with closing(State(state, url, todo, fresh=fresh)) as known:
        if known.seen:
            begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(known.begun))
            notice(f"going on with {len(known.seen)} right answers from {begun}; --fresh begins anew")
        return asyncio.run(main(known))


@contextmanager
def _signals_cancel(task: asyncio.Task[Any] | None) -> Iterator[None]:
    """Meanwhile, SIGTERM and SIGHUP do what Ctrl-C does: the first cancels the task, the second ends it at once."""
    loop, came = asyncio.get_running_loop(), False

    def end(_number: int, _frame: object) -> None:
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True
        assert task is not None  # noqa: S101  for the type checker: a coroutine runs in a task
        loop.call_soon_threadsafe(task.cancel)

    before = {}
    if threading.current_thread() is threading.main_thread():  # no other thread may set handlers
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores it
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Runner:
    def __init__(self, endpoint: Endpoint, state: State, quota: int) -> None:
        self._endpoint, self._state = endpoint, state
        self._keys = Keys(endpoint, state)
        self._asker = Asker(endpoint, state, self._keys, quota)

    async def run(self, cases: tuple[Case, ...], workers: int, progress: ShowProgress) -> Run:
        done: dict[str, Observation] = {}
        tasks: list[asyncio.Task[None]] = []
        stopped, interrupted, unanswered = "", False, 0
        left: list[str] = []
        new: list[str] = []
        unread = ""

        async def work(todo: Iterator[Case]) -> None:
            nonlocal unanswered
            for case in todo:
                seen = done[case.id] = await self._asker.ask(case)
                if seen.accepted is not None:
                    self._state.saw(seen)
                progress(len(done), len(cases))
                unanswered = unanswered + 1 if seen.accepted is None and is_temporary(seen.status) else 0
                if unanswered == _MOST_UNANSWERED:
                    raise Unsuitable(f"the gateway {seen.note}, for {unanswered} cases in a row")

        try:
            await self._begin()
            done.update(self._state.seen)
            progress(len(done), len(cases))
            todo = iter([case for case in cases if case.id not in done])
            tasks += (asyncio.create_task(work(todo)) for _ in range(workers))
            await asyncio.gather(*tasks)
        except (Unsuitable, StateLostError) as reason:
            stopped = str(reason)
        except asyncio.CancelledError:  # by a signal
            interrupted = True
        finally:
            end = asyncio.create_task(self._end(tasks))
            while not end.done():
                try:
                    await asyncio.shield(end)
                except asyncio.CancelledError:
                    interrupted = True
            left, new, unread = end.result()
            if self._state.before is not None:
                unfinished = bool(self._state.seen) and len(done) < len(cases)
                self._state.is_kept = bool(left or new or unread) or unfinished
        if stopped and not tasks:
            parts = [("left behind", left), ("there is new since the run began, perhaps ours,", new)]
            words = "".join(f", and {what} {', '.join(names)}" for what, names in parts if names)
            raise Unsuitable(f"{stopped}{words}")
        observations = tuple(done[case.id] for case in cases if case.id in done)
        requests = self._endpoint.requests
        return Run(observations, requests, tuple(left), interrupted, stopped or unread, tuple(new))

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
            raise Unsuitable("the gateway refuses a right body, the name alone")
        if wrong.is_wrong and not await self._keys.are_real():
            raise Unsuitable("the gateway accepts a name that no rule allows")

    async def _end(self, tasks: Iterable[asyncio.Task[None]]) -> tuple[list[str], list[str], str]:
        """Waits for the requests under way, and deletes the keys that are ours.

        Returns the keys that are left behind, the keys that are new and perhaps ours, and why the list cannot be read.
        """
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._asker.finish()
        if self._state.before is None:
            return [], [], ""  # nothing was sent
        self._state.may_be_lost = True
        try:
            return (*await self._keys.end(), "")
        except Unsuitable as reason:
            return self._keys.possible(), [], str(reason)
