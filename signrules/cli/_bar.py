"""A bar that shows how much of the work is done."""

import os
import sys
import time
from collections.abc import Callable
from typing import Final, Self

_WIDTH: Final = 30
# Seconds until a bar is shown, and between two updates of it.
_PATIENCE: Final = 1.0
_PAUSE: Final = 0.1


class Bar:
    """A bar that is shown after a second, if standard error is a terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._due = time.monotonic() + _PATIENCE
        self._is_wanted = total > 0 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._is_shown = False
        self.passed = 0  # the part of the total that was done before `done` began to count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def show(self, done: Callable[[], int]) -> None:
        """Shows the bar. It may be called often: it calls `done` only when an update is due."""
        if not self._is_wanted or time.monotonic() < self._due:
            return
        share = min((self.passed + done()) / self._total, 1)
        print(f"\r[{'#' * int(_WIDTH * share):<{_WIDTH}}] {share:4.0%}", end="", file=sys.stderr, flush=True)
        self._is_shown = True
        self._due = time.monotonic() + _PAUSE

    def hide(self) -> None:
        """Removes the bar. Call it before anything is printed, which would otherwise follow the bar on its line."""
        if self._is_shown:
            print(f"\r{'':{_WIDTH + len('[] 100%')}}\r", end="", file=sys.stderr, flush=True)
            self._is_shown = False
