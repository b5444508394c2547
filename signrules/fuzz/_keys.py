"""Which keys of a gateway are ours: finds them in its list, deletes them, and says what may be left.

The law of this module: a key is deleted only if the list, read just before, proves that it is ours (`Trace.is_of`). An
id alone proves nothing, whatever an answer says. A gateway is called clean only if it is proven clean: a key that is
new since the run began, and is not proven to be ours, is reported.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from ._answer import Unsuitable
from ._http import Endpoint
from ._key_list import KeyList
from ._remains import KeyFault, KeyFaultKind, Remains
from ._state import State
from ._trace import Trace

# Seconds. A list may lag: it may still show a key that was just deleted, and not yet show one that was just made.
_PAUSES_UNTIL_DELETED: Final = (0.5, 1.0, 2.0)
_PAUSES_UNTIL_QUIET: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


class Keys:
    """The keys of the gateway.

    `alive` holds the numbers of the requests whose key was made and is not deleted yet. `deleted` counts the keys that
    were deleted.
    """

    def __init__(self, endpoint: Endpoint, state: State) -> None:
        self._endpoint, self._state = endpoint, state
        self._list = KeyList(endpoint)
        self._being_deleted: set[str] = set()
        # The numbers of the requests whose key was deleted, as an answer confirmed, by the id of the key. A list that
        # is behind may still show that key when the gateway has given its id to somebody else's.
        self._confirmed: dict[str, int] = {}
        # The ids of keys that a list has shown and that are not deleted, by the number of the request that made them.
        self._shown: defaultdict[int, set[str]] = defaultdict(set)
        self.alive: set[int] = set()
        self.deleted = 0

    async def begin(self) -> None:
        """Notes which keys are there, and deletes those that an earlier run has left.

        Raises `Unsuitable` if the list is not whole, since it may hide a key that is not ours.
        """
        self._state.begin(await self._list.whole())
        await self.sweep(*self._state.traces)
        if self._state.is_old:
            self._state.renew(await self._list.whole())

    async def shown(self) -> Mapping[str, str] | None:
        """The names of all keys by their ids, or `None` if the list is not whole."""
        listed, hidden = await self._list.read()
        return None if hidden else listed

    async def sweep(self, *numbers: int) -> bool:
        """Deletes the listed keys of these requests, and of all others whose key is alive.

        Returns whether the list showed a key of these requests. Raises `Unsuitable` if a key cannot be deleted.
        """
        numbered = {*numbers, *self.alive}
        if not numbered:
            return False
        numbered |= {number for number, trace in self._state.traces.items() if trace.refused}
        found, kept = False, False
        for key_id, name in (await self._list.glance()).items():
            for number in self._state.owners(key_id, name, numbered):
                found = found or number in numbers
                kept = not await self._delete(key_id, number) or kept
        if kept:
            raise Unsuitable("a key cannot be deleted")
        return found

    async def make_room(self, quota: int, under_way: int) -> None:
        """Waits until the quota allows one more key.

        Raises `Unsuitable` if the list does not show the keys that were made, so that they cannot be deleted.
        """
        for pause in (*_PAUSES_UNTIL_QUIET, None):
            if len(self.alive) + under_way < quota:
                return
            if pause is not None:
                await self._endpoint.sleep(pause)
                await self.sweep()
        raise Unsuitable("the list of keys does not show those that were made, so they cannot be deleted")

    async def are_real(self) -> bool:
        """Whether the list shows, after some time at most, a key that an answer named.

        If it does not, no key was made, and the server answers everything in this way.
        """
        for pause in _PAUSES_UNTIL_QUIET:
            if self.alive:
                await self._endpoint.sleep(pause)
                await self.sweep()
        if self.alive and not self.deleted and not {*await self._list.whole()} - {*(self._state.before or ())}:
            for number in self.alive:
                self._state.made_none(number)
            self.alive.clear()
        return self.deleted > 0

    async def is_alone(self, key_id: str, listed: Mapping[str, str]) -> bool:
        """Whether this key is the only new one, except those under a name that a request has sent."""
        now = await self._list.glance()
        sent = {trace.name for trace in self._state.traces.values()}
        return {shown for shown, name in now.items() if shown not in listed and name not in sent} == {key_id}

    async def end(self) -> Remains:
        """Deletes all keys that are ours, and waits for those that may still appear, some 15 seconds at most."""
        for pause in _PAUSES_UNTIL_QUIET:
            listed, hidden = await self._list.read()
            ours = self._ours(listed)
            for key_id, number in ours.items():
                await self._delete(key_id, number)
            # An awaited key may still come even if its id is listed: somebody else may have that id.
            # A list that is behind still shows a key that was deleted.
            is_behind = not listed.keys().isdisjoint(self._confirmed)
            if not (ours or hidden or is_behind or any(trace.is_awaited for trace in self._state.traces.values())):
                break
            await self._endpoint.sleep(pause)
        else:
            listed, hidden = await self._list.read()
        left = [*self._left(listed), *(self._possible() if hidden else ())]
        return Remains(tuple(dict.fromkeys(left)), self._new(listed, hidden), self._faults(listed))

    def end_without_list(self, reason: str) -> Remains:
        """The keys that may be left, as far as the answers say, if the list cannot be read for a reason."""
        return Remains(tuple(self._possible()), faults=self._faults({}), unread=reason)

    def _possible(self) -> list[str]:
        return [
            _called(trace)
            for trace in self._state.traces.values()
            if trace.is_awaited or (trace.shown and not trace.deleted)
        ]

    def _ours(self, listed: Mapping[str, str]) -> dict[str, int]:
        """The ids of the listed keys that are ours, each with the number of the request that made it."""
        owners = {key_id: self._state.owners(key_id, name, self._state.traces) for key_id, name in listed.items()}
        return {key_id: numbers[0] for key_id, numbers in owners.items() if numbers}

    def _left(self, listed: Mapping[str, str]) -> list[str]:
        # An answer named these, and no list ever showed them.
        named = [trace for trace in self._state.traces.values() if trace.key_id or (trace.taken and trace.fresh)]
        untold = [_called(trace) for trace in named if not trace.shown and trace.key_id not in listed]
        return [*self._left_by_id(listed).values(), *untold]

    def _left_by_id(self, listed: Mapping[str, str]) -> dict[str, str]:
        """How to call the listed keys that are ours, by their ids."""
        # By the name that was sent, if the list shows that one; an empty name tells nothing.
        sent = {key_id: self._state.traces[number].name for key_id, number in self._ours(listed).items()}
        return {key_id: name if name and listed[key_id] == name else key_id for key_id, name in sent.items()}

    def _faults(self, listed: Mapping[str, str]) -> tuple[KeyFault, ...]:
        ours, left = self._ours(listed), self._left_by_id(listed)
        found: dict[KeyFaultKind, list[str]] = {
            "made though refused": [t.case for t in self._state.traces.values() if t.refused and t.shown],
            "kept though deleted": [n for key_id, n in left.items() if self._confirmed.get(key_id) == ours[key_id]],
        }
        return tuple(KeyFault(kind, tuple(of)) for kind, of in found.items() if of)

    def _new(self, listed: Mapping[str, str], hidden: int) -> tuple[str, ...]:
        before, ours = self._state.before or (), self._ours(listed)
        new = {key_id: name for key_id, name in listed.items() if key_id not in before and key_id not in ours}
        if new:
            self._state.suspect(new)
        # A gateway may have given our key the id of one that was deleted meanwhile.
        traces = self._state.traces.values()
        reused = (key_id for key_id in before if key_id in listed)
        new |= {i: listed[i] for i in reused if any(trace.is_of(i, listed[i]) for trace in traces)}
        words = [f"{name} ({key_id})" if name else f"a key without a name ({key_id})" for key_id, name in new.items()]
        return (*words, *([f"keys that the list counts and does not show: {hidden}"] if hidden else ()))

    async def _delete(self, key_id: str, number: int) -> bool:
        """Deletes the key of a request, and returns whether it is gone.

        A gateway may refuse a deletion for a while. If the list does not show the key, it is gone, whatever was
        answered; but the list may be behind, so it is read again at the end. A confirmed deletion is not repeated.
        """
        if key_id in self._being_deleted or self._confirmed.get(key_id) == number:
            return True  # if another case deletes it, and fails, that case reports it
        self._shown[number].add(key_id)
        # If the gateway said that the name is taken, this key has taken it; another may still come late.
        self._state.change(number, shown=True, deleted=False, taken=False)
        self._being_deleted.add(key_id)
        try:
            for attempt, pause in enumerate((*_PAUSES_UNTIL_DELETED, None)):
                answer = await self._endpoint.exchange("DELETE", f"/{key_id}")
                if answer.is_good or not await self._may_show(key_id, number):
                    self._shown[number].discard(key_id)
                    # A request that was sent twice may have made two keys, and the answered id may be the other one's.
                    is_all = not self._shown[number] and self._state.traces[number].key_id in (None, key_id)
                    if answer.is_good:
                        self._confirmed[key_id] = number
                    trace = self._state.traces[number]
                    self._state.change(
                        number,
                        deleted=is_all,
                        open=trace.open or not answer.is_good,
                        key_id=trace.key_id if trace.fresh else None,  # somebody else may get the id now
                    )
                    self.alive.discard(number)
                    self.deleted += 1
                    return True
                if pause is not None:
                    await self._endpoint.sleep(max(pause, self._endpoint.pause(answer, attempt) or 0.0))
            return False
        finally:
            self._being_deleted.discard(key_id)

    async def _may_show(self, key_id: str, number: int) -> bool:
        """Whether the list shows the key of the request, or is not whole and may hide it."""
        listed, hidden = await self._list.read()
        is_shown = key_id in listed and bool(self._state.owners(key_id, listed[key_id], [number]))
        return is_shown or hidden > 0


def _called(trace: Trace) -> str:
    """How to call the key of a request that no list shows."""
    return trace.name or trace.key_id or "a key without a name"
