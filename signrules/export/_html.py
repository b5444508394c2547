"""One value's rule as the attributes of an `<input>`."""

from html import escape

from .._check import requirement_of
from .._guard import guarded
from .._rule import Field, SignAlgorithm, SignType, bounded_pattern
from .._table import DEFAULT_SIGN_TYPE, MANDATORY
from .._vocabulary import SIGN_TYPES
from ._arguments import demand, exact


@guarded
def html_attributes(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> dict[str, str]:
    """The attributes with which an `<input>` accepts what `check` accepts. The value of a bare one (`required`) is "".

    The bounds, in characters, stand in the pattern: a browser does not apply `minlength` to a value that a script set.
    There is no `maxlength`, which would cut a longer paste to another, valid secret. Nothing may complete, correct or
    spell-check a value: a browser may send what it checks to a service. Rule: Table 3 of the page.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """
    requirement = requirement_of(field, sign_type, sign_algorithm)
    return {
        **({"required": ""} if requirement.field in MANDATORY else {}),
        "minlength": str(min(requirement.lengths)),
        "pattern": bounded_pattern(requirement.rules),
        "title": requirement.in_words(),
        "autocomplete": "off",
        "autocapitalize": "none",
        "autocorrect": "off",
        "spellcheck": "false",
    }


@guarded
def common_attributes(field: Field) -> dict[str, str]:
    """The attributes that are the same for every `sign_type`, for a form in which any type may be chosen."""
    first, *others = (html_attributes(field, sign_type=sign_type) for sign_type in SIGN_TYPES)
    return {name: value for name, value in first.items() if all(other[name] == value for other in others)}


@guarded
def attributes_text(attributes: dict[str, str]) -> str:
    """The attributes as they stand in a tag. Raises `TypeError` if they are no `dict` of `str`."""
    demand("attributes", attributes, dict)
    texts = [[exact("each name and value of attributes", text) for text in pair] for pair in dict.items(attributes)]
    return " ".join(f'{name}="{escape(value)}"' if value else name for name, value in texts)
