"""One case: from its request to the verdict, and the key that it makes to its deletion.

The law of this module: a request that may have made a key is never given up half way. Ctrl-C and errors end only what
comes after it. If an answer does not say whether a key was made, the list of keys is read.
"""

import asyncio
import secrets
import string
from collections.abc import Coroutine, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from .._endpoint import NAME_EXISTS, QUOTA_USED_UP
from ._alterations import alterations, wrong_values
from ._answer import Answer, Compare, unsuitable
from ._case import Case, Observation, named
from ._http import Endpoint
from ._keys import Keys
from ._state import State

_T = TypeVar("_T")

_REFUSED: Final = (400, 422)
# Raw bytes may be of a media type or in a coding that a gateway does not take (RFC 9110, section 15.5.16).
_UNSUPPORTED: Final = 415


class _Request(NamedTuple):
    """A case as it is sent.

    `name` is the name in the body, or `None` without one. `fresh` is whether nobody else can know the name. `compare`
    says how a key that was made differs from what was sent.
    """

    case: Case
    name: str | None
    wire: bytes
    fresh: bool
    compare: Compare


class _Again(NamedTuple):
    """There should be another attempt, after a pause in seconds.

    `is_full` is whether the quota is used up. `is_open` is whether an attempt so far may have made a key.
    """

    pause: float
    is_full: bool
    is_open: bool


def _request(case: Case) -> _Request:
    """The request for a case. A fresh name takes the place of the usual one, but not of a name that the case tests.

    Raw bytes are written with a fresh name. Whatever a gateway reads from them, the name holds the fresh one. A
    body may also hold the usual name in a misspelt member.
    """
    usual = named(case.id)
    fresh = usual[:2] + "".join(secrets.choice(string.ascii_lowercase) for _ in usual[2:])
    if case.raw:
        return _Request(case, fresh, case.raw.write(fresh), fresh=True, compare=wrong_values)
    if not isinstance(case.body, dict) or "name" not in case.body:
        return _Request(case, None, case.wire, fresh=False, compare=partial(alterations, case.body))
    name = case.body["name"]
    if name != usual:
        known = name if isinstance(name, str) else None
        return _Request(case, known, case.wire, fresh=False, compare=partial(alterations, case.body))
    body = {member: fresh if value == usual else value for member, value in case.body.items()}
    return _Request(case, fresh, case._replace(body=body).wire, fresh=True, compare=partial(alterations, body))


