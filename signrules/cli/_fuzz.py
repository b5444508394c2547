"""`signrules fuzz`: finds out which rule a gateway gets wrong. What is heavy is imported when it is needed.

The token comes from a file or from standard input, never from the command line, and goes nowhere but to the gateway.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .._rule import listed
from ._parser import command, count, seconds, word
from ._status import INTERRUPTED, INVALID, UNUSABLE, VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands

PROFILES: Final = ("quick", "full")

_BAR: Final = 30


def add(commands: "Commands") -> None:
    """What may stand behind `signrules fuzz`, and its help page."""
    parser = command(
        commands,
        run,
        "find out which rule a gateway gets wrong",
        """\
The URL is that of the signature keys of one gateway:
https://HOST/v2/PROJECT_ID/apigw/instances/INSTANCE_ID/signs
Each key that the gateway accepts is deleted at once, also after Ctrl-C; if the
command is killed, the next run deletes what is left, and goes on.

examples:
  signrules fuzz URL --token-file token.txt    250 requests, and what they tell
  signrules fuzz URL --profile full --html report.html < token.txt --token-file -
  signrules fuzz --dry-run                     the cases, without a gateway
  signrules fuzz --corpus full > corpus.json   the same, for other languages

exit status: 0 every rule is kept, 1 one is not, 2 wrong use or no gateway there.""",
    )
    profile, profiles = word(PROFILES), f"{listed(PROFILES, 'or')}; {PROFILES[0]} if left out"
    parser.add_argument("url", metavar="URL", nargs="?", help="where signature keys are created")
    parser.add_argument("--profile", metavar="P", type=profile, default=PROFILES[0], help=profiles)
    parser.add_argument("--token-file", metavar="FILE", help="holds the X-Auth-Token; - is standard input")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="also write it as JUnit XML")
    parser.add_argument("--html", metavar="FILE", help="also write it as a page")
    parser.add_argument("--state", metavar="FILE", help="where a run that is killed leaves its traces")
    parser.add_argument("--concurrency", metavar="N", type=count, default=4, help="requests under way at a time")
    parser.add_argument("--timeout", metavar="S", type=seconds, default=10.0, help="seconds that an answer may take")
    parser.add_argument("--quota", metavar="N", type=count, default=100, help="keys alive at a time, at most")
    parser.add_argument("--dry-run", action="store_true", help="print the cases as JSON Lines, send nothing")
    parser.add_argument("--corpus", metavar="P", type=profile, help="print the cases as one JSON document")
    parser.add_argument("--corpus-schema", action="store_true", help="print the JSON Schema of that document")
    parser.add_argument("--dictionary", action="store_true", help="print a dictionary for libFuzzer and AFL")


def run(options: argparse.Namespace) -> int:
    """0: the gateway keeps every rule, 1 it does not, 2 it stopped answering, 130 interrupted."""
    printed = _printed(options)
    if printed is not None:
        print(printed, end="")
        return VALID
    if options.url is None:
        raise Unusable("a URL is needed, or --dry-run, --corpus, --corpus-schema or --dictionary")
    report = _report(options)
    from ..fuzz import _page
    from ..fuzz import _report as reports

    outputs: list[tuple[str | None, Callable[[Any], str]]] = [
        (options.junit, reports.junit),
        (options.html, _page.html),
    ]
    for path, write in outputs:
        if path is not None:
            Path(path).write_text(write(report), encoding="utf-8")
    print(reports.as_json(report) if options.json else reports.text(report), end="")
    if report.interrupted or report.stopped:
        print("signrules fuzz: the same command goes on from here", file=sys.stderr)
        return INTERRUPTED if report.interrupted else UNUSABLE
    return VALID if report.is_clean and not report.left_behind else INVALID


def _printed(options: argparse.Namespace) -> str | None:
    """What is printed without a gateway, if that is what is asked for."""
    from ..fuzz._cases import cases
    from ..fuzz._corpus import corpus, corpus_schema, dictionary

    if options.corpus:
        return json.dumps(corpus(options.corpus), indent=1) + "\n"
    if options.corpus_schema:
        return json.dumps(corpus_schema(), indent=1) + "\n"
    if options.dictionary:
        return dictionary()
    if options.dry_run:
        return "".join(json.dumps(case._asdict()) + "\n" for case in cases(options.profile))
    return None


def _report(options: argparse.Namespace) -> Any:
    from ..fuzz._cases import cases
    from ..fuzz._diagnosis import diagnose
    from ..fuzz._report import Report

    try:
        from ..fuzz._runner import Unsuitable
        from ..fuzz._runner import run as send
    except ImportError:
        raise Unusable("it needs the extra fuzz: pip install 'signrules[fuzz]'") from None
    known = sha256(f"{options.url} {options.profile}".encode()).hexdigest()[:8]
    begin = time.monotonic()
    try:
        found = send(
            options.url,
            cases(options.profile),
            token=read_token(options.token_file),
            state=Path(options.state or f".signrules-fuzz-{known}.jsonl"),
            concurrency=options.concurrency,
            timeout=options.timeout,
            quota=options.quota,
            progress=_show if sys.stderr.isatty() else lambda _done, _total: None,
        )
    except (Unsuitable, ValueError) as error:
        raise Unusable(str(error)) from None
    return Report(
        url=options.url,  # which has neither a user nor a query
        profile=options.profile,
        observations=found.observations,
        diagnosis=diagnose(found.observations),
        requests=found.requests,
        seconds=time.monotonic() - begin,
        left_behind=found.left_behind,
        interrupted=found.interrupted,
        stopped=found.stopped,
    )


def read_token(path: str | None) -> str | None:
    """The first line of the file, or of standard input."""
    if path is None:
        return None
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    return text.strip()


def _show(done: int, total: int) -> None:
    bar = "#" * (_BAR * done // total)
    print(f"\r[{bar:<{_BAR}}] {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
