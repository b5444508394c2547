"""Reads request bodies from JSON: one, an array of them, or JSON Lines, in memory that does not grow with the input.

An input whose first character is `[` is an array. Otherwise each line is a body; only a line that is no whole JSON
value, but could begin one, is read together with the lines after it, as far as the next that begins with `{`. In a
body, which holds strings alone, no line does. What is not JSON after all is reported by its line, and reading goes on.
"""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple, NoReturn

# A body is a few kilobytes at most; what is longer than this, in bytes, is taken for no JSON.
LONGEST: Final = 1 << 20
_CHUNK: Final = 1 << 16
_SPACES: Final = " \t\r\n"  # JSON's, fewer than Python's
_SPACE_BYTES: Final = _SPACES.encode()
_DELIMITERS: Final = frozenset(f",]{_SPACES}")


class Body(NamedTuple):
    """A JSON value and the line it begins on, counted from 1; or a line that is not JSON."""

    line: int
    value: object
    is_json: bool = True


def read_bodies(stream: BinaryIO) -> Iterator[Body]:
    """The bodies in `stream`, which is UTF-8, with or without a byte order mark."""
    line, text = 1, stream.readline(len(codecs.BOM_UTF8) + LONGEST).removeprefix(codecs.BOM_UTF8)
    while text and _is_blank(text):
        line, text = line + 1, stream.readline(LONGEST)
    if text.lstrip(_SPACE_BYTES).startswith(b"["):
        return _Array(stream, text, line).bodies()
    return _lines(stream, text, line)


def _refuse(_: str) -> NoReturn:
    raise ValueError  # NaN and Infinity are Python's, not JSON's


# A number is wrong wherever it stands in a body, so a float will do; int() is slow at thousands of digits, or refuses.
_DECODER: Final = json.JSONDecoder(parse_int=float, parse_constant=_refuse)


def _is_blank(text: bytes) -> bool:
    return not text.strip(_SPACE_BYTES)


def _decode(text: bytes) -> object:
    return _DECODER.decode(text.decode())


def _not_json(line: int) -> Body:
    return Body(line, None, is_json=False)


def _lines(stream: BinaryIO, first: bytes, number: int) -> Iterator[Body]:
    pending: list[bytes] = []  # the lines of a body that is not whole yet, from line `start`, `size` bytes
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
        body = _not_json(line)
        try:
            body = Body(line, _decode(text))
        except json.JSONDecodeError as error:
            if text and error.pos >= len(error.doc.rstrip(_SPACES)):  # well begun
                pending, start, size = [text], line, len(text)
                continue
        except (ValueError, RecursionError):  # not UTF-8, not JSON's, nested beyond reason
            pass
        yield body
        alone = False
    if pending:
        yield from _joined(pending, start, alone=alone)


def _numbered(stream: BinaryIO, text: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    """The lines and their numbers; for a line that is too long, nothing, which is not JSON either."""
    while text:
        too_long = len(text) >= LONGEST and not text.endswith(b"\n")
        yield number, b"" if too_long else text
        while too_long:
            text = stream.readline(LONGEST)
            too_long = len(text) >= LONGEST and not text.endswith(b"\n")
        number += 1
        text = stream.readline(LONGEST)


def _joined(lines: list[bytes], start: int, *, alone: bool) -> Iterator[Body]:
    """The body that the lines make together. If they make none, each is a bad line; or, where nothing else is in the
    input, they are one bad body, reported by the line where it goes wrong."""
    wrong = start
    try:
        body = Body(start, _decode(b"".join(lines).rstrip(_SPACE_BYTES)))
    except json.JSONDecodeError as error:
        wrong += error.lineno - 1
    except (ValueError, RecursionError):
        pass
    else:
        yield body
        return
    if alone:
        yield _not_json(wrong)
    else:
        yield from (_not_json(line) for line, text in enumerate(lines, start) if not _is_blank(text))


class _Array:
    """An array, read element by element."""

    def __init__(self, stream: BinaryIO, text: bytes, line: int) -> None:
        self._stream = stream
        # A byte that is not UTF-8 becomes a lone surrogate, which no rule allows.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = self._decoder.decode(text)
        self._position = 0
        self._line = line  # the line of _counted
        self._counted = 0

    def bodies(self) -> Iterator[Body]:
        """The elements. Behind one that is not JSON nobody can say where the next begins: it is the last."""
        self._take("[")
        closed = self._take("]")
        while not closed:
            body = self._element()
            yield body
            if not body.is_json:
                return
            closed = self._take("]")
            if not closed and not self._take(","):
                break
        if not closed or self._peek():  # the array does not end, or something stands behind it
            yield _not_json(self._here())

    def _element(self) -> Body:
        self._peek()
        line = self._here()
        while True:
            body, end = _not_json(line), len(self._text)
            try:
                value, end = _DECODER.raw_decode(self._text, self._position)
                body = Body(line, value)
            except (ValueError, RecursionError):  # wrong, or cut off
                pass
            # Only a delimiter proves that the value is whole: "12" and "12." may be the beginning of 12.5.
            whole = self._text[end : end + 1] in _DELIMITERS
            if whole or len(self._text) - self._position > LONGEST or not self._read():
                self._position = end
                return body

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
        """Reads on, and lets go of what has been dealt with; false at the end."""
        self._here()
        data = self._stream.read(_CHUNK)
        self._text = self._text[self._position :] + self._decoder.decode(data, final=not data)
        self._position = self._counted = 0
        return bool(data)

    def _here(self) -> int:
        """The line of the position."""
        self._line += self._text.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._line
