"""`signrules form`: a web page that makes and checks a body while it is typed."""

import argparse
from typing import TYPE_CHECKING

from .. import export
from ._output import write_document
from ._parser import add_output, command
from ._status import VALID

if TYPE_CHECKING:
    from ._parser import Commands


def add(commands: "Commands") -> None:
    """Adds `signrules form`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "print a web page that makes and checks a body while it is typed",
        """\
example:
  signrules form > page.html   open it in a browser; no network needed""",
    )
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Prints the page."""
    write_document(options.output, [export.form()])
    return VALID
