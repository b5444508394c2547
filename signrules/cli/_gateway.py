"""`signrules gateway`: a stand-in for the gateway."""

import argparse
import errno
import os
import socket
import sys
from contextlib import nullcontext
from functools import reduce
from typing import TYPE_CHECKING

from .._endpoint import QUOTA
from ._parser import command, count, port, seconds, share
from ._status import VALID, Unusable
from ._token import token_from

if TYPE_CHECKING:
    from ..fuzz._decoder import Decoder
    from ..fuzz.bugs import Bug
    from ._parser import Commands


def add(commands: "Commands") -> None:
    """Adds `signrules gateway`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "serve a stand-in for the gateway, with bugs if you like",
        """\
The stand-in keeps its keys in memory and listens on 127.0.0.1 alone, unless you
ask for something else. Its page at / says how to try it.

examples:
  signrules gateway --port 8080 --log
  signrules gateway --bug sign_secret.hmac:dollar --bug name:min-1
  signrules gateway --list-bugs sign_key.aes
  signrules gateway --reader twins:first --reader case:last
  signrules gateway --keys keys.jsonl --keep""",
    )
    parser.add_argument("--port", metavar="N", type=port, default=8080, help="8080 if left out")
    parser.add_argument(
        "--host", metavar="H", default="127.0.0.1", help="listen on this address; 127.0.0.1 if left out"
    )
    parser.add_argument(
        "--bug", metavar="NAME", action="append", default=[], help="a rule to get wrong; may be repeated"
    )
    parser.add_argument(
        "--list-bugs",
        metavar="PREFIX",
        nargs="?",
        const="",
        help="print every NAME of a bug that begins with PREFIX, and what the bug does",
    )
    parser.add_argument("--keys", metavar="FILE", help="JSON Lines: the keys that are there from the beginning")
    parser.add_argument("--keep", action="store_true", help="write the keys to the FILE of --keys at the end")
    parser.add_argument("--log", action="store_true", help="print a line for each request, without any value")
    parser.add_argument(
        "--reader",
        metavar="NAME",
        action="append",
        default=[],
        help="a way to read the bytes of a body; may be repeated",
    )
    parser.add_argument(
        "--list-readers", action="store_true", help="print every NAME of a way to read, and what it does"
    )
    parser.add_argument(
        "--token-file", metavar="FILE", help="holds the only token that is accepted; any token if left out"
    )
    parser.add_argument(
        "--quota", metavar="N", type=count, default=QUOTA, help=f"how many keys a gateway may have; {QUOTA} if left out"
    )
    parser.add_argument("--latency", metavar="S", type=seconds, default=0.0, help="seconds that each answer takes")
    parser.add_argument(
        "--fail-rate", metavar="R", type=share, default=0.0, help="share of the answers that are 429, 500 or 503"
    )


def run(options: argparse.Namespace) -> int:
    """Serves until Ctrl-C."""
    from ..fuzz._wire_readers import wire_readers

    if options.list_bugs is not None:
        print("".join(f"{bug.name}\t{bug.words}\n" for bug in _listed(options.list_bugs)), end="")
        return VALID
    if options.list_readers:
        print("".join(f"{reader.name}\t{reader.does}\n" for reader in wire_readers().values()), end="")
        return VALID
    planted, decoder = _planted(options.bug), _decoder(options.reader)
    try:
        from ..fuzz.gateway import WrongKey, gateway, serve
    except ImportError:
        raise Unusable("the command needs the extra gateway: in a clone, pip install '.[gateway]'") from None
    from ._keys import KeysFile

    if options.keep and options.keys is None:
        raise Unusable("--keep needs --keys, the file to write to")
    file = KeysFile(options.keys, may_be_new=options.keep)
    with file.output() if options.keep else nullcontext() as output:
        try:
            application = gateway(
                *planted,
                decoder=decoder,
                keys=file.keys,
                token=token_from(options.token_file),
                quota=options.quota,
                latency=options.latency,
                fail_rate=options.fail_rate,
                log=_log if options.log else None,
            )
        except WrongKey as error:
            raise Unusable(f"--keys: line {file.line(error.number)} {error.reason}") from None
        try:
            serve(application, options.port, options.host)
        except OSError as error:
            raise Unusable(_reason(error)) from None
        if output:
            file.write(output, application.state.keys())
    return VALID


def _planted(names: list[str]) -> list["Bug"]:
    from ..fuzz.bugs import bugs

    if set(names) <= bugs().keys():
        return [bugs()[name] for name in names]
    raise Unusable("there is no such bug: signrules gateway --list-bugs names them all")


def _decoder(names: list[str]) -> "Decoder":
    from ..fuzz._decoder import STRICT
    from ..fuzz._wire_readers import wire_readers

    known = wire_readers()
    if set(names) <= known.keys():
        return reduce(lambda decoder, name: known[name].of(decoder), names, STRICT)
    raise Unusable("there is no such reader: signrules gateway --list-readers names them all")


def _listed(prefix: str) -> list["Bug"]:
    from ..fuzz.bugs import bugs

    found = [bug for name, bug in bugs().items() if name.startswith(prefix)]
    if found:
        return found
    raise Unusable("no bug has a name that begins with this word: signrules gateway --list-bugs names them all")


def _log(line: str) -> None:
    print(line, file=sys.stderr)


def _reason(error: OSError) -> str:
    """Why the stand-in cannot listen."""
    if isinstance(error, socket.gaierror):
        return "--host: there is no such address"
    option = "--host" if error.errno == errno.EADDRNOTAVAIL else "--port"
    return f"{option}: {os.strerror(error.errno or 0)}"
