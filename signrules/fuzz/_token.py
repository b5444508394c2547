"""Which tokens the header X-Auth-Token can carry, and how to read one. No other module judges or reads a token.

No error repeats a byte of a token, nor the path of its file, since the user may have given the token as the path.
"""

import codecs
import sys
from typing import Final

# Bytes. Servers refuse a longer header, and a file that was given by mistake may have any size.
_LONGEST: Final = 1 << 16
_ENOUGH: Final = _LONGEST + len("\r\n") + 1
_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def check_token(token: str) -> str:
    """The very same token. Raises `ValueError` if a header cannot carry it unchanged, `TypeError` if it is no `str`."""
    if not isinstance(token, str):
        del token
        raise TypeError("the token must be a str")
    fault = _fault(str.encode(token, errors="surrogatepass"))
    if fault is None:
        return token
    del token
    raise ValueError(f"the token {fault}")


def read_token(path: str) -> str:
    """The token in a file, or in standard input if the path is `-`, without one line break at its end.

    Raises `ValueError` if it cannot be read or `check_token` would refuse it; the message begins with the option's
    name.
    """
    source = "standard input" if path == "-" else "the file"
    content, fault = _content(path)
    del path
    if fault is None:
        content = content.removesuffix(b"\n").removesuffix(b"\r")
        fault = _fault(content)
    if fault is None:
        return content.decode("ascii")
    del content
    raise ValueError(f"--token-file: {source} {fault}")


def _content(path: str) -> tuple[bytes, str | None]:
    """The content, as far as a token can be long, and why it cannot be read."""
    try:
        if path != "-":
            with open(path, "rb") as file:
                return file.read(_ENOUGH), None
        if sys.stdin is None:
            return b"", "is closed"
        # A terminal would show the token, and cut it after 4,095 characters on Linux.
        if sys.stdin.isatty():
            return b"", "is a terminal: give the token in a file or by a pipe"
        # A program that calls `main` may have put a stream of text in the place of standard input.
        content = getattr(sys.stdin, "buffer", sys.stdin).read(_ENOUGH)
        return content if isinstance(content, bytes) else content.encode(errors="surrogatepass"), None
    except (OSError, ValueError) as error:  # ValueError: the stream is closed, or the path has a NUL
        reason = error.strerror if isinstance(error, OSError) else None
        return b"", f"cannot be read: {reason}" if reason else "cannot be read"


def _fault(token: bytes) -> str | None:
    """What is wrong with the token, as a predicate such as "is empty", or `None`."""
    words = token.split()
    if token.startswith(_BYTE_ORDER_MARKS):
        return "has a byte order mark"
    if not words:
        return "is empty"
    if len(token) > _LONGEST:
        return f"is longer than {_LONGEST} bytes"
    if not token.isascii():
        return "has characters that are not ASCII"
    if not b"".join(words).decode("ascii").isprintable():
        return "has control characters in it"
    if b"\n" in token or b"\r" in token:
        return "has more than one line"
    if words != [token]:
        return "has white space in it"
    return None
