"""The command line: `signrules generate`, `check`, `rules`, `export`, `form`.

Data goes to standard output, talk to standard error. A key or a secret comes in by standard input or a file alone, and
goes out only as what `generate` makes. Not even a mistyped word of the command line is repeated: it may be one.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import BinaryIO, Final

from . import export
from ._arguments import EXPORTS, TABLES, command_line
from ._bodies import read_bodies
from ._check import FIELDS, check
from ._generate import Alphabet, generate
from ._request import check_request, validate_request
from ._rule import listed
from ._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from ._violation import Violation
from .fuzz import _commands

VALID: Final = 0
INVALID: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130  # as a shell reports a program that Ctrl-C ended (128 + SIGINT),
READER_GONE: Final = 141  # or a closed pipe (128 + SIGPIPE)

# Long enough that two generated names are never the same, short enough to read in a console.
_NAME_LENGTH: Final = 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status.

    0: all valid; 1: something is invalid; 2: wrong use or unreadable input; 130: interrupted; 141: the reader has gone.
    """
    parser = command_line()
    try:
        options, unknown = parser.parse_known_args(arguments)
        if unknown:
            parser.error("unrecognized arguments")
        if sys.stdin is None or sys.stdout is None:
            return _unusable(options.command, "standard input or output is closed")
        status = _COMMANDS[options.command](options)
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


def _generate(options: argparse.Namespace) -> int:
    alphabet: Alphabet = "full" if options.full else "portable"
    question = {"sign_type": options.type, "sign_algorithm": options.algorithm, "alphabet": alphabet}

    def given(number: int) -> dict[str, str]:
        if options.name is None:
            name = generate("name", length=_NAME_LENGTH)
        else:
            name = options.name if options.count == 1 else f"{options.name}_{number}"
        members = {"name": name, "sign_type": options.type, "sign_algorithm": options.algorithm}
        return {member: value for member, value in members.items() if value is not None}

    def body(number: int) -> dict[str, str]:
        made = {field: generate(field, length=options.length, **question) for field in FIELDS if field not in MANDATORY}
        complete = given(number) | made
        return {member: complete[member] for member in MEMBERS if member in complete}

    if options.only and options.name is not None:
        return _unusable("generate", "--name does not go with --only")
    try:
        # The one with the longest name before the first is made, so that nothing is printed if any is wrong.
        validate_request(given(options.count))
        if options.only:
            for _ in range(options.count):
                print(generate(options.only, length=options.length, **question))
            return VALID
        for number in range(1, options.count + 1):
            print(json.dumps(body(number), indent=2 if options.count == 1 else None))
    except ValueError as error:
        return _unusable("generate", str(error))
    return VALID


def _check(options: argparse.Namespace) -> int:
    if not options.field and (options.type or options.algorithm):
        return _unusable("check", "--type and --algorithm go with --field")
    report = _json_report if options.json else _text_report
    try:
        from_stdin = options.file in (None, "-")
        source = nullcontext(sys.stdin.buffer) if from_stdin else open(options.file, "rb")  # noqa: SIM115  entered below
    except OSError as error:
        return _unusable("check", f"the input cannot be read: {error.strerror}")
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
        return _unusable("check", "there is no body in the input")
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


def _rules(options: argparse.Namespace) -> int:
    print(TABLES[options.format](), end="")
    return VALID


def _export(options: argparse.Namespace) -> int:
    wanted = EXPORTS[options.name]
    names = ("field", "sign_type", "sign_algorithm", "column", "dialect", "variable", "block")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    ignored = [f"--{name.removeprefix('sign_')}" for name in given if name not in wanted.options]
    if ignored:
        return _unusable("export", f"{listed(ignored, 'and')}: not for {options.name}")
    if "field" not in given and (given or wanted.needs_field):
        needs = "with these options, " if given else ""
        return _unusable("export", f"{needs}{options.name} needs --field")
    try:
        made = wanted.make(**given)
    except ValueError as error:
        return _unusable("export", str(error))
    print(made.removesuffix("\n") if isinstance(made, str) else json.dumps(made, indent=2))
    return VALID


def _form(_: argparse.Namespace) -> int:
    print(export.form(), end="")
    return VALID


def _fuzz(options: argparse.Namespace) -> int:
    try:
        return (_commands.fuzz if options.command == "fuzz" else _commands.gateway)(options)
    except _commands.Unusable as error:
        return _unusable(options.command, str(error))


_COMMANDS: Final = {
    "generate": _generate,
    "check": _check,
    "rules": _rules,
    "export": _export,
    "form": _form,
    "fuzz": _fuzz,
    "gateway": _fuzz,
}


def _unusable(command: str, reason: str) -> int:
    print(f"signrules {command}: error: {reason}", file=sys.stderr)
    return UNUSABLE
