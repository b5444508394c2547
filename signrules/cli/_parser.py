"""What the commands' arguments have in common: the parser, which repeats nothing, and the types of arguments."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from .._check import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES
from .._request import TYPES_WITH_ALGORITHM
from .._rule import listed
from .._table import DEFAULT_SIGN_TYPE

# What the help pages say of arguments that several commands have.
FIELDS_IN_WORDS: Final = listed(FIELDS, "or")
TYPES_IN_WORDS: Final = listed(SIGN_TYPES, "or")
TYPE_OR_DEFAULT: Final = f"{TYPES_IN_WORDS}; {DEFAULT_SIGN_TYPE} if left out"
ALGORITHMS_IN_WORDS: Final = f"{listed(SIGN_ALGORITHMS, 'or')}, for type {listed(TYPES_WITH_ALGORITHM, 'or')}"


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line without repeating the words that were typed."""

    def error(self, message: str) -> NoReturn:
        for kind in ("invalid choice", "ambiguous option", "ignored explicit argument", "unrecognized arguments"):
            before, found, _ = message.partition(kind)
            if found:
                message = f"{before}{kind} (not repeated here: it may be a secret)"
        super().error(message)


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]  # the class has no public name


def command(commands: "Commands", run: Callable[[argparse.Namespace], int], purpose: str, epilog: str = "") -> Parser:
    """Adds the command that `run` carries out; the module it stands in has the command's name."""
    name = run.__module__.rpartition("._")[2]
    added = commands.add_parser(
        name,
        help=purpose,
        description=f"{purpose[0].upper()}{purpose[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    added.set_defaults(command=name, run=run)
    return added


def word(words: Sequence[str]) -> Callable[[str], str]:
    """An argument that is one of the words."""

    def convert(text: str) -> str:
        if text in words:
            return text
        raise argparse.ArgumentTypeError(f"must be {listed(words, 'or')}")

    return convert


def count(text: str) -> int:
    """An argument that counts something."""
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text):
        return int(text)
    raise argparse.ArgumentTypeError("must be a whole number from 1")


def seconds(text: str) -> float:
    """An argument that is a time in seconds, less than an hour."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if 0 <= number < 3600:
        return number
    raise argparse.ArgumentTypeError("must be a number of seconds")


def rate(text: str) -> float:
    """An argument that is a number of requests in a second."""
    number = seconds(text)
    if number:
        return number
    raise argparse.ArgumentTypeError("must be a number of requests in a second")


def port(text: str) -> int:
    """An argument that is a port of TCP."""
    number = count(text)
    if number < 1 << 16:
        return number
    raise argparse.ArgumentTypeError("must be a port, 1 to 65535")


def share(text: str) -> float:
    """An argument that is a share of a whole."""
    number = seconds(text)
    if number <= 1:
        return number
    raise argparse.ArgumentTypeError("must be a number from 0 to 1")


class Version(argparse.Action):
    """`--version`, which looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"signrules {version('signrules')}")
        parser.exit()
