"""Apache Spark: the violations of values and of whole rows as columns, and their number in a data frame.

All is SQL of Spark's own functions, and the conditions are those of `sql_check`. So no value leaves the engine for
Python. The SQL is put together as a text, since each call of a function of PySpark is a message to the engine.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Final, NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql.functions import expr

from .._check import rules_for
from .._guard import guarded
from .._rule import Field, Rule, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE
from .._violation import Code
from ..export._sql import sql_name, sql_violations
from ._rows import CODES, Judged, judged_members, mapped, value_codes

# A bit for each column of counts.
_BITS: Final = {name: 1 << n for n, name in enumerate(("values", *CODES))}


class _Condition(str):
    """A condition in SQL, which is never NULL."""

    __slots__ = ()

    def __and__(self, other: str) -> "_Condition":
        return _Condition(f"({self} AND {other})")

    def __or__(self, other: str) -> "_Condition":
        return _Condition(f"({self} OR {other})")

    def __invert__(self) -> "_Condition":
        return _Condition(f"(NOT {self})")


class _Row(NamedTuple):
    """A row of a data frame."""

    columns: Mapping[str, str]

    def always(self) -> _Condition:
        return _Condition("true")

    def is_given(self, member: str) -> _Condition:
        return _Condition(f"({self._column(member)} IS NOT NULL)")

    def is_text(self, member: str) -> _Condition:
        # `typeof` also tells a collation or a length.
        is_text = f"(typeof({self._column(member)}) LIKE ANY ('string%', 'char%', 'varchar%'))"
        return self.is_given(member) & is_text

    def is_one_of(self, member: str, words: Collection[str]) -> _Condition:
        listed = ", ".join(map(_literal, words))
        return self.is_text(member) & f"coalesce({self._text(member)} IN ({listed}), false)"

    def breaks(self, field: Field, rules: tuple[Rule, ...]) -> dict[Code, _Condition]:
        broken = sql_violations(self._text(field), "spark", rules)
        return {code: self.is_text(field) & f"coalesce({condition}, true)" for code, condition in broken.items()}

    def _column(self, member: str) -> str:
        return sql_name(self.columns[member], "spark") if member in self.columns else "NULL"

    def _text(self, member: str) -> str:
        """The value of the column, without its collation."""
        return f"CAST({self._column(member)} AS STRING)"


@guarded
def violations(
    field: Field,
    column: str | None = None,
    *,
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
) -> Column:
    """The codes of the violations of a value, as an array of strings in the order of `check`. An empty array is valid.

    `column` is the name of the column as it is, without quotes; if left out, that of the field. NULL is a value that is
    left out: the code `missing` if the field is mandatory, otherwise none. A value of another type than a string has
    the code `type`.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """
    rules = rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
    row = _Row({field: field if column is None else column})
    return expr(_those(value_codes(row, field, rules), _literal)).alias("violations")


@guarded
def request_violations(columns: Mapping[str, str] | None = None) -> Column:
    """The violations of a row as a request body, as an array of `struct<field, code>` in the order of `check_request`.

    `columns` says the name of the column for each member that has one; if left out, each of the five members is in the
    column of its name. NULL, or a member without a column, is left out. Other columns are no members.

    Raises `LookupError` for a member that does not exist.
    """
    parts = [
        f"IF({line.applies}, {_those(line.is_broken, partial(_violation, line.field))}, array())"
        for line in judged_members(_Row(mapped(columns)))
    ]
    return expr(f"concat({', '.join(parts)})").alias("violations")


@guarded
def audit(frame: DataFrame, columns: Mapping[str, str] | None = None) -> DataFrame:
    """How many values are judged by each row of the rule table, and how many of them have each code.

    The lines and the columns are those of `signrules audit --json`: `field`, `sign_type`, `sign_algorithm`, `values`,
    and one for each code. A member without a row of the table, and an aes key without a known algorithm, has a line of
    its own. The frame is read once.

    `columns` is the same as for `request_violations`; if left out, each member that the frame has is in the column of
    its name.

    Raises `LookupError` for a member that does not exist, or if the frame has no member.
    """
    # Spark finds a column whatever the case of its name is, unless it is told otherwise.
    lines = list(judged_members(_Row(mapped(columns, [name.lower() for name in frame.columns]))))
    # Rows in which the same is broken are one group. There are few groups, however many rows there are.
    groups = frame.groupBy(*(expr(_bits(line)).alias(f"line{n}") for n, line in enumerate(lines)))
    counts = ", ".join(_counts(line, f"line{n}") for n, line in enumerate(lines))
    return groups.agg(expr("count(*) AS rows")).agg(expr(f"array({counts}) AS lines")).selectExpr("inline(lines)")


def _bits(line: Judged[_Condition]) -> str:
    """What a row has by this line, as one number."""
    conditions = [("values", line.is_given), *line.is_broken.items()]
    bits = " + ".join(f"IF({condition}, {_BITS[name]}, 0)" for name, condition in conditions)
    return f"IF({line.applies}, {bits}, 0)"


def _counts(line: Judged[_Condition], bits: str) -> str:
    """How many rows the groups have of each column of counts, as a struct."""
    labels = [("field", line.field), ("sign_type", line.sign_type), ("sign_algorithm", line.sign_algorithm)]
    members = [f"'{name}', CAST({_literal(word)} AS STRING)" for name, word in labels]
    members += [f"'{name}', coalesce(sum(IF(({bits} & {bit}) > 0, rows, 0)), 0)" for name, bit in _BITS.items()]
    return f"named_struct({', '.join(members)})"


def _literal(word: str | None) -> str:
    return "NULL" if word is None else f"'{word}'"


def _violation(field: str, code: str) -> str:
    return f"named_struct('field', '{field}', 'code', '{code}')"


def _those(conditions: Mapping[Code, str], told: Callable[[str], str]) -> str:
    """What is told of each code whose condition is true, as an array."""
    parts = [f"IF({condition}, array({told(code)}), array())" for code, condition in conditions.items()]
    return f"concat({', '.join(parts)})"
