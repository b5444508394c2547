"""The package twice in one process: as it is, and with or without the accelerator, the other way round."""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import signrules
from signrules._accelerator import ACCELERATED

from . import needs


class Implementations(NamedTuple):
    pure: ModuleType
    accelerated: ModuleType

    def agree(self, function: str, *arguments: object, **options: object) -> None:
        """Both return the same, or raise the same error."""
        pure, accelerated = (outcome(getattr(each, function), *arguments, **options) for each in self)
        assert accelerated == pure


@cache
def implementations() -> Implementations:
    """Both, or the test is skipped."""
    needs.accelerator()
    return Implementations(_other(), signrules) if ACCELERATED else Implementations(signrules, _other())


def _other() -> ModuleType:
    """A second copy of the package. Two copies with the accelerator could not live together."""
    first = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "signrules"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNRULES_PURE", "1" if ACCELERATED else "")
        second = import_module("signrules")
        assert import_module("signrules._accelerator").ACCELERATED is not ACCELERATED
        for name in second.__all__:
            getattr(second, name)  # loads it
    for name in list(sys.modules):
        if name.partition(".")[0] == "signrules":
            del sys.modules[name]
    sys.modules.update(first)
    return second


def outcome(function: Callable[..., Any], *arguments: object, **options: object) -> str:
    """What a call returns or raises, in words."""
    try:
        return repr(function(*arguments, **options))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
