"""One body: the text of a JSON value, or in words of ours why it is none and where it goes wrong."""

import json
import re
from typing import Final, NamedTuple, NoReturn

JSON_SPACES: Final = " \t\r\n"  # JSON knows fewer than Python
SPACE_BYTES: Final = JSON_SPACES.encode()
_BLANK: Final = re.compile(f"[{JSON_SPACES}]*")
_BETWEEN: Final = re.compile(f"[{JSON_SPACES},:]*")  # what stands between two names or values of an object
_CONSTANT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)')  # within a string, it is no constant

CUT_OFF: Final = "the text that begins here has no closing quote"
COMMA: Final = "a comma or a closing bracket was expected"
NOTHING: Final = "nothing more was expected"
_NO_CONSTANT: Final = "NaN and Infinity are not JSON"
_TOO_DEEP: Final = "it is nested too deeply"
# Words of ours for the parser's messages. A message is known by its beginning, since the rest may quote the text.
_REASONS: Final = {
    "Expecting value": "a value was expected",
    "Expecting property name": "the name of a member, in double quotes, was expected",
    "Expecting ':'": "a colon was expected",
    "Expecting ','": COMMA,
    "Illegal trailing comma": "nothing was expected between the last value and the closing bracket",
    "Unterminated string": CUT_OFF,
    "Invalid control character": "an escape was expected in place of a line break or another control character",
    "Invalid \\": "an escape of JSON was expected",
}


class Fault(NamedTuple):
    """Why a text is not JSON, and the column where it goes wrong, counted from 1."""

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
        position = _after(_BETWEEN, self.text, self.text.index("{") + 1)
        while self.text[position] != "}":
            line += self.text.count("\n", counted, position)
            counted = position
            member, end = _DECODER.raw_decode(self.text, position)
            found[member] = line
            _, end = _DECODER.raw_decode(self.text, _after(_BETWEEN, self.text, end))
            position = _after(_BETWEEN, self.text, end)
        return found


class _ConstantError(ValueError):
    """NaN or Infinity, which Python knows and JSON does not."""


def _refuse(_: str) -> NoReturn:
    raise _ConstantError


# A number is wrong wherever it stands in a body, so a float will do. int() is slow with thousands of digits, or fails.
_DECODER: Final = json.JSONDecoder(parse_int=float, parse_constant=_refuse)


def decoded(text: str, position: int) -> tuple[object, int, str]:
    """The JSON value that begins at the position, and its end; or `None`, where it goes wrong, and the reason."""
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        return None, error.pos, _reason(error)
    except _ConstantError:
        constants = (found.start() for found in _CONSTANT.finditer(text, position) if found[1])
        return None, next(constants), _NO_CONSTANT
    except RecursionError:
        return None, position, _TOO_DEEP
    return value, end, ""


def _reason(error: json.JSONDecodeError) -> str:
    found = (reason for beginning, reason in _REASONS.items() if error.msg.startswith(beginning))
    return next(found, "JSON was expected")


def body_of(data: bytes, line: int) -> Body:
    """The body in the data, which begins on the line; or its fault."""
    data = data.rstrip(SPACE_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _faulty(data[: error.start].decode(), line, "UTF-8 was expected")
    value, end, reason = decoded(text, _after(_BLANK, text, 0))
    if not reason and end < len(text):
        end, reason = _after(_BLANK, text, end), NOTHING
    if reason == _TOO_DEEP:
        return Body(line, None, fault=Fault(reason))
    return _faulty(text[:end], line, reason) if reason else Body(line, value, text)


def _faulty(before: str, line: int, reason: str) -> Body:
    """The fault that follows the text `before`, which begins on the line."""
    return Body(line + before.count("\n"), None, fault=Fault(reason, len(before) - before.rfind("\n")))


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    """The end of what the pattern matches at the position."""
    found = pattern.match(text, position)
    return found.end() if found else position
