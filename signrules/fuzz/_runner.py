"""Sends cases to a gateway, and deletes every key that this makes there. Needs httpx.

A request that may have made a key is never given up half way: Ctrl-C and errors end what comes after it. What no answer
tells, the list of keys does. Of an answer nothing is kept but what is asked for here, so that no key, no secret and no
token that it repeats goes further.
"""

import asyncio
import json
import random
import re
import secrets
import string
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import httpx

from .._table import AUTHENTICATION_HEADER, ERRORS, INVALID_PARAMETER, MEMBERS
from ._candidates import Case, named
from ._diagnosis import Observation
from ._state import State

Progress = Callable[[int, int], object]
Sleep = Callable[[float], Awaitable[object]]
_T = TypeVar("_T")

_FULL, _NAME_EXISTS = "APIG.3105", "APIG.3207"
_MESSAGES: Final = {code: re.sub(r"\{(\w+)\}", r"\1", message) for _, code, message in ERRORS}
_HEADERS: Final = {"Content-Type": "application/json"}
_REFUSED: Final = (400, 422)
_TRY_AGAIN: Final = (429, 503)
_ANSWERED: Final = {status for status in range(200, 500) if status not in _TRY_AGAIN}
_UNSUITABLE: Final = {
    401: "the token is wrong, too old or missing",
    403: "the token does not permit this",
    404: "there is no gateway by this project_id and instance_id, or the URL is wrong",
}

# Seconds: the first pause, which is then doubled, and the longest.
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
# Bytes of an answer; a list of as many keys as the longest page has, with the longest values, is half of it.
_LONGEST_ANSWER: Final = 1 << 22
# Cases in a row without a verdict for want of an answer, or of a good reason: a gateway that is down, or overloaded.
_MOST_UNANSWERED: Final = 10
# Keys in a page of the list, at most.
_PAGE: Final = 500
# What may stand in a URL as it is. An id that would lead elsewhere is none.
_ID: Final = re.compile("[0-9A-Za-z_-]{1,64}")
_PARAMETER: Final = re.compile(re.escape(INVALID_PARAMETER[2].partition("{")[0]) + r"(\w+)")

# They are sent before the cases: what every gateway takes, and what none does, however it errs.
_RIGHT: Final = Case("first:right", {"name": named("first:right")}, "valid", "name", (), (), "")
_WRONG: Final = Case("first:wrong", {"name": "!" * 1000}, "invalid", "name", (), (), "")


class Unsuitable(Exception):  # noqa: N818  nothing went wrong here: that is how the URL answers
    """The URL does not answer like the endpoint, or no longer; the message says how."""


class Run(NamedTuple):
    """What a run has seen.

    `observations` come in the order of the cases. `requests` counts all, also those about keys. `left_behind` names the
    keys that could not be deleted. `interrupted` is whether Ctrl-C ended it, `stopped` why else it ended early.
    """

    observations: tuple[Observation, ...]
    requests: int
    left_behind: tuple[str, ...]
    interrupted: bool
    stopped: str = ""


def run(
    url: str,
    cases: Iterable[Case],
    *,
    token: str | None,
    state: Path,
    concurrency: int = 4,
    timeout: float = 10.0,
    attempts: int = 5,
    quota: int = 100,
    progress: Progress = lambda _done, _total: None,
    sleep: Sleep = asyncio.sleep,
) -> Run:
    """Sends the cases to `url`, the whole of https://…/v2/{project_id}/apigw/instances/{instance_id}/signs.

    `token` is sent as X-Auth-Token. `state` is a file from which another run with the same URL and cases goes on and
    deletes what is left, if this one is killed; a run that is complete removes it. At most `concurrency` requests are
    under way and `quota` keys alive at a time. An answer may take `timeout` seconds. A request is sent `attempts` times
    at most while there is no answer, or one with status 429 or 503, or that the quota is used up; twice after another
    5xx. `progress` is called with the number of cases done, and of all; `sleep` waits for so many seconds.

    Ctrl-C ends it as soon as the requests under way are answered and their keys deleted; a second one, at once. It runs
    an event loop of its own, so it must not be called within another.

    Raises `Unsuitable` if the URL does not answer like the endpoint before the first case is sent, `ValueError` if the
    URL or the token is none or the state file is of something else, `OSError` if that cannot be read or written.
    """
    try:
        _check_url(url)
        authentication = _Token(token)
    except ValueError:
        del url  # there may be a password in it
        raise
    finally:
        del token
    todo = tuple(cases)
    workers = min(concurrency, quota)
    if workers < 1 or attempts < 1:
        raise ValueError("concurrency, quota and attempts must be 1 at least")
    limits = httpx.Limits(max_connections=workers)

    async def main(known: State) -> Run:
        # Its time-outs bound each step; ours, the whole.
        async with httpx.AsyncClient(auth=authentication, headers=_HEADERS, timeout=timeout, limits=limits) as client:
            runner = _Runner(client, url, known, timeout=timeout, attempts=attempts, sleep=sleep)
            return await runner.run(todo, workers, progress)

    with closing(State(state, url, todo)) as known:
        return asyncio.run(main(known))


