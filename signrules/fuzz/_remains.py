"""What is there at the end of a run: the keys that are left, and what the gateway got wrong with keys."""

from typing import Final, Literal, NamedTuple

KeyFaultKind = Literal["made though refused", "kept though deleted"]
_WORDS: Final[dict[KeyFaultKind, str]] = {
    "made though refused": "refuses a request, and makes its key all the same",
    "kept though deleted": "answers that a key is deleted, and keeps it",
}


class KeyFault(NamedTuple):
    """What a gateway gets wrong with keys, whatever it makes of their values.

    `of` holds the ids of the cases whose requests were refused, or the names (else the ids) of the keys that were kept.
    """

    kind: KeyFaultKind
    of: tuple[str, ...]

    @property
    def words(self) -> str:
        """The mistake in words; the gateway is the subject."""
        return _WORDS[self.kind]


class Remains(NamedTuple):
    """The end of a run.

    `left` names the keys of ours that are left behind, `new` the keys that are new since the run began and perhaps
    ours. `unread` is why the list could not be read, or "".
    """

    left: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    faults: tuple[KeyFault, ...] = ()
    unread: str = ""
