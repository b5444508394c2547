"""Every labelled value through every dialect in its real engine: into a table with the CHECK, or past it in Spark."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import pytest

from signrules import RULES, rules_for
from signrules.export import Dialect, sql_check
from signrules.export._sql import sql_name, sql_violations

from .. import oracle
from ..labelled import QUESTIONS, a_valid_text, labelled_bodies, labelled_values
from ..questions import AES_KEY_WITHOUT_ALGORITHM, EVERY_QUESTION, Question
from . import servers
from .judged import judged

HMAC_SECRET = Question("sign_secret", {"sign_type": "hmac", "sign_algorithm": None})
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
SURROGATES: Final = "[\ud800-\udfff]"
# With k and s, these are the only characters beyond ASCII that fold to a letter of it.
FOLDED = "\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}"

each_question = pytest.mark.parametrize("question", QUESTIONS, ids=str)


class Engine(NamedTuple):
    dialect: Dialect
    cursor: Any  # each driver has its own; none has a transaction open
    refusal: str  # what it says when a CHECK fails
    quote: str = "`"
    placeholder: str = "?"
    uncarried: str = SURROGATES  # matches what the driver or the server cannot carry at all

    def create(self, column: str, *constraints: str) -> None:
        """A table `t` with one column, and nothing in it."""
        self.cursor.execute("DROP TABLE IF EXISTS t")
        self.cursor.execute(f"CREATE TABLE t ({', '.join([column, *constraints])})")

    def insert(self, value: object) -> str | None:
        """What the engine says against it."""
        return self.said(f"INSERT INTO t VALUES ({self.placeholder})", value)

    def said(self, statement: str, *values: object) -> str | None:
        try:
            self.cursor.execute(statement, values)
        except Exception as error:
            return str(error)
        return None

    def read(self, what: str) -> list[Any]:
        self.cursor.execute(f"SELECT {what} FROM t")
        return [row[0] for row in self.cursor.fetchall()]

    def disagreements(self, question: Question) -> list[str]:
        """The texts of which table `t`, and what it holds after all were inserted, says other than the oracle."""
        values = [value for value in labelled_values() if value.question == question]
        wrong = []
        for value in values:
            said = self.insert(value.text)
            carried = not re.search(self.uncarried, value.text)
            if (said is None) != value.is_valid or (said and carried and self.refusal not in said):
                wrong.append(value.text)
        kept = self.read("*")
        return [*wrong, *set(kept).symmetric_difference(value.text for value in values if value.is_valid)]


@contextmanager
def postgresql() -> Iterator[Engine]:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: in a clone, pip install '.[dev]'")
    with servers.postgresql() as url, psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        yield Engine(
            "postgresql",
            connection.cursor(),
            "violates check constraint",
            quote='"',
            placeholder="%s",
            uncarried=f"\0|{SURROGATES}",
        )


@contextmanager
def sqlite(encoding: str = "UTF-8") -> Iterator[Engine]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        yield Engine("sqlite", connection.cursor(), "CHECK constraint failed")


@contextmanager
def duckdb() -> Iterator[Engine]:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb: in a clone, pip install '.[dev]'")
    with duckdb.connect() as connection:
        yield Engine("duckdb", connection, "CHECK constraint failed", quote='"')


@contextmanager
def mysql() -> Iterator[Engine]:
    pymysql = pytest.importorskip("pymysql", reason="needs pymysql: in a clone, pip install '.[dev]'")
    with (
        servers.mariadb() as socket,
        pymysql.connect(unix_socket=socket, user="root", charset="utf8mb4", autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE DATABASE tests CHARACTER SET utf8mb4")
        cursor.execute("USE tests")
        yield Engine("mysql", cursor, "CONSTRAINT `t` failed", placeholder="%s")


ENGINES: Final[dict[str, Callable[[], AbstractContextManager[Engine]]]] = {
    "postgresql": postgresql,
    "sqlite": sqlite,
    "sqlite-utf-16": lambda: sqlite("UTF-16"),
    "duckdb": duckdb,
    "mysql": mysql,
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ENGINES[request.param]() as engine:
        yield engine


def only(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("engine", [name], indirect=True)


def check(question: Question, dialect: Dialect, column: str = "c") -> str:
    return sql_check(question.field, column=column, dialect=dialect, **question.kind)


def constraint(question: Question, dialect: Dialect, column: str = "c") -> str:
    return f"CONSTRAINT t CHECK ({check(question, dialect, column)})"


# Every value, every engine.


@judged(
    "sql_check",
    "PostgreSQL",
    "program postgres",
    form="postgresql",
    differences="holds no NUL, and cuts spaces at the end of a `VARCHAR(n)` before the `CHECK` is asked",
)
@judged(
    "sql_check",
    "SQLite",
    "python sqlite3",
    form="sqlite",
    differences="makes a text of a number if the type of the column is `TEXT`",
)
@judged("sql_check", "DuckDB", "pip duckdb", form="duckdb")
@judged(
    "sql_check",
    "MariaDB",
    "program mariadbd",
    form="mysql",
    differences="refuses what the character set of a column does not have before the `CHECK` is asked",
)
@each_question
def test_a_check_in_a_table_says_what_the_oracle_says(engine: Engine, question: Question) -> None:
    engine.create("c TEXT", constraint(question, engine.dialect))
    assert engine.disagreements(question) == []


@judged("sql_check", "PostgreSQL", "program postgres", form="translate")
@judged("sql_check", "DuckDB", "pip duckdb", form="translate")
@pytest.mark.parametrize("engine", ["postgresql", "duckdb"], indirect=True)
@each_question
def test_translate_in_a_table_says_what_the_oracle_says(engine: Engine, question: Question) -> None:
    engine.create("c TEXT", constraint(question, "translate"))
    assert engine.disagreements(question) == []


@pytest.fixture(scope="module", params=["spark", "translate"])
def accepted_by_spark(spark: Any, request: pytest.FixtureRequest) -> set[int]:
    """The indexes of the labelled values that Spark accepts, each by the condition of its question."""
    values = [(n, QUESTIONS.index(value.question), value.text) for n, value in enumerate(labelled_values())]
    rows = spark.createDataFrame(values, "n int, q int, c string")
    conditions = " ".join(f"WHEN {q} THEN {check(question, request.param)}" for q, question in enumerate(QUESTIONS))
    return {row.n for row in rows.where(f"CASE q {conditions} END").select("n").collect()}


@judged("sql_check", "Spark", "pip pyspark", form="spark", differences="has U+FFFD in the place of a lone surrogate")
@judged("sql_check", "Spark", "pip pyspark", form="translate")
@each_question
def test_spark_says_what_the_oracle_says(accepted_by_spark: set[int], question: Question) -> None:
    values = [(n, value) for n, value in enumerate(labelled_values()) if value.question == question]
    assert [value.text for n, value in values if (n in accepted_by_spark) != value.is_valid] == []


@pytest.mark.parametrize("engine", ["postgresql", "mysql"], indirect=True)  # DuckDB: test_audit.py
@each_question
def test_the_parts_say_which_codes_a_value_has(engine: Engine, question: Question) -> None:
    engine.create("c TEXT")
    values = {value.text: value for value in labelled_values() if value.question == question}
    carried = [value for value in values.values() if engine.insert(value.text) is None]
    column = sql_name("c", engine.dialect)
    parts = sql_violations(column, engine.dialect, rules_for(question.field, **question.kind))
    engine.cursor.execute(f"SELECT {', '.join([column, *parts.values()])} FROM t")
    said = {
        value: [code for code, bad in zip(parts, row, strict=True) if bad] for value, *row in engine.cursor.fetchall()
    }
    assert said == {value.text: [code for code, _ in value.broken] for value in carried}
    assert len(said) > 200


def test_there_is_enough_to_say() -> None:
    assert {engine.partition("-")[0] for engine in ENGINES} | {"spark", "translate"} == set(DIALECTS)
    assert len(labelled_values()) > 5000
    assert {str(value.question) for value in labelled_values()} == set(map(str, QUESTIONS))


@only("sqlite")
def test_a_disagreement_is_seen(engine: Engine) -> None:
    question = HMAC_SECRET
    engine.create("c TEXT")
    assert len(engine.disagreements(question)) > 500
    engine.create("c TEXT", "CONSTRAINT t CHECK (FALSE)")
    assert a_valid_text(question) in engine.disagreements(question)


# NULL, names of columns, wrong questions.

NULL_IS_RIGHT: Final = {"name": False, "sign_key": True, "sign_secret": True}


@each_question
def test_null_is_a_value_left_out_and_the_condition_is_never_null(engine: Engine, question: Question) -> None:
    engine.create("c TEXT", constraint(question, engine.dialect))
    assert (engine.insert(None) is None) is NULL_IS_RIGHT[question.field]
    engine.create("c TEXT")
    for value in (None, "", "no!", a_valid_text(question)):
        engine.insert(value)
    dialects: list[Dialect] = [engine.dialect]
    if engine.dialect in {"postgresql", "duckdb"}:
        dialects.append("translate")
    for dialect in dialects:
        condition = check(question, dialect)
        assert engine.read(f"({condition}) IS NULL") == [False] * 4
        assert engine.read(f"NOT {condition}") == [not NULL_IS_RIGHT[question.field], True, True, False]


@pytest.mark.parametrize("dialect", ["spark", "translate"])
def test_null_in_spark(spark: Any, dialect: Dialect) -> None:
    """A column for each question."""
    columns = [[None, "", "no!", a_valid_text(question)] for question in QUESTIONS]
    rows = spark.createDataFrame([*zip(*columns, strict=True)], [f"c{n}" for n in range(len(QUESTIONS))])
    said = rows.selectExpr(*(check(question, dialect, f"c{n}") for n, question in enumerate(QUESTIONS))).collect()
    for question, column in zip(QUESTIONS, zip(*said, strict=True), strict=True):
        assert column == (NULL_IS_RIGHT[question.field], False, False, True), question


NAMES: Final = ["select", "Sign Key", 'a"b', "a`b", '"', "`", "'", "a.b", "{c}", "{", "schlüssel", "c--", "[c]"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_column(engine: Engine, name: str) -> None:
    quoted = engine.quote + name.replace(engine.quote, engine.quote * 2) + engine.quote
    engine.create(f"{quoted} TEXT", constraint(HMAC_SECRET, engine.dialect, name))
    assert engine.refusal in str(engine.insert("short"))
    assert engine.insert(a_valid_text(HMAC_SECRET)) is None


@pytest.mark.parametrize("name", ["", "\0", "a\0b", "\ud800"], ids=ascii)
def test_a_name_is_refused_that_the_engine_cannot_have(engine: Engine, name: str) -> None:
    quoted = f"{engine.quote}{name}{engine.quote}"
    engine.said("DROP TABLE IF EXISTS t")
    if engine.said(f"CREATE TABLE t ({quoted} TEXT)"):
        with pytest.raises(ValueError, match=f"^column must be a name that {engine.dialect} can have: "):
            check(HMAC_SECRET, engine.dialect, name)
    else:
        assert engine.read(check(HMAC_SECRET, engine.dialect, name)) == []


def test_any_name_of_a_column_in_spark(spark: Any) -> None:
    names = [*NAMES, "", "a\0b"]
    rows = spark.createDataFrame([["short"] * len(names), [a_valid_text(HMAC_SECRET)] * len(names)], names)
    said = rows.selectExpr(*(check(HMAC_SECRET, "spark", name) for name in names)).collect()
    assert [[*row] for row in said] == [[False] * len(names), [True] * len(names)]


@pytest.mark.parametrize("name", [*NAMES[1:], "", "1c", "c ", "USER", "current_user", "null", "Zq7JWxYVuZq7JWxY-"])
def test_translate_takes_no_name_that_needs_quotes_or_is_read_as_a_value(name: str) -> None:
    with pytest.raises(ValueError, match=r"^column must be a name that needs no quotes: ") as caught:
        check(HMAC_SECRET, "translate", name)
    assert "Zq7" not in str(caught.value)


@pytest.mark.parametrize("engine", ["postgresql", "duckdb"], indirect=True)
@pytest.mark.parametrize("name", ["secret", "select", "sign_secret", "no_such_column"])
def test_translate_takes_no_column_that_is_not_there_for_a_text(engine: Engine, name: str) -> None:
    engine.create("c TEXT")
    assert engine.said(f"SELECT * FROM t WHERE {check(HMAC_SECRET, 'translate', name)}") is not None


def test_spark_takes_a_name_in_double_quotes_for_a_text(spark: Any) -> None:
    """So every value would be right if the name of the column is."""
    rows = spark.createDataFrame([("short",)], "sign_key_of_hmac string")
    assert rows.where('"sign_key_of_hmac" <> sign_key_of_hmac').count() == 1
    assert rows.where(check(HMAC_SECRET, "translate", "sign_key_of_hmac")).count() == 0
    with pytest.raises(Exception, match="UNRESOLVED_COLUMN"):
        rows.where(check(HMAC_SECRET, "translate", "sign_secret"))


def test_the_column_is_called_like_the_field_unless_it_is_named() -> None:
    assert sql_check("name") == sql_check("name", column="name") != sql_check("name", column="k")
    assert "``" in sql_check("name", column="", dialect="sqlite")


def test_the_text_of_a_condition() -> None:
    assert sql_check("sign_key", column="k", **AES_KEY_WITHOUT_ALGORITHM.kind) == (
        '("k" IS NULL OR (char_length("k") BETWEEN 16 AND 16 OR char_length("k") BETWEEN 32 AND 32)'
        """ AND "k" COLLATE "C" ~ '^[A-Za-z0-9+/]' AND "k" COLLATE "C" !~ '[^A-Za-z0-9_!@#$%+/=-]')"""
    )


def test_the_text_of_a_condition_without_regular_expressions() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    assert sql_check("name", dialect="translate") == (
        "(name IS NOT NULL AND (length(name) BETWEEN 3 AND 64)"
        f" AND length(translate(substr(CAST(name AS VARCHAR(4000)), 1, 1) || '.', '.{letters}', '.')) = 1"
        f" AND length(translate(CAST(name AS VARCHAR(4000)) || '.', '.{letters}0123456789_', '.')) = 1)"
    )


def test_translate_deletes_no_full_stop_and_ends_no_text() -> None:
    assert not [rule for rule in RULES if {".", "'", "\\"} & {*rule.charset, *rule.first} or rule.max_length >= 4000]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_pattern_has_a_count_an_end_or_a_backslash(dialect: Dialect) -> None:
    for question in EVERY_QUESTION:
        condition = check(question, dialect)
        assert not [text for text in ("{", "\\", "$'", "\n") if text in condition]


@pytest.mark.parametrize("junk", ["mssql", "PostgreSQL", "", None, [], "Zq7JWxYVuZq7JWxY"])
def test_a_wrong_dialect(junk: Any) -> None:
    with pytest.raises(LookupError) as caught:
        sql_check("name", dialect=junk)
    assert str(caught.value) == "dialect must be postgresql, sqlite, duckdb, mysql, spark or translate"


def test_a_wrong_question() -> None:
    for question in ({"field": "nme"}, {"sign_type": "HMAC"}, {"sign_algorithm": "aes"}):
        with pytest.raises(LookupError, match=f"^{next(iter(question))} must be "):
            sql_check(**{"field": "name", **question})  # type: ignore[arg-type]  # wrong on purpose


# What an engine does differently.


def test_a_lone_surrogate_is_sent_by_no_driver(engine: Engine) -> None:
    engine.create("c TEXT")
    # DuckDB before 2.0 only says that it cannot cast the text.
    assert re.search("surrogate|Unable to cast", str(engine.insert("a\ud800b")))


@only("postgresql")
def test_postgresql_holds_no_nul(engine: Engine) -> None:
    engine.create("c TEXT")
    assert "NUL" in str(engine.insert("a\0b"))


def test_spark_replaces_a_lone_surrogate(spark: Any) -> None:
    (row,) = spark.createDataFrame([("a\ud800b",)], "c string").collect()
    assert row.c == "a\ufffdb"


@only("postgresql")
def test_postgresql_matches_under_a_nondeterministic_collation(engine: Engine) -> None:
    engine.cursor.execute("CREATE COLLATION fold (provider = icu, locale = 'und-u-ks-level1', deterministic = false)")
    engine.create("c TEXT COLLATE fold", "CHECK (c ~ '^[a-z]')")
    assert "nondeterministic collations are not supported" in str(engine.insert("abc"))
    for dialect in DIALECTS[0], DIALECTS[-1]:
        engine.create("c TEXT COLLATE fold", constraint(HMAC_SECRET, dialect))
        assert engine.disagreements(HMAC_SECRET) == []


@only("postgresql")
def test_postgresql_cuts_spaces_from_a_varchar_before_the_check_is_asked(engine: Engine) -> None:
    valid = a_valid_text(HMAC_SECRET)
    engine.create("c VARCHAR(16)", constraint(HMAC_SECRET, "postgresql"))
    assert engine.insert(f"{valid}  ") is None
    assert engine.read("c") == [valid]


@only("sqlite")
def test_sqlite_does_not_take_a_column_that_is_not_there_for_a_string(engine: Engine) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such column: secret"):
        engine.create("c TEXT", constraint(HMAC_SECRET, "sqlite", "secret"))
    engine.create("c TEXT")
    with pytest.raises(sqlite3.OperationalError, match="no such column: secret"):
        engine.read(f"* FROM t WHERE {check(HMAC_SECRET, 'sqlite', 'secret')} --")


@only("sqlite")
def test_sqlite_reads_on_behind_a_nul(engine: Engine) -> None:
    text = a_valid_text(HMAC_SECRET) + "\0!!"
    engine.create("c TEXT", "CHECK (length(c) = 16 AND c NOT GLOB '*[^A-Za-z0-9_!@#$%-]*')")
    assert engine.insert(text) is None
    engine.create("c TEXT", constraint(HMAC_SECRET, "sqlite"))
    assert engine.insert(text) is not None


@only("sqlite")
def test_sqlite_wants_a_text_and_makes_one_where_the_column_is_text(engine: Engine) -> None:
    digits = 1234567890123456
    for column, number_is_right in (("c TEXT", True), ("c", False), ("c INTEGER", False)):
        engine.create(column, constraint(HMAC_SECRET, "sqlite"))
        assert (engine.insert(digits) is None) is number_is_right
        assert engine.insert(str(digits).encode()) is not None
        assert (engine.insert(str(digits)) is None) is (column != "c INTEGER")
        assert set(engine.read("typeof(c)")) <= {"text"}


@only("sqlite")
@pytest.mark.parametrize("collation", ["NOCASE", "RTRIM"])
def test_sqlite_does_not_match_by_the_collation(engine: Engine, collation: str) -> None:
    engine.create(f"c TEXT COLLATE {collation}", constraint(HMAC_SECRET, "sqlite"))
    assert engine.disagreements(HMAC_SECRET) == []


@only("sqlite")
@pytest.mark.parametrize("bytes_of_it", ["c1a1", "c080", "80", "eda080", "f8888080", "00"])
def test_sqlite_refuses_text_that_is_not_utf_8(engine: Engine, bytes_of_it: str) -> None:
    engine.create("c TEXT")
    engine.cursor.execute(f"INSERT INTO t VALUES (CAST(x'{'61' * 20}{bytes_of_it}' AS TEXT))")
    assert engine.read(check(HMAC_SECRET, "sqlite")) == [0]


@only("duckdb")
def test_duckdb_does_not_match_by_the_collation(engine: Engine) -> None:
    for dialect in "duckdb", "translate":
        engine.create("c TEXT COLLATE NOCASE.NOACCENT", constraint(HMAC_SECRET, dialect))
        assert engine.disagreements(HMAC_SECRET) == []


@only("mysql")
@pytest.mark.parametrize("collation", ["utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_bin"])
def test_mariadb_does_not_match_by_the_collation(engine: Engine, collation: str) -> None:
    engine.create(f"c TEXT COLLATE {collation}", constraint(HMAC_SECRET, "mysql"))
    assert engine.disagreements(HMAC_SECRET) == []


@only("mysql")
def test_mariadb_ignores_case_where_the_collation_is_not_said(engine: Engine) -> None:
    engine.create("c TEXT COLLATE utf8mb4_general_ci")
    for character in FOLDED:
        engine.insert(character)
    assert engine.read("c REGEXP '[^A-Za-z]'") == [0, 0]
    assert engine.read("CONVERT(c USING utf8mb4) COLLATE utf8mb4_bin REGEXP '[^A-Za-z]'") == [1, 1]


@only("mysql")
@pytest.mark.parametrize("kind", ["TEXT CHARACTER SET latin1", "VARBINARY(9000)"])
def test_mariadb_with_other_characters_or_none(engine: Engine, kind: str) -> None:
    """What latin1 does not have is refused before the CHECK is asked."""
    engine.create(f"c {kind}", constraint(HMAC_SECRET, "mysql"))
    for value in labelled_values():
        if value.question == HMAC_SECRET:
            assert (engine.insert(value.text) is None) == value.is_valid
    assert engine.cursor.execute("SELECT * FROM t") == sum(
        value.is_valid for value in labelled_values() if value.question == HMAC_SECRET
    )


@only("mysql")
def test_mariadb_refuses_bytes_that_are_not_utf_8(engine: Engine) -> None:
    engine.create("c VARBINARY(100)", constraint(HMAC_SECRET, "mysql"))
    for mode in ("STRICT_ALL_TABLES", ""):
        engine.cursor.execute(f"SET sql_mode = '{mode}'")
        assert engine.insert(b"a" * 20 + b"\xff") is not None
    engine.cursor.execute("SET sql_mode = DEFAULT")


def test_spark_does_not_match_by_the_collation(spark: Any) -> None:
    texts = ["a" * 15 + character for character in f"{FOLDED}a"]
    rows = spark.createDataFrame([(text,) for text in texts], "c string")
    for collation in ("UTF8_LCASE", "UNICODE", "UNICODE_CI", "UNICODE_CI_AI"):
        collated = rows.selectExpr(f"c COLLATE {collation} AS c")
        for dialect in DIALECTS[-2:]:
            assert [row.c for row in collated.where(check(HMAC_SECRET, dialect)).collect()] == texts[-1:]
    ignoring_case = rows.selectExpr("c COLLATE UTF8_LCASE AS c")
    assert ignoring_case.where("c NOT RLIKE '[^A-Za-z]'").count() == len(texts)
    assert ignoring_case.where("length(translate(c, 'ak', '')) = 0").count() == 2


@pytest.mark.parametrize("dialect", DIALECTS[-2:])
def test_spark_refuses_a_text_that_is_not_utf_8(spark: Any, dialect: Dialect) -> None:
    broken = [(b"a" * 20 + bytes.fromhex(b),) for b in ("c1a1", "c080", "80", "eda080", "f8888080", "f0", "00", "f061")]
    rows = spark.createDataFrame([*broken, (b"a" * 20,)], "b binary").selectExpr("CAST(b AS STRING) AS c")
    assert rows.where(check(HMAC_SECRET, dialect)).count() == 1


# What the how-to says holds.

HOW_TO: Final = Path(__file__).parents[2] / "docs" / "how-to-postgresql.md"


@judged(
    "sql_check",
    "PostgreSQL",
    "program postgres",
    form="the table of the how-to",
    body="exactly",
    differences="holds no unknown member and nothing but texts, because a row has the columns of its table",
)
@only("postgresql")
def test_the_table_of_the_how_to_takes_what_the_oracle_takes(engine: Engine) -> None:
    (script,) = re.findall(r"# make_table\.py\n.*?(?=```)", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    made = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True)
    engine.cursor.execute(made.stdout)
    rows = [(body, broken) for body, broken in labelled_bodies() if is_a_row(body)]
    assert len(rows) > 3000
    for body, broken in rows:
        places = ", ".join(["%s"] * len(body))
        said = engine.said(f"INSERT INTO signature_keys ({', '.join(body)}) VALUES ({places})", *body.values())
        assert (said is None) == (not broken), body
        engine.cursor.execute("DELETE FROM signature_keys")  # names are unique there


def is_a_row(body: Any) -> bool:
    """Whether it has only known members and texts."""
    return (
        isinstance(body, dict)
        and 0 < len(body) == len(body.keys() & set(oracle.MEMBERS))
        and all(isinstance(value, str) for value in body.values())
    )


# PostgreSQL tells the row that it refuses.
CANARY: Final = "Zq7JWxYVuK!"


def test_postgresql_writes_no_secret_to_its_log_where_it_is_told_so() -> None:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: in a clone, pip install '.[dev]'")
    with servers.postgresql() as url:

        def execute(statement: str) -> Any:
            with psycopg.connect(url, autocommit=True) as connection:
                return connection.execute(statement)

        (data,) = execute("SHOW data_directory").fetchone()
        log = Path(data).with_name("log")

        def logged() -> str:
            """What a row that breaks a rule adds to the log; the client is told the row in any case."""
            before = len(log.read_text())
            with pytest.raises(psycopg.errors.CheckViolation, match=CANARY) as caught:
                execute(f"INSERT INTO t VALUES ('{CANARY}')")
            assert caught.value.diag.constraint_name == "t"
            return log.read_text()[before:]

        execute(f"CREATE TABLE t (c TEXT, {constraint(HMAC_SECRET, 'postgresql')})")
        assert f"DETAIL:  Failing row contains ({CANARY})." in logged()
        execute("ALTER DATABASE postgres SET log_error_verbosity = terse")
        said = logged()
        assert "DETAIL" not in said
        assert f"STATEMENT:  INSERT INTO t VALUES ('{CANARY}')" in said
        execute("ALTER DATABASE postgres SET log_min_error_statement = panic")
        said = logged()
        assert "violates check constraint" in said
        assert CANARY not in said


def test_the_environment_that_leads_to_a_server() -> None:
    assert servers.psql_environment("postgresql://postgres@/tests?host=/tmp/server&port=5432") == {
        "PGHOST": "/tmp/server",
        "PGPORT": "5432",
        "PGUSER": "postgres",
        "PGDATABASE": "tests",
    }
