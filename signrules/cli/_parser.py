"""The parser of all commands, and the types of their arguments."""

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NoReturn

from .._accelerator import ACCELERATED
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE
from .._version import version
from .._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._status import Unusable

# What the help pages say about arguments that several commands have.
FIELDS_IN_WORDS: Final = listed(FIELDS, "or")
TYPES_IN_WORDS: Final = listed(SIGN_TYPES, "or")
TYPE_OR_DEFAULT: Final = f"{TYPES_IN_WORDS}; {DEFAULT_SIGN_TYPE} if left out"
ALGORITHMS_IN_WORDS: Final = f"{listed(SIGN_ALGORITHMS, 'or')}, for type {listed(TYPES_WITH_ALGORITHM, 'or')}"


DEBUG: Final = "--debug"

REDACTED: Final = "(not repeated here: it may be a secret)"
# The share of characters that a mistyped word must have in common with one of ours.
_CLOSE: Final = 0.75


class Parser(argparse.ArgumentParser):
    """A parser whose errors repeat only words that are close to one of ours."""

    def __init__(self, **settings: Any) -> None:
        self._options: list[str] = []
        self._with_value: list[str] = []  # options of one letter, whose value may follow without a space
        super().__init__(**settings, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
        self.add_argument(DEBUG, action="store_true", help="if something unexpected happens, print where it happened")

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """As in argparse."""
        action = super().add_argument(*names, **settings)
        self._options += action.option_strings
        self._with_value += [name for name in action.option_strings if len(name) == 2 and action.nargs != 0]
        return action

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments. If the words are wrong, the program ends and standard error says why."""
        for number, typed in enumerate(words, 1):
            if typed == "--":
                break
            option = typed.partition("=")[0]
            is_known = option in self._options or option[:2] in self._with_value
            if _OPTION.fullmatch(option) and not is_known:
                self._refuse(option, f"word {number} after {self.prog}")
        options, others = self.parse_known_args(words)
        if others:
            self.error(f"there is a word too many {REDACTED}")
        return options

    def print_help(self, file: Any = None) -> None:
        """As in argparse, but a failure to write the help raises an error."""
        print(self.format_help(), end="", file=file)

    def _refuse(self, option: str, place: str) -> NoReturn:
        close = meant(option, self._options)
        if close:
            self.error(f"there is no option {option}: did you mean {close}?")
        options = listed(sorted(name for name in self._options if name.startswith("--")), "and")
        self.error(f"{place} is no option {REDACTED}; there are {options}")

    def error(self, message: str) -> NoReturn:
        """Ends the program. Words in quotes are removed from the message: there argparse repeats what was typed."""
        super().error(_QUOTED.sub(REDACTED, message))


# An option, as argparse sees it. "-" and a negative number are none: they may be arguments.
_OPTION: Final = re.compile(r"-(?!\d*\.?\d+\Z)[^ ]+")
_QUOTED: Final = re.compile(r"""['"].*""", re.DOTALL)


def meant(typed: str, words: Iterable[str]) -> str | None:
    """The word that the user probably meant, if there is one: it was typed with a mistake, or not to its end."""
    known = list(words)
    if len(typed) > 2 * max(map(len, known)):  # too long to be close, and perhaps much too long to compare
        return None
    typed = typed.lower()
    beginnings = (word for word in known if len(typed) > 3 and word.startswith(typed))
    return next(beginnings, None) or next(iter(get_close_matches(typed, known, 1, _CLOSE)), None)


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]  # the class has no public name


def command(commands: "Commands", run: Callable[[argparse.Namespace], int], purpose: str, epilog: str = "") -> Parser:
    """Adds the command that `run` carries out. The command has the name of the module of `run`."""
    name = run.__module__.rpartition("._")[2]
    added = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", epilog=epilog)
    added.set_defaults(command=name, run=run)
    return added


def add_output(parser: Parser) -> None:
    """Adds `--output`, whose value goes to `_output.write_document`."""
    parser.add_argument("--output", metavar="FILE", help="write to FILE, whole or not at all; - is standard output")


def check_algorithm(sign_type: str | None, sign_algorithm: str | None) -> None:
    """Raises `Unusable` for an algorithm of another type, or of a forgotten one: a value would be told to be right."""
    if sign_algorithm and sign_type not in TYPES_WITH_ALGORITHM:
        raise Unusable(f"--algorithm goes with --type {listed(TYPES_WITH_ALGORITHM, 'or')}")


def word(words: Sequence[str]) -> Callable[[str], str]:
    """An argument that is one of the words."""

    def convert(text: str) -> str:
        if text in words:
            return text
        raise argparse.ArgumentTypeError(f"must be {listed(words, 'or')}")

    return convert


def text(typed: str) -> str:
    """An argument that will be printed, such as the name of a column."""
    try:
        typed.encode()
    except UnicodeEncodeError:
        pass  # the argument has bytes that are not UTF-8
    else:
        return typed
    raise argparse.ArgumentTypeError("must be UTF-8")


def words(typed: str) -> list[str]:
    """An argument that is a command, in the words of a shell."""
    import shlex

    try:
        found = shlex.split(typed)
    except ValueError:  # a quote or a backslash at the end
        found = []
    if found:
        return found
    raise argparse.ArgumentTypeError("must be a command, quoted as for a shell")


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
    """`--version`. It looks up the version only when it is used, since that takes time."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"signrules {version()} ({'accelerated' if ACCELERATED else 'pure Python'})")
        parser.exit()
