"""A file that one process has for itself: its owner alone may read it, and a second process finds it locked."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

# Bytes. The longest state file has some 2 MB.
LONGEST: Final = 1 << 26


def open_file(path: Path) -> int:
    """Opens the file; a new one is readable for its owner alone. It follows no link and waits for no pipe."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # as far as the system has them
        flags |= getattr(os, name, 0)
    return os.open(path, flags, 0o600)


def leads_to(path: Path, file: int) -> bool:
    """Whether the path still leads to the open file: somebody may have removed it, and made another one."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(file), path.stat())
    return False


if sys.platform == "win32":
    import msvcrt

    def lock(file: int) -> bool:
        """Whether this process has the file for itself now; the lock ends with the process."""
        os.lseek(file, LONGEST, os.SEEK_SET)  # nobody can read a locked byte, so it is one that is never used
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(file, 0, os.SEEK_SET)
        return True

    def make_private(file: int) -> None:
        """Does nothing: Windows has no permissions of this kind."""

    def remove(path: Path) -> None:
        """Does nothing: Windows cannot remove an open file. The next run finds nothing in it to go on with."""

else:
    import fcntl

    def lock(file: int) -> bool:
        """Whether this process has the file for itself now; the lock ends with the process."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def make_private(file: int) -> None:
        """Makes the file readable for its owner alone. It may be an older file that others could read."""
        os.fchmod(file, 0o600)

    def remove(path: Path) -> None:
        """Removes the file while it is still locked, so that no other run can have begun to write to it."""
        path.unlink(missing_ok=True)
