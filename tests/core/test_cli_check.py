"""`signrules check`: what it says of bodies and of bare values, and on which line."""

import io
import json
import sys
from typing import Any

import pytest

from signrules import check_request
from signrules.cli import main

from ..silence import FOREIGN
from ..terminal import Terminal


def test_check_says_what_is_wrong_by_line(run: Terminal) -> None:
    lines = ['{"name": "abc"}', "", "not json", '{"name": "1a", "sign_key": "sig****ret", "x\\n": 1}', "[]"]
    result = run("check", stdin="\n".join(lines))
    assert result.status == 1
    assert result.out.splitlines() == [
        "line 3, column 1, body 2: the body must be JSON; a value was expected (type)",
        "line 4, body 3: name must be 3 to 64 characters long (length)",
        "line 4, body 3: name must start with a letter (first, position 0)",
        "line 4, body 3: sign_key may contain only letters, digits and _ -; the value looks masked: "
        "give the real one (charset, position 3)",
        "line 4, body 3: member 3 is not one of name, sign_type, sign_key, sign_secret or sign_algorithm (unknown)",
        "line 5, body 4: the body must be a JSON object (type)",
    ]
    assert result.err == "4 bodies checked, 3 wrong\n"


@pytest.mark.parametrize(
    ("stdin", "err"),
    [
        ('{"name": "abc"}', "1 body checked, all valid\n"),
        ('[{"name": "abc"}, {"name": "abc"}]', "2 bodies checked, all valid\n"),
    ],
)
def test_check_is_silent_about_what_is_right(run: Terminal, stdin: str, err: str) -> None:
    result = run("check", stdin=stdin)
    assert (result.status, result.out, result.err) == (0, "", err)


def test_check_for_programs(run: Terminal) -> None:
    bodies: list[object] = [{"name": "abc"}, {"name": "1a!"}, 5]
    result = run("check", "--json", stdin=json.dumps(bodies, indent=2))
    records = [json.loads(line) for line in result.out.splitlines()]
    assert (result.status, result.err) == (1, "")
    assert [record["line"] for record in records] == [2, 5, 8]
    assert [record["body"] for record in records] == [1, 2, 3]
    assert [record["valid"] for record in records] == [True, False, False]
    for body, record, line in zip(bodies, records, (2, 6, 8), strict=True):
        assert record["violations"] == [violation._asdict() | {"line": line} for violation in check_request(body)]


@pytest.mark.parametrize("stdin", ["", "\n\n", "[]", "[ ]\n"])
def test_check_of_nothing_is_not_all_valid(run: Terminal, stdin: str) -> None:
    result = run("check", stdin=stdin)
    assert (result.status, result.out) == (2, "")
    assert result.err == "signrules check: error: there is no body in the input\n"


def test_check_of_one_value_in_words(run: Terminal) -> None:
    result = run("check", "--field", "sign_key", "--type", "aes", "--algorithm", "aes-128-cfb", stdin="a" * 32)
    assert (result.status, result.out, result.err) == (
        1,
        "sign_key must be 16 characters long (length)\n",
        "sign_key is wrong\n",
    )
    assert run("check", "--field", "sign_key", stdin="signkeysignkey").err == "sign_key is valid\n"
    for lone in (["--type", "aes"], ["--algorithm", "aes-128-cfb"]):
        assert run("check", *lone).err == "signrules check: error: --type and --algorithm go with --field\n"


@pytest.mark.parametrize("sign_type", [[], ["--type", "basic"]], ids=["no type", "basic"])
def test_an_algorithm_with_a_type_that_has_none_judges_nothing(run: Terminal, sign_type: list[str]) -> None:
    """The value would be told to be right, though an aes key must have 16 characters."""
    result = run("check", "--field", "sign_key", *sign_type, "--algorithm", "aes-128-cfb", stdin="a" * 20)
    assert (result.status, result.out) == (2, "")
    assert result.err == "signrules check: error: --algorithm goes with --type aes\n"


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (b"signsecretsignse", []),
        (b"signsecretsignse\n", []),
        (b"signsecretsignse\r\n", []),
        (b"signsecretsignse\n\n", [("length", None), ("charset", 16)]),
        (b"signsecretsignse\r", [("length", None), ("charset", 16)]),
        (b"signsecretsignse ", [("length", None), ("charset", 16)]),
        (b" signsecretsigns", [("charset", 0), ("first", 0)]),
        (b"signsecretsigns\xff", [("charset", 15)]),
        (b"\xef\xbb\xbfsignsecretsigns", [("charset", 0), ("first", 0)]),
        (b"", [("length", None)]),
        (b"\n", [("length", None)]),
    ],
)
def test_check_takes_exactly_one_line_break_off_a_bare_value(
    run: Terminal, value: bytes, codes: list[tuple[str, int | None]]
) -> None:
    result = run("check", "--field", "sign_secret", "--type", "aes", "--json", stdin=value)
    (record,) = map(json.loads, result.out.splitlines())
    assert [(v["code"], v["position"]) for v in record["violations"]] == codes
    assert record["valid"] is not bool(codes)
    assert result.status == bool(codes)


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("a" * 64, []),
        ("a" * 64 + "\r\n", []),
        ("a" * 65, ["length"]),
        ("a" * 1000 + "!", ["length"]),
        ("a" * 64 + "\n\n", ["length", "charset"]),
        ("\U0001f600" * 64, ["charset", "first"]),
        ("\U0001f600" * 64 + "\r\n", ["charset", "first"]),
        ("\U0001f600" * 65, ["length", "charset", "first"]),
        ("a" + "\xe9" * 5000, ["length", "charset"]),
    ],
)
def test_a_value_is_measured_in_characters(run: Terminal, value: str, codes: list[str]) -> None:
    (record,) = map(json.loads, run("check", "--field", "name", "--json", stdin=value).out.splitlines())
    assert [violation["code"] for violation in record["violations"]] == codes


