"""On Python 3.11, where httpx closes a generator, coverage loses sight of who called: so the callers have a thread."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_a_thread(call: Callable[[], T]) -> T:
    """The result of the call, or what it raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def untraced(call: Callable[[], T]) -> T:
    """The same, in a thread that no tool follows step by step."""
    before = threading.gettrace()
    threading.settrace(None)
    try:
        return in_a_thread(call)
    finally:
        threading.settrace(before)
