"""The rules as JSON Schema 2020-12.

A pattern has no counts here, since the length has keywords of its own: a short key has one error, not two. A schema has
neither `$ref` nor `$defs`, so that it can be put into another document as it is.
"""

from typing import Any, Final

from .._check import requirement_of
from .._guard import guarded
from .._requirement import Requirement
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import ENUMERATIONS, FIELDS, FIELDS_BY_TYPE, KINDS, SIGN_TYPES, TYPES_WITH_ALGORITHM, Kind

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@guarded
def json_schema(
    field: Field | None = None, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> dict[str, Any]:
    """The JSON Schema of a request body, or of one value if `field` is given (the type is then the value's).

    It accepts a body, or a value, in which `check_request`, or `check`, finds nothing wrong: Table 3 of the page.
    Lengths are in characters (code points), as JSON Schema counts. The result is new at each call and may be changed.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """
    if field is None:
        return {"$schema": SCHEMA_DIALECT, **body_schema()}
    return {"$schema": SCHEMA_DIALECT, **value_schema(field, sign_type, sign_algorithm)}


def value_schema(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> dict[str, Any]:
    """The schema of one value, without `$schema`."""
    requirement = requirement_of(field, sign_type, sign_algorithm)
    rules = requirement.rules
    schema = text_schema(requirement, f"^{rules[0].pattern}$")
    # No length between those of two rows is right. The outer bounds stand in the schema already, so that a value that
    # is too short or too long has one error. Generators of code understand this `anyOf`. If it stood in an `allOf`,
    # datamodel-code-generator would make a model that refuses every text; if it had no `type`,
    # json-schema-to-typescript would make such a type.
    lengths = [{"type": "string", "minLength": rule.min_length, "maxLength": rule.max_length} for rule in rules]
    del lengths[0]["minLength"], lengths[-1]["maxLength"]
    return {**schema, "anyOf": lengths} if len(rules) > 1 else schema


def text_schema(requirement: Requirement, pattern: str) -> dict[str, Any]:
    """The schema of one value with this pattern, and with the shortest and the longest length beside it."""
    return {
        "type": "string",
        "description": requirement.in_words(),
        "minLength": min(requirement.lengths),
        "maxLength": max(requirement.lengths),
        "pattern": pattern,
        # Where the pattern is Python's, its `$` also matches before a line break at the end.
        "not": {"pattern": r"\n"},
    }


def members_schema() -> dict[str, Any]:
    """The schema of each member, as far as it does not depend on another member."""
    schemas: dict[str, Any] = {member: {"type": "string", "enum": list(good)} for member, good in ENUMERATIONS.items()}
    schemas["sign_type"]["default"] = DEFAULT_SIGN_TYPE
    for field in FIELDS:
        by_type = field in FIELDS_BY_TYPE
        schemas[field] = {"type": "string"} if by_type else value_schema(field, DEFAULT_SIGN_TYPE, None)
    return {member: schemas[member] for member in MEMBERS}


def body_schema() -> dict[str, Any]:
    """The schema of a body, without `$schema`."""
    by_type = [
        _branch("sign_type", sign_type, or_absent=sign_type == DEFAULT_SIGN_TYPE, then=_of_type(sign_type))
        for sign_type in SIGN_TYPES
    ]
    return {
        "title": "SignatureKeyRequest",
        "description": "The body of a request that creates or changes a signature key of the API gateway APIG.",
        "type": "object",
        "required": list(MANDATORY),
        "properties": members_schema(),
        "additionalProperties": False,
        "dependentSchemas": {"sign_algorithm": _one_of("sign_type", *TYPES_WITH_ALGORITHM)},
        "allOf": by_type,
    }


def _of_type(sign_type: SignType) -> dict[str, Any]:
    schema = _key_and_secret(Kind(sign_type))
    by_algorithm = [
        _branch("sign_algorithm", kind.sign_algorithm, or_absent=False, then=_key_and_secret(kind))
        for kind in KINDS
        if kind.sign_type == sign_type and kind.sign_algorithm
    ]
    return {**schema, "allOf": by_algorithm} if by_algorithm else schema


def _key_and_secret(kind: Kind) -> dict[str, Any]:
    return {"type": "object", "properties": {field: value_schema(field, *kind) for field in FIELDS_BY_TYPE}}


def _one_of(member: str, *words: str) -> dict[str, Any]:
    """An object that has the member, with one of the words."""
    return {"type": "object", "required": [member], "properties": {member: {"type": "string", "enum": list(words)}}}


def _branch(member: str, word: str, *, or_absent: bool, then: dict[str, Any]) -> dict[str, Any]:
    """`then`, if the member has this word, or if it is absent and may be."""
    condition = _one_of(member, word)
    if or_absent:
        del condition["required"]
    return {"if": condition, "then": then}
