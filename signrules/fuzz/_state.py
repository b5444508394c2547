"""What a run has done so far, in a file: a later run deletes what a killed one has left, and goes on where it stopped.

The file has a line of JSON for each step. A request is noted before it is sent, so a kill loses nothing; a crash of the
system may. The file holds names and ids of keys, and verdicts, but no key, no secret and no token. Only one run at a
time can use it.
"""

import json
import os
import stat
import time
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from .._table import MEMBERS
from ._alterations import ALTERATIONS, Alterations
from ._case import Case, Observation
from ._file import LONGEST, leads_to, lock, make_private, open_file, remove
from ._trace import FRESH, Trace

# Seconds after which verdicts do not count any more, since the gateway may have changed.
_OLD: Final = 24 * 60 * 60


class StateError(ValueError):
    """The state file is not that of this run."""


class StateLostError(OSError):
    """The state file cannot be written any more."""


class _Verdict(NamedTuple):
    """A verdict as it stands in the file. `wire` is a digest of the body, `wrong` whether it contradicts the page."""

    wire: str
    wrong: bool
    accepted: bool
    member: str | None
    status: int | None
    note: str
    stored: Alterations
    code: str


def _digest(case: Case) -> str:
    return sha256(case.wire).hexdigest()[:16]


_FACTS: Final = ("fresh", "open", "taken", "shown", "deleted", "refused")


