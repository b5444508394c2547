"""Reads request bodies from JSON: one, an array of them, or JSON Lines, in memory that does not grow with the input.

An input whose first character is `[` is an array. Otherwise each line is a body. A line that is not a whole JSON value,
but could begin one, is read together with the lines after it, up to the next line that begins with `{`: inside a valid
body no line can, since its values are strings. If the lines are no JSON, they are reported, and reading goes on.
"""

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

# Bytes. A body has a few thousand; anything longer than this counts as no JSON.
LONGEST: Final = 1 << 20
_CHUNK: Final = 1 << 16
_SPACES: Final = " \t\r\n"  # JSON knows fewer than Python
_SPACE_BYTES: Final = _SPACES.encode()
_DELIMITERS: Final = frozenset(f",]{_SPACES}")
_BETWEEN: Final = re.compile(f"[{_SPACES},:]*")  # between two texts of an object
_CONSTANT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)')  # in a text, it is no constant


class Fault(NamedTuple):
    """Why a text is not JSON, in our own words, and the column where it goes wrong, counted from 1."""

    reason: str
    column: int | None = None


class Body(NamedTuple):
    """A JSON value and the line on which it begins, counted from 1; or a fault and its line."""

    line: int
    value: object
    text: str = ""
    fault: Fault | None = None

    def lines(self) -> dict[str, int]:
        """The line of each member. The value must be an object."""
        found = {}
        line, counted = self.line, 0
        position = self._next(self.text.index("{") + 1)
        while self.text[position] != "}":
            line += self.text.count("\n", counted, position)
            counted = position
            member, end = _DECODER.raw_decode(self.text, position)
            found[member] = line
            _, end = _DECODER.raw_decode(self.text, self._next(end))
            position = self._next(end)
        return found

    def _next(self, position: int) -> int:
        found = _BETWEEN.match(self.text, position)
        return found.end() if found else position


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
    if text.lstrip(_SPACE_BYTES).startswith(b"["):
        return Bodies(encoding, _Array(stream, text, line).bodies())
    return Bodies(encoding, _lines(stream, text, line))


def _encoding(text: bytes) -> str:
    """The encoding. JSON begins with an ASCII character, so UTF-16 shows by a zero byte among the first two."""
    if text.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {text[:1]: "utf-16-be", text[1:2]: "utf-16-le"}.get(b"\0", "utf-8")


class _Recoded(io.RawIOBase):
    """A stream, and the bytes that were read from it before, as UTF-8."""

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


class _ConstantError(ValueError):
    """NaN or Infinity, which Python knows and JSON does not."""


def _refuse(_: str) -> NoReturn:
    raise _ConstantError


# A number is wrong wherever it stands in a body, so a float will do. int() is slow with thousands of digits, or fails.
_DECODER: Final = json.JSONDecoder(parse_int=float, parse_constant=_refuse)

_VALUE: Final = "a value was expected"
_NOTHING: Final = "nothing more was expected"
_COMMA: Final = "a comma or a closing bracket was expected"
_CUT_OFF: Final = "Unterminated string"
# Our words for the parser's messages, by their beginnings: the rest of a message may quote the text.
_REASONS: Final = {
    "Expecting value": _VALUE,
    "Expecting property name": "the name of a member, in double quotes, was expected",
    "Expecting ':'": "a colon was expected",
    "Expecting ','": _COMMA,
    "Illegal trailing comma": "nothing was expected between the last value and the closing bracket",
    _CUT_OFF: "the text that begins here has no closing quote",
    "Invalid control character": "an escape was expected in place of a line break or another control character",
    "Invalid \\": "an escape of JSON was expected",
    "Extra data": _NOTHING,
}
_TOO_LONG: Final = f"it is longer than {LONGEST >> 20} MiB"
_TOO_DEEP: Final = "it is nested too deeply"
_NO_CONSTANT: Final = "NaN and Infinity are not JSON"
_IN_PIECES: Final = "it belongs to a body that is not JSON"


