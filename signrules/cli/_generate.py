"""`signrules generate`: request bodies, or bare values, that the gateway accepts."""

import argparse
import json
import shlex
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from .._generate import NO_PAIR, PORTABLE, Alphabet, generate
from .._request import validate_request
from .._rule import Field
from .._spelling import listed
from .._table import MEMBERS
from .._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES, Kind
from ._output import write_document
from ._parser import ALGORITHMS_IN_WORDS, FIELDS_IN_WORDS, TYPES_IN_WORDS, add_output, command, count, word
from ._status import VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands

# Characters. Two random names of this length are never the same, and a console still has room for one.
_NAME_LENGTH: Final = 16


def _variables(body: dict[str, str]) -> dict[str, str]:
    """The body as environment variables. All begin with SIGN_, since NAME alone could be anything."""
    return {f"SIGN_{member.removeprefix('sign_').upper()}": value for member, value in body.items()}


def _env(body: dict[str, str]) -> str:
    # `docker run --env-file` takes quotes for a part of the value, so only a value that needs quotes has them.
    plain = frozenset(PORTABLE + "+/=")
    return "\n".join(
        f"{name}={value}" if plain.issuperset(value) else f"{name}='{value}'"
        for name, value in _variables(body).items()
    )


def _shell(body: dict[str, str]) -> str:
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in _variables(body).items())


def _yaml(body: dict[str, str], indent: str = "") -> str:
    # Without quotes, YAML would not read `no` and `12345678` as texts. Every JSON text is a YAML text.
    return "\n".join(f"{indent}{member}: {json.dumps(value)}" for member, value in body.items())


def _kubernetes(body: dict[str, str]) -> str:
    # The name of a Kubernetes object has small letters, digits, and hyphens between them, as that of a host has.
    name = body["name"].lower().replace("_", "-").strip("-")
    head = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {json.dumps(name)}\ntype: Opaque\nstringData:\n"
    return head + _yaml(body, indent="  ")


_FORMATS: Final[dict[str, Callable[[dict[str, str]], str]]] = {
    "json": lambda body: json.dumps(body, indent=2),
    "env": _env,
    "shell": _shell,
    "yaml": _yaml,
    "kubernetes": _kubernetes,
}
# A file in one of these formats holds only one body.
_SINGLE: Final = ("env", "shell")


def add(commands: "Commands") -> None:
    """Adds `signrules generate`, its arguments and its help page."""
    parser = command(
        commands,
        run,
        "make a key and a secret that the gateway accepts",
        f"""\
examples:
  signrules generate hmac                         a request body as JSON
  signrules generate aes --algorithm {SIGN_ALGORITHMS[-1]}  aes needs an algorithm
  signrules generate basic --only sign_secret     the bare value, nothing else
  signrules generate hmac -n 9 --name load        JSON Lines, load_1 to load_9
  signrules generate hmac --format env --output key.env

{NO_PAIR}""",
    )
    parser.add_argument("type", metavar="TYPE", type=word(SIGN_TYPES), help=TYPES_IN_WORDS)
    parser.add_argument("--algorithm", metavar="A", type=word(SIGN_ALGORITHMS), help=ALGORITHMS_IN_WORDS)
    parser.add_argument("--name", metavar="NAME", help="the name of the signature key; a random one if left out")
    parser.add_argument("--only", metavar="FIELD", type=word(FIELDS), help=f"print one bare value: {FIELDS_IN_WORDS}")
    parser.add_argument(
        "--length", metavar="N", type=count, help="characters in key and secret, or in the --only value"
    )
    parser.add_argument("--key-length", metavar="N", type=count, help="characters in the key alone")
    parser.add_argument("--secret-length", metavar="N", type=count, help="characters in the secret alone")
    parser.add_argument(
        "--full", action="store_true", help="use every allowed character, not just letters, digits, _ and -"
    )
    parser.add_argument(
        "-n", dest="count", metavar="COUNT", type=count, default=1, help="make COUNT bodies or values, one on each line"
    )
    parser.add_argument(
        "--format", metavar="FORMAT", type=word(list(_FORMATS)), help=f"{listed(_FORMATS, 'or')}; json if left out"
    )
    parser.add_argument("--no-newline", action="store_true", help="print no line break at the end")
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Prints all bodies or values, or none if anything is wrong."""
    _refuse_contradictions(options)
    try:
        # The last body has the longest name: if it is right, so are all, and nothing is printed before that is known.
        validate_request(_name_and_kind(options, options.count))
        write_document(options.output, _document(options), permissions=0o600)  # for their owner alone
    except ValueError as error:
        raise Unusable(str(error)) from None
    return VALID


def _document(options: argparse.Namespace) -> Iterator[str]:
    separator = "\n---\n" if options.format in ("yaml", "kubernetes") else "\n"
    for number, text in enumerate(_values(options) if options.only else _bodies(options)):
        yield separator + text if number else text
    if not options.no_newline:
        yield "\n"


def _refuse_contradictions(options: argparse.Namespace) -> None:
    length = options.key_length or options.secret_length
    for first, second, contradict in (
        ("--name", "--only", options.only and options.name is not None),
        ("--format", "--only", options.only and options.format),
        ("--key-length or --secret-length", "--only", options.only and length),
        ("--key-length or --secret-length", "--length", options.length and length),
        ("-n", f"--format {options.format}", options.count > 1 and options.format in _SINGLE),
    ):
        if contradict:
            raise Unusable(f"{first} does not go with {second}")


def _question(options: argparse.Namespace) -> dict[str, Any]:
    alphabet: Alphabet = "full" if options.full else "portable"
    return {"sign_type": options.type, "sign_algorithm": options.algorithm, "alphabet": alphabet}


def _values(options: argparse.Namespace) -> Iterator[str]:
    for _ in range(options.count):
        yield generate(options.only, length=options.length, **_question(options))


def _bodies(options: argparse.Namespace) -> Iterator[str]:
    write = json.dumps if options.count > 1 and not options.format else _FORMATS[options.format or "json"]
    lengths: dict[Field, int | None] = {"sign_key": options.key_length, "sign_secret": options.secret_length}
    for number in range(1, options.count + 1):
        made = {
            field: generate(field, length=length or options.length, **_question(options))
            for field, length in lengths.items()
        }
        body = _name_and_kind(options, number) | made
        yield write({member: body[member] for member in MEMBERS if member in body})


def _name_and_kind(options: argparse.Namespace, number: int) -> dict[str, str]:
    """The name, the type and the algorithm of the body with this number."""
    if options.name is None:
        name = generate("name", length=_NAME_LENGTH)
    else:
        name = options.name if options.count == 1 else f"{options.name}_{number}"
    return {"name": name} | Kind(options.type, options.algorithm).members
