"""Spark and Polars: every labelled value and body as a row, judged by columns and counted, against the oracle."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import pytest

from signrules.cli import main

from .. import oracle
from ..labelled import QUESTIONS, a_valid_text, labelled_bodies, labelled_values
from ..questions import AES_KEY_WITHOUT_ALGORITHM
from ..silence import FOREIGN, assert_silent, told
from .judged import judged

CODES: Final = ["length", "charset", "first", "type", "missing", "unknown", "forbidden"]
Schema = dict[str, str]
TEXTS: Final[Schema] = dict.fromkeys(oracle.MEMBERS, "string")
Rows = list[tuple[Any, ...]]


class Engine(NamedTuple):
    ours: ModuleType
    frame: Callable[[Rows, Schema], Any]
    """A data frame of these rows, with the types of the columns in the words of Spark."""
    read: Callable[[Any, list[Any]], list[Any]]
    """What expressions say of each row of a data frame, as tuples."""
    lines: Callable[[Any], list[dict[str, Any]]]
    """The rows of a data frame."""

    def violations(self, frame: Any, columns: Mapping[str, str] | None = None) -> list[list[tuple[str, str]]]:
        rows = self.read(frame, [self.ours.request_violations(columns)])
        return [[(one["field"], one["code"]) for one in violations] for [violations] in rows]

    def audit(self, frame: Any, columns: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        return self.lines(self.ours.audit(frame, columns))


def with_polars() -> Engine:
    pl = pytest.importorskip("polars", reason="needs polars: in a clone, pip install '.[dev]'")
    from signrules.integrations import polars as ours

    types = {"string": pl.String, "int": pl.Int64, "binary": pl.Binary, "array<string>": pl.List(pl.String)}
    return Engine(
        ours,
        lambda rows, schema: pl.DataFrame(rows, {name: types[word] for name, word in schema.items()}, orient="row"),
        lambda frame, expressions: frame.select(expressions).rows(),
        lambda frame: frame.to_dicts(),
    )


def with_spark(spark: Any) -> Engine:
    from signrules.integrations import spark as ours

    return Engine(
        ours,
        lambda rows, schema: spark.createDataFrame(
            rows, ", ".join(f"c{n} {word}" for n, word in enumerate(schema.values()))
        ).toDF(*schema),
        lambda frame, expressions: frame.select(expressions).collect(),
        lambda frame: [row.asDict() for row in frame.collect()],
    )


@pytest.fixture(params=["polars", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return with_polars() if request.param == "polars" else with_spark(request.getfixturevalue("spark"))


def only(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("engine", [name], indirect=True)


def is_carried(text: str) -> bool:
    """Neither engine can hold a lone surrogate."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def bodies() -> list[tuple[dict[str, str], list[tuple[str, str]]]]:
    """The labelled bodies that can be a row of texts, with the fields and codes that the oracle sees."""
    return [
        (body, [(field, code) for field, code, _ in broken])
        for body, broken in labelled_bodies()
        if isinstance(body, dict)
        and body.keys() <= set(oracle.MEMBERS)
        and all(isinstance(value, str) and is_carried(value) for value in body.values())
    ]


