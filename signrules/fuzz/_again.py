"""How a case is sent again: as a line for a shell, or by signrules itself."""

import shlex
from typing import Final

from .._endpoint import AUTHENTICATION_HEADER
from ._case import Case
from ._report import Judge, Report

# In the place of what a report does not tell: the URL may be private, the token is, and a command may hold secrets.
_CURL: Final = (
    f'curl -i "$ENDPOINT" -H "{AUTHENTICATION_HEADER}: $TOKEN" -H "Content-Type: application/json" --data-raw {{body}}'
)
_PIPE: Final = "printf '%s\\n' {body} | $JUDGE"
_LINES: Final[dict[Judge, str]] = {"gateway": _CURL, "judge": _PIPE}
_COMMANDS: Final[dict[Judge, str]] = {
    "gateway": 'signrules fuzz "$ENDPOINT" --token-file token.txt --only {case_id}',
    "judge": 'signrules fuzz --exec "$JUDGE" --only {case_id}',
}


def shell_line(case: Case, report: Report) -> str:
    """A line for a shell that sends the body of the case, as a whole, to the judge of the report.

    `ENDPOINT` and `TOKEN`, or `JUDGE`, are variables that the user sets.
    """
    return _LINES[report.judge].format(body=shlex.quote(case.wire.decode()))


def command_line(case: Case, report: Report) -> str:
    """The command of signrules that asks this case alone."""
    return _COMMANDS[report.judge].format(case_id=shlex.quote(case.id))
