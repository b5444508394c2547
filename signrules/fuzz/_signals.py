"""How signals end a run."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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

    before = {}
    if threading.current_thread() is threading.main_thread():  # no other thread may set handlers
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores it
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
