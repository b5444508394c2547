"""The ways to get one row of the table wrong: one number, one character, or columns that are not checked.

A variation says which values a row accepts then. Together with the rows that it touches it makes a bug model (`bugs`).
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Final

from .._rule import Rule
from .._spelling import DIGITS, LETTERS, listed
from .._table import RULES
from ._engine import of_engine
from ._rows import ENDS, neighbours, row_in_words, row_name, runs, slug
from ._variation import UNBOUNDED, Accepts, Variation, accepting


@cache
def variations() -> dict[Rule, dict[str, Variation]]:
    """For each row, the ways to get it wrong, by name, the most likely first."""
    return {rule: {variation.name: variation for variation in _of_row(rule)} for rule in RULES}


def _of_row(rule: Rule) -> Iterator[Variation]:
    table = {name: Variation(name, does, accepting(row)) for name, does, row in _of_table(rule)}
    # A bound that is off by one is likelier than one that is not checked.
    likeliest = [table.pop(name) for name in ("min-1", "max+1")]
    yield from (*likeliest, *_of_columns(rule), *table.values(), *of_engine(rule))
    for other in RULES:
        if other[3:] != rule[3:]:  # the columns that judge a value
            yield Variation(f"as-{row_name(other)}", f"judges it as {row_in_words(other)}", other.accepts)


def names_for_any_rows() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the variations that any rows may have together: those of columns, and those of the engine."""
    rule = RULES[0]
    return tuple(each.name for each in _of_columns(rule)), tuple(each.name for each in of_engine(rule))


# One number or one character is wrong


# Each is a range in a careless class of a regular expression.
_SLIPS: Final = ("A-z", "+-/", "!-%", "--9", "+-=", " -~")

# What other identifiers may contain besides letters and digits.
_IN_IDENTIFIERS: Final = "-._"
# What the two alphabets of base64 have besides letters and digits. Keys and secrets are often made of them.
_IN_BASE64: Final = "+/-_="
# What stands in an address and in its query.
_IN_ADDRESSES: Final = ".&%"


def _of_table(rule: Rule) -> Iterator[tuple[str, str, Rule]]:
    shortest, longest = rule.min_length, rule.max_length
    yield "min-1", "accepts one character too few", rule._replace(min_length=shortest - 1)
    yield "max+1", "accepts one character too many", rule._replace(max_length=longest + 1)
    if shortest < longest:
        yield "min+1", "refuses the shortest length", rule._replace(min_length=shortest + 1)
        yield "max-1", "refuses the longest length", rule._replace(max_length=longest - 1)
    for name, run in runs(rule.first):
        rest = "".join(c for c in rule.first if c not in run)
        yield f"first-without-{slug(run)}", f"refuses {name} as the first character", rule._replace(first=rest)
    for name, run in runs("".join(c for c in rule.charset if c not in rule.first)):
        yield f"first-with-{slug(run)}", f"accepts {name} as the first character", rule._replace(first=rule.first + run)
    for c in ENDS:
        if c in rule.first:
            fewer = rule._replace(first=rule.first.replace(c, ""))
            yield f"first-without-{slug(c)}", f"refuses {c!r} as the first character", fewer
    for name, run in (*runs(rule.charset), *((repr(c), c) for c in LETTERS + DIGITS)):
        fewer = rule._replace(
            charset="".join(c for c in rule.charset if c not in run),
            first="".join(c for c in rule.first if c not in run),
        )
        yield f"without-{slug(run)}", f"refuses {name}", fewer
    for c in dict.fromkeys(
        (" ", *neighbours(rule), *(_IN_BASE64 if rule.sign_type else _IN_IDENTIFIERS), *_IN_ADDRESSES)
    ):
        if c not in rule.charset:
            yield f"with-{slug(c)}", f"accepts {c!r}", rule._replace(charset=rule.charset + c)
    for slip in _SLIPS:
        between = [chr(n) for n in range(ord(slip[0]), ord(slip[-1]) + 1)]
        if set(slip) <= set(rule.charset) | {" ", "~", "-"}:
            more = "".join(c for c in between if c not in rule.charset)
            yield f"range-{slug(slip)}", f"takes {slip} for a range", rule._replace(charset=rule.charset + more)


# Some columns are not checked, or none is

_COLUMNS: Final = {
    "min": "the shortest length",
    "max": "the longest length",
    "charset": "the characters",
    "first": "the first character",
}
# A better name and better words than those that `_of_columns` would make for these columns.
_BETTER_WORDS: Final = {
    ("charset", "first"): ("any-characters", "checks the length alone"),
    ("first",): ("first-any", "does not check the first character apart"),
}


def _of_columns(rule: Rule) -> Iterator[Variation]:
    """The broadest mistakes first. None of those that still check a column accepts an empty text."""
    yield Variation("refused", "refuses every value", lambda _: False)
    yield Variation("unchecked", "not checked at all (accepts every string)", lambda _: True)
    yield Variation("not-empty", "not checked at all, but for the empty string", bool)
    for count in range(len(_COLUMNS) - 1, 0, -1):
        for unchecked in combinations(_COLUMNS, count):
            checked = [column for column in _COLUMNS if column not in unchecked]
            does = f"does not check {listed([_COLUMNS[column] for column in unchecked], 'or')}"
            if len(checked) == 1:
                does = f"checks {_COLUMNS[checked[0]]} alone"
            name, does = _BETTER_WORDS.get(unchecked, (f"no-{'-'.join(unchecked)}", does))
            yield Variation(name, does, _checking(rule, checked))


def _checking(rule: Rule, columns: list[str]) -> Accepts:
    shortest = rule.min_length if "min" in columns else 1
    longest = rule.max_length if "max" in columns else UNBOUNDED
    later = frozenset(rule.charset) if "charset" in columns else None
    first = frozenset(rule.first) if "first" in columns else later
    return lambda value: (
        shortest <= len(value) <= longest
        and (first is None or value[0] in first)
        and (later is None or later.issuperset(value[1:]))
    )
