"""The accelerator: functions in C that take the place of those functions here that are called most.

It is optional. Without it, or with the environment variable SIGNRULES_PURE, each function is the one in these modules.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def _loaded() -> Callable[..., Any] | None:
    if os.environ.get("SIGNRULES_PURE"):
        return None
    try:
        from ._speedups import take_over
    except ImportError:  # it was not built, or belongs to another interpreter of this process
        return None
    accelerate: Callable[..., Any] = take_over
    return accelerate


_take_over = _loaded()
ACCELERATED = _take_over is not None


def accelerated(tables: object = None, default: object = None, otherwise: object = None) -> Callable[[_F], _F]:
    """A decorator: the function in C that has the same name, with these tables; or the very same function without it.

    `default` is that of the parameter `sign_type`, or the class of a method. `otherwise` is what `check` calls if the
    value of a right question is refused.
    """

    def decorate(function: Any) -> Any:
        if _take_over is None:
            return function
        code, options = function.__code__, function.__kwdefaults__ or {}
        names = [name.replace("self", "$self") for name in code.co_varnames[: code.co_argcount]]
        names += ["*"] * bool(options) + [f"{name}={value!r}" for name, value in options.items()]
        # This is how a function in C tells its signature.
        doc = f"{function.__name__}({', '.join(names)})\n--\n\n{function.__doc__}"
        return _take_over(function.__name__, doc, function.__module__, function, tables, default, otherwise)

    return decorate
