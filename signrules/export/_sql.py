"""One value's rule as a condition in SQL.

Every dialect says the same three things in its own words: the length is right, the first character may stand first, no
character is foreign. No pattern has an end anchor, which in some engines also matches before a line break, or a count,
which in some engines stops at 255. The dialect `translate` has no pattern at all.
"""

import re
from typing import Final, Literal, NamedTuple

from .._check import requirement_of
from .._guard import guarded
from .._rule import Field, Rule, SignAlgorithm, SignType
from .._spelling import plain_class
from .._table import DEFAULT_SIGN_TYPE, MANDATORY
from .._violation import Code
from .._vocabulary import one_of
from ._arguments import exact

Dialect = Literal["postgresql", "sqlite", "duckdb", "mysql", "spark", "translate"]


class _Words(NamedTuple):
    quote: str
    length: str
    first: str
    charset: str
    whole: str = ""  # what must hold too, so that the other conditions see the whole value
    name: str = r"[^\0\ud800-\udfff]+"  # what may stand between the quotes; no engine takes a lone surrogate


_DIALECTS: Final[dict[Dialect, _Words]] = {
    # A regular expression under a nondeterministic collation is an error.
    "postgresql": _Words(
        '"', "char_length({c})", """{c} COLLATE "C" ~ '^{first}'""", """{c} COLLATE "C" !~ '{foreign}'"""
    ),
    # In double quotes, the name of a column that does not exist would be a string. length and GLOB stop at a NUL. The
    # number of bytes would show that, but in a database in UTF-16 it is another.
    "sqlite": _Words(
        "`",
        "length({c})",
        "{c} GLOB '{first}*'",
        "{c} NOT GLOB '*{foreign}*'",
        "typeof({c}) = 'text' AND instr({c}, char(0)) = 0",
        name=r"[^\0\ud800-\udfff]*",
    ),
    "duckdb": _Words('"', "length({c})", "regexp_matches({c}, '^{first}')", "NOT regexp_matches({c}, '{foreign}')"),
    # The collation of the column may ignore case, and then the Kelvin sign matches k. The same holds in Spark.
    "mysql": _Words(
        "`",
        "char_length({c})",
        "CONVERT({c} USING utf8mb4) COLLATE utf8mb4_bin REGEXP '^{first}'",
        "CONVERT({c} USING utf8mb4) COLLATE utf8mb4_bin NOT REGEXP '{foreign}'",
    ),
    "spark": _Words(
        "`",
        "length({c})",
        "CAST({c} AS STRING) RLIKE '^{first}'",
        "CAST({c} AS STRING) NOT RLIKE '{foreign}'",
        name=r"[^\ud800-\udfff]*",
    ),
    # translate deletes the characters that have no partner, and a full stop is left. A length is compared and no text:
    # a comparison may ignore spaces at the end, case, or all that the collation ignores, and to some engines the empty
    # text is NULL. The cast takes the collation away, by which translate of Spark would go. It may cut a text after
    # 4,000 characters, which is then too long as well. In double quotes, a name would be a text to some engines.
    "translate": _Words(
        "",
        "length({c})",
        "length(translate(substr(CAST({c} AS VARCHAR(4000)), 1, 1) || '.', '.{starts}', '.')) = 1",
        "length(translate(CAST({c} AS VARCHAR(4000)) || '.', '.{allowed}', '.')) = 1",
        name=r"(?s:.*)",  # a name without quotes has a rule of its own
    ),
}
# Without quotes, SQL reads these words as values, and also those that begin with "current_". The condition would then
# be about that value, whatever the column holds.
_READ_AS_VALUES: Final = frozenset(
    (
        *("default", "false", "localtime", "localtimestamp", "null", "session_user"),
        *("sysdate", "system_user", "systimestamp", "true", "uid", "user"),
    )
)


@guarded
def sql_check(
    field: Field,
    *,
    column: str | None = None,
    dialect: Dialect = "postgresql",
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
) -> str:
    """A condition for `CHECK (…)` or `WHERE`, true for a value in which `check` finds nothing wrong, otherwise false.

    `column` is the name of the column as it is, without quotes; if left out, that of the field. NULL is a value that is
    left out: the condition is then true unless the field is mandatory. The condition is never NULL. `mysql` is also
    MariaDB. The column should have a type that keeps text as it is, such as `text`: `char` pads, `varchar` may cut
    spaces. Lengths are in characters. Rule: Table 3 of the page.

    `translate` is for engines that have the function of this name, and no regular expressions or ones of their own. Its
    names of columns have no quotes.

    Raises `LookupError` for a field, type, algorithm or dialect that does not exist, `ValueError` if the dialect
    cannot have the name of the column, `TypeError` for a name that is no `str`.
    """
    requirement = requirement_of(field, sign_type, sign_algorithm)
    language = one_of("dialect", dialect, _DIALECTS)
    name = requirement.field if column is None else exact("column", column)
    if not re.fullmatch(_DIALECTS[language].name, name):
        raise ValueError(
            f"column must be a name that {language} can have: none has lone surrogates, and for most databases it has "
            "no NUL and is not empty"
        )
    quoted = sql_name(name, language)
    lengths, first, charset = _conditions(quoted, language, requirement.rules)
    null = f"{quoted} IS NOT NULL AND" if requirement.field in MANDATORY else f"{quoted} IS NULL OR"
    whole = _DIALECTS[language].whole.format(c=quoted)
    characters = " AND ".join(condition for condition in (whole, first, charset) if condition)
    return f"({null} ({lengths}) AND {characters})"


def sql_name(name: str, dialect: Dialect) -> str:
    """The name of a column as a statement writes it. Raises `ValueError` if the dialect cannot have this name."""
    quote = _DIALECTS[dialect].quote
    if quote:
        return f"{quote}{name.replace(quote, quote * 2)}{quote}"
    if not _needs_no_quotes(name):
        raise ValueError(
            "column must be a name that needs no quotes: ASCII letters, digits and _, and no word such as user or null"
        )
    return name


def _needs_no_quotes(name: str) -> bool:
    word = name.lower()
    plain = name.isascii() and name.isidentifier()
    return plain and word not in _READ_AS_VALUES and not word.startswith("current_")


def sql_violations(value: str, dialect: Dialect, rules: tuple[Rule, ...]) -> dict[Code, str]:
    """The conditions under which `check` reports each code, made of the parts of `sql_check`.

    `value` is an expression whose value is a text; where it is NULL, the conditions are. `rules` are those of one
    question. SQLite is left out of this: its functions stop at a NUL, so that the codes may be others.
    """
    lengths, first, charset = _conditions(value, dialect, rules)
    # `check` says of the empty text only that its length is wrong. It takes time to compare every value with it.
    wrong_first = f"CASE WHEN {first} THEN FALSE ELSE {value} <> '' END"
    return {"length": f"NOT ({lengths})", "charset": f"NOT ({charset})", "first": wrong_first}


class _Conditions(NamedTuple):
    """What is right in a value of one question, apart."""

    length: str
    first: str
    charset: str


def _conditions(value: str, dialect: Dialect, rules: tuple[Rule, ...]) -> _Conditions:
    words = _DIALECTS[dialect]
    length = words.length.format(c=value)
    return _Conditions(
        " OR ".join(f"{length} BETWEEN {rule.min_length} AND {rule.max_length}" for rule in rules),
        words.first.format(c=value, first=plain_class(rules[0].first), starts=rules[0].first),
        words.charset.format(c=value, foreign=plain_class(rules[0].charset, negated=True), allowed=rules[0].charset),
    )
