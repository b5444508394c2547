"""One row of the rule table, and the only place that spells a set of characters.

A set of characters has four spellings, all made here: two classes of a regular expression (one has no backslash, for
languages that take it for an escape of their own), words for people, and marks, the form in which values are judged. To
judge a value, its bytes are mapped by `bytes.translate` to FIRST (may stand anywhere), LATER (may stand anywhere but
first) or FOREIGN (may not stand at all). That reads 2,048 characters in half the time of `re.fullmatch`
(docs/benchmarks.md).
"""

from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple, cast

# For type checkers; at run time the table alone says which words there are, and a test says that both agree.
Field = Literal["name", "sign_key", "sign_secret"]
SignType = Literal["hmac", "basic", "public_key", "aes"]
SignAlgorithm = Literal["aes-128-cfb", "aes-256-cfb"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"

FIRST, LATER, FOREIGN = b"\x00\x01\x80"
FOREIGN_MARK = bytes([FOREIGN])

# Longer values are read in pieces of this many characters: what stands behind the first offender is not even encoded.
_PIECE = 1 << 14


class Rule(NamedTuple):
    """One row of the table: the lengths and characters that a field may have, and for which signature keys.

    `sign_type` and `sign_algorithm` are `None` where the row holds whatever they are. Lengths count characters, both
    ends included. `charset` lists every allowed character, `first` those that may stand first.
    """

    field: Field
    sign_type: SignType | None
    sign_algorithm: SignAlgorithm | None
    min_length: int
    max_length: int
    charset: str
    first: str

    def accepts(self, value: str) -> bool:
        """Whether `value` has the length, the characters and the first character that this row asks for.

        Raises `TypeError` if `value` is not a `str`.
        """
        try:
            if type(value) is not str:
                value = cast("str", plain(value))
                if type(value) is not str:
                    raise not_a_string(type(value))
            return fits(value, tables_by_length((self,)))
        finally:
            del value

    @property
    def pattern(self) -> str:
        """The characters and the first character as a regular expression, without anchors and counts.

        It means the same in Python, JavaScript, Rust, RE2, Go, Java, PCRE2 and PostgreSQL. Match the whole value
        with it, and check the length apart: several of these engines refuse counts as high as ours.
        """
        return f"{character_class(self.first)}{character_class(self.charset)}*"


def character_class(characters: str) -> str:
    r"""The one spelling of a set of characters that every engine reads alike: `-` and `/` escaped, nothing else.

    JavaScript's `v` flag refuses a bare `/` or `-` and also `\_`; a browser then silently accepts every value.
    """
    ranges, others = _split(characters, ("A-Za-z", "0-9"))
    return "[" + "".join(ranges) + "".join("\\" + c if c in "-/" else c for c in others) + "]"


def plain_class(characters: str, *, negated: bool = False) -> str:
    """The same set without a backslash, for SQL and Terraform: their string literals take one for an escape.

    `-` stands last, as SQLite's GLOB wants it. JavaScript's `v` flag refuses this form.
    """
    ranges, others = _split(characters, ("A-Za-z", "0-9"))
    hyphen_last = sorted(others, key="-".__eq__)
    return f"[{'^' if negated else ''}{''.join([*ranges, *hyphen_last])}]"


def bounded_pattern(rules: Iterable[Rule]) -> str:
    """What any of the rules accepts, with counts; without anchors."""
    return "|".join(
        f"{character_class(rule.first)}{character_class(rule.charset)}{{{rule.min_length - 1},{rule.max_length - 1}}}"
        for rule in rules
    )


def charset_in_words(characters: str) -> str:
    """For example "letters, digits and _ -"."""
    names, others = _split(characters, ("letters", "digits"))
    return listed([*names, " ".join(others)] if others else names, "and")


def first_in_words(characters: str) -> str:
    """For example "letter, digit, + or /"."""
    names, others = _split(characters, ("letter", "digit"))
    return listed([*names, *others], "or")


def lengths_in_words(rules: Iterable[Rule]) -> str:
    """For example "8 to 32", or "16 or 32" for the two rows of an aes key whose algorithm is not known."""
    return listed(
        [
            str(rule.min_length) if rule.min_length == rule.max_length else f"{rule.min_length} to {rule.max_length}"
            for rule in rules
        ],
        "or",
    )


def listed(words: Iterable[str], conjunction: str) -> str:
    """The words as an English list: "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def _split(characters: str, names: tuple[str, str]) -> tuple[list[str], list[str]]:
    """The names of the runs (letters, digits) that are there as a whole, and the characters besides them."""
    whole = [(run, name) for run, name in zip((LETTERS, DIGITS), names, strict=True) if set(run) <= set(characters)]
    others = set(characters).difference(*(run for run, _ in whole))
    return [name for _, name in whole], [c for c in characters if c in others]


def marks(rule: Rule) -> bytes:
    """The table that marks each byte of a value."""
    table = bytearray(FOREIGN_MARK * 256)
    for mark, characters in (LATER, rule.charset), (FIRST, rule.first):
        for character in characters:
            table[ord(character)] = mark
    return bytes(table)


@cache
def tables_by_length(rules: tuple[Rule, ...]) -> tuple[bytes, ...]:
    """For each length of a value, the table that judges it, by rules that differ only in length.

    Where no rule allows the length, the table finds every byte FOREIGN; above the longest, there is none.
    """
    tables = [FOREIGN_MARK * 256] * (max(rule.max_length for rule in rules) + 1)
    for rule in rules:
        tables[rule.min_length : rule.max_length + 1] = [marks(rule)] * (rule.max_length + 1 - rule.min_length)
    return tuple(tables)


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


def not_a_string(kind: type) -> TypeError:
    """The error for a value of another type; it names the type alone."""
    return TypeError(f"value must be a str, not {kind.__name__}")
