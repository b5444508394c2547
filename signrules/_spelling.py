"""A set of characters in its spellings: two classes of a regular expression, and words for people.

One class has no backslash, for languages that take it for an escape of their own. No other module spells a set.
"""

from collections.abc import Iterable

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


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


def charset_in_words(characters: str) -> str:
    """For example "letters, digits and _ -"."""
    names, others = _split(characters, ("letters", "digits"))
    return listed([*names, " ".join(others)] if others else names, "and")


def first_in_words(characters: str) -> str:
    """For example "letter, digit, + or /"."""
    names, others = _split(characters, ("letter", "digit"))
    return listed([*names, *others], "or")


def listed(words: Iterable[str], conjunction: str) -> str:
    """The words as an English list: "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def _split(characters: str, names: tuple[str, str]) -> tuple[list[str], list[str]]:
    """The names of the runs (letters, digits) that are there as a whole, and the characters besides them."""
    whole = [(run, name) for run, name in zip((LETTERS, DIGITS), names, strict=True) if set(run) <= set(characters)]
    others = set(characters).difference(*(run for run, _ in whole))
    return [name for _, name in whole], [c for c in characters if c in others]
