"""`signrules generate`: request bodies, or bare values, that the gateway accepts."""

import argparse
import json
from typing import TYPE_CHECKING, Final

from .._check import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES
from .._generate import NO_PAIR, Alphabet, generate
from .._request import validate_request
from .._table import MANDATORY, MEMBERS
from ._parser import ALGORITHMS_IN_WORDS, FIELDS_IN_WORDS, TYPES_IN_WORDS, command, count, word
from ._status import VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands

# Long enough that two generated names are never the same, short enough to read in a console.
_NAME_LENGTH: Final = 16


def add(commands: "Commands") -> None:
    """What may stand behind `signrules generate`, and its help page."""
    parser = command(
        commands,
        run,
        "make a key and a secret that the gateway accepts",
        f"""\
examples:
  signrules generate hmac                         a request body as JSON
  signrules generate aes --algorithm {SIGN_ALGORITHMS[-1]}  aes needs to know how long
  signrules generate basic --only sign_secret     the bare value, nothing else
  signrules generate hmac -n 9 --name load        JSON Lines, load_1 to load_9

{NO_PAIR}""",
    )
    parser.add_argument("type", metavar="TYPE", type=word(SIGN_TYPES), help=TYPES_IN_WORDS)
    parser.add_argument("--algorithm", metavar="A", type=word(SIGN_ALGORITHMS), help=ALGORITHMS_IN_WORDS)
    parser.add_argument("--name", metavar="NAME", help="the name of the signature key; a random one if left out")
    parser.add_argument("--only", metavar="FIELD", type=word(FIELDS), help=f"print one bare value: {FIELDS_IN_WORDS}")
    parser.add_argument(
        "--length", metavar="N", type=count, help="characters in key and secret, or in the --only value"
    )
    parser.add_argument(
        "--full", action="store_true", help="use every allowed character, not just letters, digits, _ and -"
    )
    parser.add_argument(
        "-n", dest="count", metavar="COUNT", type=count, default=1, help="make COUNT of them, one a line"
    )


def run(options: argparse.Namespace) -> int:
    """Prints the bodies or the values; all of them, or none if anything is wrong."""
    alphabet: Alphabet = "full" if options.full else "portable"
    question = {"sign_type": options.type, "sign_algorithm": options.algorithm, "alphabet": alphabet}

    def given(number: int) -> dict[str, str]:
        if options.name is None:
            name = generate("name", length=_NAME_LENGTH)
        else:
            name = options.name if options.count == 1 else f"{options.name}_{number}"
        members = {"name": name, "sign_type": options.type, "sign_algorithm": options.algorithm}
        return {member: value for member, value in members.items() if value is not None}

    def body(number: int) -> dict[str, str]:
        made = {field: generate(field, length=options.length, **question) for field in FIELDS if field not in MANDATORY}
        complete = given(number) | made
        return {member: complete[member] for member in MEMBERS if member in complete}

    if options.only and options.name is not None:
        raise Unusable("--name does not go with --only")
    try:
        # The one with the longest name before the first is made, so that nothing is printed if any is wrong.
        validate_request(given(options.count))
        if options.only:
            for _ in range(options.count):
                print(generate(options.only, length=options.length, **question))
            return VALID
        for number in range(1, options.count + 1):
            print(json.dumps(body(number), indent=2 if options.count == 1 else None))
    except ValueError as error:
        raise Unusable(str(error)) from None
    return VALID
