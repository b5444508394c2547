"""The kinds of mistakes, and which of them a value is."""

import re
from typing import Final

from .._requirement import MASK
from .._rule import Rule

# The kinds of mistakes, and what each is good for.
FLAGS: Final[dict[str, str]] = {
    "Right": "A right body: a gateway that refuses it is too strict.",
    "Length": "A length next to or far from an allowed one.",
    "First": "An allowed character that may not come first.",
    "Ascii": "One ASCII character that is not allowed.",
    "LineBreak": "A line break: `$` matches before one, and some engines match line by line.",
    "Space": "White space around a right value: some trim before they judge.",
    "Nul": "A NUL: some strings end there.",
    "Control": "A control character.",
    "Unicode": "A letter, digit or sign of another script, which some engines take for an ASCII one.",
    "Surrogate": "A lone surrogate, which has no UTF-8.",
    "Encoded": "An escape that some decode before they judge.",
    "Masked": "A value copied from a console, with most of it starred out.",
    "Type": "JSON of another type.",
    "Member": "A member that is missing, unknown or misspelt.",
    "Enumeration": "A word that is nearly one of the enumeration.",
    "Default": "What is left out, and what is taken in its place.",
    "Silent": "The page does not say whether this is right.",
}

# If a value has several kinds of foreign characters, its flag is the first of these.
_KINDS: Final = ("Surrogate", "Nul", "LineBreak", "Space", "Control", "Unicode")
_ESCAPE: Final = re.compile(r"&#\d+;|\\u[0-9a-f]{4}|%[0-9A-F]{2}")


def flag_of(rule: Rule, text: str) -> str:
    """The kind of mistake that a value is for the row, one of `FLAGS`."""
    if rule.accepts(text):
        return "Right"
    if MASK in text:
        return "Masked"
    foreign = {_kind_of_character(c) for c in text if c not in rule.charset}
    for kind in _KINDS:
        if kind in foreign:
            return kind
    if _ESCAPE.search(text):
        return "Encoded"
    if foreign:
        return "Ascii"
    return "First" if text[:1] not in rule.first else "Length"


def _kind_of_character(c: str) -> str:
    if c == "\0":
        return "Nul"
    if c in "\r\n":
        return "LineBreak"
    if c == " ":
        return "Space"
    if "\ud800" <= c <= "\udfff":
        return "Surrogate"
    return "Unicode" if not c.isascii() else "Ascii" if c.isprintable() else "Control"
