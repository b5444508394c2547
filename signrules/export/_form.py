"""The rules as a page to use: a form that checks while one types. The code is in page.html, page.css and page.js."""

import json
from html import escape

from .._generate import NO_PAIR
from .._rule import Field
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._es_module import es_module
from ._html import attributes_text, common_attributes
from ._tables import rows_in_words
from .assets import filled, page

# One field, and what the page says of its value: what is wrong and where, how long and how strong it is. A translator,
# which may be a service, gets neither the words of the API nor the characters of a value.
_FIELD = """\
<div class="field" data-field="{field}"{optional}>
      <label for="{field}"><span translate="no">{field}</span> <small>{necessity}</small></label>
      {button}{control}
      <div class="where" translate="no" hidden>
        <span class="excerpt" aria-hidden="true"><span></span><mark></mark><span></span></span>
        <button type="button">Select</button></div>
      <p class="state"><b></b><span></span><span></span><meter min="0" max="256"
        aria-label="Strength of {field} in bits"></meter></p>
      <p class="rule" id="{field}-rule"></p>
    </div>"""
_INPUT = """<input type="text" id="{field}" name="{field}" aria-describedby="{field}-rule" {attributes}>"""
# A textarea keeps a pasted line break, so that the page can say it is wrong; an input drops it without a word.
_TEXTAREA = """\
<textarea rows="1" id="{field}" name="{field}" aria-describedby="{field}-rule" {attributes}></textarea>"""
_BUTTON = """<button type="button" data-generate aria-label="Generate {field}">Generate</button>
      """


def form() -> str:
    """A self-contained HTML page that checks a request body while it is typed, pasted or generated.

    It needs no network and its policy allows none; it keeps nothing and sends nothing.
    """
    code = filled(__package__, "page.js", TYPES_WITH_ALGORITHM=json.dumps(TYPES_WITH_ALGORITHM))
    _, _, code = code.partition("\n")  # without its import of the module, which stands in the same script
    return page(
        __package__,
        "page.html",
        "page.css",
        f"\n{es_module()}\n{code}",
        TYPES="\n      ".join(map(_type, SIGN_TYPES)),
        ALGORITHMS="\n        ".join(map(_algorithm, SIGN_ALGORITHMS)),
        FIELDS="\n\n    ".join(map(_field, FIELDS)),
        RULES=_table(),
        NO_PAIR=NO_PAIR,
        MANDATORY=listed(MANDATORY, "and"),
    )


def _type(word: str) -> str:
    checked = " checked" if word == DEFAULT_SIGN_TYPE else ""
    return f'<label translate="no"><input type="radio" name="sign_type" value="{word}"{checked}>{word}</label>'


def _algorithm(word: str) -> str:
    return f'<option value="{word}" translate="no">{word}</option>'


def _field(field: Field) -> str:
    control, button = _INPUT, ""
    if field in FIELDS_BY_TYPE:
        control, button = _TEXTAREA, _BUTTON.format(field=field)
    return _FIELD.format(
        field=field,
        optional="" if field in MANDATORY else " data-optional",
        necessity="mandatory" if field in MANDATORY else "optional",
        control=control.format(field=field, attributes=attributes_text(common_attributes(field))),
        button=button,
    )


def _table() -> str:
    header, *rows = rows_in_words()
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f'<thead><tr>{head}</tr></thead>\n<tbody translate="no">\n{body}</tbody>'
