"""The words of the table, and which of them belong together; all are read off the rows."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeVar

from ._guard import guarded
from ._marks import plain
from ._rule import SignAlgorithm, SignType
from ._spelling import listed
from ._table import DEFAULT_SIGN_TYPE, RULES

# In the order of the table; a dict keeps it.
FIELDS: Final = tuple(dict.fromkeys(rule.field for rule in RULES))
SIGN_TYPES: Final = tuple(dict.fromkeys(rule.sign_type for rule in RULES if rule.sign_type))
SIGN_ALGORITHMS: Final = tuple(dict.fromkeys(rule.sign_algorithm for rule in RULES if rule.sign_algorithm))

# The members that must be one of some words.
ENUMERATIONS: Final[dict[str, tuple[str, ...]]] = {"sign_type": SIGN_TYPES, "sign_algorithm": SIGN_ALGORITHMS}

# The fields whose rule depends on sign_type, and the types for which a rule depends on sign_algorithm.
FIELDS_BY_TYPE: Final = tuple(dict.fromkeys(rule.field for rule in RULES if rule.sign_type))
TYPES_WITH_ALGORITHM: Final = tuple(
    dict.fromkeys(rule.sign_type for rule in RULES if rule.sign_type and rule.sign_algorithm)
)


class Kind(NamedTuple):
    """A kind of signature key: its type, and its algorithm if it has one."""

    sign_type: SignType = DEFAULT_SIGN_TYPE
    sign_algorithm: SignAlgorithm | None = None

    @property
    def members(self) -> dict[str, str]:
        """The members of a body that state this kind."""
        return given(self._asdict())


# A type whose rules depend on the algorithm has one kind for each algorithm, every other type has one.
KINDS: Final = tuple(
    Kind(sign_type, sign_algorithm)
    for sign_type in SIGN_TYPES
    for sign_algorithm in (SIGN_ALGORITHMS if sign_type in TYPES_WITH_ALGORITHM else (None,))
)


_W = TypeVar("_W", bound=str)


def one_of(argument: str, given: _W, good: Iterable[_W]) -> _W:
    """The good word that is given, as it stands among the good ones; the callers are guarded.

    Raises `LookupError` if it is none. The error lists the good words and never repeats the given one.
    """
    text = plain(given)
    for word in good:
        if type(text) is str and text == word:
            return word
    raise LookupError(f"{argument} must be {listed(good, 'or')}")


@guarded
def are_exact(*words: object) -> bool:
    """Whether no class of the caller's can have raised what a look-up of these words has raised.

    If all are exactly `str` or `None`, the handler of a signal has: a time limit, for example, which must not be lost.
    """
    return all(word is None or type(word) is str for word in words)


def given(members: dict[str, Any]) -> dict[str, Any]:
    """The members without those that are `None`, which means "not given"."""
    return {member: value for member, value in members.items() if value is not None}


def judged_as(sign_type: Any, sign_algorithm: Any) -> Kind | None:
    """The kind by which a body with these members is judged, or `None` if its type is unknown.

    If a body leaves out its type, pass the default one. An unknown algorithm is treated as absent.
    """
    try:
        if type(sign_type) is not str or sign_type not in SIGN_TYPES:
            return None
        if type(sign_algorithm) is not str or sign_algorithm not in SIGN_ALGORITHMS:
            sign_algorithm = None
        return Kind(sign_type, sign_algorithm)
    finally:
        del sign_type, sign_algorithm
