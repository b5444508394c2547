"""Reading bodies from JSON: one, an array, JSON Lines, and what is none of these."""

import codecs
import io
import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signrules.cli import _bodies, _body
from signrules.cli._bodies import read_bodies
from signrules.strategies import requests

ONE = {"name": "abc"}
TWO = {"name": "abcd", "sign_type": "aes"}
BAD = None


def read(text: str | bytes) -> list[tuple[int, object]]:
    """The lines and values that were read; None for what is not JSON."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    bodies = list(read_bodies(io.BytesIO(data)).bodies)
    assert all(body.value is None and not body.text for body in bodies if body.fault)
    return [(body.line, body.value) for body in bodies]


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("", []),
        ("\n \n\t\r\n", []),
        ('{"name": "abc"}', [(1, ONE)]),
        ('\n\n{"name": "abc"}\n\n', [(3, ONE)]),
        # JSON Lines
        ('{"name": "abc"}\n{"name": "abcd", "sign_type": "aes"}\n', [(1, ONE), (2, TWO)]),
        ('{"name": "abc"}\r\n\r\n{"name": "abc"}', [(1, ONE), (3, ONE)]),
        ('5\n"x"\n[1]\n{}', [(1, 5.0), (2, "x"), (3, [1.0]), (4, {})]),
        # One bad line each, and the rest goes on
        ('{"name": "abc"}\nnot json\n{"name": "abc"}', [(1, ONE), (2, BAD), (3, ONE)]),
        ('not json\n{"name": "abc"}', [(1, BAD), (2, ONE)]),
        ('{"name": "abc"\n{"name": "abc"}', [(1, BAD), (2, ONE)]),
        ('{"name": "abc"}\n{"name": "ab\n{"name": "abc"}', [(1, ONE), (2, BAD), (3, ONE)]),
        (
            '{"name": "abc"}\n{"name": \n\nnot json\n{"name": "abc"}\n{',
            [(1, ONE), (2, BAD), (4, BAD), (5, ONE), (6, BAD)],
        ),
        ('{"name": "abc"} {"name": "abc"}\n{"name": "abc"}', [(1, BAD), (2, ONE)]),
        ('{"name": NaN}\n{"name": -Infinity}', [(1, BAD), (2, BAD)]),
        ("{'name': 'abc'}", [(1, BAD)]),
        ('{"name": "a\tb"}', [(1, BAD)]),
        # White space is JSON's, which is less than Python's
        ('{"name": "abc"}\f\n{"name": "abc"}\v', [(1, BAD), (2, BAD)]),
        ('\f\n{"name": "abc"}', [(1, BAD), (2, ONE)]),
        ("\xa0[]", [(1, BAD)]),
        # One body over several lines
        ('{\n  "name": "abc"\n}\n', [(1, ONE)]),
        ('\n{"name":\n"abc"}', [(2, ONE)]),
        ('{\n  "name": "abc"\n}\n{\n  "name": "abc"\n}\n', [(1, ONE), (4, ONE)]),
        ('{\n  "name": "abc"\n  "sign_key": "x"\n}\n', [(3, BAD)]),
        ('{\n  "name": "abc",\n', [(2, BAD)]),
        ('{\n  "name": "abc"\n}\nmore\n', [(4, BAD)]),
        # Arrays
        ("[]", []),
        (" [ ]\n", []),
        ('[{"name": "abc"},{"name": "abcd", "sign_type": "aes"}]', [(1, ONE), (1, TWO)]),
        ('[\n  {"name": "abc"},\n\n  {\n  "name": "abc"}\n]\n', [(2, ONE), (4, ONE)]),
        ("[1, [2], null]", [(1, 1.0), (1, [2.0]), (1, None)]),
        ("[1, [2], 3]", [(1, 1.0), (1, [2.0]), (1, 3.0)]),
        ("[[1],[2]]", [(1, [1.0]), (1, [2.0])]),
        ('[{"name": "abc"}],', [(1, ONE), (1, BAD)]),
        ('[{"name": "abc"}]\n,\n{"name": "abc"}', [(1, ONE), (2, BAD)]),
        ("[],", [(1, BAD)]),
        (b'["a"]\xe2', [(1, "a"), (1, BAD)]),  # a part of a character
        ("[,]", [(1, BAD)]),
        ('[{"name": "abc"}', [(1, ONE), (1, BAD)]),
        ('[{"name": "abc"},\n', [(1, ONE), (2, BAD)]),
        ('[{"name": "abc"},]', [(1, ONE), (1, BAD)]),
        ('[{"name": "abc"} {"name": "abc"}]', [(1, ONE), (1, BAD)]),
        ('[{"name": "abc"}]\n\n{"name": "abc"}', [(1, ONE), (3, BAD)]),
        ('[\n{"name": "abc"},\n{"name" "abc"},\n{"name": "abc"}]', [(2, ONE), (3, BAD)]),
        ("[1, NaN]", [(1, 1.0), (1, BAD)]),
        ("[", [(1, BAD)]),
        # Encodings
        (b'\xef\xbb\xbf{"name": "abc"}', [(1, ONE)]),
        (b'\xef\xbb\xbf[{"name": "abc"}]', [(1, ONE)]),
        (b'{"name": "\xff"}\n{"name": "abc"}', [(1, BAD), (2, ONE)]),
        (b'["\xff", "\xc3\xa9"]', [(1, "\udcff"), (1, "é")]),
        ('{"name": "é\u2028"}', [(1, {"name": "é\u2028"})]),
        ('{"name": "\\ud800"}', [(1, {"name": "\ud800"})]),
        (b'{\n"name":\n"\xff"}', [(3, BAD)]),
        # UTF-16, as PowerShell writes it, with a byte order mark and without one
        *(
            (mark + '[{"name": "abc"},\n{"name": "é\u2028"}]\n'.encode(encoding), [(1, ONE), (2, {"name": "é\u2028"})])
            for encoding, byte_order in (("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE))
            for mark in (byte_order, b"")
        ),
        ('\n5\n{"name": "abc"}\n'.encode("utf-16"), [(2, 5.0), (3, ONE)]),
        ("[".encode("utf-16"), [(1, BAD)]),
        ("[\n5]".encode("utf-16-le"), [(2, 5.0)]),
        ("".encode("utf-16"), []),
        ('{"name": "abc"}'.encode("utf-16") + b"x", [(1, BAD)]),  # half a character
        (codecs.BOM_UTF16_LE + '["\ud800"]'.encode("utf-16-le", "surrogatepass"), [(1, "\ufffd")]),
        # What a parser chokes on
        ("[" * 100_000 + "\n", [(1, BAD)]),
        ('{"a":' * 100_000 + '\n{"name": "abc"}', [(1, BAD), (2, ONE)]),
        ('{"name":\n' + '{"a":' * 100_000, [(1, BAD), (2, BAD)]),
        ('{"name":\n' + "[" * 100_000, [(1, BAD)]),
        ('{"a": ' + "9" * 10_000 + "}", [(1, {"a": float("inf")})]),
    ],
)
def test_what_is_read(text: str | bytes, bodies: list[tuple[int, object]]) -> None:
    assert [(line, repr(value)) for line, value in read(text)] == [(line, repr(value)) for line, value in bodies]


@given(st.lists(requests(), min_size=1, max_size=4), st.sampled_from([None, 0, 2]), st.booleans())
def test_bodies_survive_each_way_of_writing_them(bodies: list[object], indent: int | None, ascii_only: bool) -> None:
    array = json.dumps(bodies, indent=indent, ensure_ascii=ascii_only)
    lines = "\n".join(json.dumps(body, indent=indent, ensure_ascii=ascii_only) for body in bodies)
    assert [value for _, value in read(array)] == bodies
    assert [value for _, value in read(lines)] == bodies


@given(st.binary(max_size=60) | st.text('{}[]",: \n\\1na').map(str.encode))
def test_anything_is_read_to_its_end(data: bytes) -> None:
    lines = [line for line, _ in read(data)]
    assert lines == sorted(lines)
    assert all(1 <= line <= data.count(b"\n") + 1 for line in lines)
    assert bool(lines) >= bool(data.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n\x0b\x0c[]"))


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_an_array_is_read_in_chunks_of_any_size(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bodies, "_CHUNK", chunk)
    values = [ONE, TWO, 12.5, -1e-7, "é😀", [], None, True]
    assert [value for _, value in read("[\n" + json.dumps(values, ensure_ascii=False)[1:])] == values


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        # A line that is too long is no JSON; reading goes on behind it.
        (b'"' + b"a" * 300 + b'"\n{"name": "abc"}\n', [(1, BAD), (2, ONE)]),
        (b'"' + b"a" * 99, [(1, BAD)]),
        (b"\xef\xbb\xbf" + b'"' + b"a" * 300 + b'"\n{"name": "abc"}\n', [(1, BAD), (2, ONE)]),
        (b"\xef\xbb\xbf" + b" " * 84 + b'{"name": "abc"}\n', [(1, ONE)]),
        # So is an element of an array, and a body over several lines.
        (b'["' + b"a" * 300 + b'", 1]', [(1, BAD)]),
        (b"{\n" + b"\n" * 150 + b'"name"\n5\n', [(1, BAD), (152, "name"), (153, 5.0)]),
    ],
)
def test_what_is_too_long(text: bytes, bodies: list[tuple[int, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bodies, "LONGEST", 100)
    monkeypatch.setattr(_bodies, "_CHUNK", 10)
    assert read(text) == bodies


def test_an_element_at_the_end_is_whole_before_the_array_is() -> None:
    assert read("[12") == [(1, 12.0), (1, BAD)]


@pytest.mark.parametrize("character", sorted(set(string.printable) - set(" \t\r\n")))
def test_no_other_character_is_white_space(character: str) -> None:
    assert read(f'"a"{character}\n5') == [(1, BAD), (2, 5.0)]
    assert (1, BAD) in read(f'["a"{character}]')
    assert read(f"{character}\n")


def test_a_body_is_read_on_below_a_mebibyte_and_not_at_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bodies, "LONGEST", 100)
    for blank, bodies in (90, [(1, {"name": 5.0}), (93, ONE)]), (91, [(1, BAD), (93, BAD), (94, ONE)]):
        begun = '{"name":\n' + "\n" * blank
        assert len(begun) == blank + 9
        assert read(begun + '5}\n{"name": "abc"}') == bodies


def test_a_line_that_is_wrong_to_its_end_is_not_read_on() -> None:
    assert read('{"name" 5\n5') == [(1, BAD), (2, 5.0)]
    assert read('{"name" \n5') == [(2, BAD)]


class AsItComes(io.BytesIO):
    """A pipe that has no more yet."""

    read = None  # type: ignore[assignment]  # it is not to be called


@pytest.mark.parametrize("first", ["5", '"a"', "[1]", '{"name": "abc"}'])
def test_an_element_is_told_when_what_stands_behind_it_is_there(first: str) -> None:
    for behind in (",", " ", "\n", ",5"):
        bodies = read_bodies(AsItComes(f"[{first}{behind}".encode())).bodies
        assert next(bodies).value == json.loads(first)


MEBIBYTE = 1 << 20


@pytest.mark.parametrize(("before", "more"), [("", 4), ("\n", 1), ("\ufeff", 1)])
def test_a_line_of_a_mebibyte_is_read_and_no_longer_one(before: str, more: int) -> None:
    """Of the first line, three bytes more are read, which may be a byte order mark."""
    ending, line = "\n" + '{"name": "abc"}', 1 + before.count("\n")
    filling = MEBIBYTE - len('""\n')
    assert read(f'{before}"{"a" * filling}"{ending}') == [(line, "a" * filling), (line + 1, ONE)]
    assert read(f'{before}"{"a" * (filling + more)}"{ending}') == [(line, BAD), (line + 1, ONE)]


def test_elements_of_less_than_a_mebibyte_are_read_however_long_they_are_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_bodies, "LONGEST", 100)
    values = [letter * 60 for letter in "abcd"]
    assert read(json.dumps(values)) == [(1, value) for value in values]


def test_an_element_of_a_mebibyte_is_read_and_one_that_has_a_piece_more_is_not() -> None:
    assert read(f'["{"a" * MEBIBYTE}", 1]') == [(1, "a" * MEBIBYTE), (1, 1.0)]
    assert read(f'["{"a" * 2 * MEBIBYTE}", 1]') == [(1, BAD)]


def test_a_body_over_many_lines_of_a_mebibyte_is_not_read_on() -> None:
    line = b'"' + b"a" * (MEBIBYTE // 2) + b'",\n'
    assert [place for place, _ in read(b'{"name":\n' + line * 4)] == [1, 2, 3, 4, 5]


# What is not JSON is told by its place, and by what was expected there.

COMMA = "a comma or a closing bracket was expected"
NOTHING = "nothing more was expected"
COLON = "a colon was expected"
VALUE = "a value was expected"
NAME = "the name of a member, in double quotes, was expected"
OPEN = "the text that begins here has no closing quote"
CONSTANT = "NaN and Infinity are not JSON"
CONTROL = "an escape was expected in place of a line break or another control character"
PIECE = "it belongs to a body that is not JSON"


def faults(text: str | bytes) -> list[tuple[int, int | None, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    bodies = read_bodies(io.BytesIO(data)).bodies
    return [(body.line, body.fault.column, body.fault.reason) for body in bodies if body.fault]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hunter2", [(1, 1, VALUE)]),
        ('{"name": abc}', [(1, 10, VALUE)]),
        ("{'name': 'abc'}", [(1, 2, NAME)]),
        ('{"name" "abc"}', [(1, 9, COLON)]),
        ('{"name": "abc" "sign_key": "x"}', [(1, 16, COMMA)]),
        ('{"name": "abc}', [(1, 10, OPEN)]),
        ('{"name": "a\tb"}', [(1, 12, CONTROL)]),
        ('{"name": "a\\qb"}', [(1, 12, "an escape of JSON was expected")]),
        ('{"name": "a\\u12b"}', [(1, 13, "an escape of JSON was expected")]),
        ('{"name": "abc"} {"name": "abc"}', [(1, 17, NOTHING)]),
        ('{"a": "NaN\\"NaN", "b": [-Infinity, NaN]}', [(1, 25, CONSTANT)]),
        (b'{"name": "\xc3\xa9\xff"}', [(1, 12, "UTF-8 was expected")]),
        ("[" + "[" * 100_000, [(1, 2, "it is nested too deeply")]),
        ('{"a":' * 100_000, [(1, None, "it is nested too deeply")]),
        # In one body over several lines, the line where it goes wrong
        ('{\n  "name": "abc"\n  "sign_key": "x"\n}\n', [(3, 3, COMMA)]),
        ('{\n  "name": "abc"\n', [(2, 16, COMMA)]),
        ('\n\n{"name":\n  NaN}', [(4, 3, CONSTANT)]),
        (b'\n{"name":\n "\xff"}', [(3, 3, "UTF-8 was expected")]),
        # Among others, each line of it, and what was expected by one of them
        ('{"name": "abc"}\n{\n"name" 5\n}\n{"name": "abc"}', [(2, None, PIECE), (3, 8, COLON), (4, None, PIECE)]),
        # In an array
        ('[\n  {"name": "abc"},\n  {"name" "abc"}]', [(3, 11, COLON)]),
        ('[\n  {"name": "abc"},\n  {\n   "name": abc}]', [(4, 12, VALUE)]),
        ('[{"name": "abc"} {}]', [(1, 18, COMMA)]),
        ('[{"name": "abc"}', [(1, 17, COMMA)]),
        ('[{"name": "abc"},\n]', [(2, 1, VALUE)]),
        ('[{"name": "abc"}]\n\n x', [(3, 2, NOTHING)]),
        ('["abc', [(1, 2, OPEN)]),
        ('["é", "NaN", NaN]', [(1, 14, CONSTANT)]),
        ("[", [(1, 2, VALUE)]),
        ("NaN", [(1, 1, CONSTANT)]),
        ("-Infinity", [(1, 1, CONSTANT)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [3, 1 << 16])
def test_a_fault_says_where_it_is_and_what_was_expected(
    text: str | bytes, told: list[tuple[int, int | None, str]], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_bodies, "_CHUNK", chunk if len(text) < 1000 else 1 << 16)
    assert faults(text) == told


def test_a_comma_too_much_is_a_fault_of_its_own_since_python_3_13() -> None:
    (fault,) = faults('{"name": "abc",}')
    assert fault in [
        (1, 16, NAME),
        (1, 15, "nothing was expected between the last value and the closing bracket"),
    ]


def test_what_is_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bodies, "LONGEST", 100)
    monkeypatch.setattr(_bodies, "_CHUNK", 10)
    too_long = "it is longer than 1 MiB"
    assert faults(b'"' + b"a" * 300) == [(1, None, too_long)]
    assert faults(b'[\n"' + b"a" * 300) == [(2, 1, too_long)]
    assert faults(b'["' + b"a" * 99) == [(1, 2, OPEN)]
    assert faults(b'["' + b"a" * 100) == [(1, 2, too_long)]
    assert faults(b'["' + b"a" * 60 + b'", "b') == [(1, 66, OPEN)]
    assert faults(b"[\nhunter2" + b"a" * 300) == [(2, 1, VALUE)]


@given(st.binary(max_size=60) | st.text('{}[]",: \n\\1nau').map(str.encode))
def test_every_fault_has_words_of_ours(data: bytes) -> None:
    told = {*_body._REASONS.values(), NOTHING, CONSTANT, PIECE, "UTF-8 was expected"}
    assert {reason for _, _, reason in faults(data)} <= told


def test_what_a_later_python_says_has_words_too() -> None:
    assert _body._reason(json.JSONDecodeError("Unheard of", "", 0)) == "JSON was expected"


def test_two_broken_pieces_of_which_one_ends_the_input() -> None:
    assert read('{"name": "ab\n{"name":\n') == [(1, BAD), (2, BAD)]
    assert read('{"name":\n{"name":\nx') == [(1, BAD), (2, BAD), (3, BAD)]
    assert read('{"name": "abc"}\n{"name":\nx') == [(1, ONE), (2, BAD), (3, BAD)]
    assert faults('{"name":\n\n{"name":\n\n') == [(1, 9, VALUE), (3, 9, VALUE)]


# The lines of members


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{}", [{}]),
        ('{"name": "abc"}', [{"name": 1}]),
        ('\n{\n"name" :\n"abc"\n,\n\n"a\\nb": {"name": [1,\n2]}, "x": []\n}', [{"name": 3, "a\nb": 7, "x": 8}]),
        ('[{"name": "{"},\n{ "name": "abc",\n"name": "abc"}]', [{"name": 1}, {"name": 3}]),
        ('{"name":\n1}\n{"x": ":",\n"name": "}"}', [{"name": 1}, {"x": 3, "name": 4}]),
    ],
)
def test_each_member_has_a_line(text: str, lines: list[dict[str, int]]) -> None:
    assert [body.lines() for body in read_bodies(io.BytesIO(text.encode())).bodies] == lines


@given(st.lists(requests(), min_size=1, max_size=3), st.sampled_from([None, 2]), st.booleans())
def test_the_lines_of_members_are_those_of_the_text(bodies: list[Any], indent: int | None, in_array: bool) -> None:
    text = json.dumps(bodies, indent=indent) if in_array else "\n".join(json.dumps(b, indent=indent) for b in bodies)
    rows = text.split("\n")
    for body, given_body in zip(read_bodies(io.BytesIO(text.encode())).bodies, bodies, strict=True):
        assert list(body.lines()) == list(given_body)
        assert all(f'"{member}": ' in rows[line - 1] for member, line in body.lines().items())


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"{}", "utf-8"),
        (b"\xef\xbb\xbf{}", "utf-8-sig"),
        ("{}".encode("utf-16"), "utf-16"),
        ("{}".encode("utf-16-le"), "utf-16-le"),
        ("{}".encode("utf-16-be"), "utf-16-be"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_is_told(data: bytes, encoding: str) -> None:
    assert read_bodies(io.BytesIO(data)).encoding == encoding


def test_utf_16_is_read_in_pieces() -> None:
    """More than a buffer holds, with characters of two, three and four bytes in UTF-8."""
    values = ["é€😀" * 5_000, {"name": "abc"}]
    text = json.dumps(values, ensure_ascii=False)
    assert read(text.encode("utf-16")) == [(1, values[0]), (1, values[1])]
    lines = "\n".join(json.dumps(value, ensure_ascii=False) for value in values)
    assert read(lines.encode("utf-16")) == [(1, values[0]), (2, values[1])]
