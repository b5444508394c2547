"""`signrules fuzz`: finds out which rule a gateway gets wrong. Heavy modules are imported only when they are needed.

The token comes from a file or from standard input, never from the command line, and goes only to the gateway.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from .._spelling import listed
from ._conversation import URL_IN_WORDS, add_options, converse
from ._judge import add_exec, is_judged, judged, name_of
from ._output import Output
from ._parser import command, word
from ._status import INTERRUPTED, INVALID, UNUSABLE, VALID, Unusable

if TYPE_CHECKING:
    from ..fuzz._case import Case
    from ._parser import Commands

PROFILES: Final = ("quick", "full", "wire")
# Their cases are JSON texts.
TEXTS: Final = PROFILES[:2]
# The reports that are written to files: their options.
_FILES: Final = ("junit", "sarif", "html")
# Of a word that is no id of a case: how many near ids are told, and how many of its characters are compared.
_MOST_NEAR, _LONGEST_ID = 3, 100


def add(commands: "Commands") -> None:
    """Adds `signrules fuzz`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "find out which rule a gateway gets wrong",
        f"""\
{URL_IN_WORDS}

examples:
  signrules fuzz URL --token-file token.txt    320 requests, and what they tell
  signrules fuzz URL --profile full --html all.html < token.txt --token-file -
  signrules fuzz URL --token-file token.txt --only name:last-0a
  signrules fuzz --exec "node judge.mjs"       a program judges, not a gateway
  signrules fuzz URL --profile wire            how the bytes of a body are read
  signrules fuzz --dry-run                     the cases, without a gateway
  signrules fuzz --corpus full > corpus.json   the same, for other languages

exit status: 0 every rule is kept, 1 one is not, or a key may be left behind,
2 wrong use, or no gateway or judge that answers.""",
    )
    profile, profiles = word(PROFILES), f"{listed(PROFILES, 'or')}; {PROFILES[0]} if left out"
    parser.add_argument("url", metavar="URL", nargs="?", help="where signature keys are created")
    add_exec(parser)
    parser.add_argument("--profile", metavar="P", type=profile, default=PROFILES[0], help=profiles)
    parser.add_argument(
        "--only",
        metavar="ID",
        nargs="+",
        action="extend",
        help="send only the cases with these ids, of any profile; the URL comes first",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="also write the report as JUnit XML")
    parser.add_argument("--sarif", metavar="FILE", help="also write the report as SARIF 2.1.0")
    parser.add_argument("--html", metavar="FILE", help="also write the report as a page")
    parser.add_argument(
        "--no-follow-up",
        dest="follow_up",
        action="store_false",
        help="after a wrong answer, send no further case to find out which bug it is",
    )
    add_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="print the cases as JSON Lines, send nothing")
    parser.add_argument("--corpus", metavar="P", type=word(TEXTS), help="print the cases as one JSON document")
    parser.add_argument("--corpus-schema", action="store_true", help="print the JSON Schema of that document")
    parser.add_argument("--dictionary", action="store_true", help="print a dictionary for libFuzzer and AFL")


def run(options: argparse.Namespace) -> int:
    """Returns 0 if the gateway keeps every rule and no key may be left, 1 if not, 2 if it stops answering, or 130."""
    todo = _chosen(options)
    printed = _printed(options, todo)
    if printed is not None:
        print(printed, end="")
        return VALID
    if options.url is None and options.exec is None:
        raise Unusable("a URL or --exec is needed, or --dry-run, --corpus, --corpus-schema or --dictionary")
    by_program = is_judged(options)
    if by_program and any(case.raw for case in todo):
        raise Unusable("the cases of --profile wire are raw bytes, and --exec reads a line of JSON: a URL is needed")
    try:
        with ExitStack() as stack:
            outputs = {
                name: stack.enter_context(Output(f"--{name}", getattr(options, name)))
                for name in _FILES
                if getattr(options, name) is not None
            }
            return _told(_report(options, todo, by_program=by_program), options, outputs)
    except KeyboardInterrupt:
        left = "" if options.exec else "; the same command deletes what may be left"
        print(f"signrules fuzz: ended at once{left}", file=sys.stderr)
        return INTERRUPTED


def _chosen(options: argparse.Namespace) -> "tuple[Case, ...]":
    """The cases of the profile, or those that `--only` names. `Unusable` if there is no such case."""
    from ..fuzz._cases import by_id, cases

    if not options.only:
        return tuple(cases(options.profile))
    known = by_id()
    for place, typed in enumerate(options.only, 1):
        if typed not in known:
            near = get_close_matches(typed[:_LONGEST_ID], known, _MOST_NEAR)
            hint = f"did you mean {listed(near, 'or')}?" if near else "--dry-run prints the ids of the cases"
            raise Unusable(f"word {place} of --only is no id of a case: {hint}")
    return tuple(known[case_id] for case_id in dict.fromkeys(options.only))


def _told(report: Any, options: argparse.Namespace, outputs: Mapping[str, Output]) -> int:
    """Prints the report, then writes its other forms. If one is lost, for example on a full disk, no other is."""
    from ..fuzz import _formats, _page, _sarif

    forms = {"junit": _formats.junit, "sarif": _sarif.sarif, "html": _page.html}
    with ExitStack() as others:
        for name, output in outputs.items():
            others.callback(output.write, [forms[name](report)])
        print(_formats.as_json(report) if options.json else _formats.text(report), end="", flush=True)
    if report.interrupted or report.stopped:
        if report.judge == "gateway":
            print("signrules fuzz: the same command goes on from here", file=sys.stderr)
        return INTERRUPTED if report.interrupted else UNUSABLE
    return VALID if report.is_clean and not (report.left_behind or report.perhaps_ours) else INVALID


def _printed(options: argparse.Namespace, todo: "Iterable[Case]") -> str | None:
    """The text that the options ask for, if they ask for one that needs no gateway."""
    from ..fuzz._corpus import corpus, corpus_schema, dictionary, document

    if options.corpus:
        return json.dumps(corpus(options.corpus), indent=1) + "\n"
    if options.corpus_schema:
        return json.dumps(corpus_schema(), indent=1) + "\n"
    if options.dictionary:
        return dictionary()
    if options.dry_run:
        return "".join(json.dumps(document(case)) + "\n" for case in todo)
    return None


def _report(options: argparse.Namespace, todo: "Sequence[Case]", *, by_program: bool) -> Any:
    from ..fuzz._diagnosis import diagnose
    from ..fuzz._fuzzing import fuzzing
    from ..fuzz._report import Report

    begun, begin = time.time(), time.monotonic()
    dialogue = fuzzing(todo, follow_up=options.follow_up and not options.only)
    details: dict[str, Any]
    if by_program:
        found: Any = judged(options.exec, dialogue, timeout=options.timeout, total=len(todo))
        details = {"url": name_of(options.exec), "requests": len(found.observations), "judge": "judge"}
    else:
        purpose = " ".join(["only", *options.only]) if options.only else options.profile
        url, found = converse(options, dialogue, purpose, len(todo))  # the URL has neither a user nor a query
        told = ("requests", "left_behind", "perhaps_ours", "key_faults")
        details = {"url": url} | {name: getattr(found, name) for name in told}
    return Report(
        profile="only" if options.only else options.profile,
        observations=found.observations,
        diagnosis=diagnose(found.observations),
        seconds=time.monotonic() - begin,
        begun=begun,
        interrupted=found.interrupted,
        stopped=found.stopped,
        **details,
    )
