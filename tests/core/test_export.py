"""The table in words, as data, and as Markdown. All exports: their bytes, and from a zipped package."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from base64 import b64encode
from enum import Enum
from functools import partial
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, get_args

import pytest

import signrules
from signrules import RULES, export
from signrules._version import version
from signrules.export import (
    attributes_text,
    cel,
    csv_table,
    generator_recipe,
    json_schema,
    json_table,
    markdown_table,
    sql_check,
    terraform_validation,
    text_table,
)
from signrules.export.assets import page

from .. import oracle

WORDS = {
    "letters, digits and _": "_",
    "letters, digits and _ -": "_-",
    "letters, digits and _ - + / =": "_-+/=",
    "letters, digits and _ - ! @ # $ %": "_-!@#$%",
    "letters, digits and _ - ! @ # $ % + / =": "_-!@#$%+/=",
    "letter": "letter",
    "letter or digit": "letter|digit",
    "letter, digit, + or /": "letter|digit|+|/",
}
COLUMNS = ["field", "sign_type", "sign_algorithm", "min", "max", "may contain", "must start with"]


def document_rows() -> list[list[str]]:
    with open(oracle.__file__.replace("oracle.py", "data/rules.csv"), newline="") as file:
        return list(csv.reader(file))[1:]


def test_markdown() -> None:
    header, rule, *lines = markdown_table().splitlines()
    assert header == "| " + " | ".join(COLUMNS) + " |"
    assert rule == "| --- | --- | --- | --- | --- | --- | --- |"
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    assert [[*row[:5], WORDS[row[5]], WORDS[row[6]]] for row in cells] == document_rows()


def test_text() -> None:
    header, *lines = text_table().splitlines()
    starts = [header.index(column) for column in COLUMNS]
    cells = [[line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)] for line in lines]
    assert [[*row[:5], WORDS[row[5]], WORDS[row[6]]] for row in cells] == document_rows()
    assert all(line == line.rstrip() for line in lines)


def test_json_and_csv() -> None:
    objects = json.loads(json_table())
    assert objects == [{**rule._asdict(), "pattern": rule.pattern} for rule in RULES]
    rows = list(csv.DictReader(io.StringIO(csv_table())))
    assert rows == [{column: "" if v is None else str(v) for column, v in row.items()} for row in objects]
    assert [set(row["charset"]) for row in rows] == [fact.charset for fact in oracle.FACTS]
    assert [set(row["first"]) for row in rows] == [fact.first for fact in oracle.FACTS]


FILES = sorted(
    file for file in Path(signrules.__file__).parent.rglob("*") if file.suffix in (".js", ".ts", ".html", ".css")
)
QUESTION = {"html_attributes", "sql_check", "terraform_validation", "generator_recipe"}


def export_text(name: str) -> str:
    target = {"target": "openssl"} if name == "generator_recipe" else {}
    made = getattr(export, name)(*["sign_secret"] * (name in QUESTION), **target)
    return made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)


def test_every_text_has_the_same_bytes_in_every_encoding() -> None:
    """A shell may write it as cp1252 or latin-1, and the hash of the page's own policy must still fit."""
    assert len(FILES) == 16
    assert [file.name for file in FILES if not file.read_bytes().isascii()] == []
    others = {"Block", "Dialect", "RecipeTarget", "SCHEMA_DIALECT", "attributes_text", "common_attributes"}
    assert [name for name in export.__all__ if name not in others and not export_text(name).isascii()] == []


def test_a_part_may_hold_what_looks_like_the_place_of_another() -> None:
    (frame,) = (file for file in FILES if file.name == "report.html")
    parts = {*re.findall("__([A-Z_]+)__", frame.read_text())}
    head = {"command": "fuzz", "title": "A page"}
    made = page("signrules.fuzz", "report.html", "report.css", **head, **dict.fromkeys(parts, "__STYLE__"))
    places = sum(frame.read_text().count(f"__{part}__") for part in parts)
    assert made.count("__STYLE__") == places >= len(parts) > 9
    with pytest.raises(KeyError):
        page("signrules.fuzz", "report.html", "report.css", **head)


