"""The corpus file and the dictionary: their shapes, and readers in other languages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signrules.export import es_module
from signrules.fuzz import FLAGS, cases
from signrules.fuzz._cases import Profile
from signrules.fuzz._corpus import corpus, corpus_schema, dictionary

from . import oracle
from .needs import node

PROFILES: tuple[Profile, ...] = ("quick", "full")


def vectors(document: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test, with its group."""
    return [(group, test) for group in document["testGroups"] for test in group["tests"]]


@pytest.mark.parametrize("profile", PROFILES)
def test_it_has_the_shape_of_wycheproof(profile: Profile) -> None:
    document = corpus(profile)
    assert [*document] == ["algorithm", "schema", "numberOfTests", "header", "notes", "testGroups"]
    assert [*document["notes"]] == [*FLAGS]
    assert {flag for _, test in vectors(document) for flag in test["flags"]} <= {*FLAGS}
    assert all({*note} == {"bugType", "description"} for note in document["notes"].values())
    ids = sorted(test["tcId"] for _, test in vectors(document))
    assert ids == [*range(1, document["numberOfTests"] + 1)]
    assert all(group["source"]["name"] == "signrules" for group in document["testGroups"])


@pytest.mark.parametrize("profile", PROFILES)
def test_it_has_every_case_and_says_what_it_is_about(profile: Profile) -> None:
    found = sorted(vectors(corpus(profile)), key=lambda pair: int(pair[1]["tcId"]))
    for (group, test), case in zip(found, cases(profile), strict=True):
        assert (test["id"], test["comment"], test["result"]) == (case.id, case.comment, case.result)
        assert group["field"] == case.field
        body = json.loads(test["wire"])
        given = body if isinstance(body, dict) else {}
        for member, good in ("sign_type", oracle.TYPES), ("sign_algorithm", oracle.ALGORITHMS):
            word = given.get(member)
            assert group[member] == (word if word in good else None)
        if test["result"] != "acceptable":
            assert (oracle.broken_members(body) == []) == (test["result"] == "valid"), case.id


def test_a_case_has_the_same_number_in_both() -> None:
    quick, full = ({test["id"]: test["tcId"] for _, test in vectors(corpus(profile))} for profile in PROFILES)
    assert quick == {case_id: full[case_id] for case_id in quick}


@pytest.mark.parametrize("profile", PROFILES)
def test_its_schema_accepts_it(profile: Profile) -> None:
    rust = pytest.importorskip("jsonschema_rs", reason="needs the extra dev: pip install -e '.[dev]'")
    rust.meta.validate(corpus_schema())
    validator = rust.validator_for(corpus_schema())
    document = corpus(profile)
    validator.validate(document)
    for wrong in (
        {**document, "numberOfTests": "261"},
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
def test_a_reader_in_another_language_agrees_with_every_result(profile: Profile, tmp_path: Path) -> None:
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


def afl_token(line: str) -> bytes:
    """As AFL reads a line: a name of letters, digits and _, perhaps @ and a level, =, and the token in quotes."""
    found = re.fullmatch(r"[A-Za-z0-9_]*(?:@[0-9]+)? *= *\"(.+)\"", line)
    assert found, line
    return unescaped(found[1])


def libfuzzer_token(line: str) -> bytes:
    """As libFuzzer reads a line: what stands before the first quote is passed over."""
    start, end = line.index('"'), len(line) - 1
    assert line[end] == '"', line
    assert end - start > 1, line
    return unescaped(line[start + 1 : end])


def unescaped(text: str) -> bytes:
    assert all(" " <= c <= "~" for c in text), "it must be printable"
    token = bytearray()
    rest = iter(text)
    for c in rest:
        if c == "\\":
            token += escaped(rest)
        else:
            assert c != '"'
            token += c.encode()
    return bytes(token)


def escaped(rest: Iterator[str]) -> bytes:
    letter = next(rest)
    assert letter == "x"
    return bytes.fromhex(next(rest) + next(rest))


def tokens() -> dict[bytes, str]:
    lines = [line for line in dictionary().splitlines() if not line.startswith("#")]
    assert [afl_token(line) for line in lines] == [libfuzzer_token(line) for line in lines]
    found = {afl_token(line): line for line in lines}
    assert len(lines) == len({*lines}) > 400
    return found


def test_every_line_of_the_dictionary_is_read_by_afl_and_by_libfuzzer() -> None:
    assert all(1 <= len(token) <= 128 for token in tokens())
    assert dictionary().endswith('"\n')


def test_the_dictionary_knows_the_page_and_its_near_misses() -> None:
    found = tokens()
    for member in (*oracle.MEMBERS, "SIGN_KEY", "signkey"):
        assert found[member.encode()] == f'member="{member}"'
    for word in (*oracle.TYPES, *oracle.ALGORITHMS, "HMAC", "null", "true"):
        assert found[word.encode()] == f'word="{word}"'
    special = {c for fact in oracle.FACTS for c in fact.charset if not c.isalnum()}
    for character in special | {"\0", "\n", " ", "\N{KELVIN SIGN}", "\uff10", "[", "\x7f"}:
        assert found[character.encode()].startswith('character="')
    for spelled in (rb"\n", rb"\u0000", rb"\u212a", rb"\ud800", b"\xed\xa0\x80"):
        assert found[spelled].startswith('character="'), spelled
    assert found[b"kEy0kEy0k\n"] == r'value@1="kEy0kEy0k\x0a"'
    assert found[rb"kEy0kEy0k\n"] == r'value@1="kEy0kEy0k\x5cn"'


def test_no_name_that_a_case_was_given_is_a_token() -> None:
    """They are different in each case, and mean nothing."""
    given = {case.body["name"] for case in cases("full") if isinstance(case.body, dict) and case.field != "name"}
    names = {name for name in given if isinstance(name, str) and re.fullmatch("sr[a-z]{12}", name)}
    assert len(names) > 1000
    assert not names & {token.decode("latin-1") for token in tokens()}
