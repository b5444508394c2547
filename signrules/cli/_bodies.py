"""Reads request bodies from JSON: one, an array of them, or JSON Lines, in memory that does not grow with the input.

An input whose first character is `[` is an array. Otherwise each line is a body. If a line is no whole JSON value but
could begin one, the lines after it belong to it. Reading stops at the next line that begins with `{`: inside a valid
body no line can, since its values are strings. Lines that are no JSON are reported, and reading goes on.
"""

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from ._body import COMMA, CUT_OFF, JSON_SPACES, NOTHING, SPACE_BYTES, Body, Fault, body_of, decoded

# Bytes. A body has a few thousand; anything longer than this counts as no JSON.
LONGEST: Final = 1 << 20
_TOO_LONG: Final = f"it is longer than {LONGEST >> 20} MiB"
_IN_PIECES: Final = "it belongs to a body that is not JSON"
_CHUNK: Final = 1 << 16
_DELIMITERS: Final = frozenset(f",]{JSON_SPACES}")


class Bodies(NamedTuple):
    """The bodies in an input, and Python's name of its encoding."""

    encoding: str
    bodies: Iterator[Body]


def read_bodies(stream: BinaryIO) -> Bodies:
    """The bodies in `stream`, which is UTF-8 or UTF-16, with or without a byte order mark."""
    text = stream.readline(len(codecs.BOM_UTF8) + LONGEST)
    encoding = _encoding(text)
    if encoding.startswith("utf-16"):
        stream = io.BufferedReader(_Recoded(stream, text, encoding))
        text = stream.readline(LONGEST)
    line, text = 1, text.removeprefix(codecs.BOM_UTF8)
    while text and _is_blank(text):
        line, text = line + 1, stream.readline(LONGEST)
    if text.lstrip(SPACE_BYTES).startswith(b"["):
        return Bodies(encoding, _Array(stream, text, line).bodies())
    return Bodies(encoding, _lines(stream, text, line))


def _encoding(text: bytes) -> str:
    """The encoding. JSON begins with an ASCII character, so in UTF-16 one of the first two bytes is zero."""
    if text.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {text[:1]: "utf-16-be", text[1:2]: "utf-16-le"}.get(b"\0", "utf-8")


class _Recoded(io.RawIOBase):
    """The text of a stream as UTF-8, with the bytes that were read from the stream before."""

    def __init__(self, stream: BinaryIO, before: bytes, encoding: str) -> None:
        self._stream, self._before = stream, before
        # Bytes that are not UTF-16 become U+FFFD, which no rule allows.
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer) // 2  # two bytes become three at most, and up to three wait for their character
        data, at_end = b"", False
        while not data and not at_end:
            piece, self._before = self._before[:size], self._before[size:]
            piece = piece or self._stream.read(size)
            at_end = not piece
            data = self._decoder.decode(piece, final=at_end).encode()
        buffer[: len(data)] = data
        return len(data)


def _is_blank(text: bytes) -> bool:
    return not text.strip(SPACE_BYTES)


def _lines(stream: BinaryIO, first: bytes, number: int) -> Iterator[Body]:
    pending: list[bytes] = []  # the lines of a body that is not whole yet
    start = size = 0  # the number of the first of them, and how many bytes they have
    alone = True  # nothing else is in the input
    for line, text in _numbered(stream, first, number):
        if pending:
            if size < LONGEST and not text.lstrip(SPACE_BYTES).startswith(b"{"):
                pending.append(text)
                size += len(text)
                continue
            yield from _joined(pending, start, alone=False)
            pending, alone = [], False
        if text and _is_blank(text):
            continue
        body = body_of(text, line) if text else Body(line, None, fault=Fault(_TOO_LONG))
        if _is_begun(text, body):
            pending, start, size = [text], line, len(text)
            continue
        yield body
        alone = False
    if pending:
        yield from _joined(pending, start, alone=alone)


