"""One value's rule, or that of a whole body, as an expression of CEL (Common Expression Language)."""

from typing import Final

from .._check import rules_for
from .._guard import guarded
from .._requirement import REQUIREMENTS
from .._rule import Field, Rule, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import ENUMERATIONS, FIELDS, FIELDS_BY_TYPE, KINDS, Kind
from ._arguments import demand, exact
from ._re2 import re2_pattern, right_lengths

# CEL reads the first words as values or as an operator, wherever they stand in a path. It keeps the others for itself,
# so no variable can have their names. The last two are types, for which the expressions ask.
_VALUES: Final = frozenset(("false", "in", "null", "true"))
_TAKEN: Final = frozenset(
    (
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "namespace"),
        *("package", "return", "var", "void", "while", "map", "string"),
    )
)


@guarded
def cel(
    field: Field | None = None,
    *,
    variable: str = "self",
    typed: bool = False,
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
) -> str:
    """A CEL expression that is true of a right request body, or of one right value if `field` is given.

    Right is a body in which `check_request` finds nothing wrong, and a value in which `check` does: Table 3 of the
    page. Of anything else that a JSON parser returns, the expression is false. `variable` is the path to the body, or
    to the value: `self` in a schema of Kubernetes, `this` in protovalidate, `object.spec` in an admission policy.

    `typed` is for an object whose schema has the five members, as texts, and no others, and for a value that the schema
    has as a text. The expression then asks neither for types nor for unknown members; in such an object, CEL could not.

    An expression needs standard functions and macros alone. Lengths are in characters; some engines count bytes, which
    are as many in a text of the allowed characters.

    Raises `LookupError` for a field, type or algorithm that does not exist, `ValueError` for a `variable` that is not a
    path of names, `TypeError` for one that is no `str` and for a `typed` that is no `bool`.
    """
    path = exact("variable", variable)
    demand("typed", typed, bool)
    first, *others = path.split(".")
    if first in _TAKEN or not all(map(_is_name, (first, *others))):
        raise ValueError(
            "variable must be a name or a path of names with full stops between: ASCII letters, digits and _, no digit "
            "first, and no word that CEL keeps for itself"
        )
    if field is not None:
        value = _value(path, rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm))
        return value if typed else f"type({path}) == string && {value}"
    body = _body(path)
    if typed:
        return body
    member = f"{first}_member"  # a name that the path does not begin with
    members = ", ".join(f"'{each}'" for each in MEMBERS)
    known_texts = f"{path}.all({member}, {member} in [{members}] && type({path}[{member}]) == string)"
    return f"type({path}) == map\n&& {known_texts}\n&& {body}"


def _is_name(name: str) -> bool:
    return name.isascii() and name.isidentifier() and name not in _VALUES


def _body(body: str) -> str:
    """The condition that an object with right members keeps, if none of them is unknown and each is a text."""
    names = [_member(body, field, Kind()) for field in FIELDS if field not in FIELDS_BY_TYPE]
    # A body may leave the algorithm out, whatever its type.
    kinds = dict.fromkeys(each for kind in KINDS for each in (Kind(kind.sign_type), kind))
    by_kind = "\n  : ".join([*(_of_kind(body, kind) for kind in kinds), "false"])
    return "\n&& ".join([*names, f"(\n  {by_kind}\n)"])


def _of_kind(body: str, kind: Kind) -> str:
    """If a body is of this kind, the condition that its key and its secret keep."""
    is_kind = " && ".join(_word(f"{body}.{member}", kind.members.get(member)) for member in ENUMERATIONS)
    rule = "\n    && ".join(_member(body, field, kind) for field in FIELDS_BY_TYPE)
    return f"{is_kind}\n    ? {rule}"


def _word(path: str, word: str | None) -> str:
    """The condition that the member is this word, or is left out if it must be or if this is the default."""
    if word is None:
        return f"!has({path})"
    if word == DEFAULT_SIGN_TYPE:
        return f"(!has({path}) || {path} == '{word}')"
    return f"has({path}) && {path} == '{word}'"


def _member(body: str, field: Field, kind: Kind) -> str:
    path = f"{body}.{field}"
    value = _value(path, REQUIREMENTS[field, *kind].rules)
    return f"has({path}) && {value}" if field in MANDATORY else f"(!has({path}) || {value})"


def _value(value: str, rules: tuple[Rule, ...]) -> str:
    """The condition that a right text keeps. The length comes first, so that no engine matches a very long text."""
    return f"{right_lengths(f'size({value})', rules)} && {value}.matches('{re2_pattern(rules[0])}')"
