"""No part of a value may be told: the values that are looked for, and where they are looked for."""

import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import signrules

HERE = str(Path(signrules.__file__).parent)
CANARY = "Zq~7ßWx€Vu"  # no three neighbours of it stand in any message

FOREIGN = CANARY * 3
LONG = CANARY.replace("~", "K").replace("ß", "J").replace("€", "Y") * 400


def pieces(canary: str) -> set[str]:
    return {canary[n : n + 3] for n in range(len(canary) - 2)} | {"ß", "€"}


def told(error: BaseException) -> Iterator[str]:
    """All that an error tells, and the local variables of our frames in its traceback."""
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
    yield repr(getattr(error, "obj", None))
    yield pickle.dumps(error).decode("utf-8", "replace")
    yield from in_our_frames(error)
    assert error.__cause__ is error.__context__ is None


def our_part(error: BaseException) -> Iterator[str]:
    """The same, but of an error that another library made for an argument of its own, our frames alone."""
    return told(error) if isinstance(error, LookupError) else in_our_frames(error)


def in_our_frames(error: BaseException) -> Iterator[str]:
    for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
        if frame.filename.startswith(HERE):
            yield repr(frame.locals)


def assert_silent(text: str) -> None:
    found = {piece for piece in pieces(CANARY) | pieces(LONG[:20]) if piece in text}
    assert not found, found


def assert_constructors_are_silent(constructors: Iterable[Callable[[], object]]) -> None:
    """No constructor leaves an argument in an error, and more than 90 of them raise one."""
    raised = 0
    for call in constructors:
        try:
            call()
        except Exception as error:
            raised += 1
            for text in our_part(error):
                assert_silent(text)
    assert raised > 90


class Carrier:
    """No string, but it shows the canary when it is printed."""

    def __repr__(self) -> str:
        return FOREIGN
