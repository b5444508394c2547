"""The corpus file and the dictionary: their shapes, and readers in other languages."""

import json
import re
from collections.abc import Iterator

import pytest

from signrules.fuzz import FLAGS, cases
from signrules.fuzz._cases import TextProfile
from signrules.fuzz._corpus import corpus, dictionary

from .. import oracle
from ..vectors import PROFILES, vectors


@pytest.mark.parametrize("profile", PROFILES)
def test_it_has_the_shape_of_wycheproof(profile: TextProfile) -> None:
    document = corpus(profile)
    assert [*document] == ["algorithm", "schema", "numberOfTests", "header", "notes", "testGroups"]
    assert [*document["notes"]] == [*FLAGS]
    assert {flag for _, test in vectors(document) for flag in test["flags"]} <= {*FLAGS}
    assert all({*note} == {"bugType", "description"} for note in document["notes"].values())
    ids = sorted(test["tcId"] for _, test in vectors(document))
    assert ids == [*range(1, document["numberOfTests"] + 1)]
    assert all(group["source"]["name"] == "signrules" for group in document["testGroups"])


@pytest.mark.parametrize("profile", PROFILES)
def test_it_has_every_case_and_says_what_it_is_about(profile: TextProfile) -> None:
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
