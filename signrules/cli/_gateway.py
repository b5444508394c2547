"""`signrules gateway`: a stand-in for the gateway."""

import argparse
import os
from typing import TYPE_CHECKING

from ._parser import command, port, seconds, share
from ._status import VALID, Unusable
from ._token import token_from

if TYPE_CHECKING:
    from ._parser import Commands


def add(commands: "Commands") -> None:
    """Adds `signrules gateway`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "serve a stand-in for the gateway, with a bug if you like",
        """\
It keeps its keys in memory and listens on 127.0.0.1 alone.

examples:
  signrules gateway --port 8080
  signrules gateway --bug sign_secret.hmac:dollar
  signrules gateway --list-bugs
  signrules gateway --reader twins:first --reader case:last""",
    )
    parser.add_argument("--port", metavar="N", type=port, default=8080, help="8080 if left out")
    parser.add_argument("--bug", metavar="NAME", help="a rule to get wrong")
    parser.add_argument("--list-bugs", action="store_true", help="print every NAME and what it does")
    parser.add_argument(
        "--reader",
        metavar="NAME",
        action="append",
        default=[],
        help="a way to read the bytes of a body; may be given again",
    )
    parser.add_argument("--list-readers", action="store_true", help="print every NAME and what it does")
    parser.add_argument(
        "--token-file", metavar="FILE", help="holds the only token that is accepted; any token if left out"
    )
    parser.add_argument("--latency", metavar="S", type=seconds, default=0.0, help="seconds that each answer takes")
    parser.add_argument(
        "--fail-rate", metavar="R", type=share, default=0.0, help="share of the answers that are 429, 500 or 503"
    )


def run(options: argparse.Namespace) -> int:
    """Serves until Ctrl-C."""
    from ..fuzz._decoder import Decoder
    from ..fuzz._readers import wire_readers
    from ..fuzz.bugs import RIGHT, bugs

    if options.list_bugs:
        print("".join(f"{bug.name}\t{bug.words}\n" for bug in bugs().values()), end="")
        return VALID
    if options.list_readers:
        print("".join(f"{reader.name}\t{reader.does}\n" for reader in wire_readers().values()), end="")
        return VALID
    bug = RIGHT if options.bug is None else bugs().get(options.bug)
    if bug is None:
        raise Unusable("there is no such bug: signrules gateway --list-bugs names them all")
    known = wire_readers()
    decoder = Decoder()
    for name in options.reader:
        if name not in known:
            raise Unusable("there is no such reader: signrules gateway --list-readers names them all")
        decoder = known[name].of(decoder)
    try:
        from ..fuzz.gateway import gateway, serve
    except ImportError:
        raise Unusable("it needs the extra gateway: in a clone, pip install '.[gateway]'") from None
    application = gateway(
        bug, decoder=decoder, token=token_from(options.token_file), latency=options.latency, fail_rate=options.fail_rate
    )
    try:
        serve(application, options.port)
    except OSError as error:
        raise Unusable(f"--port: {os.strerror(error.errno or 0)}") from None
    return VALID
