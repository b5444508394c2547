"""How the wire is read: the cases, the readers, what the answers tell, and a real reader, without a network."""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signrules.cli import main
from signrules.fuzz import FLAGS, Case, Observation, cases, diagnose
from signrules.fuzz._case import named
from signrules.fuzz._decoder import Decoder
from signrules.fuzz._formats import as_json, junit, text
from signrules.fuzz._page import html
from signrules.fuzz._report import body_in_ascii
from signrules.fuzz._wire import wire_cases
from signrules.fuzz._wire_readers import WireReader, WireReading, readings, refused_by, wire_readers

from .. import oracle
from ..reports import report

WIRE = list(cases("wire"))
BY_TOPIC: dict[str, list[WireReader]] = {}
for each in wire_readers().values():
    BY_TOPIC.setdefault(each.topic, []).append(each)
# A gateway that refuses what it does not know, or that does not decode the names of members, hides some of the rest.
HIDDEN: dict[str, list[set[str]]] = {
    "unknown:refused": [
        {"lookalikes:kept", "lookalikes:kelvin", "lookalikes:folded"},
        {"nul:kept", "nul:refused"},
        {"controls:refused", "controls:but-nul", "controls:taken"},
        {"surrogates:kept", "surrogates:refused"},
        {"invalid:refused", "invalid:replaced"},
        {"constants:refused", "constants:taken"},
    ],
    "escapes:as-they-stand": [{"nul:kept", "nul:ends-names"}],
}


def answers(decoder: Decoder = Decoder()) -> list[Observation]:  # noqa: B008  it is immutable
    """What a gateway that reads so makes of the cases."""
    return [Observation(case, refused_by(case, decoder) is None) for case in WIRE]


def readings_of(observations: list[Observation]) -> dict[str, WireReading]:
    """How the wire is read, by topic."""
    return {reading.topic: reading for reading in readings(observations)}


def names(reading: WireReading) -> set[str]:
    return {reader.name for reader in reading.readers}


# Cases


def test_there_are_some_dozens_of_cases_each_of_its_own() -> None:
    assert 40 <= len(WIRE) <= 60
    assert len({case.id for case in WIRE}) == len({case.wire for case in WIRE}) == len(WIRE)
    assert all(case.raw and set(case.flags) <= set(FLAGS) and case.flags for case in WIRE)
    assert not {case.id for case in WIRE} & {case.id for case in cases("full")}


@pytest.mark.parametrize("case", WIRE, ids=lambda case: case.id)
def test_a_case_is_what_it_says(case: Case) -> None:
    """A strict reader that is not ours reads the same body from it, or none; only the oracle says that it is wrong."""

    def nothing(_: str) -> None:
        raise ValueError

    try:
        body = json.loads(case.wire.decode(), parse_constant=nothing)
    except ValueError:
        body = None
    assert case.body == body
    assert ("Silent" in case.flags) is (case.result == "acceptable")
    broken = [] if case.result == "acceptable" else oracle.broken_members(json.loads(case.wire))
    assert bool(broken) is (case.result == "invalid")
    assert case.codes == tuple(dict.fromkeys(code for _, code, _ in broken))
    assert {field for field, _, _ in broken} <= {case.field}


@pytest.mark.parametrize("member", oracle.MEMBERS)
def test_each_member_stands_twice_in_both_orders(member: str) -> None:
    """What is right of the two is right by the oracle, and the other one is not."""
    for first, last in (("right", "wrong"), ("wrong", "right")):
        (case,) = (case for case in WIRE if case.id == f"wire:twins.{member}-{first}-first")
        pairs: list[tuple[str, Any]] = json.loads(case.wire, object_pairs_hook=list)
        assert [name for name, _ in pairs].count(member) == 2
        for counts, read in ((last, dict(pairs)), (first, dict(reversed(pairs)))):
            assert bool(oracle.broken_members(read)) is (counts == "wrong")


@given(st.tuples(*(st.sampled_from(readers) for readers in BY_TOPIC.values())))
def test_however_the_wire_is_read_each_topic_is_named_and_each_name_is_ours(planted: tuple[WireReader, ...]) -> None:
    """Any way to read each topic at once. A key whose name does not hold the fresh one could not be told to be ours."""
    decoder = Decoder()
    for reader in planted:
        decoder = reader.of(decoder)
    found = readings_of(answers(decoder))
    hidden = {name for reader in planted for some in HIDDEN.get(reader.name, ()) for name in some}
    for reader in planted:
        assert reader.name in names(found[reader.topic]) <= {reader.name, *hidden}
    for case in WIRE:
        assert case.raw
        for name in (named(case.id), "srabcdefghijkl"):
            try:
                body = decoder.read(case.raw.write(name), case.raw.content_encoding)
            except ValueError:
                continue
            assert body["name"].startswith(name)


