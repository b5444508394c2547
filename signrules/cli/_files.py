"""The files that a command reads, and their names in messages."""

import glob
import os
from typing import Any, Final, NamedTuple

STDIN: Final = "-"


class Source(NamedTuple):
    """A file, or standard input, and its name in messages."""

    path: str
    name: str
    is_named: bool

    @property
    def prefix(self) -> str:
        """What stands before a message about the source."""
        return f"{self.name}: " if self.is_named else ""

    @property
    def place(self) -> dict[str, Any]:
        """What a JSON record says about the source. A program can open the file by this name."""
        file = self.name if self.path == STDIN else self.path
        return {"file": file} if self.is_named else {}


def sources_of(typed: list[str], *, named: bool = False) -> list[Source]:
    """The files. A pattern, which the shell of Windows leaves to the program, stands for the files that match it.

    Messages name one of several files, and a file that a pattern has found; with `named`, every file.
    """
    found: list[tuple[str, str]] = []
    for number, path in enumerate(typed, 1):
        if path == STDIN:
            found.append((path, "standard input"))
        elif os.path.exists(path):
            found.append((path, printable(path)))
        else:
            matches = sorted(glob.glob(path, recursive=True))
            # A word that names no file may be a secret.
            found += [(match, printable(match)) for match in matches] or [
                (path, f"FILE {number} of {len(typed)}" if len(typed) > 1 else "FILE")
            ]
    named = named or [path for path, _ in found] != typed or len(found) > 1
    return [Source(path, name, named) for path, name in found]


def printable(name: str) -> str:
    """The name of a file as a message may print it: it changes nothing in a terminal."""
    return name if name.isprintable() else ascii(name)
