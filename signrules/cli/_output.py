"""The output of a command: standard output, or a file that is written whole or not at all."""

import errno
import os
import re
import signal
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, Self

from .._signals import ending_signals
from ._status import Unusable

_STDOUT: Final = "-"
_STREAMS: Final = {"stdout": 1, "stderr": 2}
_STREAM: Final = re.compile("/dev/(stdout|stderr|fd/([0-9]{1,9}))")
_NO_FILES: Final = ("", os.curdir, os.pardir)
_WRITABLE: Final = 0o222  # by anybody


class Output:
    """The file that an option names. It is opened at once, so that a wrong path is told before the work begins.

    `write` writes it whole or not at all. If `write` fails or is never called, an earlier file stays as it is. A new
    file gets those of the `permissions` that the umask allows; it keeps those of an earlier one unless it `is_private`.
    It also keeps its owner, as far as this user may give a file away.
    """

    def __init__(self, option: str, path: str, permissions: int = 0o666, *, is_private: bool = False) -> None:
        self._option, self._path, self._is_private = option, os.path.realpath(path), is_private
        self._new: str | None = None
        self._signals = ExitStack()
        with self._explained():
            number = _opened(path)
            if number is None:
                import secrets  # heavy, and only a file needs it

                name = f".signrules-{secrets.token_hex(8)}"
                self._new = os.path.join(os.path.dirname(self._path), name)
                number = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions)
        self._file = open(number, "w", encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: SIM115  it stays open

    def write(self, texts: Iterable[str]) -> None:
        """Writes the texts, one after the other."""
        with self._explained():
            self._file.writelines(texts)
            self._file.flush()
            if self._new is None:
                return
            os.fsync(self._file.fileno())
            if os.path.exists(self._path) and not self._is_private:
                earlier = os.stat(self._path)
                with suppress(PermissionError, AttributeError):  # Windows has no such function
                    os.chown(self._new, earlier.st_uid, earlier.st_gid)
                os.chmod(self._new, stat.S_IMODE(earlier.st_mode))
            os.replace(self._new, self._path)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unusable(f"{self._option}: nothing is written: {error.strerror}") from None

    def __enter__(self) -> Self:
        self._signals.enter_context(ending_signals(signal.default_int_handler))  # otherwise an unfinished file stays
        return self

    def __exit__(self, *_: object) -> None:
        with self._signals:
            with suppress(OSError):  # `write` has said that the disk is full
                self._file.close()
            if self._new is not None:
                with suppress(OSError):  # `write` has renamed it
                    os.unlink(self._new)


def _opened(path: str) -> int | None:
    """The descriptor of what is written in place: a stream that is open already, a device or a pipe.

    `None` is for a file, which must be new or one that may be written. A folder is an error.
    """
    stream = _STREAM.fullmatch(path)
    if stream:  # if it were opened anew, a file would be written from its beginning
        sys.stdout.flush()
        return os.dup(_STREAMS[stream[1]] if stream[1] in _STREAMS else int(stream[2]))
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        if os.path.basename(path) in _NO_FILES:
            raise
        return None
    if stat.S_ISREG(mode) and not mode & _WRITABLE:  # root could write it
        raise PermissionError(errno.EACCES, "the file is read-only")
    number = os.open(path, os.O_WRONLY)
    if not stat.S_ISREG(mode):
        return number
    os.close(number)
    return None


def write_document(path: str | None, texts: Iterable[str], permissions: int = 0o666) -> None:
    """Writes the texts to standard output, or to the file that `--output` names."""
    if path is None or path == _STDOUT:
        sys.stdout.writelines(texts)
        return
    with Output("--output", path, permissions) as output:
        output.write(texts)
