"""A set of characters, spelt as two kinds of classes of a regular expression, and in words for people.

There are two kinds of classes because some languages take a backslash for an escape of their own: the second has none.
No other module spells a set.
"""

from collections.abc import Callable, Iterable
from functools import cache

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
# What means something in a class. The page has two of these; a row that was learnt from a gateway may have any.
_SPECIAL = r"-/\^[](){}|"


@cache  # the fields of a form ask for the same few sets each time
def character_class(characters: str) -> str:
    r"""The class that every regular expression engine reads alike: of the page's characters, `-` and `/` are escaped.

    JavaScript's `v` flag refuses a bare `/` or `-`, and also `\_`. A browser then silently accepts every value.
    """
    ranges, others = split(characters, ("A-Za-z", "0-9"))
    return "[" + "".join(ranges) + "".join("\\" + c if c in _SPECIAL else c for c in others) + "]"


def plain_class(characters: str, *, negated: bool = False) -> str:
    """The class without a backslash, for SQL, Terraform and CEL, whose string literals take a backslash for an escape.

    `-` stands last, as SQLite's GLOB demands. JavaScript's `v` flag refuses this form.
    """
    return f"[{'^' if negated else ''}{bare_class(characters)}]"


def bare_class(characters: str) -> str:
    """What stands in the brackets of `plain_class`; `tr` reads it as it is."""
    ranges, others = split(characters, ("A-Za-z", "0-9"))
    return "".join([*ranges, *sorted(others, key="-".__eq__)])


def charset_in_words(characters: str, shown: Callable[[str], str] = str) -> str:
    """For example "letters, digits and _ -". `shown` makes the text that shows a single character."""
    names, others = split(characters, ("letters", "digits"))
    return listed([*names, " ".join(map(shown, others))] if others else names, "and")


def first_in_words(characters: str, shown: Callable[[str], str] = str) -> str:
    """For example "letter, digit, + or /". `shown` makes the text that shows a single character."""
    names, others = split(characters, ("letter", "digit"))
    return listed([*names, *map(shown, others)], "or")


def listed(words: Iterable[str], conjunction: str) -> str:
    """The words as an English list: "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def split(characters: str, names: tuple[str, str]) -> tuple[list[str], list[str]]:
    """The names of the runs (letters, digits) that the set contains as a whole, and its other characters."""
    whole = [(run, name) for run, name in zip((LETTERS, DIGITS), names, strict=True) if set(run) <= set(characters)]
    others = set(characters).difference(*(run for run, _ in whole))
    return [name for _, name in whole], [c for c in characters if c in others]
