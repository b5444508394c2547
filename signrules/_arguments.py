"""What may stand on the command line, and the help pages."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, NoReturn, get_args

from . import export
from ._check import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES
from ._generate import NO_PAIR
from ._request import TYPES_WITH_ALGORITHM
from ._rule import listed
from ._table import DEFAULT_SIGN_TYPE

TABLES: Final[dict[str, Callable[[], str]]] = {
    "text": export.text_table,
    "markdown": export.markdown_table,
    "json": export.json_table,
    "csv": export.csv_table,
}

PROFILES: Final = ("quick", "full")
_QUESTION: Final = frozenset({"field", "sign_type", "sign_algorithm"})


class Export(NamedTuple):
    """A function of `export` that a command calls, and the options that it understands."""

    make: Callable[..., str | dict[str, Any]]
    options: frozenset[str] = frozenset()
    needs_field: bool = True


EXPORTS: Final[dict[str, Export]] = {
    "json_schema": Export(export.json_schema, _QUESTION, needs_field=False),
    "openapi": Export(export.openapi, needs_field=False),
    "html_attributes": Export(lambda **question: export.attributes_text(export.html_attributes(**question)), _QUESTION),
    "es_module": Export(export.es_module, needs_field=False),
    "es_module_types": Export(export.es_module_types, needs_field=False),
    "sql_check": Export(export.sql_check, _QUESTION | {"column", "dialect"}),
    "terraform_validation": Export(export.terraform_validation, _QUESTION | {"variable", "block"}),
    "markdown_table": Export(export.markdown_table, needs_field=False),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line without repeating the words that were typed."""

    def error(self, message: str) -> NoReturn:
        for kind in ("invalid choice", "ambiguous option", "ignored explicit argument", "unrecognized arguments"):
            before, found, _ = message.partition(kind)
            if found:
                message = f"{before}{kind} (not repeated here: it may be a secret)"
        super().error(message)


def _word(words: Sequence[str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text in words:
            return text
        raise argparse.ArgumentTypeError(f"must be {listed(words, 'or')}")

    return convert


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text):
        return int(text)
    raise argparse.ArgumentTypeError("must be a whole number from 1")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < 3600:
        return seconds
    raise argparse.ArgumentTypeError("must be a number of seconds")


def _share(text: str) -> float:
    share = _seconds(text)
    if share <= 1:
        return share
    raise argparse.ArgumentTypeError("must be a number from 0 to 1")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"signrules {version('signrules')}")
        parser.exit()


