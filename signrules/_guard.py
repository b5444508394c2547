"""The law of empty frames, for functions whose time is not counted in nanoseconds.

A frame that an exception leaves holds no argument any more. Tools that print a traceback with its local variables
would show it, and if a caller swapped two arguments, any of them may be the secret.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def guarded(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function; an exception that leaves it has no `obj`, and leaves all frames empty that it came through.

    The handler calls nothing but `frame.clear`: after a `RecursionError`, there may be no room for more.
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
                except RuntimeError:  # it still runs: the error was raised before, in a frame that is not ours
                    continue
            raise

    return empties_frames
