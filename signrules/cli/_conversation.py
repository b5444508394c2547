"""The conversation of a command with a gateway: the options that say how it is led, and the run that leads it."""

import argparse
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from .._endpoint import AUTHENTICATION_HEADER, PATH
from ._bar import Bar
from ._parser import Parser, count, rate, seconds
from ._status import Unusable
from ._token import token_from

if TYPE_CHECKING:
    import ssl

    from ..fuzz._dialogue import Dialogue
    from ..fuzz._runner import Run

# What the help pages say of the URL and of the keys.
URL_IN_WORDS = f"""\
The URL is that of the signature keys of one gateway:
https://HOST{PATH.format(project_id="PROJECT_ID", instance_id="INSTANCE_ID")}
Each key that the gateway makes is deleted at once, also after Ctrl-C. If the
command is killed, the same command deletes what is left, and goes on. It never
deletes a key that may be somebody else's; it names those that are new."""


def add_options(parser: Parser) -> None:
    """Adds the options that say how a conversation is led."""
    parser.add_argument("--token-file", metavar="FILE", help=f"holds the {AUTHENTICATION_HEADER}; - is standard input")
    parser.add_argument("--ca", metavar="FILE", help="certificates (PEM) to trust, for a private gateway")
    parser.add_argument("--state", metavar="FILE", help="where the run notes what it does, in case it is killed")
    parser.add_argument("--fresh", action="store_true", help="ask anew what an earlier run has asked")
    parser.add_argument("--concurrency", metavar="N", type=count, help="at most N requests are under way at a time")
    parser.add_argument(
        "--rate", metavar="R", type=rate, help="at most R requests are sent in a second; 0.5: one every two seconds"
    )
    parser.add_argument("--timeout", metavar="S", type=seconds, default=10.0, help="seconds that an answer may take")
    parser.add_argument("--quota", metavar="N", type=count, help="at most N keys exist at a time")


def converse(options: argparse.Namespace, dialogue: "Dialogue[object]", purpose: str, total: int) -> "tuple[str, Run]":
    """The URL, and what came of leading the dialogue there, which asks some `total` of cases.

    `purpose` says what is asked, for example "quick". Only wrong use and unsuitable gateways are `Unusable`.
    """
    try:
        from ..fuzz._http import ProxyError, endpoint_url
        from ..fuzz._report import in_ascii
        from ..fuzz._runner import Unsuitable, run
        from ..fuzz._state import StateError
    except ImportError:
        raise Unusable("the command needs the extra fuzz: in a clone, pip install '.[fuzz]'") from None
    try:
        url = endpoint_url(options.url)
    except ValueError as error:
        raise Unusable(str(error)) from None
    token, certificates = token_from(options.token_file), _certificates(options.ca)
    known = sha256(f"{url} {purpose}".encode()).hexdigest()[:8]
    with Bar(total) as bar:

        def notice(words: str) -> None:
            bar.hide()
            print(f"signrules {options.command}: {words}", file=sys.stderr)

        try:
            return url, run(
                url,
                dialogue,
                purpose=f"{options.command} {purpose}",
                token=token,
                state=Path(options.state or f".signrules-{options.command}-{known}.jsonl"),
                fresh=options.fresh,
                timeout=options.timeout,
                rate=options.rate,
                **{name: getattr(options, name) for name in ("concurrency", "quota") if getattr(options, name)},
                certificates=certificates,
                progress=lambda done, _asked: bar.show(lambda: done),
                notice=notice,
            )
        except (Unsuitable, ProxyError, StateError) as error:
            raise Unusable(in_ascii(str(error))) from None  # it may name keys of others
        except OSError as error:
            if error.filename is None:  # the state file is the only one that a run opens by name
                raise
            raise Unusable(f"the state file cannot be opened: {error.strerror}; --state names another") from None


def _certificates(path: str | None) -> "ssl.SSLContext | None":
    import ssl

    if path is None:
        return None
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise Unusable(f"--ca: the file cannot be used: {reason}") from None
