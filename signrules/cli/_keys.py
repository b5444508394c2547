"""The file of `signrules gateway --keys FILE`: JSON Lines, read at the start and, with `--keep`, written at the end.

It holds secrets: no message repeats a part of it, and its owner alone may read what is written.
"""

import codecs
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ..fuzz._stand_in_making import parsed
from ._output import Output
from ._status import Unusable

_PRIVATE: Final = 0o600


class KeysFile:
    """The file as it is at the start. `keys` are what its lines hold, `None` for a line that is no JSON.

    Without a path, there is no key.
    """

    def __init__(self, path: str | None, *, may_be_new: bool) -> None:
        self._path = path
        self._content = self._read(may_be_new=may_be_new)
        lines = enumerate(self._content.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1)
        found = [(number, parsed(line)) for number, line in lines if line.strip()]
        self._numbers = [number for number, _ in found]
        self.keys = [key for _, key in found]

    def line(self, number: int) -> int:
        """The number of the line that holds the key of this number; both are counted from 1."""
        return self._numbers[number - 1]

    def output(self) -> Output:
        """Where the keys will be written."""
        return Output("--keep", str(self._path), _PRIVATE, is_private=True)

    def write(self, output: Output, keys: Iterable[dict[str, Any]]) -> None:
        """Writes the keys, unless somebody else has changed the file."""
        if self._read(may_be_new=True) != self._content:
            raise Unusable("--keep: the file has changed since it was read, so it stays as it is")
        output.write(f"{json.dumps(key)}\n" for key in keys)

    def _read(self, *, may_be_new: bool) -> bytes:
        if self._path is None:
            return b""
        try:
            return Path(self._path).read_bytes()
        except OSError as error:
            if may_be_new and isinstance(error, FileNotFoundError):
                return b""
            raise Unusable(f"--keys: the file cannot be read: {error.strerror}") from None
