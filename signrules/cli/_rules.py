"""`signrules rules`: the rule table."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .. import export
from .._spelling import listed
from ._output import write_document
from ._parser import add_output, command, word
from ._status import VALID

if TYPE_CHECKING:
    from ._parser import Commands

_FORMATS: Final[dict[str, Callable[[], str]]] = {
    "text": export.text_table,
    "markdown": export.markdown_table,
    "json": export.json_table,
    "csv": export.csv_table,
}


def add(commands: "Commands") -> None:
    """Adds `signrules rules`, its arguments and its help page."""
    parser = command(commands, run, "print the rule table")
    parser.add_argument(
        "--format", metavar="FORMAT", type=word(list(_FORMATS)), default="text", help=listed(_FORMATS, "or")
    )
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Prints the table."""
    write_document(options.output, [_FORMATS[options.format]()])
    return VALID
