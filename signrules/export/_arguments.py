"""The types of the arguments that are no question."""

from .._marks import plain
from .._rule import must_be_str


def demand(argument: str, given: object, kind: type) -> None:
    """Raises `TypeError` unless what is given for the argument has this type."""
    if not isinstance(given, kind):
        raise TypeError(f"{argument} must be a {kind.__name__}, not {type(given).__name__}")


def exact(argument: str, given: str) -> str:
    """The text that is given, as an exact `str`: an `Enum` that is a `str` has another text in an f-string.

    Raises `TypeError` if it is no `str`.
    """
    text = plain(given)
    if type(text) is not str:
        raise must_be_str(type(given), argument)
    return text