def row(body: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(body.get(member) for member in oracle.MEMBERS)


@judged(
    "spark",
    "Spark",
    "pip pyspark",
    form="request_violations",
    body="exactly",
    differences="holds no lone surrogate, takes NULL for left out, and sees no member for which there is no column",
)
@judged(
    "polars",
    "Polars",
    "pip polars",
    form="request_violations",
    body="exactly",
    differences="holds no lone surrogate, takes NULL for left out, and sees no member for which there is no column",
)
def test_every_body_is_judged_and_counted_as_the_oracle_does(engine: Engine) -> None:
    labelled = bodies()
    assert len(labelled) > 3500
    frame = engine.frame([row(body) for body, _ in labelled], TEXTS)
    assert engine.violations(frame) == [broken for _, broken in labelled]
    assert engine.audit(frame) == counted(labelled)


def test_the_command_counts_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """DuckDB reads the bodies from a file."""
    labelled = bodies()
    file = tmp_path / "bodies.jsonl"
    file.write_text("".join(f"{json.dumps(body)}\n" for body, _ in labelled))
    assert main(["audit", str(file), "--json"]) == 1
    of_rows, *counts = json.loads(capsys.readouterr().out)["counts"]
    assert of_rows["values"] == len(labelled)
    assert counts == counted(labelled)


def counted(labelled: list[tuple[dict[str, str], list[tuple[str, str]]]]) -> list[dict[str, Any]]:
    """The lines of the report, by the oracle."""
    counts: Counter[tuple[Any, str]] = Counter()
    for body, broken in labelled:
        lines = {member: line_of(body, member) for member in oracle.MEMBERS}
        counts.update((lines[member], "values") for member in body)
        counts.update((lines[member], code) for member, code in broken)
    assert {name for _, name in counts} == {"values", *CODES} - {"type"}  # no text has another type
    return [
        {
            **dict(zip(("field", "sign_type", "sign_algorithm"), line, strict=True)),
            **{name: counts[line, name] for name in ("values", *CODES)},
        }
        for line in LINES
    ]


def line_of(body: Mapping[str, Any], member: str) -> Any:
    """The row of the table by which the member is judged; `None` if its type is unknown."""
    if member not in {"sign_key", "sign_secret"}:
        return member, None, None
    sign_type, algorithm = body.get("sign_type", "hmac"), body.get("sign_algorithm")
    facts = oracle.applying(member, sign_type, algorithm if algorithm in oracle.ALGORITHMS else None)
    return (member, sign_type, facts[0].sign_algorithm if len(facts) == 1 else None) if facts else None


LINES: Final = [
    ("name", None, None),
    ("sign_type", None, None),
    *(("sign_key", sign_type, None) for sign_type in oracle.TYPES),
    *(("sign_key", "aes", algorithm) for algorithm in oracle.ALGORITHMS),
    *(("sign_secret", sign_type, None) for sign_type in oracle.TYPES),
    ("sign_algorithm", None, None),
]


@judged("spark", "Spark", "pip pyspark", form="violations")
@judged("polars", "Polars", "pip polars", form="violations")
def test_every_value_is_judged_as_the_oracle_does(engine: Engine) -> None:
    """A column for each question: it is NULL in the rows of the others."""
    values = [value for value in labelled_values() if is_carried(value.text)]
    names = [str(question) for question in QUESTIONS]
    rows: Rows = [tuple(value.text if str(value.question) == name else None for name in names) for value in values]
    expressions = [
        engine.ours.violations(question.field, name, **question.kind).alias(name)
        for name, question in zip(names, QUESTIONS, strict=True)
    ]
    said = engine.read(engine.frame(rows, dict.fromkeys(names, "string")), expressions)
    left_out = [["missing"] if question.field == "name" else [] for question in QUESTIONS]
    for value, row in zip(values, said, strict=True):
        expected = [*left_out]
        expected[names.index(str(value.question))] = [code for code, _ in value.broken]
        assert [*row] == expected


def test_a_value_is_in_the_column_of_its_name_unless_another_is_named(engine: Engine) -> None:
    frame = engine.frame(
        [("short", None), (a_valid_text(AES_KEY_WITHOUT_ALGORITHM), "x")], {"sign_key": "string", "k": "string"}
    )
    violations, kind = engine.ours.violations, AES_KEY_WITHOUT_ALGORITHM.kind
    expressions = [
        violations("sign_key"),
        violations("sign_key", **kind).alias("aes"),
        violations("sign_key", "k").alias("k"),
    ]
    assert [[*row] for row in engine.read(frame, expressions)] == [
        [["length"], ["length"], []],
        [["charset"], [], ["length"]],
    ]


def test_a_body_in_columns_of_other_names(engine: Engine) -> None:
    columns = {"sign_type": "a.b", "sign_key": "Key `1`", "sign_secret": "name"}
    frame = engine.frame([("basic", "4abc", "x"), (None, "4abc", None)], dict.fromkeys(columns.values(), "string"))
    missing = ("name", "missing")  # the column of this name holds the secret
    assert engine.violations(frame, columns) == [
        [missing, ("sign_key", "first"), ("sign_secret", "length")],
        [missing, ("sign_key", "length")],
    ]
    lines = {line_of(line, line["field"]): line for line in engine.audit(frame, columns)[:2]}
    assert lines["name", None, None]["missing"] == 2
    assert lines["sign_type", None, None]["values"] == 1


def test_a_frame_is_counted_by_the_members_that_it_has(engine: Engine) -> None:
    frame = engine.frame([("orders", "x"), ("2", "y"), (None, "z")], {"name": "string", "id": "string"})
    name, *others = engine.audit(frame)
    assert name == dict.fromkeys(name, 0) | {
        "field": "name",
        "sign_type": None,
        "sign_algorithm": None,
        "values": 2,
        "length": 1,
        "first": 1,
        "missing": 1,
    }
    assert not any(line[column] for line in others for column in ("values", *CODES))


@only("spark")
def test_spark_finds_a_column_whatever_the_case_of_its_name_is(engine: Engine) -> None:
    lines = engine.audit(engine.frame([("orders", "x")], {"name": "string", "SIGN_KEY": "string"}))
    assert [(line["field"], line["length"]) for line in lines if line["values"]] == [("name", 0), ("sign_key", 1)]


def test_no_rows(engine: Engine) -> None:
    frame = engine.frame([], TEXTS)
    assert engine.violations(frame) == []
    assert [[line[column] for column in ("values", *CODES)] for line in engine.audit(frame)] == [[0] * 8] * len(LINES)


STRANGE: Final[Schema] = {
    "name": "binary",
    "sign_type": "string",
    "sign_key": "int",
    "sign_secret": "array<string>",
    "sign_algorithm": "binary",
}


def test_what_is_no_text_is_counted_as_such(engine: Engine) -> None:
    rows: Rows = [(b"orders", "basic", 12345678, ["x"], b"aes-128-cfb"), (None, "HMAC", 1, None, None)]
    lines = engine.audit(engine.frame(rows, STRANGE))
    assert {(line["field"], line["sign_type"], line["values"]) for line in lines if line["type"]} == {
        ("name", None, 1),
        ("sign_key", "basic", 1),
        ("sign_secret", "basic", 1),
        ("sign_algorithm", None, 1),
    }
    assert sum(line[code] for line in lines for code in CODES) == 6  # and the type and the name of the second row


@only("spark")
def test_what_is_no_text_has_the_code_type_in_spark(engine: Engine) -> None:
    rows: Rows = [(b"orders", "basic", 12345678, ["x"], b"aes-128-cfb"), (None, "HMAC", 1, None, None)]
    frame = engine.frame(rows, STRANGE)
    no_texts = [(member, "type") for member in ("name", "sign_key", "sign_secret", "sign_algorithm")]
    assert engine.violations(frame) == [no_texts, [("name", "missing"), ("sign_type", "unknown")]]
    assert engine.read(frame, [engine.ours.violations("sign_key")]) == [(["type"],), (["type"],)]


@only("polars")
def test_polars_refuses_a_column_without_texts_and_says_nothing_of_them(engine: Engine) -> None:
    pl = pytest.importorskip("polars")
    frame = engine.frame([(77_345_678,)], {"sign_key": "int"})
    for expression in engine.ours.violations("sign_key"), engine.ours.request_violations({"sign_key": "sign_key"}):
        with pytest.raises(pl.exceptions.PolarsError) as caught:
            frame.select(expression)
        assert "77" not in str(caught.value)


@only("polars")
@pytest.mark.parametrize("name", ["^name$", "*"])
def test_polars_takes_no_pattern_for_the_name_of_a_column(engine: Engine, name: str) -> None:
    """Polars would judge other columns, or none."""
    frame = engine.frame([("short", "orders")], {name: "string", "name": "string"})
    asked: list[Callable[[], object]] = [
        lambda: engine.ours.violations("sign_key", name),
        lambda: engine.ours.request_violations({"sign_key": name}),
        lambda: engine.ours.audit(frame, {"sign_key": name}),
    ]
    for ask in asked:
        with pytest.raises(ValueError, match=r"^column must be a name that Polars does not take for a pattern$"):
            ask()


@only("polars")
def test_polars_names_a_column_that_is_not_there(engine: Engine) -> None:
    pl = pytest.importorskip("polars")
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="no_such_column"):
        engine.audit(engine.frame([], TEXTS), {"name": "no_such_column"})


