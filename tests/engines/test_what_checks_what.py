"""docs/what-checks-what.md is fresh, and nothing that states a rule is missing from it."""

from pathlib import Path

import pytest

import signrules
from signrules import export

from .judged import Judgement
from .what_checks_what import COMMANDS, EXPORTS, INTEGRATIONS, PAGE, judgements, page, version, without_versions

# Types and words; what is for people; parts of another target.
NO_TARGETS = {"Block", "Dialect", "RecipeTarget", "SCHEMA_DIALECT"} | {
    *("csv_table", "json_table", "markdown_table", "text_table"),
    *("attributes_text", "common_attributes", "es_module_types"),
}


def test_the_page_is_fresh_apart_from_the_versions() -> None:
    fresh = page(judgements(), lambda _: "1.0")
    assert without_versions(PAGE.read_text(encoding="utf-8")) == without_versions(fresh)


def test_every_export_and_every_integration_is_a_target() -> None:
    modules = {path.stem for path in (Path(signrules.__file__).parent / "integrations").glob("[a-z]*.py")}
    assert EXPORTS.keys() == set(export.__all__) - NO_TARGETS
    assert INTEGRATIONS.keys() == modules
    assert {judgement.target for judgement in judgements()} == {*EXPORTS, *INTEGRATIONS, *COMMANDS}


def test_a_row_has_all_engines_of_which_the_same_is_true_and_a_line_all_targets() -> None:
    marks = [
        Judgement("form", "", "Chromium", "program chromium", "exactly", "exactly", "exactly", "not", "", "blinks"),
        Judgement("json_schema", "", "ajv", "npm ajv", "exactly", "by a subset", "not", "not", "1 in 9", ""),
        Judgement(
            "json_schema", "", "Chromium", "program chromium", "exactly", "by a subset", "not", "not", "", "blinks"
        ),
        Judgement("es_module", "as a Standard Schema", "ajv", "npm ajv", "not", "not", "not", "exactly", "", ""),
        Judgement("json_schema", "of a value", "ajv", "npm ajv", "not", "by a subset", "not", "not", "", ""),
    ]
    text = page(marks, lambda package: f"{len(package)}.0")
    rows = [line for line in text.splitlines() if "json_schema" in line]
    assert rows == [
        "| [`json_schema`](how-to-ajv.md) | exactly | by a subset | not | not | ajv 7.0 (1 in 9), Chromium 16.0 |",
        "| [`json_schema`](how-to-ajv.md), of a value | not | by a subset | not | not | ajv 7.0 |",
        "* Chromium (`form`, `json_schema`) blinks.",
    ]
    assert "| [`es_module`](how-to-form-libraries.md), as a Standard Schema | not | not | not | exactly | " in text


def test_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("pip pytest", "npm ajv", "python sqlite3", "program node"):
        assert without_versions(f"it {version(package)}") == "it", package
    monkeypatch.setenv("PATH", "")
    assert version("program no-such-program") == "(was not there)"
    assert without_versions(f"it {version('program no-such-program')}, JSON 1.2.3-beta+4") == "it, JSON"
