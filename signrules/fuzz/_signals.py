"""How signals end a run."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._signals import ending_signals


@contextmanager
def signals_cancel(task: asyncio.Task[Any] | None) -> Iterator[None]:
    """Meanwhile, SIGTERM and SIGHUP do what Ctrl-C does: the first cancels the task, the second ends it at once."""
    loop, came = asyncio.get_running_loop(), False

    def end(_number: int, _frame: object) -> None:
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True
        assert task is not None  # noqa: S101  for the type checker: a coroutine runs in a task
        loop.call_soon_threadsafe(task.cancel)

    with ending_signals(end):
        yield
