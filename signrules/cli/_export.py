"""`signrules export`: the rules in the words of another language."""

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from .. import export
from .._generate import Alphabet
from .._spelling import listed
from .._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES, given
from ._output import write_document
from ._parser import (
    ALGORITHMS_IN_WORDS,
    FIELDS_IN_WORDS,
    TYPE_OR_DEFAULT,
    add_output,
    check_algorithm,
    command,
    count,
    text,
    word,
)
from ._status import VALID, Unusable

if TYPE_CHECKING:
    from ._parser import Commands

_QUESTION: Final = frozenset({"field", "sign_type", "sign_algorithm"})


class Export(NamedTuple):
    """A function of `export`, and the options that it takes."""

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
    "cel": Export(export.cel, _QUESTION | {"variable", "typed"}, needs_field=False),
    "generator_recipe": Export(export.generator_recipe, _QUESTION | {"target", "length", "alphabet"}),
    "markdown_table": Export(export.markdown_table, needs_field=False),
}


def add(commands: "Commands") -> None:
    """Adds `signrules export`, its arguments and its help page."""
    dialects, blocks = get_args(export.Dialect), get_args(export.Block)
    targets, alphabets = get_args(export.RecipeTarget), get_args(Alphabet)
    parser = command(
        commands,
        run,
        "print the rules in the words of another language",
        """\
examples:
  signrules export json_schema                for any validator
  signrules export openapi                    for generators of code, fuzzers
  signrules export html_attributes --field name
  signrules export es_module > signrules.js   checks in a browser, or in Node
  signrules export es_module_types > signrules.d.ts
  signrules export sql_check --field sign_key --type basic --dialect sqlite
  signrules export terraform_validation --field sign_secret
  signrules export cel --variable object.spec --typed    for Kubernetes
  signrules export generator_recipe --field sign_key --target vault""",
    )
    parser.add_argument("name", metavar="NAME", type=word(list(EXPORTS)), help=listed(EXPORTS, "or"))
    parser.add_argument("--field", metavar="FIELD", type=word(FIELDS), help=FIELDS_IN_WORDS)
    parser.add_argument("--type", metavar="TYPE", dest="sign_type", type=word(SIGN_TYPES), help=TYPE_OR_DEFAULT)
    parser.add_argument(
        "--algorithm", metavar="A", dest="sign_algorithm", type=word(SIGN_ALGORITHMS), help=ALGORITHMS_IN_WORDS
    )
    parser.add_argument(
        "--column", metavar="NAME", type=text, help="the name of the column; that of the field if left out"
    )
    parser.add_argument(
        "--dialect", metavar="D", type=word(dialects), help=f"{listed(dialects, 'or')}; {dialects[0]} if left out"
    )
    parser.add_argument(
        "--variable",
        metavar="NAME",
        type=text,
        help="for Terraform, the name of the variable, that of the field if left out; for CEL, the path to the body or "
        "the value, self if left out",
    )
    parser.add_argument(
        "--block",
        metavar="B",
        type=word(blocks),
        help=f"for Terraform, {listed(blocks, 'or')}; {blocks[0]} if left out",
    )
    parser.add_argument(
        "--typed",
        action="store_true",
        default=None,
        help="for CEL, if a schema has the five members as texts, and no others",
    )
    parser.add_argument(
        "--target", metavar="T", type=word(targets), help=f"the tool that makes values: {listed(targets, 'or')}"
    )
    parser.add_argument("--length", metavar="N", type=count, help="characters in the values that the tool makes")
    parser.add_argument(
        "--alphabet",
        metavar="A",
        type=word(alphabets),
        help=f"the characters of these values: {listed(alphabets, 'or')}; {alphabets[0]} if left out",
    )
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Prints what the function of `export` with this name returns."""
    wanted = EXPORTS[options.name]
    options_of_exports = frozenset[str]().union(*(each.options for each in EXPORTS.values()))
    arguments = given({name: value for name, value in vars(options).items() if name in options_of_exports})
    ignored = [f"--{name.removeprefix('sign_')}" for name in arguments if name not in wanted.options]
    if ignored:
        raise Unusable(f"{options.name} does not take {listed(ignored, 'or')}")
    if "field" not in arguments and (arguments.keys() & _QUESTION or wanted.needs_field):
        needs = "with these options, " if arguments else ""
        raise Unusable(f"{needs}{options.name} needs --field")
    check_algorithm(arguments.get("sign_type"), arguments.get("sign_algorithm"))
    if "target" in wanted.options and "target" not in arguments:
        raise Unusable(f"{options.name} needs --target")
    try:
        made = wanted.make(**arguments)
    except ValueError as error:
        raise Unusable(str(error)) from None
    text = made if isinstance(made, str) else json.dumps(made, indent=2)
    write_document(options.output, [text.removesuffix("\n"), "\n"])
    return VALID
