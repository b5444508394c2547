"""`signrules check`: says what is wrong with request bodies, or with values."""

import argparse
import codecs
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from .._check import check, rules_for
from .._request import check_request
from .._table import DEFAULT_SIGN_TYPE, MEMBERS
from .._violation import Violation
from .._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES
from ._bar import Bar
from ._bodies import read_bodies
from ._body import Body
from ._files import STDIN, Source, printable, sources_of
from ._parser import ALGORITHMS_IN_WORDS, FIELDS_IN_WORDS, TYPE_OR_DEFAULT, check_algorithm, command, meant, word
from ._status import INVALID, UNUSABLE, VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands

# Why the gateway refuses a file in this encoding, even if its bodies are right.
_WARNINGS: Final = {
    "utf-8-sig": "begins with a byte order mark, which the gateway refuses: send it without",
    **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be"), "is UTF-16, which the gateway refuses: send UTF-8"),
}


def add(commands: "Commands") -> None:
    """Adds `signrules check`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "say whether request bodies, or bare values, are right, and what is wrong",
        """\
The input is UTF-8: a JSON body, a JSON array of bodies, or JSON Lines (one body
a line). With --field, it is one bare value; exactly one line break at its end
is taken off. Positions count from 0. Values are never printed.

examples:
  signrules check bodies.jsonl
  signrules check bodies.jsonl *.json
  signrules generate hmac | signrules check
  signrules check --field sign_secret --type basic < secret.txt
  signrules check --json bodies.jsonl | jq 'select(.valid | not)'""",
    )
    files = "files, or patterns such as *.json; standard input if left out or -"
    parser.add_argument("files", metavar="FILE", nargs="*", help=files)
    parser.add_argument("--field", metavar="FIELD", type=word(FIELDS), help=f"check one bare value: {FIELDS_IN_WORDS}")
    parser.add_argument("--type", metavar="TYPE", type=word(SIGN_TYPES), help=TYPE_OR_DEFAULT)
    parser.add_argument("--algorithm", metavar="A", type=word(SIGN_ALGORITHMS), help=ALGORITHMS_IN_WORDS)
    parser.add_argument("--json", action="store_true", help="print a JSON object for each body, one on each line")
    parser.add_argument("--with-filename", action="store_true", help="name the file, even if it is the only one")


# A violation, its words, and members of its JSON that are added to those of the violation, or take their place.
_Found = tuple[Violation, str, dict[str, Any]]


def _size(path: str) -> int:
    """The size in bytes, or 0 if it is not known, such as that of a pipe."""
    try:
        status = os.stat(0 if path == STDIN else path)
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def run(options: argparse.Namespace) -> int:
    """Prints what is wrong, and says on standard error how many were checked."""
    if not options.field and (options.type or options.algorithm):
        raise Unusable("--type and --algorithm go with --field")
    check_algorithm(options.type, options.algorithm)
    sources = sources_of(options.files or [STDIN], named=options.with_filename)
    if sys.stdin is None and any(source.path == STDIN for source in sources):
        raise Unusable("standard input is closed")
    sizes = [_size(source.path) for source in sources]
    with Bar(sum(sizes) if all(sizes) else 0) as bar:
        checking = _Checking(options, bar)
        unread = 0
        for source, size in zip(sources, sizes, strict=True):
            try:
                checking.source(source)
            except Unusable as error:
                unread += 1
                checking.say(f"error: {error}")
            bar.passed += size
    if checking.checked and not (options.json or options.field):
        bodies = "body" if checking.checked == 1 else "bodies"
        files = f" in {len(sources) - unread} of {len(sources)} files" if len(sources) > 1 else ""
        verdict = f"{checking.wrong} wrong" if checking.wrong else "all valid"
        print(f"{checking.checked} {bodies}{files} checked, {verdict}", file=sys.stderr)
    if unread:
        return UNUSABLE
    return INVALID if checking.wrong else VALID


class _Checking:
    """Checks one source after another, and counts the bodies or values."""

    def __init__(self, options: argparse.Namespace, bar: Bar) -> None:
        self._options, self._bar = options, bar
        self.checked = self.wrong = 0

    def source(self, source: Source) -> None:
        """Prints what is wrong in the source."""
        from_stdin = source.path == STDIN
        try:
            stream = nullcontext(sys.stdin.buffer) if from_stdin else open(source.path, "rb")  # noqa: SIM115  entered below
        except OSError as error:
            raise Unusable(f"{source.name} cannot be read: {error.strerror}") from None
        with stream as opened:
            if opened.isatty():
                self.say("Reading from the terminal; end with Ctrl-D.", name="")
            (self._value if self._options.field else self._bodies)(source, opened)

    def say(self, text: str, name: str = "signrules check: ") -> None:
        self._bar.hide()
        print(f"{name}{text}", file=sys.stderr)

    def _value(self, source: Source, stream: BinaryIO) -> None:
        field, sign_type = self._options.field, self._options.type or DEFAULT_SIGN_TYPE
        question = {"sign_type": sign_type, "sign_algorithm": self._options.algorithm}
        # A character has at most four bytes, so these bytes are too many characters, even if they end in a line break.
        enough = 4 * max(rule.max_length for rule in rules_for(field, **question)) + len("\r\n") + 1
        data = stream.read(enough)
        if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.say(f"warning: {source.name} begins with a byte order mark, which is no part of a right value")
        if data.endswith(b"\n") and len(data) < enough:
            data = data[:-1].removesuffix(b"\r")
        value = data.decode("utf-8", "surrogateescape")  # no field may contain the surrogates
        violations = check(field, value, **question)
        self._report(source.place, [(violation, str(violation), {}) for violation in violations])
        if not self._options.json:
            self.say(f"{source.prefix}{field} is {'wrong' if violations else 'valid'}", name="")

    def _bodies(self, source: Source, stream: BinaryIO) -> None:
        encoding, bodies = read_bodies(stream)
        if encoding in _WARNINGS:
            self.say(f"warning: {source.name} {_WARNINGS[encoding]}")
        number = 0
        for number, body in enumerate(bodies, 1):
            self._bar.show(stream.tell)
            place = source.place | {"line": body.line}
            if body.fault is None:
                self._report(place | {"body": number}, list(_found(body)))
            else:
                if body.fault.column is not None:
                    place["column"] = body.fault.column
                fault = Violation("", "type", f"must be JSON; {body.fault.reason}")
                self._report(place | {"body": number}, [(fault, str(fault), {"line": body.line})])
        if number == 0:
            raise Unusable(f"there is no body in {source.name if source.is_named else 'the input'}")

    def _report(self, place: dict[str, Any], found: list[_Found]) -> None:
        self.checked += 1
        self.wrong += bool(found)
        if self._options.json:
            violations = [violation._asdict() | more for violation, _, more in found]
            print(json.dumps({**place, "valid": not found, "violations": violations}))
            return
        if found:
            self._bar.hide()
        red, plain = ("\x1b[31m", "\x1b[0m") if _has_colours() else ("", "")
        file = f"{printable(place.pop('file'))}: " if "file" in place else ""
        for violation, words, more in found:
            where = ", ".join(f"{name} {more.get(name, value)}" for name, value in place.items())
            what = violation.code if violation.position is None else f"{violation.code}, position {violation.position}"
            print(f"{file}{where}{': ' if where else ''}{red}{words}{plain} ({what})")


def _has_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _found(body: Body) -> Iterator[_Found]:
    """What is wrong with a body, and on which line.

    The name of an unknown member is repeated only if it is close to that of a member: any other may be a secret.
    """
    violations = check_request(body.value)
    if not violations:
        return
    members = {member: number for number, member in enumerate(body.value, 1)} if isinstance(body.value, dict) else {}
    lines = body.lines() if members else {}
    for violation in violations:
        line = {"line": lines.get(violation.field, body.line)}
        if violation.field in members and not meant(violation.field, MEMBERS):
            yield violation, f"member {members[violation.field]} {violation.message}", {"field": None, **line}
        else:
            yield violation, str(violation), line
