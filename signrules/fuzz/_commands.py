"""What `signrules fuzz` and `signrules gateway` do. What is heavy is imported by the command that needs it.

The token comes from a file or from standard input, never from the command line, and goes nowhere but to the gateway.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

CLEAN: Final = 0
FOUND: Final = 1
STOPPED: Final = 2
INTERRUPTED: Final = 130

_BAR: Final = 30


class Unusable(Exception):  # noqa: N818  it ends the command, and says why
    """The command cannot be carried out."""


def fuzz(options: argparse.Namespace) -> int:
    """`signrules fuzz`: 0 the gateway keeps every rule, 1 it does not, 2 it stopped answering, 130 interrupted."""
    printed = _printed(options)
    if printed is not None:
        print(printed, end="")
        return CLEAN
    if options.url is None:
        raise Unusable("a URL is needed, or --dry-run, --corpus, --corpus-schema or --dictionary")
    report = _report(options)
    from . import _page
    from . import _report as reports

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
        return INTERRUPTED if report.interrupted else STOPPED
    return CLEAN if report.is_clean and not report.left_behind else FOUND


def _printed(options: argparse.Namespace) -> str | None:
    """What is printed without a gateway, if that is what is asked for."""
    from ._cases import cases
    from ._corpus import corpus, corpus_schema, dictionary

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
    from ._cases import cases
    from ._diagnosis import diagnose
    from ._report import Report

    try:
        from ._runner import Unsuitable, run
    except ImportError:
        raise Unusable("it needs the extra fuzz: pip install 'signrules[fuzz]'") from None
    known = sha256(f"{options.url} {options.profile}".encode()).hexdigest()[:8]
    begin = time.monotonic()
    try:
        found = run(
            options.url,
            cases(options.profile),
            token=_token(options.token_file),
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


def _token(path: str | None) -> str | None:
    """The first line of the file, or of standard input."""
    if path is None:
        return None
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    return text.strip()


def _show(done: int, total: int) -> None:
    bar = "#" * (_BAR * done // total)
    print(f"\r[{bar:<{_BAR}}] {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def gateway(options: argparse.Namespace) -> int:
    """`signrules gateway`: serves until Ctrl-C."""
    from .bugs import RIGHT, bugs

    if options.list_bugs:
        print("".join(f"{bug.name}\t{bug.words}\n" for bug in bugs().values()), end="")
        return CLEAN
    bug = RIGHT if options.bug is None else bugs().get(options.bug)
    if bug is None:
        raise Unusable("there is no such bug: signrules gateway --list-bugs names them all")
    try:
        from .gateway import gateway as make
        from .gateway import serve
    except ImportError:
        raise Unusable("it needs the extra gateway: pip install 'signrules[gateway]'") from None
    app = make(bug, token=_token(options.token_file), latency=options.latency, fail_rate=options.fail_rate)
    serve(app, options.port)
    return CLEAN
