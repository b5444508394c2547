"""`signrules check`: says what is wrong with request bodies, or with one value."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, BinaryIO

from .._check import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES, check
from .._request import check_request
from .._table import DEFAULT_SIGN_TYPE
from .._violation import Violation
from ._bodies import read_bodies
from ._parser import ALGORITHMS_IN_WORDS, FIELDS_IN_WORDS, TYPE_OR_DEFAULT, command, word
from ._status import INVALID, VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands


def add(commands: "Commands") -> None:
    """What may stand behind `signrules check`, and its help page."""
    parser = command(
        commands,
        run,
        "say whether request bodies, or one value, are right, and what is wrong",
        """\
The input is UTF-8: a JSON body, a JSON array of bodies, or JSON Lines (one body
a line). With --field, it is one bare value; exactly one line break at its end
is taken off. Positions count from 0. Values are never printed.

examples:
  signrules check bodies.jsonl
  signrules generate hmac | signrules check
  signrules check --field sign_secret --type basic < secret.txt
  signrules check --json bodies.jsonl | jq 'select(.valid | not)'""",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="where to read from; standard input if left out or -")
    parser.add_argument("--field", metavar="FIELD", type=word(FIELDS), help=f"check one bare value: {FIELDS_IN_WORDS}")
    parser.add_argument("--type", metavar="TYPE", type=word(SIGN_TYPES), help=TYPE_OR_DEFAULT)
    parser.add_argument("--algorithm", metavar="A", type=word(SIGN_ALGORITHMS), help=ALGORITHMS_IN_WORDS)
    parser.add_argument("--json", action="store_true", help="a JSON object for each body, one a line")


def run(options: argparse.Namespace) -> int:
    """Prints what is wrong, and says on standard error how many were checked."""
    if not options.field and (options.type or options.algorithm):
        raise Unusable("--type and --algorithm go with --field")
    report = _json_report if options.json else _text_report
    try:
        from_stdin = options.file in (None, "-")
        source = nullcontext(sys.stdin.buffer) if from_stdin else open(options.file, "rb")  # noqa: SIM115  entered below
    except OSError as error:
        raise Unusable(f"the input cannot be read: {error.strerror}") from None
    with source as stream:
        if stream.isatty():
            print("Reading from the terminal; end with Ctrl-D.", file=sys.stderr)
        return (_check_value if options.field else _check_bodies)(stream, options, report)


_Report = Callable[[dict[str, int], tuple[Violation, ...]], None]


def _check_value(stream: BinaryIO, options: argparse.Namespace, report: _Report) -> int:
    data = stream.read()
    if data.endswith(b"\n"):
        data = data[:-1].removesuffix(b"\r")
    value = data.decode("utf-8", "surrogateescape")  # what is not UTF-8 is foreign to every character set
    violations = check(
        options.field, value, sign_type=options.type or DEFAULT_SIGN_TYPE, sign_algorithm=options.algorithm
    )
    report({}, violations)
    if not options.json:
        print(f"{options.field} is {'wrong' if violations else 'valid'}", file=sys.stderr)
    return INVALID if violations else VALID


def _check_bodies(stream: BinaryIO, options: argparse.Namespace, report: _Report) -> int:
    number = wrong = 0
    for number, body in enumerate(read_bodies(stream), 1):
        violations = check_request(body.value) if body.is_json else (Violation("", "type", "must be JSON"),)
        report({"line": body.line, "body": number}, violations)
        wrong += bool(violations)
    if number == 0:
        raise Unusable("there is no body in the input")
    if not options.json:
        verdict = f"{wrong} wrong" if wrong else "all valid"
        print(f"{number} {'body' if number == 1 else 'bodies'} checked, {verdict}", file=sys.stderr)
    return INVALID if wrong else VALID


def _json_report(place: dict[str, int], violations: tuple[Violation, ...]) -> None:
    found = [violation._asdict() for violation in violations]
    print(json.dumps({**place, "valid": not violations, "violations": found}))


def _text_report(place: dict[str, int], violations: tuple[Violation, ...]) -> None:
    where = ", ".join(f"{name} {number}" for name, number in place.items())
    red, plain = ("\x1b[31m", "\x1b[0m") if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ("", "")
    for violation in violations:
        what = violation.code if violation.position is None else f"{violation.code}, position {violation.position}"
        print(f"{where}{': ' if where else ''}{red}{violation}{plain} ({what})")
