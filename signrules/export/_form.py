"""The rules as a page to use: a form that makes and checks a request while one types.

The code is in page.html, page.css and three scripts: page_value.js, page_copy.js and page.js.
"""

import json
from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import Final

from .._endpoint import AUTHENTICATION_HEADER, PATH
from .._generate import NO_PAIR
from .._requirement import MASK, Requirement, every_requirement
from .._rule import Field, Rule, lengths_in_words
from .._spelling import charset_in_words, first_in_words, listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, RULES
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES
from ._es_module import es_module_without_schemas
from ._html import attributes_text, common_attributes
from .assets import filled, page

# One field, and what the page says of its value: its rule, what is wrong and where, and how strong it is. A translator,
# which may be a service, gets neither the words of the API nor the characters of a value.
_FIELD: Final = """\
<div class="field" data-field="{field}"{optional}>
      <label for="{field}"><span translate="no">{field}</span> <small>{necessity}</small></label>
      <div class="tools">{generate}<button type="button" data-copy aria-label="Copy {field}">Copy</button></div>
      {control}
      <p class="told" role="status"></p>
      <p class="hint problem" role="status"></p>
      {strength}<ul class="rule" id="{field}-rule"></ul>
    </div>"""
_INPUT: Final = """<input type="text" id="{field}" name="{field}" aria-describedby="{field}-rule" {attributes}>"""
# A textarea keeps a pasted line break, so that the page can say it is wrong; an input drops it without a word.
_TEXTAREA: Final = """\
<textarea rows="1" id="{field}" name="{field}" aria-describedby="{field}-rule" {attributes}></textarea>"""
_GENERATE: Final = """<button type="button" data-generate aria-label="Generate {field}">Generate</button>
        """
_STRENGTH: Final = """<p class="strength" hidden><meter aria-label="Strength of {field}"></meter> <span></span></p>
      """
# One line of a rule, and the places at which a value breaks it.
_LINE: Final = """\
<li data-code="{code}"><span class="unseen"></span>{words}<small></small><div class="where" translate="no" hidden><span
  class="excerpt" aria-hidden="true"></span> <button type="button"></button> <span></span></div></li>
"""

# What a pasted text contains if it is not the value itself, and what the page says of it.
_HINTS: Final = {
    MASK: "This looks masked. Give the real value.",
    "-----BEGIN ": "This looks like a PEM file. Give only the text between its first and its last line, as one line.",
}


def form() -> str:
    """A self-contained HTML page that makes and checks a request body while it is typed, pasted or generated.

    It needs no network and its policy allows none; it keeps nothing and sends nothing.
    """
    scripts = [
        es_module_without_schemas(),
        filled(__package__, "page_value.js", HINTS=json.dumps(_HINTS)),
        filled(__package__, "page_copy.js", CURL=json.dumps(_curl())),
        filled(__package__, "page.js"),
    ]
    return page(
        __package__,
        "page.html",
        "page.css",
        "\n" + "\n".join(scripts),
        command="form",
        title="Make and check a signature key",
        TYPES="\n      ".join(map(_type, SIGN_TYPES)),
        ALGORITHMS="\n        ".join(map(_algorithm, SIGN_ALGORITHMS)),
        FIELDS="\n\n    ".join(map(_field, FIELDS)),
        LINES="\n".join(map(_lines, every_requirement())),
        RULES="\n".join(_group(field, rules) for field, rules in groupby(RULES, lambda rule: rule.field)),
        NO_PAIR=NO_PAIR,
        MANDATORY=listed(MANDATORY, "and"),
    )


def _curl() -> list[str]:
    """The parts of a cURL command, less the body. A variable that is not set ends the command; nothing is sent then."""
    path = PATH.format(project_id="${PROJECT_ID:?}", instance_id="${INSTANCE_ID:?}")
    return [
        f'curl "${{ENDPOINT:?}}{path}"',
        f'--header "{AUTHENTICATION_HEADER}: ${{TOKEN:?}}"',
        "--header 'Content-Type: application/json'",
    ]


def _type(word: str) -> str:
    checked = " checked" if word == DEFAULT_SIGN_TYPE else ""
    return f'<label translate="no"><input type="radio" name="sign_type" value="{word}"{checked}>{word}</label>'


def _algorithm(word: str) -> str:
    return f'<option value="{word}" translate="no">{word}</option>'


def _field(field: Field) -> str:
    is_typed_only = field not in FIELDS_BY_TYPE
    return _FIELD.format(
        field=field,
        optional="" if field in MANDATORY else " data-optional",
        necessity="mandatory" if field in MANDATORY else "optional",
        control=(_INPUT if is_typed_only else _TEXTAREA).format(
            field=field, attributes=attributes_text(common_attributes(field))
        ),
        generate="" if is_typed_only else _GENERATE.format(field=field),
        # A key says who calls, and may be known: only a secret needs to be hard to guess.
        strength=_STRENGTH.format(field=field) if field == "sign_secret" else "",
    )


def _lines(requirement: Requirement) -> str:
    """The rule of a question as three lines. They stand in the order of the rows of the module."""
    rule = requirement.rules[0]
    lines = {
        "length": f"{lengths_in_words(requirement.rules)} characters",
        "charset": _charset(rule),
        "first": _first(rule),
    }
    return f"<template>{''.join(_LINE.format(code=code, words=words) for code, words in lines.items())}</template>"


def _charset(rule: Rule) -> str:
    return f"Only {charset_in_words(rule.charset, _chip)}"


def _first(rule: Rule) -> str:
    return f"Starts with a {first_in_words(rule.first, _chip)}"


def _chip(character: str) -> str:
    """A single character, which cannot be taken for a part of the sentence."""
    return f'<kbd translate="no">{escape(character)}</kbd>'


def _group(field: Field, rules: Iterable[Rule]) -> str:
    """The rows of a field in the table of all rules."""
    head = f'<tr><th colspan="3" scope="rowgroup" translate="no">{field}</th></tr>'
    return f"<tbody>\n{head}\n{''.join(map(_row, rules))}</tbody>"


def _row(rule: Rule) -> str:
    words = [word for word in (rule.sign_type, rule.sign_algorithm) if word]
    kind = "".join(f'<span translate="no">{word}</span>' for word in words) or "any"
    cells = f"<td>{lengths_in_words([rule])}</td><td>{_charset(rule)}<br>{_first(rule)}</td>"
    return f'<tr><th scope="row">{kind}</th>{cells}</tr>\n'
