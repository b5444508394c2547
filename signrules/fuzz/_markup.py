"""The pieces of HTML that the fuzzer's pages share. All of them are ASCII, so that no encoding garbles a page."""

from collections.abc import Iterable
from html import escape
from typing import Final, Literal

from .._table import SOURCE_TITLE, SOURCE_URL
from ._case import Observation
from ._report import in_ascii

Outcome = Literal["wrong", "none", "right"]
# For each outcome, a mark for those who see no colour, and a word for those who hear the page.
SIGNS: Final[dict[Outcome, tuple[str, str]]] = {
    "wrong": ("&#x2717;", "wrong"),
    "none": ("?", "without a verdict"),
    "right": ("&#x2713;", "right"),
}
# The source page of the rules, as a link.
SOURCE: Final = f'<a href="{escape(SOURCE_URL)}">{escape(SOURCE_TITLE)}</a>'


def text(words: str) -> str:
    """The words as text in printable ASCII."""
    return escape(in_ascii(words))


def sign(outcome: Outcome) -> str:
    """The mark of an outcome, which a screen reader passes over."""
    return f'<span class="{outcome}" aria-hidden="true">{SIGNS[outcome][0]}</span>'


def outcome(observation: Observation) -> Outcome:
    """Whether an answer is wrong or right, or there is none."""
    return "none" if observation.accepted is None else "wrong" if observation.is_wrong else "right"


def section(heading: str, kind: Literal["ol", "ul"], items: Iterable[str], introduction: str = "") -> str:
    """A section with a list, or nothing if there is no item. Heading, items and introduction are HTML."""
    found = "\n".join(f"<li>{item}</li>" for item in items)
    words = f"<p>{introduction}</p>\n" if introduction else ""
    return f"<section>\n<h2>{heading}</h2>\n{words}<{kind}>\n{found}\n</{kind}>\n</section>" if found else ""


def sideways(label: str, table: str) -> str:
    """A table that may be wider than the screen: it scrolls by itself, also by keyboard, and says so."""
    return (
        '<p class="more">There is more to the right: the table scrolls sideways.</p>\n'
        f'<div class="table" tabindex="0" role="region" aria-label="{label}">{table}</div>'
    )
