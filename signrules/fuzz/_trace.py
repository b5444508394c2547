"""What is known of the keys that one request may have made, and the one proof that a listed key is among them."""

import re
from typing import Final, NamedTuple

# The form of a fresh name. Nobody else can know one: its 12 random letters hold 56 bits.
FRESH: Final = re.compile("sr[a-z]{12}")
# Characters. A gateway may cut a fresh name. Ten of its characters still have eight random ones or more: 37 bits.
_LEAST: Final = 10


class Trace(NamedTuple):
    """What is known of the keys that one request, with all its attempts, may have made.

    `name` is the name that was sent, or `None` if the body has none. `fresh` is whether nobody else can know the name.
    `case` is the id of the case. `key_id` is the id that the gateway answered. `open` is whether a key may exist that
    no answer settles: an attempt may have made one whose id was not answered, or a deletion was not confirmed. `taken`
    is whether the gateway says that there is a key by this name. `shown` is whether a list has shown a key of the
    request, and `deleted` whether all that were shown are deleted. `refused` is whether every attempt was refused, so
    that no key should be there.
    """

    name: str | None
    fresh: bool
    case: str
    key_id: str | None = None
    open: bool = True
    taken: bool = False
    shown: bool = False
    deleted: bool = False
    refused: bool = False

    def is_of(self, key_id: str, name: str) -> bool:
        """Whether a listed key is proven to come from this request.

        A fresh name proves it, in small or capital letters, with anything around it, or cut. If the gateway said that
        the name is taken, a fresh name proves it only if an attempt may have made the key. Any other name proves it
        only together with the id that was answered, and only exactly as it was sent, since somebody else may have a key
        by that name.
        """
        if self.fresh and self.name is not None:
            stored = name.casefold()
            is_known = self.name in stored or (len(stored) >= _LEAST and stored in self.name)
            return is_known and (self.open or not self.taken)
        return key_id == self.key_id and self.name in (None, name)

    @property
    def is_awaited(self) -> bool:
        """Whether a key of this request may exist that no list has shown yet."""
        return self.open or (not self.shown and (self.key_id is not None or (self.taken and self.fresh)))
