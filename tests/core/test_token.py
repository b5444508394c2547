"""What may be a token, how one is read, and that no error tells a part of it."""

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from signrules.fuzz._token import check_token, read_token

from ..silence import CANARY, assert_silent, told

GOOD = "Zq7KJWxYVu-_+/=.~!"
SECRET = CANARY.encode("ascii", "ignore") * 3


def complaint(token: Any, kind: type[Exception] = ValueError) -> str:
    with pytest.raises(kind) as caught:
        check_token(token)
    for text in told(caught.value):
        assert_silent(text)
    return str(caught.value)


def test_a_good_token_is_the_very_same() -> None:
    for token in (GOOD, "x", "x" * 65_536):
        assert check_token(token) is token


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        (b"", "is empty"),
        (b" \t", "is empty"),
        (b"\xef\xbb\xbf" + SECRET, "has a byte order mark"),
        (SECRET + b"\n" + SECRET, "has more than one line"),
        (SECRET + b"\r" + SECRET, "has more than one line"),
        (SECRET + b"\n\n", "has more than one line"),
        (SECRET + b" ", "has white space in it"),
        (b"\t" + SECRET, "has white space in it"),
        (SECRET + b"\x0b" + SECRET, "has white space in it"),
        (SECRET + b"\0", "has control characters in it"),
        (SECRET + b"\x7f", "has control characters in it"),
        (b"\x1b[0m" + SECRET, "has control characters in it"),
        (SECRET + "é".encode(), "has characters that are not ASCII"),
        (SECRET + "\u00a0".encode(), "has characters that are not ASCII"),
        (SECRET + "\u2028".encode(), "has characters that are not ASCII"),
        (SECRET * 10_000, "is longer than 65536 bytes"),
        (b"x" * 65_537, "is longer than 65536 bytes"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_fault_is_told_alike_wherever_the_token_comes_from(token: bytes, fault: str, tmp_path: Path) -> None:
    assert complaint(token.decode()) == f"the token {fault}"
    (tmp_path / "token.txt").write_bytes(token)
    assert complaint_about(tmp_path / "token.txt") == f"--token-file: the file {fault}"


def test_a_token_that_is_no_text() -> None:
    assert complaint(SECRET, TypeError) == complaint(None, TypeError) == "the token must be a str"
    assert complaint(f"{GOOD}\ud800") == "the token has characters that are not ASCII"


def complaint_about(path: object) -> str:
    with pytest.raises(ValueError, match=r"^--token-file: ") as caught:
        read_token(str(path))
    for text in told(caught.value):
        assert_silent(text)
    return str(caught.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_line_break_at_the_end_is_the_files(end: str, tmp_path: Path) -> None:
    for token in (GOOD, "x" * 65_536):
        (tmp_path / "token.txt").write_bytes(f"{token}{end}".encode())
        assert read_token(str(tmp_path / "token.txt")) == token


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\n", "is empty"),
        (b"\r\n\r\n", "is empty"),
        ("Zq7\n".encode("utf-16"), "has a byte order mark"),
        ("Zq7\n".encode("utf-32"), "has a byte order mark"),
        (b"\xfe\xff" + "Zq7".encode("utf-16-be"), "has a byte order mark"),
        ("Zq7\r\n".encode("utf-16-le"), "has control characters in it"),
        (b"Zq7\xff\xfe", "has characters that are not ASCII"),
    ],
    ids=repr,
)
def test_what_only_a_file_can_hold(content: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_bytes(content)
    assert complaint_about(tmp_path / "token.txt") == f"--token-file: the file {fault}"


def test_a_file_that_cannot_be_read_is_named_by_the_option_alone(tmp_path: Path) -> None:
    """Somebody may have given the token where the path of its file belongs."""
    cannot = "--token-file: the file cannot be read"
    assert complaint_about(tmp_path / CANARY) == f"{cannot}: No such file or directory"
    assert complaint_about(CANARY * 1000) == f"{cannot}: File name too long"
    assert complaint_about(f"{CANARY}\0") == cannot
    assert complaint_about(tmp_path) == f"{cannot}: Is a directory"


def test_a_file_without_an_end_is_not_read_whole() -> None:
    assert complaint_about("/dev/zero") == "--token-file: the file is longer than 65536 bytes"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def given(stream: object) -> None:
        monkeypatch.setattr(sys, "stdin", stream)

    given(io.TextIOWrapper(io.BytesIO(f"{GOOD}\r\n".encode())))
    assert read_token("-") == GOOD
    given(io.StringIO(f"{GOOD}\n"))
    assert read_token("-") == GOOD
    given(io.TextIOWrapper(io.BytesIO()))
    assert complaint_about("-") == "--token-file: standard input is empty"
    given(None)
    assert complaint_about("-") == "--token-file: standard input is closed"
    closed = io.StringIO()
    closed.close()
    given(closed)
    assert complaint_about("-") == "--token-file: standard input cannot be read"


def test_a_terminal_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = os.openpty()
    with open(leader, "rb"), open(follower, encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        told_why = "--token-file: standard input is a terminal: give the token in a file or by a pipe"
        assert complaint_about("-") == told_why
