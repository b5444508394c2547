"""The rows of the table as the fuzzer needs them: in ids, in words, the kinds of keys and of characters in them."""

from typing import Final

from .._requirement import REQUIREMENTS
from .._rule import Rule
from .._spelling import DIGITS, LETTERS
from .._vocabulary import KINDS, Kind

_UPPER: Final = "".join(filter(str.isupper, LETTERS))
_LOWER: Final = "".join(filter(str.islower, LETTERS))
_FILLER: Final = "kEy0"

# The ends of the three runs of letters and digits: a careless range stops one short of them.
ENDS: Final = "".join(run[end] for run in (_UPPER, _LOWER, DIGITS) for end in (0, -1))


def row_name(rule: Rule) -> str:
    """A row as a part of an id: "sign_key.aes.aes-128-cfb"."""
    return ".".join(filter(None, (rule.field, rule.sign_type, rule.sign_algorithm)))


def row_in_words(rule: Rule) -> str:
    """A row in words: "sign_key of aes with aes-128-cfb"."""
    words = [
        rule.field,
        rule.sign_type and f"of {rule.sign_type}",
        rule.sign_algorithm and f"with {rule.sign_algorithm}",
    ]
    return " ".join(filter(None, words))


def kinds_of(rule: Rule) -> list[Kind]:
    """The kinds of keys to which a row applies."""
    return [kind for kind in KINDS if rule in REQUIREMENTS[rule.field, *kind].rules]


def filler(length: int) -> str:
    """Letters and digits alone, which begin as every row allows."""
    return (_FILLER * (length // len(_FILLER) + 1))[:length]


def special(rule: Rule) -> list[str]:
    """The allowed characters that are neither letters nor digits."""
    return [c for c in rule.charset if c not in LETTERS + DIGITS]


def runs(characters: str) -> list[tuple[str, str]]:
    """The runs of upper case, lower case and digits that are there as a whole, then each other character.

    Each comes after its name in words.
    """
    known = [("upper-case letters", _UPPER), ("lower-case letters", _LOWER), ("digits", DIGITS)]
    whole = [(name, run) for name, run in known if set(run) <= set(characters)]
    return [*whole, *((repr(c), c) for c in characters if not any(c in run for _, run in whole))]


def neighbours(rule: Rule) -> str:
    """The printable characters one code point away from a letter or a digit and outside the row's set."""
    beside = {chr(ord(c) + step) for c in LETTERS + DIGITS for step in (-1, 1)}
    return "".join(sorted(c for c in beside - set(rule.charset) if c.isprintable()))


def slug(text: str) -> str:
    """A text as a part of an id: the name of a run, or each character, in hexadecimal if it is special."""
    names = {_UPPER: "upper", _LOWER: "lower", DIGITS: "digits"}
    return names.get(text) or "-".join(c if c.isascii() and c.isalnum() else f"{ord(c):02x}" for c in text)
