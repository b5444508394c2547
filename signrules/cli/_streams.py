r"""The standard streams, the same on every system, and files that are written whole or not at all.

The output is UTF-8 with `\n` at the end of a line, whatever the locale says. A lone surrogate, which UTF-8 cannot hold,
is escaped.
"""

import io
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, Self, TextIO

from ._status import Unusable

_WIDTH: Final = 30
# Seconds until a bar is shown, and between two updates of it.
_PATIENCE: Final = 1.0
_PAUSE: Final = 0.1


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
        # The next opened file would take the number of a closed stream, and the output of the command would land in the
        # file. So the null device takes the number, opened so that nothing can be read or written through it.
        for number, flags in (0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY):
            if _is_closed(number):
                _open_at(number, flags)
        if sys.stdout is None:
            sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  it stays open
        if sys.stderr is sys.__stderr__:  # otherwise the caller of `main` has replaced it
            buffer = sys.stderr.buffer if sys.stderr else io.FileIO(2, "w", closefd=False)
            self._talk = _Talk(getattr(buffer, "raw", buffer))  # unbuffered, the buffer is the raw stream
            sys.stderr = io.TextIOWrapper(io.BufferedWriter(self._talk), line_buffering=True)
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


@contextmanager
def document(path: str | None, permissions: int = 0o666) -> Iterator[TextIO]:
    """The stream for a command's document: standard output, or the file, which is written whole or not at all.

    A new file gets those of the `permissions` that the umask allows.
    """
    if path is None or path == "-":
        yield sys.stdout
        return
    try:
        with _whole(os.path.realpath(path), permissions) as file:
            yield file
    except OSError as error:
        raise Unusable(f"--output: nothing is written: {error.strerror}") from None


@contextmanager
def _whole(path: str, permissions: int) -> Iterator[TextIO]:
    if os.path.exists(path) and not os.path.isfile(path):  # a device, a pipe; a folder is an error
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        return
    new = os.path.join(os.path.dirname(path), f".signrules-{secrets.token_hex(8)}")
    try:
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions)
        with open(number, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            if os.path.exists(path):
                os.chmod(new, stat.S_IMODE(os.stat(path).st_mode))
            yield file
            file.flush()
            os.fsync(number)
        os.replace(new, path)
    finally:
        with suppress(OSError):
            os.unlink(new)


class Bar:
    """A bar that shows, after a second, how much is done. It needs a terminal at standard error."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._due = time.monotonic() + _PATIENCE
        self._is_wanted = total > 0 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._is_shown = False
        self.passed = 0  # the part of the total that was done before `done` began to count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def show(self, done: Callable[[], int]) -> None:
        """Shows the bar. It may be called often: it calls `done` only when an update is due."""
        if not self._is_wanted or time.monotonic() < self._due:
            return
        share = min((self.passed + done()) / self._total, 1)
        print(f"\r[{'#' * int(_WIDTH * share):<{_WIDTH}}] {share:4.0%}", end="", file=sys.stderr, flush=True)
        self._is_shown = True
        self._due = time.monotonic() + _PAUSE

    def hide(self) -> None:
        """Removes the bar. Call it before anything is printed, which would otherwise follow the bar on its line."""
        if self._is_shown:
            print(f"\r{'':{_WIDTH + len('[] 100%')}}\r", end="", file=sys.stderr, flush=True)
            self._is_shown = False
