"""`signrules form`: a web page that checks a body while it is typed."""

import argparse
from typing import TYPE_CHECKING

from .. import export
from ._parser import command
from ._status import VALID

if TYPE_CHECKING:
    from ._parser import Commands


def add(commands: "Commands") -> None:
    """The help page of `signrules form`."""
    command(
        commands,
        run,
        "print a web page that checks a body while it is typed",
        """\
example:
  signrules form > page.html   open it in a browser; no network needed""",
    )


def run(_: argparse.Namespace) -> int:
    """Prints the page."""
    print(export.form(), end="")
    return VALID