class State:
    """The state of a run, in memory and in its file.

    `traces` holds the requests that may have made a key, by their numbers. `seen` holds the verdicts that count, by
    the ids of their cases. `before` holds the ids of the keys that were there before the first run: none of them is
    ours, whatever is answered later. `begun` is when the run began whose verdicts count, in seconds since 1970.
    `is_old` is whether the verdicts of an earlier run do not count any more: after a day, or if the caller wants a
    fresh start. Otherwise its right verdicts count, and its wrong ones are asked for again. `is_kept` is whether
    `close` leaves the file. `may_be_lost` is whether a run goes on if the file cannot be written.

    `purpose` says what is asked in the run. Raises `ValueError` if the file belongs to another URL, to another purpose
    or to a run that is under way, or is no state file at all, and `OSError` if it cannot be opened.
    """

    def __init__(self, path: Path, url: str, purpose: str, *, fresh: bool) -> None:
        self._of = {"url": url, "cases": sha256(purpose.encode()).hexdigest()}
        self.before: Collection[str] | None = None
        self.seen: dict[str, _Verdict] = {}
        self.traces: dict[int, Trace] = {}
        self.begun = time.time()
        self._suspects: frozenset[str] = frozenset()
        # The number of the last request, and how many bytes of the file are whole lines.
        self._last = self._whole = 0
        self.is_kept = True
        self._is_lost = False
        self.may_be_lost = False
        self._path, self._file = path, open_file(path)
        problem = self._read()
        if problem:
            os.close(self._file)
            raise StateError(f"the file named by state {problem}")
        self.is_old = self.before is not None and (fresh or not 0 <= time.time() - self.begun < _OLD)
        self.seen = {} if self.is_old else {i: verdict for i, verdict in self.seen.items() if not verdict.wrong}

    def _read(self) -> str | None:
        """Reads the file, and returns what is wrong with it. It may be any file, so nothing of it is repeated."""
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            return "is no state file of a run"
        # The run that held the lock may have removed the file meanwhile.
        if not lock(self._file) or not leads_to(self._path, self._file):
            return "is in use by another run"
        content = os.read(self._file, LONGEST)
        self.is_kept = bool(content)
        self._whole = content.rfind(b"\n") + 1  # the last line of a killed run may be cut
        beginning = json.dumps(self._of)[:-1].encode()
        if not self._whole and (beginning.startswith(content) or content.startswith(beginning)):
            return None
        try:
            header, *steps = map(json.loads, content[: self._whole].splitlines())
            if {name: header[name] for name in self._of} != self._of:
                return "is of another URL or of other cases"
            for step in (header, *steps):
                self._replay(step)
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
            return "is no state file of a run"
        return None

    def _replay(self, step: Any) -> None:
        match step:
            case {"begun": int() | float() as begun, "before": [*ids]}:
                self.before, self.begun, self.seen = frozenset(map(_text, ids)), float(begun), {}
            case {
                "request": int(number),
                "case": str(case_id),
                "name": str() | None as name,
                "id": str() | None as key_id,
                **facts,
            }:
                fresh, is_open, *others = (facts[fact] is True for fact in _FACTS)
                fresh = fresh and name is not None and FRESH.fullmatch(name) is not None
                if not fresh and key_id is not None:
                    # An id proves something only together with the lists of its time, and those are gone.
                    key_id, is_open = None, True
                self.traces[number] = Trace(name, fresh, case_id, key_id, is_open, *others)
                self._last = max(self._last, number)
            case {
                "seen": str(case_id),
                "wire": str(digest),
                "wrong": bool(is_wrong),
                "accepted": bool(accepted),
                "member": member,
                "status": status,
                "note": str(note),
                "stored": [*stored],
                "code": str(code),
            }:
                if member in (None, *MEMBERS) and isinstance(status, int | None):
                    known = tuple((name, kind) for name, kind in stored if name in MEMBERS and kind in ALTERATIONS)
                    self.seen[case_id] = _Verdict(digest, is_wrong, accepted, member, status, note, known, code)
            case {"suspects": [*ids]}:
                self._suspects = frozenset(map(_text, ids))
            case {"none": int(number)}:
                self.traces.pop(number, None)
            case _:
                raise ValueError

    def begin(self, listed: Collection[str]) -> None:
        """Begins the file, or goes on with an earlier run's; in that case `before` does not change."""
        self.is_kept = True
        make_private(self._file)
        os.ftruncate(self._file, self._whole)
        if self.before is None:
            self.begun, self.before = time.time(), frozenset(listed)
            self._write(**self._of, begun=self.begun, before=sorted(self.before))

    def renew(self, listed: Mapping[str, str]) -> None:
        """Begins anew: every listed key was there before, except those that are ours, proven or suspected."""
        self.begun, self.seen = time.time(), {}
        for number in [number for number, trace in self.traces.items() if trace.refused]:
            self.made_none(number)
        self.before = frozenset(
            key_id
            for key_id, name in listed.items()
            if key_id not in self._suspects and not self.owners(key_id, name, self.traces)
        )
        self._write(begun=self.begun, before=sorted(self.before))

    def owners(self, key_id: str, name: str, numbers: Iterable[int]) -> list[int]:
        """Those of these requests that are proven to have made the listed key."""
        if self.before is None or key_id in self.before:
            return []
        return [number for number in numbers if number in self.traces and self.traces[number].is_of(key_id, name)]

    def sent(self, name: str | None, *, fresh: bool, case_id: str) -> int:
        """Notes that a request for a case, which may make a key by this name, is about to be sent.

        Returns the number of the request.
        """
        self._last += 1
        self._note(self._last, Trace(name, fresh, case_id))
        return self._last

    def change(self, number: int, **facts: Any) -> None:
        """Notes what else is known of a request."""
        trace = self.traces[number]._replace(**facts)
        if trace != self.traces[number]:
            self._note(number, trace)

    def _note(self, number: int, trace: Trace) -> None:
        self.traces[number] = trace
        facts = {fact: getattr(trace, fact) for fact in _FACTS}
        self._write(request=number, case=trace.case, name=trace.name, id=trace.key_id, **facts)

    def made_none(self, number: int) -> None:
        """Notes that a request has made no key."""
        del self.traces[number]
        self._write(none=number)

    def known(self, case: Case) -> Observation | None:
        """What an earlier run has seen of the case, if that counts."""
        verdict = self.seen.get(case.id)
        if verdict is None or verdict.wire != _digest(case):
            return None
        return Observation(case, *verdict[2:])

    def saw(self, observation: Observation) -> None:
        """Notes a verdict."""
        case, accepted, member, status, note, stored, code = observation
        verdict = _Verdict(_digest(case), observation.is_wrong, bool(accepted), member, status, note, stored, code)
        self.seen[case.id] = verdict
        self._write(seen=case.id, **verdict._asdict())

    def suspect(self, key_ids: Collection[str]) -> None:
        """Notes that these keys are new since the run began, and not proven to be ours."""
        self._suspects = frozenset(key_ids)
        self._write(suspects=sorted(key_ids))

    def close(self) -> None:
        """Closes the file, and removes it unless `is_kept`."""
        if not self.is_kept and leads_to(self._path, self._file):
            remove(self._path)
        os.close(self._file)

    def _write(self, **step: object) -> None:
        """Writes a step. The first failure raises `StateLostError`; later ones do not, so that cleaning up goes on."""
        if self._is_lost:
            return
        line = json.dumps(step).encode() + b"\n"
        reason = None
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            self._is_lost, reason = True, error.strerror
        if reason is not None and not self.may_be_lost:
            raise StateLostError(f"the state file cannot be written: {reason}")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
