"""The law of empty frames, for functions whose time is not counted in nanoseconds.

After an exception has left a frame, the frame holds no argument. Tools that print a traceback with its local variables
would show the arguments, and any of them may be the secret if a caller has swapped two.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def guarded(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function, but an exception that leaves it has no `obj`, and all frames that it came through are empty.

    The handler calls nothing but `frame.clear`: after a `RecursionError`, there may be no room for another call.
    """

    @wraps(function)
    def empties_frames(*arguments: _P.args, **options: _P.kwargs) -> _R:
        try:
            return function(*arguments, **options)
        except BaseException as error:
            del arguments, options
            match error:  # a call of `isinstance` would need room
                case AttributeError():
                    error.obj = None
            entry = error.__traceback__
            while entry and (entry := entry.tb_next):
                try:
                    entry.tb_frame.clear()
                except RuntimeError:  # the frame still runs: it is not ours, and had raised the same error before
                    continue
            raise

    return empties_frames
