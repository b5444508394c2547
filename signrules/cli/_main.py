"""`main`: reads the command line, carries the command out, and returns its exit status.

Data goes to standard output, talk to standard error. A key or a secret comes in by standard input or a file alone, and
goes out only as what `generate` makes. Not even a mistyped word of the command line is repeated: it may be one.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from . import _check, _export, _form, _fuzz, _gateway, _generate, _rules
from ._parser import Parser, Version
from ._status import INTERRUPTED, READER_GONE, UNUSABLE, Unusable

# In the order of the help page.
_COMMANDS: Final = (_generate, _check, _export, _form, _fuzz, _gateway, _rules)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status.

    0: all valid; 1: something is invalid; 2: wrong use or unreadable input; 130: interrupted; 141: the reader has gone.
    """
    parser = _command_line()
    try:
        options, unknown = parser.parse_known_args(arguments)
        if unknown:
            parser.error("unrecognized arguments")
        if sys.stdin is None or sys.stdout is None:
            return _unusable(options.command, "standard input or output is closed")
        try:
            status: int = options.run(options)
        except Unusable as error:
            return _unusable(options.command, str(error))
        sys.stdout.flush()
    except OSError as error:
        # Nothing more can be printed, and the flush at exit must not try to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return READER_GONE
        return _unusable(options.command, f"reading or writing failed: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _command_line() -> Parser:
    """The parser; `run` says which command is meant."""
    parser = Parser(
        prog="signrules",
        description="Make and check signature keys of the API gateway APIG\n(Open Telekom Cloud, Huawei Cloud).",
        epilog="""\
examples:
  signrules generate hmac > key.json   a request body, ready to send
  signrules check key.json             is it right, and if not, what is wrong
  signrules rules                      every rule on one screen
  signrules form > page.html           a page that checks what is typed

exit status: 0 all valid, 1 something invalid, 2 wrong use or unreadable input.
"signrules COMMAND --help" says more.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")
    for command in _COMMANDS:
        command.add(commands)
    return parser


def _unusable(command: str, reason: str) -> int:
    print(f"signrules {command}: error: {reason}", file=sys.stderr)
    return UNUSABLE
