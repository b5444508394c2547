"""`main`: reads the command line, carries the command out, and returns its exit status.

Data goes to standard output, messages to standard error. A key or a secret comes in only by standard input or a file,
and goes out only if `generate` made it. A word that was typed or read is repeated only if it is close to one of ours,
or the name of an existing file; any other word may be a secret. The text of an unexpected error is not shown, since it
may hold one too.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from .._spelling import listed
from ._parser import DEBUG, REDACTED, Parser, Version, meant
from ._status import INTERRUPTED, READER_GONE, UNUSABLE, VALID, Unusable
from ._streams import Streams

# In the order of the help page. Each is a module, which is imported only if it is needed.
_COMMANDS: Final = ("generate", "check", "audit", "export", "form", "fuzz", "learn", "gateway", "rules")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status.

    0: all valid; 1: something is invalid; 2: wrong use, unreadable input, or anything unexpected; 130: interrupted;
    141: the reader of the output has gone.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    name = "signrules"
    failure: Exception | None = None
    try:
        streams = Streams()
        try:
            options = _understood(words)
            name = f"signrules {options.command}"
            if getattr(options, "output", None) is None:
                streams.require_output()
            status: int = options.run(options)
        except SystemExit as ended:  # the parser raised it, and has said why
            status = UNUSABLE if ended.code else VALID
        except Unusable as error:
            status = UNUSABLE
            _say(name, str(error))
        except KeyboardInterrupt:
            status = INTERRUPTED
        except Exception as error:  # the text of any error may hold a secret
            failure = error
        lost = streams.finish()
    except KeyboardInterrupt:
        return INTERRUPTED
    failure = failure or lost
    if failure is None:
        return status
    if isinstance(failure, BrokenPipeError):
        return READER_GONE
    if DEBUG in words or os.environ.get("SIGNRULES_DEBUG"):
        sys.stderr.writelines(traceback.format_tb(failure.__traceback__))
    if isinstance(failure, OSError) and failure.strerror:
        _say(name, f"reading or writing failed: {failure.strerror}")
    else:
        _say(name, f"something unexpected happened ({type(failure).__name__}); {DEBUG} shows where")
    return UNUSABLE


def _understood(words: list[str]) -> argparse.Namespace:
    """The arguments of the command, and its `run`."""
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
    )
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    # An option before the command may ask for the help page, which shows all commands.
    for name in words[:1] if set(words[:1]) & set(_COMMANDS) else _COMMANDS:
        import_module(f"._{name}", __package__).add(commands)
    if not words:
        parser.print_help(sys.stderr)
        parser.exit(UNUSABLE)
    place = next((place for place, word in enumerate(words) if not word.startswith("-")), len(words))
    parser.parse(words[:place])
    names = listed(_COMMANDS, "or")
    if place == len(words):
        parser.error(f"a command is needed: {names}")
    word = words[place]
    if word in commands.choices:
        return commands.choices[word].parse(words[place + 1 :])
    close = meant(word, _COMMANDS)
    hint = f"command {word}: did you mean {close}?" if close else f"such command {REDACTED}."
    return parser.error(f"there is no {hint} A command is {names}")


def _say(name: str, reason: str) -> None:
    print(f"{name}: error: {reason}", file=sys.stderr)