class Endless(io.RawIOBase):
    """As many characters as anybody reads, but not more than is reasonable."""

    def __init__(self) -> None:
        self.read_so_far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.read_so_far += len(buffer)
        assert self.read_so_far < 100_000
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


def test_an_endless_value_is_wrong_before_it_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in (["name"], ["sign_key", "--type", "aes"], ["sign_secret", "--type", "public_key"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
        status = main(["check", "--field", *question])
        out = capsys.readouterr().out
        assert (status, out.count("\n")) == (1, 1)
        assert "characters long (length)" in out


def test_check_says_that_it_waits_for_a_terminal(run: Terminal) -> None:
    assert run("check", stdin="{}", tty=True).err.startswith("Reading from the terminal; end with Ctrl-D.\n")


@pytest.mark.parametrize(("tty", "no_color", "red"), [(True, "", True), (True, "1", False), (False, "", False)])
def test_colour_is_for_terminals_and_for_those_who_want_it(
    run: Terminal, monkeypatch: pytest.MonkeyPatch, *, tty: bool, no_color: str, red: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: tty)
    monkeypatch.setenv("TERM", "xterm")
    text = run("check", stdin="{}").out
    assert ("\x1b[31mname must be given\x1b[0m" in text) is red
    assert ("\x1b" in text) is red
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in run("check", stdin="{}").out


# Where it is wrong


def test_a_violation_has_the_line_of_its_member(run: Terminal) -> None:
    body = '{\n  "name": "1",\n  "sign_key":\n    "x",\n  "sign_secert": "",\n  "sign_algorithm": "aes-128-cfb"\n}\n'
    assert [line.partition(": ")[0::2] for line in run("check", stdin=body * 2).out.splitlines()[:6]] == [
        ("line 2, body 1", "name must be 3 to 64 characters long (length)"),
        ("line 2, body 1", "name must start with a letter (first, position 0)"),
        ("line 3, body 1", "sign_key must be 8 to 32 characters long (length)"),
        ("line 6, body 1", "sign_algorithm may be given only with sign_type aes (forbidden)"),
        (
            "line 5, body 1",
            "sign_secert is not one of name, sign_type, sign_key, sign_secret or sign_algorithm (unknown)",
        ),
        ("line 9, body 2", "name must be 3 to 64 characters long (length)"),
    ]
    assert run("check", stdin="\n{\n}\n").out == "line 2, body 1: name must be given (missing)\n"


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        ("sign_secert", "sign_secert"),
        ("signSecret", "signSecret"),
        ("Name", "Name"),
        ("SIGN_SECRET", "SIGN_SECRET"),
        ("sign-key", "'sign-key'"),
        ("sign_secret ", "'sign_secret '"),
        (FOREIGN, "member 2"),
        ("hunter2hunter2", "member 2"),
        ("", "member 2"),
    ],
)
def test_the_name_of_an_unknown_member_is_shown_only_if_it_is_nearly_one_of_ours(
    run: Terminal, member: str, shown: str
) -> None:
    body = json.dumps({"name": "abc", member: 5})
    assert run("check", stdin=body).out.startswith(f"line 1, body 1: {shown} is not one of name, ")
    record = json.loads(run("check", "--json", stdin=body).out)
    (violation,) = record["violations"]
    assert violation["code"] == "unknown"
    assert violation["field"] == (None if shown == "member 2" else member)


def test_a_body_that_is_wrong_for_all_that_json_allows(run: Terminal) -> None:
    """The name of a member that an object lacks, or has twice."""
    assert "line 2, body 1: name must be" in run("check", stdin='{"name": "abc",\n"name": ""}\n').out
    too_deep = "line 1, body 1: the body must be JSON; it is nested too deeply (type)\n"
    assert run("check", stdin='{"a":' * 100_000).out == too_deep
    assert run("check", stdin='["name"]').out == "line 1, body 1: the body must be a JSON object (type)\n"


# Other encodings


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (b'\xef\xbb\xbf{"name": "abc"}', "begins with a byte order mark, which the gateway refuses: send it without"),
        ('{"name": "abc"}'.encode("utf-16"), "is UTF-16, which the gateway refuses: send UTF-8"),
        ('{"name": "abc"}'.encode("utf-16-be"), "is UTF-16, which the gateway refuses: send UTF-8"),
    ],
)
def test_an_encoding_that_the_gateway_refuses_gets_a_warning(run: Terminal, data: bytes, warning: str) -> None:
    result = run("check", stdin=data)
    assert (result.status, result.out) == (0, "")
    assert result.err == f"signrules check: warning: standard input {warning}\n1 body checked, all valid\n"
    assert run("check", "--json", stdin=data).err == f"signrules check: warning: standard input {warning}\n"


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark_before_a_value_is_wrong_and_told(run: Terminal, mark: bytes) -> None:
    result = run("check", "--field", "name", stdin=mark + b"abc")
    assert result.status == 1
    assert result.err.startswith("signrules check: warning: standard input begins with a byte order mark, ")


def test_bytes_that_are_no_utf_8_are_told(run: Terminal) -> None:
    body = '{"name": "abc", "ключ\ud83d": 1}'.encode("utf-8", "surrogatepass")
    told = "line 1, column 22, body 1: the body must be JSON; UTF-8 was expected (type)\n"
    assert run("check", stdin=body).out == told
    assert run("check", stdin='{"name": "abc", "ключ": 1}').out.startswith(
        "line 1, body 1: member 2 is not one of name, "
    )
