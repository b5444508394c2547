"""Marks the tests in which an engine judges an export. `what_checks_what.py` makes a page of these marks."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeVar

# How much of a column of the rule a target states: all of it, less than it allows, or nothing.
Extent = Literal["exactly", "by a subset", "not"]

_Test = TypeVar("_Test", bound=Callable[..., None])


class Judgement(NamedTuple):
    """What a test proves: that this engine agrees with the rules, as far as the target states them."""

    target: str  # a function of `export`, a module of `integrations` or a command
    form: str  # which of its forms, such as a dialect; "" if it has one
    engine: str  # as its makers write it
    package: str  # what has the version: "pip NAME", "npm NAME", "python NAME" or "program NAME [ARGUMENT]"
    length: Extent
    charset: Extent
    first: Extent
    body: Extent  # which members there are, which must be there, and what one member demands of another
    share: str  # what the engine judged, if not the whole list: such as "one body in 17"
    differences: str  # what the engine does differently from others on its own account, as its predicate; "" is nothing


JUDGEMENTS: Final[list[Judgement]] = []


def judged(
    target: str,
    engine: str,
    package: str,
    *,
    form: str = "",
    length: Extent = "exactly",
    charset: Extent = "exactly",
    first: Extent = "exactly",
    body: Extent = "not",
    share: str = "",
    differences: str = "",
) -> Callable[[_Test], _Test]:
    """Puts what the test proves on the list."""

    def mark(test: _Test) -> _Test:
        JUDGEMENTS.append(Judgement(target, form, engine, package, length, charset, first, body, share, differences))
        return test

    return mark