# Readers


def test_every_topic_has_cases_and_readers_and_the_first_is_that_of_the_stand_in() -> None:
    assert [*wire_cases()] == [*BY_TOPIC] == [*Decoder._fields]
    for topic, (first, *others) in BY_TOPIC.items():
        assert getattr(Decoder(), topic) == first.word
        assert others
    for reader in wire_readers().values():
        assert reader.does[-1] != "."
        assert reader.name == f"{reader.topic}:{reader.word}"


@pytest.mark.parametrize("reader", wire_readers().values(), ids=lambda reader: reader.name)
def test_a_planted_reader_is_named_and_no_other(reader: WireReader) -> None:
    found = readings_of(answers(reader.of(Decoder())))
    hidden = HIDDEN.get(reader.name, [])
    for topic, (first, *_) in BY_TOPIC.items():
        expected = {reader.name if topic == reader.topic else first.name}
        assert names(found[topic]) in (expected, *(some for some in hidden if expected < some))
    assert found[reader.topic].words == reader.does
    assert found[reader.topic].warning == reader.warning


def test_a_right_gateway_has_no_finding_and_no_reader_makes_one_where_the_page_is_silent() -> None:
    diagnosis = diagnose(answers())
    assert (diagnosis.is_clean, diagnosis.choices) == (True, ())
    # These break a rule of the page: they leave a member out, take a number for a string, or another value.
    broken = {"escapes:as-they-stand", "numbers:taken", "surrogates:dropped"}
    for reader in wire_readers().values():
        assert diagnose(answers(reader.of(Decoder()))).is_clean is (reader.name not in broken)


def test_a_number_that_is_taken_for_a_string_is_a_finding() -> None:
    (finding,) = diagnose(answers(Decoder(numbers="taken"))).findings
    assert "body:number" in {bug.name for bug in finding.explanations}


READ: list[tuple[dict[str, str], bytes, str | None, object]] = [
    ({"twins": "first"}, b'{"a": 1, "a": 2}', None, {"a": 1}),
    ({"case": "last"}, b'{"a": 1, "A": 2, "\xe2\x84\xaa": 3}', None, {"a": 2, "\u212a": 3}),
    ({"case": "preferred"}, b'{"A": 2, "a": 1, "A": 3}', None, {"a": 1}),
    ({"mark": "white-space"}, b'\xef\xbb\xbf{"a":\xef\xbb\xbf"\xef\xbb\xbf"}', None, {"a": "\ufeff"}),
    ({"comments": "taken"}, b'{"a": "/* x */ \\" // y" /* " */}// z', None, {"a": '/* x */ " // y'}),
    ({"comments": "taken"}, b'{"a": "#"} # "', None, ValueError),
    ({"comments": "with-hash"}, b'{"a": "#"} # "', None, {"a": "#"}),
    ({"quotes": "taken"}, b"""{'a': "it's"}""", None, {"a": "it's"}),
    ({"comma": "taken"}, b'{"a": ",}",\n}', None, {"a": ",}"}),
    ({"bare": "taken"}, b'{a: "{b:", c: 1}', None, {"a": "{b:", "c": 1}),
    ({"nul": "refused"}, rb'{"a": "\\u0000"}', None, {"a": r"\u0000"}),
    ({"nul": "refused"}, rb'{"a": "\\\u0000"}', None, ValueError),
    ({"behind": "from-nul"}, b'{"a": 1}\n\0{', None, {"a": 1}),
    ({"behind": "from-nul"}, b'{"a": 1} x\0', None, ValueError),
    ({"overlong": "decoded"}, b'{"a": "\xc0\xaf\xc1\xbf"}', None, {"a": "/\x7f"}),
    ({"gzip": "by-header"}, b'{"a": 1}', "gzip", ValueError),
    ({"numbers": "taken"}, b'{"name": 1.5, "sign_key": true, "a": 2}', None, {"name": "1.5", "sign_key": True, "a": 2}),
    ({"unknown": "refused"}, b"[1]", None, [1]),
    ({}, b" \t\r\n1 ", None, 1),
    ({}, b"", None, ValueError),
    ({}, b"[" * 100_000, None, RecursionError),
]


@pytest.mark.parametrize(("choices", "content", "header", "expected"), READ)
def test_what_is_read(choices: dict[str, str], content: bytes, header: str | None, expected: object) -> None:
    decoder = Decoder(**choices)
    if isinstance(expected, type):
        with pytest.raises(expected):
            decoder.read(content, header)
    else:
        assert decoder.read(content, header) == expected


def test_little_of_a_bomb_is_unzipped() -> None:
    bomb = gzip.compress(b'"' + b"x" * (1 << 24) + b'"')
    with pytest.raises(ValueError, match="Unterminated string"):
        Decoder(gzip="by-look").read(bomb)


