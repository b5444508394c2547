"""How a case is sent again: as a line for a shell, or by signrules itself."""

import shlex
from typing import Final

from .._endpoint import AUTHENTICATION_HEADER
from ._case import Case
from ._report import Judge, Report

# A report does not tell the URL, the token and the command, which may be private. These lines have variables instead.
_REQUEST: Final = f'curl -i "$URL" -H "{AUTHENTICATION_HEADER}: $TOKEN" -H "Content-Type: application/json"'
_CURL: Final = f"{_REQUEST} --data-raw {{body}}"
_PIPE: Final = "printf '%s\\n' {body} | $JUDGE"
_LINES: Final[dict[Judge, str]] = {"gateway": _CURL, "judge": _PIPE}
_COMMANDS: Final[dict[Judge, str]] = {
    "gateway": 'signrules fuzz "$URL" --token-file token.txt --only {case_id}',
    "judge": 'signrules fuzz --exec "$JUDGE" --only {case_id}',
}

# What the variables of the lines are.
VARIABLES: Final[dict[Judge, str]] = {
    "gateway": "URL is that of the keys, as at the top of this page, and TOKEN is a token of yours.",
    "judge": "JUDGE is the command that judges.",
}


def shell_line(case: Case, report: Report) -> str:
    """A line for a shell that sends the body of the case, as a whole, to the judge of the report.

    `URL` and `TOKEN`, or `JUDGE`, are variables that the user sets.
    """
    if case.raw:
        encoding = case.raw.content_encoding
        header = f' -H "Content-Encoding: {encoding}"' if encoding else ""
        return f"printf '{_for_printf(case.wire)}' | {_REQUEST}{header} --data-binary @-"
    return _LINES[report.judge].format(body=shlex.quote(case.wire.decode()))


def _for_printf(wire: bytes) -> str:
    """The bytes as printf reads them between single quotes: in octal, but for ASCII that it takes as it is."""
    return "".join(c if " " <= c <= "~" and c not in "\\%'" else f"\\{ord(c):03o}" for c in wire.decode("latin-1"))


def command_line(case: Case, report: Report) -> str:
    """The command of signrules that asks this case alone."""
    return _COMMANDS[report.judge].format(case_id=shlex.quote(case.id))
