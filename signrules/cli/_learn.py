"""`signrules learn`: finds out, from its answers, the rule table that a gateway really has."""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .._spelling import listed
from ._conversation import URL_IN_WORDS, add_options, converse
from ._judge import add_exec, is_judged, judged, name_of
from ._output import Output, write_document
from ._parser import add_output, command, word
from ._status import INTERRUPTED, INVALID, UNUSABLE, VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands

FORMATS: Final = ("text", "markdown", "json", "csv")
# How many requests the bar takes for the whole, without and with control characters: what a right gateway needs.
_USUAL: Final = {False: 1000, True: 1700}


def add(commands: "Commands") -> None:
    """Adds `signrules learn`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "find out the rule table that a gateway really has",
        f"""\
{URL_IN_WORDS}
The table is exact for printable ASCII, and takes some {_USUAL[False]:,} requests.

examples:
  signrules learn URL --token-file token.txt
  signrules learn --exec "node judge.mjs"
  signrules learn URL --controls --format markdown < token.txt --token-file -
  signrules learn URL --token-file token.txt --html table.html

exit status: 0 the table is that of the page, 1 it is not, or a key may be left
behind, 2 wrong use, no gateway there, or the gateway stopped answering.""",
    )
    parser.add_argument("url", metavar="URL", nargs="?", help="where signature keys are created")
    add_exec(parser)
    parser.add_argument(
        "--controls", action="store_true", help=f"also try the 33 control characters, by some {_USUAL[True]:,} requests"
    )
    parser.add_argument(
        "--format", metavar="FORMAT", type=word(FORMATS), default=FORMATS[0], help=listed(FORMATS, "or")
    )
    parser.add_argument("--html", metavar="FILE", help="also write the table as a page")
    add_options(parser)
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Returns 0 if the table is that of the page and no key may be left, 1 if not, 2 if the gateway stops, or 130."""
    if options.url is None and options.exec is None:
        raise Unusable("a URL or --exec is needed")
    try:
        with ExitStack() as stack:
            page = stack.enter_context(Output("--html", options.html)) if options.html else None
            return _told(_learnt(options), options, page)
    except KeyboardInterrupt:
        _say("ended at once" + ("" if options.exec else "; the same command deletes what may be left"))
        return INTERRUPTED


class _Lesson(NamedTuple):
    """What came of learning: from which judge, since when (seconds since 1970), and which keys it may have left."""

    url: str
    begun: float
    found: Any
    left: dict[str, tuple[str, ...]]


def _learnt(options: argparse.Namespace) -> _Lesson:
    from ..fuzz._learn import learning
    from ..fuzz._report import some_of

    begun, dialogue, usual = time.time(), learning(controls=options.controls), _USUAL[options.controls]
    if is_judged(options):
        found: Any = judged(options.exec, dialogue, timeout=options.timeout, total=usual)
        return _Lesson(name_of(options.exec), begun, found, {})
    url, found = converse(options, dialogue, "with controls" if options.controls else "printable", usual)
    left = {
        "left behind, to be deleted": found.left_behind,
        "new since the run began, perhaps ours": found.perhaps_ours,
        **{f"the gateway {fault.words}": tuple(some_of(fault)) for fault in found.key_faults},
    }
    return _Lesson(url, begun, found, {words: names for words, names in left.items() if names})


def _told(lesson: _Lesson, options: argparse.Namespace, page: Output | None) -> int:
    """Prints the table, then writes the page. If one is lost, for example on a full disk, the other is not."""
    from ..fuzz import _learnt_page, _learnt_table
    from ..fuzz._report import in_ascii

    found = lesson.found
    for words, names in lesson.left.items():
        _say(f"{words}: {', '.join(map(in_ascii, names))}")
    if found.stopped and found.result is not None:
        _say(f"{found.stopped}; the same command finds out whether a key is left")
    if found.result is None:
        reason = "interrupted" if found.interrupted else found.stopped
        _say(reason + ("" if options.exec else "; the same command goes on from here"))
        return INTERRUPTED if found.interrupted else UNUSABLE
    forms: dict[str, Callable[[Any], str]] = {name: getattr(_learnt_table, name) for name in FORMATS}
    with ExitStack() as others:
        if page:
            written = _learnt_page.html(
                found.result,
                url=lesson.url,
                judge="judge" if options.exec else "gateway",
                controls=options.controls,
                begun=lesson.begun,
                left=lesson.left,
            )
            others.callback(page.write, [written])
        write_document(options.output, [forms[options.format](found.result)])
        sys.stdout.flush()
    if not options.controls:
        _say("control characters were not asked for; --controls asks for them too")
    is_clean = not (found.result.differences or found.stopped or lesson.left)
    return VALID if is_clean else INVALID


def _say(words: str) -> None:
    print(f"signrules learn: {words}", file=sys.stderr)
