"""DuckDB, embedded: in memory, without a network, and silent about values."""

import glob
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final, Self, TypeVar

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
_T = TypeVar("_T")


def literal(text: str) -> str:
    """A string as a statement writes it."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: str) -> str:
    """A path that is no pattern and no address of another machine, whatever characters it has."""
    return literal(glob.escape(os.path.abspath(path)))


def _unseen(_: float) -> None:
    """Shows nothing."""


class Engine:
    """A connection of its own. If a statement fails, it raises `AuditError` with the sentence `failed`."""

    def __init__(self, failed: str) -> None:
        import duckdb

        self._failed = failed
        self._errors: Any = (duckdb.Error, UnicodeDecodeError)
        self._memory: Any = duckdb.OutOfMemoryException
        self._connection = duckdb.connect()
        # DuckDB works in a thread, so that this one can show the progress and hear a signal at once.
        self._thread = ThreadPoolExecutor(1)
        for setting, value in _SETTINGS.items():
            self._connection.execute(f"SET {setting} = {value}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        self._connection.close()

    def ask(self, statement: str, failed: str | None = None, show: Show = _unseen) -> Rows:
        """All rows of the answer. `show` is called now and then with the percentage that is done.

        Raises `AuditError` with the sentence `failed`, or that of the engine.
        """
        return self._done(lambda: self._connection.execute(statement).fetchall(), show, failed)

    def each(self, statement: str, show: Show = _unseen) -> Iterator[tuple[Any, ...]]:
        """The rows of the answer in the order of the file, a few at a time."""
        self.ask("SET preserve_insertion_order = true")
        self._done(lambda: self._connection.execute(statement), show)
        while batch := self._done(lambda: self._connection.fetchmany(_BATCH), show):
            yield from batch

    def _done(self, work: Callable[[], _T], show: Show, failed: str | None = None) -> _T:
        try:
            return self._watched(self._thread.submit(work), show)
        except self._errors as error:
            reason = f"needs more memory than {MEMORY}" if isinstance(error, self._memory) else failed or self._failed
        raise AuditError(reason)  # not in the `except`: it would keep the other error, whose text holds values

    def _watched(self, future: "Future[_T]", show: Show) -> _T:
        try:
            while wait([future], _PAUSE).not_done:
                show(max(self._connection.query_progress(), 0.0))
            return future.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            raise
