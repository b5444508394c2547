"""What a run has done so far, in a file: a later run deletes what a killed one has left, and goes on where it stopped.

A line of JSON for each step, written before the step is taken; what a system crash may lose is not. There are names and
ids of keys in it, and verdicts, but no key, no secret and no token.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

from ._candidates import Case
from ._diagnosis import Observation


class Trace(NamedTuple):
    """What is known of a key that may be alive: the name that was sent, if any, and the id, if it was answered."""

    name: str | None
    key_id: str | None

    def is_of(self, key_id: str, name: str) -> bool:
        """Whether a listed key is this one. A gateway may store less of a name than was sent: trimmed, cut off."""
        return key_id == self.key_id or (self.name is not None and name in self.name)


class State:
    """`seen` are the verdicts; `alive` the keys that may be, by the ids of their cases; `before` the ids of keys that
    were there before the first run, and are none of ours. Until `begin`, no file is made.

    Raises `ValueError` if the file is of another URL, of other cases, or no state file at all.
    """

    def __init__(self, path: Path, url: str, cases: Sequence[Case]) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._of = {"url": url, "cases": sha256(b"\n".join(b"%r %b" % (c.id, c.wire) for c in cases)).hexdigest()}
        self.before: Collection[str] | None = None
        self.seen: dict[str, Observation] = {}
        self.alive: dict[str, Trace] = {}
        self.finished = False
        self._whole = 0
        problem = self._read({case.id: case for case in cases}) if path.exists() else None
        if problem:
            raise ValueError(f"{path} {problem}")

    def _read(self, cases: Mapping[str, Case]) -> str | None:
        """What is wrong with the file. What it holds is in no error: it may be anything."""
        content = self._path.read_bytes()
        self._whole = content.rfind(b"\n") + 1  # a killed run may have left half a line
        try:
            header, *steps = map(json.loads, content[: self._whole].splitlines())
            if {name: header[name] for name in self._of} != self._of:
                return "is of another URL or of other cases"
            self.before = frozenset(header["before"])
            for step in steps:
                self._replay(step, cases)
        except (ValueError, TypeError, LookupError):
            return "is no state file of a run"
        return None

    def _replay(self, step: dict[str, Any], cases: Mapping[str, Case]) -> None:
        match step:
            case {"sent": case_id, "name": name}:
                self.alive[case_id] = Trace(name, None)
            case {"made": case_id, "id": key_id}:
                self.alive[case_id] = self.alive[case_id]._replace(key_id=key_id)
            case {"seen": case_id, **verdict}:
                self.seen[case_id] = Observation(cases[case_id], **verdict)
            case _:
                del self.alive[step["gone"]]

    def begin(self, before: Collection[str]) -> None:
        """Makes the file, or goes on with it; then `before` stays what it was."""
        self._file = self._path.open("ab", buffering=0)
        self._file.truncate(self._whole)
        if self.before is None:
            self.before = frozenset(before)
            self._write(**self._of, before=sorted(before))

    def sent(self, case_id: str, name: str | None) -> None:
        """A request is about to be sent, which may make a key by this name."""
        self.alive[case_id] = Trace(name, None)
        self._write(sent=case_id, name=name)

    def made(self, case_id: str, key_id: str) -> None:
        """A key was made."""
        self.alive[case_id] = self.alive[case_id]._replace(key_id=key_id)
        self._write(made=case_id, id=key_id)

    def saw(self, observation: Observation) -> None:
        """There is a verdict."""
        case, *verdict = observation
        self.seen[case.id] = observation
        self._write(seen=case.id, **dict(zip(Observation._fields[1:], verdict, strict=True)))

    def gone(self, case_id: str) -> None:
        """No key of this case is alive."""
        del self.alive[case_id]
        self._write(gone=case_id)

    def close(self) -> None:
        """Removes the file if there is nothing left to delete, and nothing to go on with."""
        if self._file is not None:
            self._file.close()
            if not self.alive and (self.finished or not self.seen):
                self._path.unlink()

    def _write(self, **step: object) -> None:
        assert self._file is not None  # noqa: S101  for the type checker: begin comes first
        self._file.write(json.dumps(step).encode() + b"\n")