class Asker:
    """Asks a gateway for its verdicts on cases. `knows_codes` is whether a refusal had one of the endpoint's codes."""

    def __init__(self, endpoint: Endpoint, state: State, keys: Keys, quota: int) -> None:
        self._endpoint, self._state, self._keys, self._quota = endpoint, state, keys, quota
        self._creations = 0
        self._nameless = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()
        self.knows_codes = False

    async def ask(self, case: Case) -> Observation:
        """Sends a case until an answer settles it or no attempt is left."""
        request = _request(case)
        number = None
        attempt, is_open = 0, False
        while True:
            await self._keys.make_room(self._quota, self._creations)
            deleted = self._keys.deleted
            if number is None:
                number = self._state.sent(request.name, fresh=request.fresh, case_id=case.id)
            result = await self._to_its_end(self._attempt_in_turn(request, number, attempt, is_open=is_open))
            if isinstance(result, Observation):
                return result
            is_open = result.is_open
            await self._endpoint.sleep(result.pause)
            if result.is_full:
                await self._keys.sweep()  # a list that was behind may show keys of ours now
            # While keys of ours are still deleted, the quota will have room again.
            attempt = 1 if result.is_full and deleted != self._keys.deleted else attempt + 1

    async def finish(self) -> None:
        """Waits for the requests under way, and for all that follows from their answers."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _to_its_end(self, exchange: Coroutine[Any, Any, _T]) -> _T:
        """The result of an exchange, which goes on to its end even if its caller is cancelled."""
        task = asyncio.create_task(exchange)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _attempt_in_turn(
        self, request: _Request, number: int, attempt: int, *, is_open: bool
    ) -> Observation | _Again:
        """`_attempt`. Bodies without a name are sent one at a time, or the list could not tell which key is whose."""
        async with self._nameless if request.name is None else nullcontext():
            return await self._attempt(request, number, attempt, is_open=is_open)

    async def _attempt(self, request: _Request, number: int, attempt: int, *, is_open: bool) -> Observation | _Again:
        """Sends one request, and does all that follows from its answer.

        `is_open` is whether an attempt before may have made a key.
        """
        case, trace = request.case, self._state.traces[number]
        # A key that is listed now does not come from this request. A fresh name needs no such proof.
        listed = None if request.fresh else await self._keys.shown()
        self._state.change(number, open=True)
        self._creations += 1
        try:
            answer = await self._endpoint.exchange(
                "POST",
                content=request.wire,
                content_encoding=case.raw.content_encoding if case.raw else None,
                compare=request.compare,
            )
        finally:
            self._creations -= 1
        is_taken = answer.code == NAME_EXISTS.code
        # If the name is taken at a later attempt, an earlier one may have made the key, whatever the answer was.
        is_open = is_open or answer.leaves_open or (is_taken and attempt > 0)
        if answer.is_good and answer.key_id:
            return await self._made(case, number, answer, listed, is_open=is_open)
        self._state.change(number, open=is_open, taken=trace.taken or is_taken)
        pause = None if is_taken else self._endpoint.pause(answer, attempt)
        if pause is not None:
            return _Again(pause, answer.code == QUOTA_USED_UP.code, is_open)
        found = is_open and await self._keys.sweep(number)
        if not is_open and not (self._state.traces[number].taken and request.fresh):
            if request.fresh and answer.status in _REFUSED:
                self._state.change(number, refused=True)  # a list may show that a key was made all the same
            else:
                self._state.made_none(number)
        return self._without_id(case, answer, found=found)

    def _without_id(self, case: Case, answer: Answer, *, found: bool) -> Observation:
        """What an answer says that names no key. `found` is whether the list shows a key of the request.

        Raises `Unsuitable` if later requests will be answered in the same way, and it is no verdict.
        """
        if answer.code == NAME_EXISTS.code:  # so the gateway found no broken rule
            return Observation(case, accepted=True, status=answer.status, code=answer.code)
        if answer.status in _REFUSED or (case.raw and answer.status == _UNSUPPORTED):
            self.knows_codes = self.knows_codes or bool(answer.code)
            note = "" if answer.is_json else answer.words
            return Observation(
                case, accepted=False, member=answer.parameter, status=answer.status, note=note, code=answer.code
            )
        if answer.is_final:
            raise unsuitable(answer)
        note = answer.words + (" without an id" if answer.is_good and answer.is_json else "")
        accepted = (found and answer.is_good) or None
        return Observation(case, accepted, status=answer.status, note=note, code=answer.code)

    async def _made(
        self, case: Case, number: int, answer: Answer, listed: Mapping[str, str] | None, *, is_open: bool
    ) -> Observation:
        """Deletes the key that an answer names, if it is proven to be ours."""
        trace, key_id = self._state.traces[number], str(answer.key_id)
        if key_id in (self._state.before or ()) or key_id in (listed or ()):
            # The key that was there before may be gone, and its id given to ours. So it is told, but never deleted.
            is_reused = listed is not None and key_id not in listed
            self._state.change(number, open=True, key_id=key_id if is_reused else trace.key_id)
            found = await self._keys.sweep(number)
            note = f"{answer.words} with the id of a key that was there before"
            return Observation(case, accepted=found or None, status=answer.status, note=note)
        is_proof = trace.fresh or (
            listed is not None and (trace.name is not None or await self._keys.is_alone(key_id, listed))
        )
        if is_proof:
            self._keys.alive.add(number)
            self._state.change(number, key_id=key_id, open=is_open)
            await self._keys.sweep(number)
        return Observation(case, accepted=True, status=answer.status, stored=answer.stored)
