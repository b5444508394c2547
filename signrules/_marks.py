"""How a value is judged: each of its bytes gets a mark.

`bytes.translate` maps the bytes to FIRST (may stand anywhere), LATER (may stand anywhere but first) or FOREIGN (may not
stand at all). That reads 2,048 characters in half the time of `re.fullmatch` (docs/benchmarks.md).

A value is right if `marked.isascii() and marked >= FIRST_MARK`. FOREIGN is the only mark outside ASCII, and only FIRST
and FOREIGN are not below FIRST, so the second comparison asks for the first mark alone, and the empty value fails.
"""

from ._accelerator import accelerated

FIRST, LATER, FOREIGN = b"\x01\x00\x80"
FIRST_MARK = bytes([FIRST])
FOREIGN_MARK = bytes([FOREIGN])
# The table of a length that no rule allows.
ALL_FOREIGN = FOREIGN_MARK * 256

# The tables of a question: the index of a table is the length of the value.
Tables = tuple[bytes, ...]

# A long value is read in pieces of this many characters, so that most of what follows the first offender is not read.
_PIECE = 1 << 14


def marks(charset: str, first: str) -> bytes:
    """The table that maps each byte of a value to its mark. `first` are the characters that may stand first."""
    table = bytearray(ALL_FOREIGN)
    for mark, characters in (LATER, charset), (FIRST, first):
        for character in characters:
            table[ord(character)] = mark
    return bytes(table)


def fits(value: str, tables: Tables) -> bool:
    """Whether the table for the length of the value gives it no FOREIGN mark, and begins with a FIRST mark."""
    try:
        table = tables[len(value)]  # a long value is not read
        marked = value.encode().translate(table)
        return marked.isascii() and marked >= FIRST_MARK
    except (IndexError, UnicodeEncodeError):  # the value is too long, or has a lone surrogate
        return False
    finally:
        del value


@accelerated()
def first_foreign(value: str, table: bytes) -> int | None:
    """The index, in characters, of the first FOREIGN character. Every character before it is ASCII, hence one byte."""
    piece = b""
    try:
        for start in range(0, len(value), _PIECE):
            piece = value[start : start + _PIECE].encode("utf-8", "surrogatepass")
            position = piece.translate(table).find(FOREIGN_MARK)
            if position >= 0:
                return start + position
        return None
    finally:
        del value, piece


def plain(value: object) -> object:
    """An exact `str` with the characters of a string of any subclass; any other object as it is.

    No method of the subclass is called: it may return other characters, or hand the value on.
    """
    try:
        return str.__str__(value) if issubclass(type(value), str) else value
    finally:
        del value
