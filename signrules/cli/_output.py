"""The output of a command: standard output, or a file that is written whole or not at all."""

import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Self

from ._status import Unusable

_STDOUT: Final = "-"


class Output:
    """The file that an option names. It is opened at once, so that a wrong path is told before the work begins.

    `write` writes it whole or not at all. If `write` fails or is never called, an earlier file stays as it is. A new
    file gets those of the `permissions` that the umask allows; it keeps those of an earlier one unless it `is_private`.
    """

    def __init__(self, option: str, path: str, permissions: int = 0o666, *, is_private: bool = False) -> None:
        self._option, self._path, self._is_private = option, os.path.realpath(path), is_private
        # A device or a pipe is written in place, and so is a folder, which is an error.
        in_place = os.path.exists(self._path) and not os.path.isfile(self._path)
        name = f".signrules-{secrets.token_hex(8)}"
        self._new = None if in_place else os.path.join(os.path.dirname(self._path), name)
        with self._explained():
            flags = os.O_WRONLY if in_place else os.O_WRONLY | os.O_CREAT | os.O_EXCL
            number = os.open(self._new or self._path, flags, permissions)
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
                os.chmod(self._new, stat.S_IMODE(os.stat(self._path).st_mode))
            os.replace(self._new, self._path)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unusable(f"{self._option}: nothing is written: {error.strerror}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # `write` has said that the disk is full
            self._file.close()
        if self._new is not None:
            with suppress(OSError):  # `write` has renamed it
                os.unlink(self._new)


def write_document(path: str | None, texts: Iterable[str], permissions: int = 0o666) -> None:
    """Writes the texts to standard output, or to the file that `--output` names."""
    if path is None or path == _STDOUT:
        sys.stdout.writelines(texts)
        return
    with Output("--output", path, permissions) as output:
        output.write(texts)
