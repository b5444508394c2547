"""On Python 3.11, where httpx closes a generator, coverage loses sight of who called: so the callers have a thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_a_thread(call: Callable[[], T]) -> T:
    """The result of the call, or what it raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()
