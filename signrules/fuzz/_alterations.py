"""What a gateway has stored, compared with what was sent. Only the kind of alteration is kept, never a value."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from .._request import check_request
from .._requirement import MASK
from .._table import MEMBERS

# `WORDS` says what each means. "wrong" is for raw bytes: nobody can say what a gateway reads from them, so a value that
# it has stored can only be compared with the rules.
Alteration = Literal["shorter", "trimmed", "other case", "masked", "missing", "other", "wrong"]
ALTERATIONS: Final[tuple[Alteration, ...]] = get_args(Alteration)
# The answer does not show what is stored, so nothing is known of it.
HIDDEN: Final[tuple[Alteration, ...]] = ("masked", "missing")
WORDS: Final[dict[Alteration, str]] = {
    "shorter": "stores a part of what was sent",
    "trimmed": "stores it without the white space around it",
    "other case": "stores its letters in another case",
    "masked": "is starred out in the answer, so nothing is known of what is stored",
    "missing": "is not shown in the answer, so nothing is known of what is stored",
    "other": "stores something else than what was sent",
    "wrong": "stores a value that breaks a rule, so it has judged another one",
}

# The members that are stored otherwise than they were sent, each with the kind of alteration.
Alterations = tuple[tuple[str, Alteration], ...]


def nothing(_stored: Mapping[str, Any]) -> Alterations:
    """No alteration: for requests that make no key, so that there is nothing to compare."""
    return ()


def wrong_values(stored: Mapping[str, Any]) -> Alterations:
    """The members that are stored and break a rule, whatever was sent. What is starred out or empty is not known."""
    given = {member: stored.get(member) for member in MEMBERS}
    shown = {m: value for m, value in given.items() if isinstance(value, str) and value and MASK not in value}
    wrong = {violation.field for violation in check_request(shown)}
    return tuple((member, "wrong") for member in MEMBERS if member in shown and member in wrong)


def alterations(sent: Any, stored: Mapping[str, Any]) -> Alterations:
    """The members that were sent as strings and stored otherwise, each with the kind of alteration."""
    if not isinstance(sent, dict):
        return ()
    found = ((member, _alteration(sent[member], stored.get(member))) for member in MEMBERS if member in sent)
    return tuple((member, kind) for member, kind in found if kind is not None)


def _alteration(sent: Any, stored: Any) -> Alteration | None:
    if not isinstance(sent, str) or sent == stored:
        return None
    if stored in (None, ""):
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