# A real reader: what Python's json makes of bytes, by its documentation and its source.
PYTHON = {
    "unknown": {"unknown:ignored"},
    "twins": {"twins:last"},
    "case": {"case:exact"},
    "behind": {"behind:refused"},
    "nul": {"nul:kept"},
    "controls": {"controls:refused"},
    "surrogates": {"surrogates:kept"},
    "invalid": {"invalid:refused"},
    "mark": {"mark:skipped"},
    "utf16": {"utf16:any"},
    "utf32": {"utf32:any"},
    "comments": {"comments:refused"},
    "constants": {"constants:taken"},
}


def test_pythons_own_reader_is_named() -> None:
    def accepts(case: Case) -> bool:
        try:
            return oracle.first_refused(json.loads(case.wire)) is None
        except ValueError:
            return False

    found = readings_of([Observation(case, accepts(case)) for case in WIRE])
    assert {topic: names(found[topic]) for topic in PYTHON} == PYTHON


# What is told


def test_answers_that_contradict_each_other_are_told_as_they_are() -> None:
    """The first of two keys counts, and the last of two secrets."""
    reads = {"sign_key": Decoder(twins="first"), "sign_secret": Decoder(twins="last")}
    seen = [
        Observation(case, refused_by(case, reads[case.field]) is None)
        for case in wire_cases()["twins"]
        if case.field in reads
    ]
    (reading,) = diagnose(seen).readings
    assert reading.readers == ()
    assert reading.warning == "a gateway that answers so may read a body in two places, in two ways"
    assert reading.words == (
        "no way to read that we know of explains these answers: "
        "sign_key twice: right, then wrong: accepted; sign_key twice: wrong, then right: refused; "
        "sign_secret twice: right, then wrong: refused; sign_secret twice: wrong, then right: accepted; "
        "sign_key twice: both right: accepted; sign_key twice: both wrong: refused"
    )


def test_a_topic_without_a_verdict_is_not_told_and_half_a_topic_is_told_as_far_as_it_goes() -> None:
    said = wire_cases()["gzip"][0]
    seen = [Observation(case, None) for case in WIRE if case is not said]
    diagnosis = diagnose([Observation(said, accepted=True), *seen])
    (reading,) = diagnosis.readings
    assert names(reading) == {"gzip:by-header", "gzip:by-look"}
    assert reading.words.count(" or ") == 1
    assert "beware" not in reading.warning
    assert "does not unzip it" in reading.warning
    assert len(diagnosis.without_verdict) == len(WIRE) - 1


WRITE: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json, "junit": junit, "html": html}


@pytest.mark.parametrize("form", WRITE)
def test_every_report_tells_how_the_wire_is_read(form: str) -> None:
    written = WRITE[form](report(answers(Decoder(twins="first")), "wire"))
    assert written.isascii()
    assert "takes the first of two members with one name" in written
    if form != "junit":
        assert "a checker in front of it that takes the last one lets wrong values through" in written


def test_the_text_says_what_to_beware_of_and_does_not_praise_too_much() -> None:
    lines = text(report(answers(), "wire")).splitlines()
    assert lines[0] == "The gateway gives no wrong answer"
    start = lines.index("How the wire is read:")
    assert lines[start + 3] == "    takes the last of two members with one name"
    assert lines[start + 4] == (
        "        beware: a checker in front of it that takes the first one lets wrong values through"
    )
    assert "Where the page is silent:" not in lines


def test_raw_bytes_are_shown_as_bytes_and_in_json_whole() -> None:
    case = next(case for case in WIRE if case.id == "wire:invalid.note")
    assert body_in_ascii(case) == rf"""b'{{"name": "{named(case.id)}", "note": "\xff"}}'"""
    told = json.loads(as_json(report(answers(), "wire")))
    assert [b64decode(each["wire_base64"]) for each in told["cases"]] == [case.wire for case in WIRE]
    assert {each["content_encoding"] for each in told["cases"]} == {None, "gzip"}
    assert told["clean"] is True


# Commands


def test_the_dry_run_has_the_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "--dry-run", "--profile", "wire"]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["id"], b64decode(each["wire_base64"])) for each in shown] == [(case.id, case.wire) for case in WIRE]
    assert not any("body" in each or "wire" in each for each in shown)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["fuzz", "--profile", "wire", "--exec", "cat"], "are raw bytes, and --exec reads a line of JSON"),
        (["fuzz", "--corpus", "wire"], "must be quick or full"),
        (["gateway", "--reader", "hunter2"], "there is no such reader: signrules gateway --list-readers names them"),
    ],
)
def test_wrong_use(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert "hunter2" not in err


def test_the_readers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gateway", "--list-readers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{reader.name}\t{reader.does}" for reader in wire_readers().values()]
