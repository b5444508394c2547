"""`--exec`: a program as the judge, in the place of a gateway."""

import argparse
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from .._spelling import listed
from ._bar import Bar
from ._parser import Parser, words
from ._status import Unusable

if TYPE_CHECKING:
    from ..fuzz._dialogue import Dialogue
    from ..fuzz._exec import Judged

T = TypeVar("T")

# What only a gateway has or needs.
_OF_A_GATEWAY: Final = ("token_file", "ca", "state", "fresh", "concurrency", "rate", "quota")


def add_exec(parser: Parser) -> None:
    """Adds `--exec`."""
    parser.add_argument("--exec", metavar="CMD", type=words, help="a program that judges, instead of a URL")


def is_judged(options: argparse.Namespace) -> bool:
    """Whether a program judges, and not a gateway. `Unusable` if other options say something else."""
    if options.exec is None:
        return False
    if options.url is not None:
        raise Unusable("there is a URL and --exec: give one of them, and put the command of --exec in quotes")
    given = [f"--{name.replace('_', '-')}" for name in _OF_A_GATEWAY if getattr(options, name) not in (None, False)]
    if given:
        raise Unusable(f"{listed(given, 'and')} cannot be used with --exec")
    return True


def name_of(command: Sequence[str]) -> str:
    """The program's name, if it is one: any other word may be a secret."""
    return command[0] if shutil.which(command[0]) else "the judge"


def judged(command: Sequence[str], dialogue: "Dialogue[T]", *, timeout: float, total: int) -> "Judged[T]":
    """What the program says. `total` is how many verdicts the bar takes for the whole."""
    from ..fuzz._exec import JudgeError, judged_by

    with Bar(total) as bar:
        try:
            return judged_by(command, dialogue, timeout=timeout, progress=lambda done: bar.show(lambda: done))
        except JudgeError as error:
            raise Unusable(str(error)) from None