def _reason(error: json.JSONDecodeError) -> str:
    found = (reason for beginning, reason in _REASONS.items() if error.msg.startswith(beginning))
    return next(found, "JSON was expected")


def _is_blank(text: bytes) -> bool:
    return not text.strip(_SPACE_BYTES)


def _parsed(data: bytes, line: int) -> Body:
    """The body that begins on the line, or the fault."""
    data = data.rstrip(_SPACE_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _faulty(data[: error.start].decode(), line, "UTF-8 was expected")
    try:
        return Body(line, _DECODER.decode(text), text)
    except json.JSONDecodeError as error:
        return _faulty(text[: error.pos], line, _reason(error))
    except _ConstantError:
        return _faulty(text[: _constant(text, 0)], line, _NO_CONSTANT)
    except RecursionError:
        return Body(line, None, fault=Fault(_TOO_DEEP))


def _faulty(before: str, line: int, reason: str) -> Body:
    """The fault that follows the text `before`, which begins on the line."""
    return Body(line + before.count("\n"), None, fault=Fault(reason, len(before) - before.rfind("\n")))


def _constant(text: str, position: int) -> int:
    """Where the first NaN or Infinity is."""
    return next(found.start() for found in _CONSTANT.finditer(text, position) if found[1])


def _lines(stream: BinaryIO, first: bytes, number: int) -> Iterator[Body]:
    pending: list[bytes] = []  # the lines, from `start` on, and bytes of a body that is not whole yet
    start = size = 0
    alone = True  # nothing else is in the input
    for line, text in _numbered(stream, first, number):
        if pending:
            if size < LONGEST and not text.lstrip(_SPACE_BYTES).startswith(b"{"):
                pending.append(text)
                size += len(text)
                continue
            yield from _joined(pending, start, alone=False)
            pending, alone = [], False
        if text and _is_blank(text):
            continue
        body = _parsed(text, line) if text else Body(line, None, fault=Fault(_TOO_LONG))
        if _is_begun(text, body):
            pending, start, size = [text], line, len(text)
            continue
        yield body
        alone = False
    if pending:
        yield from _joined(pending, start, alone=alone)


def _is_begun(text: bytes, body: Body) -> bool:
    """Whether the text is the beginning of a JSON value, so that more lines could make it whole."""
    whole = len(text.rstrip(_SPACE_BYTES).decode("utf-8", "replace"))
    return bool(body.fault and body.fault.column and body.fault.column > whole)


def _numbered(stream: BinaryIO, text: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    """The lines and their numbers. A line that is too long is empty here, which is no JSON either."""
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
    body = _parsed(b"".join(lines), start)
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
        self._line, self._column = line, 1  # of _counted
        self._counted = 0

    def bodies(self) -> Iterator[Body]:
        """The elements. One that is not JSON is the last, since nobody can say where the next begins."""
        self._take("[")
        closed = self._take("]")
        while not closed:
            body = self._element()
            yield body
            if body.fault:
                return
            closed = self._take("]")
            if not closed and not self._take(","):
                yield self._fault(_COMMA)
                return
        if self._peek():
            yield self._fault(_NOTHING)

    def _element(self) -> Body:
        self._peek()
        while True:
            value, whole, reason = None, False, ""
            try:
                value, end = _DECODER.raw_decode(self._text, self._position)
                # Only a delimiter proves that the value is whole: "12" and "12." may be the beginning of 12.5.
                whole = self._text[end : end + 1] in _DELIMITERS
            except json.JSONDecodeError as error:  # wrong, or cut off
                end, reason = error.pos, _reason(error)
                if len(self._text) - self._position > LONGEST and reason == _REASONS[_CUT_OFF]:
                    reason = _TOO_LONG
            except _ConstantError:
                end, reason = _constant(self._text, self._position), _NO_CONSTANT
            except RecursionError:
                end, reason = self._position, _TOO_DEEP
            if whole or len(self._text) - self._position > LONGEST or not self._read():
                break
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
                if character not in _SPACES:
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
