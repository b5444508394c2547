"""The corpus in readers of other languages."""

import json
import re
from pathlib import Path

import pytest

from signrules.export import es_module
from signrules.fuzz import cases
from signrules.fuzz._cases import TextProfile
from signrules.fuzz._corpus import corpus, corpus_schema

from ..needs import node
from ..vectors import PROFILES, vectors


@pytest.mark.parametrize("profile", PROFILES)
def test_its_schema_accepts_it(profile: TextProfile) -> None:
    rust = pytest.importorskip("jsonschema_rs", reason="needs the extra dev: pip install -e '.[dev]'")
    rust.meta.validate(corpus_schema())
    validator = rust.validator_for(corpus_schema())
    document = corpus(profile)
    validator.validate(document)
    for wrong in (
        {**document, "numberOfTests": "320"},
        {**document, "schema": "mac_test_schema_v1.json"},
        {**document, "notes": {"Unheard": {"bugType": "BASIC", "description": ""}}},
        {**document, "testGroups": [{**document["testGroups"][0], "sign_type": "HMAC"}]},
        {**document, "testGroups": [{**document["testGroups"][0], "tests": [{"tcId": 1}]}]},
        {name: value for name, value in document.items() if name != "notes"},
    ):
        assert not validator.is_valid(wrong)


def test_a_trap_parsers_in_rust_refuse_half_a_character() -> None:
    """One lone surrogate anywhere, and they refuse the file: so the body is left out there, and the text stays."""
    rust = pytest.importorskip("pydantic_core", reason="needs the extra dev: pip install -e '.[dev]'")
    with pytest.raises(ValueError, match="hex escape"):
        rust.from_json(r'{"name": "\ud800"}')
    document = rust.from_json(json.dumps(corpus("full")))
    without = 0
    for _, test in vectors(document):
        if "body" in test:
            assert test["body"] == json.loads(test["wire"])
        else:
            without += 1
            assert re.search(r"\\ud[89a-f]", test["wire"])
            assert test["flags"] == ["Surrogate"]
    assert without == sum("Surrogate" in case.flags for case in cases("full")) > 0


READER = """
import { readFileSync } from "node:fs";
import { checkRequest } from "./signrules.js";

const corpus = JSON.parse(readFileSync(process.argv[2], "utf8"));
const verdicts = {};
for (const group of corpus.testGroups) {
  for (const test of group.tests) {
    verdicts[test.id] = [test.result, checkRequest(JSON.parse(test.wire)).length === 0];
  }
}
console.log(JSON.stringify({ announced: corpus.numberOfTests, verdicts }));
"""


@pytest.mark.parametrize("profile", PROFILES)
def test_a_reader_in_another_language_agrees_with_every_result(profile: TextProfile, tmp_path: Path) -> None:
    (tmp_path / "signrules.js").write_text(es_module(), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (tmp_path / "reader.js").write_text(READER, encoding="utf-8")
    (tmp_path / "corpus.json").write_text(json.dumps(corpus(profile)), encoding="utf-8")
    read = json.loads(node(tmp_path / "reader.js", tmp_path / "corpus.json"))
    assert [*read["verdicts"]] == [test["id"] for _, test in vectors(corpus(profile))]
    assert len(read["verdicts"]) == read["announced"] == len([*cases(profile)])
    answers: dict[str, set[bool]] = {"valid": set(), "invalid": set(), "acceptable": set()}
    for result, accepted in read["verdicts"].values():
        answers[result].add(accepted)
    assert (answers["valid"], answers["invalid"]) == ({True}, {False})
    assert answers["acceptable"] >= {False}