@only("polars")
@pytest.mark.parametrize("kind", ["Categorical", "Enum"])
def test_polars_has_other_columns_of_texts(engine: Engine, kind: str) -> None:
    pl = pytest.importorskip("polars")
    words = ["orders", "2"]
    column = pl.Series("name", words, pl.Enum(words) if kind == "Enum" else pl.Categorical())
    name, *_ = engine.audit(pl.DataFrame([column, pl.Series("sign_key", [None, None])]).lazy())
    assert [name[code] for code in ("values", *CODES)] == [2, 1, 0, 1, 0, 0, 0, 0]


@only("spark")
def test_spark_calls_no_python(engine: Engine) -> None:
    frame = engine.frame([row({})], TEXTS)
    for made in (
        frame.select(engine.ours.violations("name")),
        frame.select(engine.ours.request_violations()),
        engine.ours.audit(frame),
    ):
        plan = made._jdf.queryExecution().toString()
        assert "Project" in plan
        assert "Python" not in plan


@only("spark")
def test_spark_does_not_judge_by_the_collation(engine: Engine) -> None:
    rows: Rows = [
        ("order\N{KELVIN SIGN}", "Aes", "x", None, None),
        ("\1rders", None, "\1" * 8, "k" * 15 + "\N{FULLWIDTH LATIN SMALL LETTER K}", "AES-128-CFB"),
    ]
    collations = ("UTF8_LCASE", "UNICODE_CI_AI", "UNICODE_CI", "UNICODE_CI_AI", "UTF8_LCASE")
    collated = [f"{member} COLLATE {name} AS {member}" for member, name in zip(oracle.MEMBERS, collations, strict=True)]
    assert engine.violations(engine.frame(rows, TEXTS).selectExpr(*collated)) == [
        [("name", "charset"), ("sign_type", "unknown")],
        [
            *(("name", "charset"), ("name", "first"), ("sign_key", "charset"), ("sign_key", "first")),
            *(("sign_secret", "charset"), ("sign_algorithm", "unknown")),
        ],
    ]


def test_wrong_questions_say_nothing_of_what_was_given(engine: Engine) -> None:
    frame = engine.frame([(FOREIGN,)], {"id": "string"})
    ours = engine.ours
    asked: list[tuple[Callable[[], object], str]] = [
        (lambda: ours.violations(FOREIGN), "field must be "),
        (lambda: ours.violations("sign_key", FOREIGN, sign_type=FOREIGN), "sign_type must be "),
        (lambda: ours.request_violations({FOREIGN: "x"}), "columns must be those of name, "),
        (lambda: ours.request_violations({}), "columns must be those of "),
        (lambda: ours.audit(frame, {FOREIGN: "id"}), "columns must be those of "),
        (lambda: ours.audit(frame), "columns must be those of "),
    ]
    for ask, words in asked:
        with pytest.raises(LookupError, match=words) as caught:
            ask()
        for text in told(caught.value):
            assert_silent(text)
