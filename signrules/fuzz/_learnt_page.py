"""A learnt table as a page. The frame is learnt.html, the look that of the report."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from .._rule import Rule
from .._table import RULES
from ..export.assets import page
from ._head import made_by
from ._learnt import Column, Difference, Learned, cells_of
from ._learnt_table import UNKNOWN, cells_in_words
from ._markup import SOURCE, Outcome, section, sideways, sign, text
from ._report import Judge, number
from ._rows import row_in_words

_HEADINGS: Final[dict[Column, str]] = {
    "min_length": "min",
    "max_length": "max",
    "charset": "may contain",
    "first": "must start with",
}
_NUMBERS: Final = ("min_length", "max_length")


def html(
    learned: Learned, *, url: str, judge: Judge, controls: bool, begun: float, left: Mapping[str, Iterable[str]]
) -> str:
    """A self-contained page: a sentence for each difference, then the ten rows as the gateway has them.

    `url` names the judge, and comes without user and query. `controls` is whether control characters were asked for,
    `begun` when the run began, in seconds since 1970. `left` holds the keys that may be left, by headings.
    It needs no network and no script, and its policy allows none. It is ASCII.
    """
    known = [each for each in learned.differences if each.is_known]
    unknown = [each for each in learned.differences if not each.is_known]
    asked = "printable ASCII and the control characters" if controls else "printable ASCII, no control characters"
    return page(
        __package__,
        "learnt.html",
        "report.css",
        command="learn",
        title=f"Which rule table does the {judge} have?",
        JUDGE=judge,
        MARK=sign("wrong" if known else "none" if unknown else "right"),
        VERDICT=_verdict(known, unknown),
        URL=text(url),
        EXTENT=f"{number(learned.requests, 'request')}; {asked}",
        MADE=made_by(begun),
        DIFFERENCES=section("What differs from the page", "ol", (text(each.words) for each in known)),
        UNKNOWN=section("What could not be learnt", "ul", (text(each.words) for each in unknown)),
        LEFT="".join(section(words.capitalize(), "ul", map(text, names)) for words, names in left.items()),
        TABLE=sideways("The rule table that was learnt", f'<table class="learnt">\n{_table(learned)}\n</table>'),
        SOURCE=SOURCE,
    )


def _verdict(known: list[Difference], unknown: list[Difference]) -> str:
    """For example "differs from the page in 2 rows and is not wholly known in 1 row"; the table is the subject."""
    differing, unlearnt = (len({each.row for each in some}) for some in (known, unknown))
    parts = []
    if differing:
        parts.append(f"differs from the page in {number(differing, 'row')}")
    if unlearnt:
        parts.append(f"is not wholly known in {number(unlearnt, 'row')}")
    return " and ".join(parts) or "is that of the page"


def _table(learned: Learned) -> str:
    head = "".join(f'<th scope="col">{words}</th>' for words in ("row", *_HEADINGS.values()))
    rows = "\n".join(_row(learned, rule) for rule in RULES)
    return f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"


def _row(learned: Learned, rule: Rule) -> str:
    words = cells_in_words(learned, rule)
    outcomes = {column: _outcome(learned, rule, column) for column in ("", *_HEADINGS)}

    def cell(column: Column) -> str:
        outcome = outcomes[column]
        if outcome is None:
            return f"<td>{text(words[column])}</td>"
        mark = "" if words[column] == UNKNOWN else f"{sign(outcome)} "
        return f'<td class="{outcome}">{mark}{text(words[column])}{_remark(learned, rule, column)}</td>'

    of_row = outcomes[""]
    head = escape(row_in_words(rule)) if of_row is None else f"{sign(of_row)} {escape(row_in_words(rule))}"
    return f'<tr><th scope="row" class="{of_row or ""}">{head}</th>{"".join(map(cell, _HEADINGS))}</tr>'


def _remark(learned: Learned, rule: Rule, column: Column) -> str:
    """What stands in this cell on the page, unless its words say so; or that the cell does not say all."""
    if cells_of(learned, rule)[column] == getattr(rule, column):
        return " <small>not all: see above</small>"
    return f" <small>on the page: {getattr(rule, column)}</small>" if column in _NUMBERS else ""


def _outcome(learned: Learned, rule: Rule, column: Column) -> Outcome | None:
    """Whether the cell differs ("wrong") or is not known ("none"); `None` if it is as on the page."""
    here = [each for each in learned.differences if (each.row, each.column) == (rule, column)]
    return None if not here else "wrong" if any(each.is_known for each in here) else "none"
