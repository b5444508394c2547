r"""The standard streams, the same on every system.

The output is UTF-8 with `\n` at the end of a line, whatever the locale says. A lone surrogate, which UTF-8 cannot hold,
is escaped.
"""

import io
import os
import sys
from typing import Any

from ._status import Unusable


class _Talk(io.RawIOBase):
    """A standard error that never raises. Messages that cannot be written are lost; `error` is the first reason."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def write(self, data: Any) -> int | None:
        try:
            return self._raw.write(data)  # type: ignore[no-any-return]  # a raw stream, or a stand-in for one
        except OSError as error:
            self.error = self.error or error
            return len(data)


class Streams:
    """The standard streams of a command. They are prepared before anything is opened, read or written."""

    def __init__(self) -> None:
        self._output_is_closed = sys.stdout is None
        self._talk: _Talk | None = None
        # Otherwise the next opened file takes the number of a closed stream, and the command prints into that file. The
        # null device is opened so that nothing can be read or written through it.
        for number, flags in (0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY):
            if _is_closed(number):
                _open_at(number, flags)
        if sys.stdout is None:
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open
        if sys.stderr is sys.__stderr__:  # otherwise the caller of `main` has replaced it
            buffer = sys.stderr.buffer if sys.stderr else io.FileIO(2, "w", closefd=False)
            self._talk = _Talk(getattr(buffer, "raw", buffer))  # unbuffered, the buffer is the raw stream
            sys.stderr = io.TextIOWrapper(io.BufferedWriter(self._talk), encoding="utf-8", line_buffering=True)
        for stream in sys.stdout, sys.stderr:
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def require_output(self) -> None:
        """Raises `Unusable` if standard output is closed."""
        if self._output_is_closed:
            raise Unusable("standard output is closed")

    def finish(self) -> OSError | None:
        """Writes what is still in the buffers. Returns the error if something could not be written."""
        try:
            sys.stdout.flush()
        except OSError as error:
            _open_at(sys.stdout.fileno(), os.O_WRONLY)  # the flush at exit must not fail again
            return error
        return self._talk.error if self._talk else None


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _open_at(number: int, flags: int) -> None:
    """Opens the null device under this file descriptor."""
    opened = os.open(os.devnull, flags)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