def _is_begun(text: bytes, body: Body) -> bool:
    """Whether the text is the beginning of a JSON value, so that more lines could make it whole."""
    whole = len(text.rstrip(SPACE_BYTES).decode("utf-8", "replace"))
    return bool(body.fault and body.fault.column and body.fault.column > whole)


def _numbered(stream: BinaryIO, text: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    """The lines and their numbers. A line that is too long is given as an empty one, which is no JSON either."""
    while text:
        too_long = len(text) >= LONGEST and not text.endswith(b"\n")
        yield number, b"" if too_long else text
        while too_long:
            text = stream.readline(LONGEST)
            too_long = len(text) >= LONGEST and not text.endswith(b"\n")
        number += 1
        text = stream.readline(LONGEST)


def _joined(lines: list[bytes], start: int, *, alone: bool) -> Iterator[Body]:
    """The body that the lines make together.

    If they make none, each is a bad line. If nothing else is in the input, they are one bad body instead, reported with
    the line where it goes wrong.
    """
    body = body_of(b"".join(lines), start)
    if body.fault is None or alone:
        yield body
        return
    for line, text in enumerate(lines, start):
        if not _is_blank(text):
            yield body if line == body.line else Body(line, None, fault=Fault(_IN_PIECES))


class _Array:
    """An array, read element by element."""

    def __init__(self, stream: BinaryIO, text: bytes, line: int) -> None:
        self._stream = stream
        # A byte that is not UTF-8 becomes a lone surrogate, which no rule allows.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = self._decoder.decode(text)
        self._position = 0
        # `_here` has counted lines and columns up to `_counted`, which stands at `_line` and `_column`.
        self._line, self._column, self._counted = line, 1, 0

    def bodies(self) -> Iterator[Body]:
        """The elements. An element that is not JSON is the last, since nobody can say where the next begins."""
        self._take("[")
        closed = self._take("]")
        while not closed:
            body = self._element()
            yield body
            if body.fault:
                return
            closed = self._take("]")
            if not closed and not self._take(","):
                yield self._fault(COMMA)
                return
        if self._peek():
            yield self._fault(NOTHING)

    def _element(self) -> Body:
        self._peek()
        while True:
            value, end, reason = decoded(self._text, self._position)
            # Only a delimiter proves that the value is whole: "12" and "12." may be the beginning of 12.5.
            whole = not reason and self._text[end : end + 1] in _DELIMITERS
            is_long = len(self._text) - self._position > LONGEST
            if whole or is_long or not self._read():
                break
        if is_long and reason == CUT_OFF:
            reason = _TOO_LONG
        line, text = self._here()[0], self._text[self._position : end]
        self._position = end
        return self._fault(reason) if reason else Body(line, value, text)

    def _fault(self, reason: str) -> Body:
        """The fault at the position."""
        line, column = self._here()
        return Body(line, None, fault=Fault(reason, column))

    def _take(self, character: str) -> bool:
        found = self._peek() == character
        self._position += found
        return found

    def _peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            while self._position < len(self._text):
                character = self._text[self._position]
                if character not in JSON_SPACES:
                    return character
                self._position += 1
            if not self._read():
                return ""

    def _read(self) -> bool:
        """Reads more, and drops the text before the position. Returns false at the end of the input."""
        data = self._stream.read(_CHUNK)
        more = self._decoder.decode(data, final=not data)  # at the end, a part of a character may be left
        if not (data or more):
            return False
        self._here()
        self._text = self._text[self._position :] + more
        self._position = self._counted = 0
        return True

    def _here(self) -> tuple[int, int]:
        """The line and the column of the position."""
        newline = self._text.rfind("\n", self._counted, self._position)
        if newline < 0:
            self._column += self._position - self._counted
        else:
            self._line += self._text.count("\n", self._counted, self._position)
            self._column = self._position - newline
        self._counted = self._position
        return self._line, self._column
