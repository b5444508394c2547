"""DuckDB, embedded: in memory, without a network, and silent about values."""

import glob
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ._columns import AuditError

# What DuckDB may take, so that the process stays under a gigabyte.
MEMORY: Final = "640MiB"
# Seconds between two looks at the progress.
_PAUSE: Final = 0.1
# Rows that are fetched at once.
_BATCH: Final = 10_000

_SETTINGS: Final = {
    "memory_limit": f"'{MEMORY}'",
    "temp_directory": "''",  # otherwise it writes values to the disk when the memory is full
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # otherwise the name of a table may be a variable of Python
    "preserve_insertion_order": "false",
    "enable_progress_bar": "true",
    "enable_progress_bar_print": "false",
}

Rows = list[tuple[Any, ...]]
Show = Callable[[float], object]


def literal(text: str) -> str:
    """A string as a statement writes it."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: str) -> str:
    """A path that is no pattern and no address of another machine, whatever characters it has."""
    return literal(glob.escape(os.path.abspath(path)))


class Engine:
    """A connection of its own. Its errors are `AuditError`, with the sentence `failed`, if a statement fails."""

    def __init__(self, failed: str) -> None:
        import duckdb

        self._failed = failed
        self._errors: Any = (duckdb.Error, UnicodeDecodeError)
        self._memory: Any = duckdb.OutOfMemoryException
        self._connection = duckdb.connect()
        for setting, value in _SETTINGS.items():
            self._connection.execute(f"SET {setting} = {value}")

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, statement: str, *, failed: str | None = None, show: Show | None = None) -> Rows:
        """All rows of the answer. `show` is called now and then with the percentage that is done.

        Raises `AuditError` with the sentence `failed`, or that of the engine.
        """
        with self._watched(show):
            try:
                return self._connection.execute(statement).fetchall()
            except self._errors as error:
                reason = self._reason(error, failed)
        raise AuditError(reason)  # not in the `except`: the error would keep the other one, whose text holds values

    def each(self, statement: str, show: Show | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows of the answer in their order, a few at a time."""
        self._connection.execute("SET preserve_insertion_order = true")
        with self._watched(show):
            try:
                self._connection.execute(statement)
                while batch := self._connection.fetchmany(_BATCH):
                    yield from batch
            except self._errors as error:
                reason = self._reason(error)
            else:
                return
        raise AuditError(reason)

    def _reason(self, error: BaseException, failed: str | None = None) -> str:
        return f"needs more memory than {MEMORY}" if isinstance(error, self._memory) else failed or self._failed

    @contextmanager
    def _watched(self, show: Show | None) -> Iterator[None]:
        done = threading.Event()

        def watch(shown: Show) -> None:
            while not done.wait(_PAUSE):
                shown(max(self._connection.query_progress(), 0.0))

        if show is None:
            yield
            return
        thread = threading.Thread(target=watch, args=(show,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
