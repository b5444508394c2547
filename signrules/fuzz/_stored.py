"""What a gateway has stored, compared with what was sent. Only the kind of difference is kept, never a value."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from .._requirement import MASK
from .._table import MEMBERS

# Cut; without white space at its ends; with another case of letters; starred out; not there at all; anything else.
Difference = Literal["shorter", "trimmed", "other case", "masked", "missing", "other"]
DIFFERENCES: Final[tuple[Difference, ...]] = get_args(Difference)
# They say nothing of what is stored: the answer does not show it.
HIDDEN: Final[tuple[Difference, ...]] = ("masked", "missing")
WORDS: Final[dict[Difference, str]] = {
    "shorter": "stores a part of what was sent",
    "trimmed": "stores it without the white space around it",
    "other case": "stores its letters in another case",
    "masked": "is starred out in the answer, so nothing is known of what is stored",
    "missing": "is not in the answer, so nothing is known of what is stored",
    "other": "stores something else than what was sent",
}


def differences(sent: Any, stored: Mapping[str, Any]) -> tuple[tuple[str, Difference], ...]:
    """The members that were sent as strings and stored otherwise, each with the kind of difference."""
    if not isinstance(sent, dict):
        return ()
    found = ((member, _difference(sent[member], stored.get(member))) for member in MEMBERS if member in sent)
    return tuple((member, kind) for member, kind in found if kind is not None)


def _difference(sent: Any, stored: Any) -> Difference | None:
    if not isinstance(sent, str) or sent == stored:
        return None
    if stored is None:
        return "missing"
    if not isinstance(stored, str):
        return "other"
    if MASK in stored and MASK not in sent:
        return "masked"
    if stored == sent.strip():
        return "trimmed"
    if stored.casefold() == sent.casefold():
        return "other case"
    return "shorter" if len(stored) < len(sent) and stored in sent else "other"