def command_line() -> argparse.ArgumentParser:
    """The parser; `command` says which of them is meant."""
    parser = _Parser(
        prog="signrules",
        description="Make and check signature keys of the API gateway APIG\n(Open Telekom Cloud, Huawei Cloud).",
        epilog="""\
examples:
  signrules generate hmac > key.json   a request body, ready to send
  signrules check key.json             is it right, and if not, what is wrong
  signrules rules                      every rule on one screen
  signrules form > page.html           a page that checks what is typed

exit status: 0 all valid, 1 something invalid, 2 wrong use or unreadable input.
"signrules COMMAND --help" says more.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")

    def command(name: str, purpose: str, epilog: str) -> _Parser:
        added = commands.add_parser(
            name,
            help=purpose,
            description=f"{purpose[0].upper()}{purpose[1:]}.",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(command=name)
        return added

    with_algorithm = listed(TYPES_WITH_ALGORITHM, "or")
    types, algorithms, fields = (listed(words, "or") for words in (SIGN_TYPES, SIGN_ALGORITHMS, FIELDS))
    kinds = f"{types}; {DEFAULT_SIGN_TYPE} if left out"
    algorithms_of = f"{algorithms}, for type {with_algorithm}"
    dialects, blocks = get_args(export.Dialect), get_args(export.Block)
    make = command(
        "generate",
        "make a key and a secret that the gateway accepts",
        f"""\
examples:
  signrules generate hmac                         a request body as JSON
  signrules generate aes --algorithm {SIGN_ALGORITHMS[-1]}  aes needs to know how long
  signrules generate basic --only sign_secret     the bare value, nothing else
  signrules generate hmac -n 9 --name load        JSON Lines, load_1 to load_9

{NO_PAIR}""",
    )
    make.add_argument("type", metavar="TYPE", type=_word(SIGN_TYPES), help=types)
    make.add_argument("--algorithm", metavar="A", type=_word(SIGN_ALGORITHMS), help=algorithms_of)
    make.add_argument("--name", metavar="NAME", help="the name of the signature key; a random one if left out")
    make.add_argument("--only", metavar="FIELD", type=_word(FIELDS), help=f"print one bare value: {fields}")
    make.add_argument("--length", metavar="N", type=_count, help="characters in key and secret, or in the --only value")
    make.add_argument(
        "--full", action="store_true", help="use every allowed character, not just letters, digits, _ and -"
    )
    make.add_argument(
        "-n", dest="count", metavar="COUNT", type=_count, default=1, help="make COUNT of them, one a line"
    )

    judge = command(
        "check",
        "say whether request bodies, or one value, are right, and what is wrong",
        """\
The input is UTF-8: a JSON body, a JSON array of bodies, or JSON Lines (one body
a line). With --field, it is one bare value; exactly one line break at its end
is taken off. Positions count from 0. Values are never printed.

examples:
  signrules check bodies.jsonl
  signrules generate hmac | signrules check
  signrules check --field sign_secret --type basic < secret.txt
  signrules check --json bodies.jsonl | jq 'select(.valid | not)'""",
    )
    judge.add_argument("file", metavar="FILE", nargs="?", help="where to read from; standard input if left out or -")
    judge.add_argument("--field", metavar="FIELD", type=_word(FIELDS), help=f"check one bare value: {fields}")
    judge.add_argument("--type", metavar="TYPE", type=_word(SIGN_TYPES), help=kinds)
    judge.add_argument("--algorithm", metavar="A", type=_word(SIGN_ALGORITHMS), help=algorithms_of)
    judge.add_argument("--json", action="store_true", help="a JSON object for each body, one a line")

    write = command(
        "export",
        "print the rules in the words of another language",
        """\
examples:
  signrules export json_schema                of a body, for any validator
  signrules export openapi                    the endpoint, for clients, fuzzers
  signrules export html_attributes --field name
  signrules export es_module > signrules.js   checks in a browser, or in Node
  signrules export es_module_types > signrules.d.ts
  signrules export sql_check --field sign_key --type basic --dialect sqlite
  signrules export terraform_validation --field sign_secret""",
    )
    write.add_argument("name", metavar="NAME", type=_word(list(EXPORTS)), help=listed(EXPORTS, "or"))
    write.add_argument("--field", metavar="FIELD", type=_word(FIELDS), help=f"{fields}")
    write.add_argument("--type", metavar="TYPE", dest="sign_type", type=_word(SIGN_TYPES), help=kinds)
    write.add_argument(
        "--algorithm", metavar="A", dest="sign_algorithm", type=_word(SIGN_ALGORITHMS), help=algorithms_of
    )
    write.add_argument("--column", metavar="NAME", help="the column to check; the name of the field if left out")
    write.add_argument("--dialect", metavar="D", type=_word(dialects), help=f"{listed(dialects, 'or')}")
    write.add_argument("--variable", metavar="NAME", help="Terraform's; the name of the field if left out")
    write.add_argument("--block", metavar="B", type=_word(blocks), help=f"{listed(blocks, 'or')}, for Terraform")

    command(
        "form",
        "print a web page that checks a body while it is typed",
        """\
example:
  signrules form > page.html   open it in a browser; no network needed""",
    )

    _add_fuzzing(command)

    table = command("rules", "print the rule table", "")
    table.add_argument(
        "--format", metavar="FORMAT", type=_word(list(TABLES)), default="text", help=listed(TABLES, "or")
    )
    return parser


def _add_fuzzing(command: Callable[[str, str, str], _Parser]) -> None:
    profiles = f"{listed(PROFILES, 'or')}; {PROFILES[0]} if left out"
    attack = command(
        "fuzz",
        "find out which rule a gateway gets wrong",
        """\
The URL is that of the signature keys of one gateway:
https://HOST/v2/PROJECT_ID/apigw/instances/INSTANCE_ID/signs
Each key that the gateway accepts is deleted at once, also after Ctrl-C; if the
command is killed, the next run deletes what is left, and goes on.

examples:
  signrules fuzz URL --token-file token.txt    250 requests, and what they tell
  signrules fuzz URL --profile full --html report.html < token.txt --token-file -
  signrules fuzz --dry-run                     the cases, without a gateway
  signrules fuzz --corpus full > corpus.json   the same, for other languages

exit status: 0 every rule is kept, 1 one is not, 2 wrong use or no gateway there.""",
    )
    attack.add_argument("url", metavar="URL", nargs="?", help="where signature keys are created")
    attack.add_argument("--profile", metavar="P", type=_word(PROFILES), default="quick", help=profiles)
    attack.add_argument("--token-file", metavar="FILE", help="holds the X-Auth-Token; - is standard input")
    attack.add_argument("--json", action="store_true", help="print the report as JSON")
    attack.add_argument("--junit", metavar="FILE", help="also write it as JUnit XML")
    attack.add_argument("--html", metavar="FILE", help="also write it as a page")
    attack.add_argument("--state", metavar="FILE", help="where a run that is killed leaves its traces")
    attack.add_argument("--concurrency", metavar="N", type=_count, default=4, help="requests under way at a time")
    attack.add_argument("--timeout", metavar="S", type=_seconds, default=10.0, help="seconds that an answer may take")
    attack.add_argument("--quota", metavar="N", type=_count, default=100, help="keys alive at a time, at most")
    attack.add_argument("--dry-run", action="store_true", help="print the cases as JSON Lines, send nothing")
    attack.add_argument("--corpus", metavar="P", type=_word(PROFILES), help="print the cases as one JSON document")
    attack.add_argument("--corpus-schema", action="store_true", help="print the JSON Schema of that document")
    attack.add_argument("--dictionary", action="store_true", help="print a dictionary for libFuzzer and AFL")

    stand_in = command(
        "gateway",
        "serve a stand-in for the gateway, with a bug if you like",
        """\
It keeps its keys in memory and listens on 127.0.0.1 alone.

examples:
  signrules gateway --port 8080
  signrules gateway --bug sign_secret.hmac:dollar
  signrules gateway --list-bugs""",
    )
    stand_in.add_argument("--port", metavar="N", type=_count, default=8080, help="8080 if left out")
    stand_in.add_argument("--bug", metavar="NAME", help="a rule to get wrong")
    stand_in.add_argument("--list-bugs", action="store_true", help="print every NAME and what it does")
    stand_in.add_argument("--token-file", metavar="FILE", help="holds the only token that will do; any if left out")
    stand_in.add_argument("--latency", metavar="S", type=_seconds, default=0.0, help="seconds that each answer takes")
    stand_in.add_argument("--fail-rate", metavar="R", type=_share, default=0.0, help="share of 429, 500 and 503")
