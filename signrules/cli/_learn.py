"""`signrules learn`: reads the rule table that a gateway really has out of its answers."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .._spelling import listed
from ._conversation import URL_IN_WORDS, add_options, converse
from ._judge import add_exec, is_judged, judged
from ._output import write_document
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
        "read the rule table that a gateway really has out of it",
        f"""\
{URL_IN_WORDS}
The table is exact for printable ASCII. It takes some {_USUAL[False]:,} requests.

examples:
  signrules learn URL --token-file token.txt
  signrules learn --exec "node judge.mjs"
  signrules learn URL --controls --format markdown < token.txt --token-file -

exit status: 0 the table is that of the page, 1 it is not, or a key may be left
behind, 2 wrong use, no gateway there, or the gateway stopped answering.""",
    )
    parser.add_argument("url", metavar="URL", nargs="?", help="where signature keys are created")
    add_exec(parser)
    parser.add_argument(
        "--controls", action="store_true", help=f"also the 33 control characters; some {_USUAL[True]:,} requests"
    )
    parser.add_argument(
        "--format", metavar="FORMAT", type=word(FORMATS), default=FORMATS[0], help=listed(FORMATS, "or")
    )
    add_options(parser)
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Returns 0 if the table is that of the page and no key may be left, 1 if not, 2 if the gateway stops, or 130."""
    from ..fuzz import _learnt_table
    from ..fuzz._learn import learning

    if options.url is None and options.exec is None:
        raise Unusable("a URL or --exec is needed")
    dialogue, usual = learning(controls=options.controls), _USUAL[options.controls]
    left: list[tuple[str, tuple[str, ...]]] = []
    try:
        if is_judged(options):
            found: Any = judged(options.exec, dialogue, timeout=options.timeout, total=usual)
        else:
            _, found = converse(options, dialogue, "with controls" if options.controls else "printable", usual)
            left.append(("left behind, to be deleted", found.left_behind))
            left.append(("new since the run began, perhaps ours", found.perhaps_ours))
            left += ((f"the gateway {fault.words}", fault.of) for fault in found.key_faults)
    except KeyboardInterrupt:
        _say("ended at once" + ("" if options.exec else "; the same command deletes what may be left"))
        return INTERRUPTED
    for words, names in left:
        if names:
            _say(f"{words}: {', '.join(names)}")
    if found.result is None:
        reason = "interrupted" if found.interrupted else found.stopped
        _say(reason + ("" if options.exec else "; the same command goes on from here"))
        return INTERRUPTED if found.interrupted else UNUSABLE
    forms: dict[str, Callable[[Any], str]] = {name: getattr(_learnt_table, name) for name in FORMATS}
    write_document(options.output, [forms[options.format](found.result)])
    if not options.controls:
        _say("control characters were not asked for; --controls asks for them too")
    is_clean = not (found.result.differences or found.stopped or any(names for _, names in left))
    return VALID if is_clean else INVALID


def _say(words: str) -> None:
    print(f"signrules learn: {words}", file=sys.stderr)
