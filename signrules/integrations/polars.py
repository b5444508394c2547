"""Polars: the violations of values and of whole rows as expressions, and their number in a data frame.

All is made of Polars' own functions, so no value becomes an object of Python.
"""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import add, or_
from typing import Final, NamedTuple

import polars as pl

from .._check import rules_for
from .._guard import guarded
from .._rule import Field, Rule, SignAlgorithm, SignType
from .._spelling import plain_class
from .._table import DEFAULT_SIGN_TYPE
from .._violation import Code
from ._rows import CODES, judged_members, mapped, value_codes

_LINES: Final = {
    **dict.fromkeys(("field", "sign_type", "sign_algorithm"), pl.String),
    **dict.fromkeys(("values", *CODES), pl.UInt64),
}
_TEXTS: Final = (pl.String, pl.Categorical, pl.Enum, pl.Null)


class _Row(NamedTuple):
    """A row of a data frame. Without a schema, all columns hold texts."""

    columns: Mapping[str, str]
    schema: Mapping[str, pl.DataType] | None = None

    def always(self) -> pl.Expr:
        return pl.lit(value=True)

    def is_given(self, member: str) -> pl.Expr:
        return self._column(member).is_not_null()

    def is_text(self, member: str) -> pl.Expr:
        return self.is_given(member) & pl.lit(self._holds_texts(member))

    def is_one_of(self, member: str, words: Collection[str]) -> pl.Expr:
        return self._text(member).is_in(list(words)).fill_null(value=False)

    def breaks(self, field: Field, rules: tuple[Rule, ...]) -> dict[Code, pl.Expr]:
        text = self._text(field)
        length = text.str.len_chars()
        right = reduce(or_, (length.is_between(rule.min_length, rule.max_length) for rule in rules))
        first, foreign = (plain_class(characters, negated=True) for characters in (rules[0].first, rules[0].charset))
        conditions: dict[Code, pl.Expr] = {
            "length": ~right,
            "charset": text.str.contains(foreign),
            "first": text.str.contains(f"^{first}"),
        }
        return {code: self.is_text(field) & condition.fill_null(value=True) for code, condition in conditions.items()}

    def _holds_texts(self, member: str) -> bool:
        if self.schema is None or member not in self.columns:
            return True
        return isinstance(self.schema.get(self.columns[member]), _TEXTS)

    def _column(self, member: str) -> pl.Expr:
        if member not in self.columns:
            return pl.lit(None, pl.String)
        name = self.columns[member]
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise ValueError("column must be a name that Polars does not take for a pattern")
        return pl.col(name)

    def _text(self, member: str) -> pl.Expr:
        """The value of the column, NULL if it is not a text."""
        if not self._holds_texts(member):
            return pl.lit(None, pl.String)
        return self._column(member) if self.schema is None else self._column(member).cast(pl.String)


@guarded
def violations(
    field: Field,
    column: str | None = None,
    *,
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
) -> pl.Expr:
    """The codes of the violations of a value, as a list of strings in the order of `check`. An empty list is valid.

    `column` is the name of the column, which must hold strings; if left out, that of the field. NULL is a value that is
    left out: the code `missing` if the field is mandatory, otherwise none.

    Raises `LookupError` for a field, type or algorithm that does not exist, `ValueError` for a column whose name Polars
    takes for a pattern.
    """
    rules = rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
    row = _Row({field: field if column is None else column})
    broken = value_codes(row, field, rules)
    codes = pl.element().replace_strict(range(len(broken)), [*broken], return_dtype=pl.String)
    return _those(broken.values(), codes).alias("violations")


@guarded
def request_violations(columns: Mapping[str, str] | None = None) -> pl.Expr:
    """The violations of a row as a request body, as a list of structs in the order of `check_request`: `field`, `code`.

    `columns` says the name of the column for each member that has one; if left out, each of the five members is in the
    column of its name. The columns must hold strings. NULL, or a member without a column, is left out. Other columns
    are no members.

    Raises `LookupError` for a member that does not exist, `ValueError` for a column whose name Polars takes for a
    pattern.
    """
    broken: dict[tuple[str, Code], pl.Expr] = {}
    for judged in judged_members(_Row(mapped(columns))):
        for word, is_broken in judged.is_broken.items():
            if word != "type":  # an expression does not know the type of a column
                others = broken.get((judged.field, word), pl.lit(value=False))
                broken[judged.field, word] = others | judged.applies & is_broken
    field, code = (
        pl.element().replace_strict(range(len(broken)), words, return_dtype=pl.String)
        for words in zip(*broken, strict=True)
    )
    return _those(broken.values(), pl.struct(field.alias("field"), code.alias("code"))).alias("violations")


def _those(conditions: Collection[pl.Expr], told: pl.Expr) -> pl.Expr:
    """What is told of each condition that is true, as a list; `told` is made of the place of the condition.

    Each condition is a bit, and every number of these bits has its list. To make a list for each row would take ten
    times as long.
    """
    places = [[n for n in range(len(conditions)) if number >> n & 1] for number in range(1 << len(conditions))]
    lists = pl.Series(places, dtype=pl.List(pl.UInt8)).list.eval(told)
    bits = (condition.cast(pl.UInt32) * (1 << n) for n, condition in enumerate(conditions))
    return pl.lit(lists).gather(reduce(add, bits))


@guarded
def audit(frame: pl.DataFrame | pl.LazyFrame, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """How many values are judged by each row of the rule table, and how many of them have each code.

    The lines and the columns are those of `signrules audit --json`: `field`, `sign_type`, `sign_algorithm`, `values`,
    and one for each code. A member without a row of the table, and an aes key without a known algorithm, has a line of
    its own. A lazy frame is read once, and need not fit into memory.

    `columns` is the same as for `request_violations`; if left out, each member that the frame has is in the column of
    its name. A value in a column that does not hold strings has the code `type`.

    Raises `LookupError` for a member that does not exist, or if the frame has no member, `ValueError` for a column
    whose name Polars takes for a pattern.
    """
    schema = frame.collect_schema()
    lines = list(judged_members(_Row(mapped(columns, schema.names()), schema)))
    conditions = [
        (judged.applies & condition).alias(f"{n} {name}")
        for n, judged in enumerate(lines)
        for name, condition in [("values", judged.is_given), *judged.is_broken.items()]
    ]
    [counts] = frame.lazy().select(conditions).sum().collect(engine="streaming").to_dicts()
    return pl.DataFrame(
        [
            (*judged[:3], *(counts.get(f"{n} {name}", 0) for name in ("values", *CODES)))
            for n, judged in enumerate(lines)
        ],
        schema=_LINES,
        orient="row",
    )
