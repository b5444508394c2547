"""From the bytes of a request to its body: a reader of JSON that makes each choice in which real readers differ."""

import json
import re
import zlib
from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Final, NamedTuple

from .._table import MEMBERS

_WHITE_SPACE: Final = " \t\n\r"
_MARK: Final = "\ufeff"
_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_MEMBER_NAME: Final = re.compile(rf"{_STRING}(?=\s*:)")
_ESCAPED_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_OVERLONG: Final = re.compile(rb"([\xc0\xc1])([\x80-\xbf])")
# The lower case of the Kelvin sign is k, and the upper case of the long s is S. So a reader that ignores case by lower
# case takes the first for an ASCII letter; one that folds case takes both.
_KELVIN: Final = {ord("\u212a"): "k"}
_LOOKALIKES: Final = {"kept": {}, "kelvin": _KELVIN, "folded": {**_KELVIN, ord("\u017f"): "s"}}
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
# `zlib` takes this number of window bits for: the input is gzip.
_GZIP: Final = 31
# Bytes. No more come out of an unzipped body.
_LONGEST: Final = 1 << 20

# What counts as a comment, if anything does.
_COMMENTS: Final = {
    "taken": r"/\*.*?\*/|//[^\n]*",
    "with-hash": r"/\*.*?\*/|//[^\n]*|\#[^\n]*",
    "hash-alone": r"\#[^\n]*",
}
_ERRORS: Final = {"refused": "strict", "replaced": "replace", "dropped": "ignore"}


class Decoder(NamedTuple):
    """A reader of JSON. Each field is a topic in which readers differ; `wire_readers` says what its words mean.

    The defaults are those of the stand-in. It refuses whatever is not JSON in UTF-8, takes the last of two members with
    one name, compares names exactly, and keeps what an escape says.
    """

    unknown: str = "ignored"
    escapes: str = "decoded"
    twins: str = "last"
    case: str = "exact"
    lookalikes: str = "kept"
    numbers: str = "kept"
    behind: str = "refused"
    nul: str = "kept"
    controls: str = "refused"
    surrogates: str = "kept"
    invalid: str = "refused"
    overlong: str = "refused"
    mark: str = "refused"
    utf16: str = "refused"
    utf32: str = "refused"
    gzip: str = "ignored"
    comments: str = "refused"
    comma: str = "refused"
    quotes: str = "refused"
    bare: str = "refused"
    constants: str = "refused"

    def read(self, content: bytes, content_encoding: str | None = None) -> Any:
        """The body that is read. `content_encoding` is the header of that name.

        Raises `ValueError` if the bytes are refused, and `RecursionError` if they are nested too deeply.
        """
        text = self._as_json(self._text(self._unzipped(content, content_encoding)))
        if self.nul == "refused" and _ESCAPED_NUL.search(text):
            raise ValueError("an escaped NUL")
        if self.controls == "but-nul" and any("\0" in found for found in re.findall(_STRING, text)):
            raise ValueError("a NUL that is not escaped")
        decoder = json.JSONDecoder(
            object_pairs_hook=self._members,
            # int refuses NaN and Infinity, which are Python's and not JSON's.
            parse_constant=float if self.constants == "taken" else int,
            strict=self.controls == "refused",
        )
        body, end = decoder.raw_decode(text, len(text) - len(text.lstrip(_WHITE_SPACE)))
        rest = text[end:].strip(_WHITE_SPACE)
        if rest and self.behind != "ignored" and not (self.behind == "from-nul" and rest[0] == "\0"):
            raise ValueError("text behind the body")
        if self.surrogates == "refused":
            json.dumps(body, ensure_ascii=False).encode()
        return self._object(body) if isinstance(body, dict) else body

    def _unzipped(self, content: bytes, content_encoding: str | None) -> bytes:
        is_said = content_encoding is not None
        if is_said and self.gzip == "refused":
            raise ValueError("a content encoding")
        if (is_said and self.gzip == "by-header") or (content.startswith(b"\x1f\x8b") and self.gzip == "by-look"):
            try:
                return zlib.decompressobj(_GZIP).decompress(content, _LONGEST)
            except zlib.error:
                raise ValueError("no gzip") from None
        return content

    def _text(self, content: bytes) -> str:
        encoding = json.detect_encoding(content)
        is_read = {"utf-16": self.utf16, "utf-32": self.utf32}.get(encoding[:6], "refused")
        if is_read in ("any", "marked" if encoding in ("utf-16", "utf-32") else "unmarked"):
            return content.decode(encoding)
        if self.overlong == "decoded":
            content = _OVERLONG.sub(lambda found: bytes([(found[1][0] & 1) << 6 | found[2][0] & 0x3F]), content)
        return content.decode(errors=_ERRORS[self.invalid])

    def _as_json(self, text: str) -> str:
        """The text as strict JSON. What this reader takes besides is removed, or put in the form of JSON."""
        if self.mark != "refused":
            text = text.removeprefix(_MARK)
        if self.mark == "white-space":
            text = _outside_strings(_MARK, lambda _: " ", text)
        if self.comments != "refused":
            text = _outside_strings(_COMMENTS[self.comments], lambda _: " ", text)
        if self.quotes == "taken":
            text = _outside_strings(r"'[^']*'", lambda found: json.dumps(found[1:-1]), text)
        if self.bare == "taken":
            text = _outside_strings(r"(?<=[{ ])\w+(?=:)", json.dumps, text)
        if self.comma == "taken":
            text = _outside_strings(r",(?=\s*\})", lambda _: "", text)
        if self.escapes == "as-they-stand":
            text = _MEMBER_NAME.sub(lambda found: found[0].replace("\\", r"\\"), text)
        return text

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for name, value in pairs:
            known = name.translate(_LOOKALIKES[self.lookalikes])
            known = known.partition("\0")[0] if self.nul == "ends-names" else known
            _add(members, known, value, self.twins)
        if self.case == "exact":
            return members
        folded: dict[str, Any] = {}
        for name, value in members.items():
            known = name.translate(_LOWER)
            rule = ("last" if name == known else "first") if self.case == "preferred" else self.case
            _add(folded, known, value, rule)
        return folded

    def _object(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.unknown == "refused" and not set(body) <= set(MEMBERS):
            raise ValueError("a member that is not known")
        return {name: self._value(value) if name in MEMBERS else value for name, value in body.items()}

    def _value(self, value: Any) -> Any:
        if self.numbers == "taken" and type(value) in (int, float):
            return str(value)
        if self.surrogates == "dropped" and isinstance(value, str):
            return value.encode(errors="ignore").decode()
        return value


# It reads all JSON in UTF-8, and nothing else. Of two members with one name, the last counts.
STRICT: Final = Decoder()


def _add(members: dict[str, Any], name: str, value: Any, rule: str) -> None:
    """Adds a member. The rule says which of two with one name counts: the first, the last, none, or the same twice."""
    if name in members and (rule == "refused" or (rule == "same" and value != members[name])):
        raise ValueError("a member stands twice")
    if name not in members or rule == "last":
        members[name] = value


def _outside_strings(pattern: str, change: Callable[[str], str], text: str) -> str:
    """Changes what matches outside the strings of a text in JSON."""
    found = re.compile(rf"({_STRING})|{pattern}", re.DOTALL)
    return found.sub(lambda match: match[1] or change(match[0]), text)