def _check_url(url: str) -> None:
    with suppress(httpx.InvalidURL):
        parts = httpx.URL(url)
        if parts.scheme in ("http", "https") and parts.host and not (parts.userinfo or parts.query or parts.fragment):
            return
        del parts
    del url
    raise ValueError("the URL must be https://HOST/PATH, without a user, a query and a fragment")


class _Token(httpx.Auth):
    """Not among the headers of the client, which httpx prints as they are."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token != ""):
            del token, self._token
            raise ValueError("the token must be printable ASCII, without white space around it")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if self._token is not None:
            request.headers[AUTHENTICATION_HEADER] = self._token
        yield request


class _Answer(NamedTuple):
    """What is kept of an answer: `status` is `None` if there was none, `keys` if it is no list of keys."""

    words: str
    status: int | None = None
    is_json: bool = False
    retry_after: str = ""
    code: str = ""
    parameter: str | None = None
    key_id: str | None = None
    keys: Mapping[str, str] | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _read(status: int, retry_after: str, content: bytes) -> _Answer:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    is_json = isinstance(body, dict)
    fields: dict[str, Any] = body if is_json else {}
    code, message, key_id, signs = map(fields.get, ("error_code", "error_msg", "id", "signs"))
    known = code if isinstance(code, str) and code in _MESSAGES else ""
    parameter = _PARAMETER.search(message) if isinstance(message, str) else None
    is_list = isinstance(signs, list) and all(isinstance(key, dict) and _is_id(key.get("id")) for key in signs)
    return _Answer(
        f"answered {status}" + (f", {_MESSAGES[known]}" if known else "" if is_json else " without JSON"),
        status,
        is_json,
        retry_after,
        known,
        parameter[1] if parameter and parameter[1] in MEMBERS else None,
        key_id if _is_id(key_id) else None,
        {key["id"]: str(key.get("name")) for key in cast("list[Any]", signs)} if is_list else None,
    )


def _unsuitable(answer: _Answer) -> Unsuitable:
    reason = _UNSUITABLE.get(answer.status or 0) if answer.code != _FULL else None
    what = ", and not with a list of keys" if answer.is_good and answer.is_json else f": {reason}" if reason else ""
    return Unsuitable(f"the gateway {answer.words}{what}")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _in_words(error: Exception) -> str:
    """Why there is no answer. Errors of the protocol quote what was received; those of a connection may not."""
    if isinstance(error, httpx.ConnectError):
        return f"cannot be reached: {error}"
    late = isinstance(error, TimeoutError | httpx.TimeoutException)
    return "did not answer in time" if late else "broke the connection"


def _addressed(case: Case) -> tuple[str | None, bytes]:
    """The name and the body to send: if the name is not what is tested, with one that no gateway has seen."""
    if not isinstance(case.body, dict) or "name" not in case.body:
        return None, case.wire
    name, usual = case.body["name"], named(case.id)
    if name != usual:
        return str(name), case.wire
    fresh = usual[:2] + "".join(secrets.choice(string.ascii_lowercase) for _ in usual[2:])
    return fresh, case._replace(body={**case.body, "name": fresh}).wire


class _Runner:
    def __init__(
        self, client: httpx.AsyncClient, url: str, state: State, *, timeout: float, attempts: int, sleep: Sleep
    ) -> None:
        self._client, self._url, self._state, self._sleep = client, url, state, sleep
        self._timeout, self._attempts = timeout, attempts
        self._requests = self._alive = self._deleted = 0
        self._under_way: set[asyncio.Task[Any]] = set()

    async def run(self, cases: tuple[Case, ...], workers: int, progress: Progress) -> Run:
        done: dict[str, Observation] = {}
        tasks: list[asyncio.Task[None]] = []
        stopped, interrupted, unanswered = None, False, 0

        async def work(todo: Iterator[Case]) -> None:
            nonlocal unanswered
            for case in todo:
                seen = done[case.id] = await self._ask(case)
                if seen.accepted is not None:
                    self._state.saw(seen)
                progress(len(done), len(cases))
                unanswered = unanswered + 1 if seen.accepted is None and seen.status not in _ANSWERED else 0
                if unanswered == _MOST_UNANSWERED:
                    raise Unsuitable(f"the gateway {seen.note}, for {unanswered} cases in a row")

        try:
            await self._begin()
            done.update(self._state.seen)
            progress(len(done), len(cases))
            todo = iter([case for case in cases if case.id not in done])
            tasks += (asyncio.create_task(work(todo)) for _ in range(workers))
            await asyncio.gather(*tasks)
        except Unsuitable as reason:
            stopped = reason
        except asyncio.CancelledError:  # by Ctrl-C
            interrupted = True
        finally:
            await self._end(tasks)
        left_behind = tuple(trace.name or str(trace.key_id) for trace in self._state.alive.values())
        if stopped and not tasks:
            raise Unsuitable(", and left behind ".join([str(stopped), *filter(None, [", ".join(left_behind)])]))
        self._state.finished = len(done) == len(cases)
        observations = tuple(done[case.id] for case in cases if case.id in done)
        return Run(observations, self._requests, left_behind, interrupted, str(stopped or ""))

    async def _begin(self) -> None:
        """Deletes what an earlier run has left, and sends what tells the endpoint from anything else."""
        self._state.begin(await self._listed())
        await self._sweep(*self._state.alive)
        for case, wrong in (
            (_RIGHT, "refuses a right body, the name alone"),
            (_WRONG, "accepts a name that no rule allows"),
        ):
            observation = await self._ask(case)
            if observation.accepted is None:
                raise Unsuitable(f"the gateway {observation.note}")
            # One that names the member answers like the endpoint, if too strictly: that is for the cases to tell.
            if observation.is_wrong and observation.member is None:
                raise Unsuitable(f"the gateway {wrong}")

    async def _end(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Waits for the requests under way, and deletes what may be left."""
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._under_way, return_exceptions=True)
        with suppress(Unsuitable):  # what is left is told
            await self._sweep(*self._state.alive)

    async def _ask(self, case: Case) -> Observation:
        """Sends a case until there is an answer to keep."""
        name, wire = _addressed(case)
        self._state.sent(case.id, name)
        attempt = 0
        while True:
            deleted = self._deleted
            result = await self._whole(self._attempt(case, wire, attempt))
            if isinstance(result, Observation):
                return result
            pause, is_full = result
            await self._sleep(pause)
            # While keys of ours make room, it is only a matter of time.
            attempt = 1 if is_full and (self._alive or deleted != self._deleted) else attempt + 1

    async def _whole(self, exchange: Coroutine[Any, Any, _T]) -> _T:
        """The result of what is not given up half way, even if its caller is cancelled."""
        task = asyncio.create_task(exchange)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _attempt(self, case: Case, wire: bytes, attempt: int) -> Observation | tuple[float, bool]:
        """One request and all that follows from its answer: what was seen, or how long to wait before the next."""
        answer = await self._exchange("POST", content=wire)
        if answer.is_good and answer.key_id:
            self._state.made(case.id, answer.key_id)
            self._alive += 1
            deleted = await self._delete(answer.key_id)
            self._alive -= 1
            if not deleted:
                raise Unsuitable("a key cannot be deleted")
            self._gone(case.id, attempt)
            return Observation(case, accepted=True, status=answer.status)
        if answer.code == _NAME_EXISTS:
            # So the rules are kept. The key may be somebody else's, another case's, or of an answer that was lost.
            await self._sweep(case.id)
            return Observation(case, accepted=True, status=answer.status)
        if answer.status in _REFUSED:
            self._gone(case.id, attempt)
            note = "" if answer.is_json else answer.words
            return Observation(case, accepted=False, member=answer.parameter, status=answer.status, note=note)
        pause = self._pause(answer, attempt)
        if pause is not None:
            return pause, answer.code == _FULL
        if answer.code == _FULL or answer.status in _UNSUITABLE:
            raise _unsuitable(answer)
        found = await self._sweep(case.id)
        note = answer.words + (" without an id" if answer.is_good and answer.is_json else "")
        return Observation(case, accepted=(found and answer.is_good) or None, status=answer.status, note=note)

    def _gone(self, case_id: str, attempt: int) -> None:
        """After more than one attempt, an earlier one may make a key even now: the last sweep looks for it."""
        if not attempt:
            self._state.gone(case_id)

    async def _sweep(self, *case_ids: str) -> bool:
        """Deletes the keys of these cases that the list shows, and returns whether there were any."""
        if not case_ids:
            return False
        before = self._state.before or ()
        new = {key_id: name for key_id, name in (await self._listed()).items() if key_id not in before}
        found, kept = False, False
        for case_id in case_ids:
            ours = [key_id for key_id, name in new.items() if self._state.alive[case_id].is_of(key_id, name)]
            found = found or bool(ours)
            if all([await self._delete(key_id) for key_id in ours]):
                self._state.gone(case_id)
            else:
                kept = True
        if kept:
            raise Unsuitable("a key cannot be deleted")
        return found

    async def _delete(self, key_id: str) -> bool:
        answer = await self._insist("DELETE", f"/{key_id}")
        gone = answer.is_good or key_id not in await self._listed()
        self._deleted += gone
        return gone

    async def _listed(self) -> dict[str, str]:
        """The names of all keys by their ids."""
        found: dict[str, str] = {}
        while True:
            answer = await self._insist("GET", params={"limit": _PAGE, "offset": len(found)})
            if answer.keys is None:
                raise _unsuitable(answer)
            if answer.keys.keys() <= found.keys():
                return found
            found |= answer.keys

    async def _insist(self, method: str, path: str = "", params: Mapping[str, int] | None = None) -> _Answer:
        """Sends what may be sent twice until it is answered."""
        attempt = 0
        while True:
            answer = await self._exchange(method, path, params=params)
            pause = self._pause(answer, attempt)
            if pause is None:
                return answer
            await self._sleep(pause)
            attempt += 1

    def _pause(self, answer: _Answer, attempt: int) -> float | None:
        """How many seconds to wait before the next attempt; `None` if there should be none."""
        if answer.status in (None, *_TRY_AGAIN) or answer.code == _FULL:
            attempts = self._attempts
        else:
            attempts = min(2, self._attempts) if answer.status and answer.status >= 500 else 1
        if attempt + 1 >= attempts:
            return None
        if re.fullmatch("[0-9]{1,9}", answer.retry_after):
            return min(float(answer.retry_after), _LONGEST_PAUSE)
        longest: float = min(_PAUSE * 2**attempt, _LONGEST_PAUSE)
        return random.uniform(longest / 2, longest)  # noqa: S311  nothing depends on its being a secret

    async def _exchange(
        self, method: str, path: str = "", *, content: bytes | None = None, params: Mapping[str, int] | None = None
    ) -> _Answer:
        self._requests += 1
        status, received, retry_after = 0, bytearray(), ""
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(method, self._url + path, content=content, params=params) as response,
            ):
                status, retry_after = response.status_code, response.headers.get("Retry-After", "")
                async for piece in response.aiter_bytes():
                    received += piece
                    if len(received) > _LONGEST_ANSWER:
                        break
        except (httpx.HTTPError, OSError) as error:
            if not status or method == "GET":  # half a list tells nothing; of others, the status tells enough
                return _Answer(_in_words(error))
        return _read(status, retry_after, bytes(received))