def test_the_policy_of_the_page_is_right_for_its_bytes() -> None:
    page = export.form().encode("cp1252")
    for kind, tag in (("style", b"<style>"), ("script", b'<script type="module">')):
        (text,) = re.findall(re.escape(tag) + rb"(.*?)</" + kind.encode() + b">", page, re.DOTALL)
        assert f"{kind}-src 'sha256-{b64encode(sha256(text).digest()).decode()}'".encode() in page


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package in a zip, as zipapp and its kind put it there."""
    package = Path(signrules.__file__).parent
    path = tmp_path_factory.mktemp("zipped") / "signrules.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in package.rglob("*"):
            if file.suffix not in (".pyc", ".so", ".pyd"):
                archive.write(file, file.relative_to(package.parent))
    return path


def from_zip(zipped: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(zipped), "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=zipped.parent, env=environment, capture_output=True, check=True)
    return done.stdout.decode().replace("\r\n", "\n")


def test_the_page_does_not_depend_on_what_was_asked_before(zipped: Path) -> None:
    ask = "from signrules import check; check('sign_secret', 'x', sign_type='public_key')"
    printed = from_zip(zipped, "-c", f"{ask}; from signrules.export import form; print(form())")
    assert printed.rstrip("\n") == export.form().rstrip("\n")


@pytest.mark.parametrize("arguments", [["form"], ["export", "es_module"], ["export", "es_module_types"]])
def test_a_zipped_package_can_write_them(zipped: Path, arguments: list[str]) -> None:
    assert str(zipped) in from_zip(zipped, "-c", "import signrules; print(signrules.__file__)")
    printed = from_zip(zipped, "-m", "signrules", *arguments)
    assert printed.rstrip("\n") == getattr(export, arguments[-1])().rstrip("\n")


REPORT = """
from signrules.fuzz._diagnosis import diagnose
from signrules.fuzz._page import html
from signrules.fuzz._report import Report
print(ascii(html(Report("http://localhost/", "quick", (), diagnose(()), 0, 0.0, 0.0))))
"""


def test_a_zipped_package_can_write_the_page_of_a_run(zipped: Path) -> None:
    assert from_zip(zipped, "-c", REPORT).startswith("'<!doctype html>")


def test_a_package_without_metadata_has_no_version_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())

    def missing(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr("importlib.metadata.version", missing)
    assert version() == "unknown"


@pytest.mark.parametrize(
    "given", [5, b"secret", ["secret"], {"secret": "secret"}, object()], ids=lambda it: type(it).__name__
)
def test_a_name_is_a_text(given: Any) -> None:
    message = f"must be a str, not {type(given).__name__}"
    with pytest.raises(TypeError, match=f"^variable {message}$"):
        cel(variable=given)
    with pytest.raises(TypeError, match=f"^variable {message}$"):
        terraform_validation("name", variable=given)
    with pytest.raises(TypeError, match=f"^column {message}$"):
        sql_check("name", column=given)


class Word(str, Enum):  # noqa: UP042  a `StrEnum` has the same text everywhere
    """Its members are words of ours, or names, and have another text in an f-string."""

    KEY = "sign_key"
    AES = "aes"
    AES_256 = "aes-256-cfb"
    FULL = "full"
    MYSQL = "mysql"
    TRANSLATE = "translate"
    PRECONDITION = "precondition"
    VAULT = "vault"
    NAME = "access_key"


class Number(int, Enum):
    LENGTH = 32


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (export.html_attributes, {}),
        (json_schema, {}),
        (cel, {"variable": Word.NAME}),
        (terraform_validation, {}),
        (terraform_validation, {"variable": Word.NAME, "block": Word.PRECONDITION}),
        (sql_check, {"column": Word.NAME, "dialect": Word.MYSQL}),
        (sql_check, {"dialect": Word.TRANSLATE}),
        (sql_check, {"column": Word.NAME, "dialect": Word.TRANSLATE}),
        (generator_recipe, {"target": Word.VAULT, "length": Number.LENGTH, "alphabet": Word.FULL}),
    ],
    ids=lambda it: getattr(it, "__name__", None) or " ".join(it),
)
def test_a_member_of_an_enumeration_is_the_text_that_it_is(function: Any, options: dict[str, Any]) -> None:
    options |= {"field": Word.KEY, "sign_type": Word.AES, "sign_algorithm": Word.AES_256}
    assert function(**options) == function(**{option: each.value for option, each in options.items()})


class Deceiver(str):
    """None of its methods may be called."""

    __slots__ = ()
    _fail: Any = pytest.fail
    __eq__ = __hash__ = __format__ = __len__ = __getitem__ = _fail
    replace = split = lower = isascii = isidentifier = _fail


def test_the_real_characters_of_a_word_count() -> None:
    secret: Any = Deceiver("hunter2hunter2")
    for ask, message in (
        (partial(sql_check, dialect=secret), "dialect must be postgresql, sqlite, duckdb, mysql, spark or translate"),
        (partial(terraform_validation, block=secret), "block must be validation or precondition"),
        (
            partial(generator_recipe, target=secret),
            "target must be vault, terraform, ansible, external_secrets or openssl",
        ),
        (partial(generator_recipe, target="vault", alphabet=secret), "alphabet must be portable or full"),
    ):
        with pytest.raises(LookupError, match=f"^{message}$"):
            ask("sign_key")
    name: Any = Deceiver("key")
    assert cel("name", variable=name) == cel("name", variable="key")
    assert sql_check("name", column=name) == sql_check("name", column="key")
    assert terraform_validation("name", variable=name) == terraform_validation("name", variable="key")


@pytest.mark.parametrize("typed", [None, 1, "false"])
def test_typed_is_a_bool(typed: Any) -> None:
    with pytest.raises(TypeError, match=f"^typed must be a bool, not {type(typed).__name__}$"):
        cel(typed=typed)


def test_attributes_are_a_dict_of_texts() -> None:
    with pytest.raises(TypeError, match="attributes must be a dict, not str"):
        attributes_text("name")  # type: ignore[arg-type]  # what this test is about
    wrong: Any
    for wrong in ({"minlength": 3}, {3: "minlength"}):
        with pytest.raises(TypeError, match="each name and value of attributes must be a str, not int"):
            attributes_text(wrong)


@pytest.mark.parametrize("dialect", get_args(export.Dialect))
def test_a_column_that_a_database_cannot_have_is_refused(dialect: export.Dialect) -> None:
    """The engines' part stands in tests/engines/test_sql.py."""
    wrong = {"\ud800", "a\udfff"} | {"sqlite": {"\0", "a\0b"}, "spark": set()}.get(dialect, {"", "\0", "a\0b"})
    for column in wrong:
        with pytest.raises(ValueError, match=r"^column must be a name that "):
            sql_check("name", column=column, dialect=dialect)
