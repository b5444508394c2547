"""How a value is judged: each of its bytes gets a mark.

`bytes.translate` maps the bytes to FIRST (may stand anywhere), LATER (may stand anywhere but first) or FOREIGN (may not
stand at all). That reads 2,048 characters in half the time of `re.fullmatch` (docs/benchmarks.md).
"""

FIRST, LATER, FOREIGN = b"\x00\x01\x80"
FOREIGN_MARK = bytes([FOREIGN])
# The table of a length that no rule allows.
ALL_FOREIGN = FOREIGN_MARK * 256

# Longer values are read in pieces of this many characters: what stands behind the first offender is not even encoded.
_PIECE = 1 << 14


def marks(charset: str, first: str) -> bytes:
    """The table that marks each byte of a value, by all allowed characters and by those that may stand first."""
    table = bytearray(ALL_FOREIGN)
    for mark, characters in (LATER, charset), (FIRST, first):
        for character in characters:
            table[ord(character)] = mark
    return bytes(table)


def fits(value: str, tables: tuple[bytes, ...]) -> bool:
    """Whether a value, judged by the table for its length, has no FOREIGN mark, and a FIRST mark first."""
    try:
        table = tables[len(value)]
        marked = value.encode().translate(table)
        return marked.isascii() and not marked[0]  # the bytes of what is not ASCII are FOREIGN
    except (IndexError, UnicodeEncodeError):  # too long, or empty; a lone surrogate
        return False
    finally:
        del value


def first_foreign(value: str, table: bytes) -> int | None:
    """The index, in characters, of the first FOREIGN one; what stands before it is ASCII, one byte each."""
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
    """The characters of a string whose class is a subclass of `str`; anything else as it is.

    Methods of such a class are never called: they may tell other characters, or hand the value on.
    """
    try:
        return str.__str__(value) if issubclass(type(value), str) else value
    finally:
        del value
