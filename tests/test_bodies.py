"""Reading bodies from JSON: one, an array, JSON Lines, and what is none of these."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signrules.cli import _bodies
from signrules.cli._bodies import Body, read_bodies
from signrules.strategies import requests

ONE = {"name": "abc"}
TWO = {"name": "abcd", "sign_type": "aes"}
BAD = None


def read(text: str | bytes) -> list[tuple[int, object]]:
    """The lines and values that were read; None for what is not JSON."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    bodies = list(read_bodies(io.BytesIO(data)))
    assert all(body.value is None for body in bodies if not body.is_json)
    return [(body.line, body.value if body.is_json else BAD) for body in bodies]


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
        (b'{\n"name":\n"\xff"}', [(1, BAD)]),
        ('{"name": "abc"}'.encode("utf-16"), [(1, BAD)]),
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


def test_an_element_that_fits_a_piece_exactly() -> None:
    assert Body(1, 5.0) == Body(1, 5.0, is_json=True)
    assert read("[12") == [(1, 12.0), (1, BAD)]
