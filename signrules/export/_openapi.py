"""The endpoint as an OpenAPI document."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from .._endpoint import AUTHENTICATION_HEADER, PATH, REFUSALS
from .._requirement import REQUIREMENTS
from .._rule import bounded_pattern
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS, SOURCE_TITLE, SOURCE_URL
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, KINDS, SIGN_TYPES, TYPES_WITH_ALGORITHM, Kind
from ._json_schema import SCHEMA_DIALECT, text_schema

_VERSION: Final = "3.1.0"
_TAG: Final = "Signature Key Management"  # the chapter of the API reference
_SECURITY: Final = "token"  # the name of the security scheme
_PARAMETERS: Final = {"project_id": "The ID of the project.", "instance_id": "The ID of the gateway."}

# Of the page's own example answer.
_ANSWERED: Final = {
    "id": "0b0e8f456b8742218af75f945307173c",
    "create_time": "2020-08-03T03:39:38.119032659Z",
    "update_time": "2020-08-03T03:39:38.119032888Z",
}
# The examples of the gateway's errors have these words in the place of those in braces.
_EXAMPLES: Final = {
    "instance_id": "70cc3ed01262561d3dfb0353d6ae9d17",
    "parameter": FIELDS_BY_TYPE[0],
    "sign_type": SIGN_TYPES[-1],
}
# The key and the secret of an example are no longer than this, if they may be so short: they are to be read with ease.
_LONGEST_EXAMPLE: Final = 32
_WARNING: Final = "Everybody knows this key and this secret: send your own, or leave them out"

# A body may leave the algorithm out, whatever its type. Such kinds come last: many generators of code make readers that
# take the first schema that fits and drop the members that it does not know, which must not be the algorithm.
_KINDS: Final = (*KINDS, *(Kind(sign_type) for sign_type in TYPES_WITH_ALGORITHM))


def openapi() -> dict[str, Any]:
    """An OpenAPI 3.1 document of the request that creates a signature key, with all of its answers.

    The body is an `anyOf` with one schema for each type and algorithm, and an example of each. The bounds stand in the
    pattern and beside it. Fuzzers find the most from this form, and code generators understand it. It accepts a body in
    which `check_request` finds nothing wrong. Sources: Tables 1 to 8 of the page. The result is new at each call and
    may be changed.
    """
    return {
        "openapi": _VERSION,
        "jsonSchemaDialect": SCHEMA_DIALECT,
        "info": {
            "title": "APIG signature keys",
            "description": "The request that creates a signature key of the API gateway (Open Telekom Cloud, Huawei "
            "Cloud), with every rule for its body. signrules made this document from the API reference.",
            "version": "2",
            "contact": {"name": "API reference of the API gateway, Open Telekom Cloud", "url": SOURCE_URL},
            "license": {"name": "MIT, for this document alone and not for the API", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The address of your gateway's API"}],
        "tags": [{"name": _TAG, "description": "Signature keys, by which a gateway signs its calls to a backend"}],
        "security": [{_SECURITY: []}],
        "paths": {PATH: {"post": _operation()}},
        "components": {
            "schemas": {"SignatureKeyRequest": _body(), "SignatureKey": _answer(), "Error": _error()},
            "securitySchemes": {
                _SECURITY: {
                    "type": "apiKey",
                    "in": "header",
                    "name": AUTHENTICATION_HEADER,
                    "description": "A token of a user, from the identity service (IAM)",
                }
            },
        },
    }


def _operation() -> dict[str, Any]:
    requests = {_title(kind): {"summary": _WARNING, "value": _example(kind)} for kind in _KINDS}
    created = {_title(kind): {"value": _ANSWERED | _example(kind)} for kind in _KINDS}
    return {
        "operationId": "CreateSignatureKeyV2",
        "summary": "Create a signature key",
        "description": f"The gateway generates a {listed(FIELDS_BY_TYPE, 'or')} that is left out.",
        "tags": [_TAG],
        "externalDocs": {"description": SOURCE_TITLE, "url": SOURCE_URL},
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
            }
            for name, description in _PARAMETERS.items()
        ],
        "requestBody": {"required": True, "content": _content("SignatureKeyRequest", requests)},
        "responses": {
            "201": {"description": "Created", "content": _content("SignatureKey", created)},
            **dict(_refusals()),
        },
    }


def _content(schema: str, examples: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": examples}}


def _refusals() -> Iterator[tuple[str, dict[str, Any]]]:
    for status, refusals in groupby(REFUSALS, key=lambda refusal: refusal.status):
        bodies = [{"error_code": each.code, "error_msg": each.message.format(**_EXAMPLES)} for each in refusals]
        examples = {body["error_code"]: {"value": body} for body in bodies}
        description = "; ".join(f"{body['error_code']}: {body['error_msg']}" for body in bodies)
        yield str(status), {"description": description, "content": _content("Error", examples)}


def _body() -> dict[str, Any]:
    # No body is right by two of them, so `oneOf` would say the same. Of a `oneOf`, a linter demands a `sign_type` in
    # each, which a body of the default type may leave out. The Python models of openapi-generator know no
    # `additionalProperties`, so of a `oneOf` they would refuse every body with an algorithm.
    return {"anyOf": [_of_kind(kind) for kind in _KINDS]}


def _title(kind: Kind) -> str:
    return kind.sign_algorithm or kind.sign_type


def _of_kind(kind: Kind) -> dict[str, Any]:
    """Bodies with this type, and with this algorithm or none."""
    words = kind.members
    schemas: dict[str, Any] = {member: {"type": "string", "const": word} for member, word in words.items()}
    for field in FIELDS:
        requirement = REQUIREMENTS[field, *kind]
        schemas[field] = text_schema(requirement, f"^(?:{bounded_pattern(requirement.rules)})$")
    return {
        "title": _title(kind),
        "type": "object",
        "required": [*MANDATORY, *(member for member, word in words.items() if word != DEFAULT_SIGN_TYPE)],
        "properties": {member: schemas[member] for member in MEMBERS if member in schemas},
        "additionalProperties": False,
    }


def _example(kind: Kind) -> dict[str, str]:
    """A right body that nobody takes for a real one. Its key begins as that of the page's example: "signkeysignkey"."""
    texts = {"name": f"example_{_title(kind)}".replace("-", "_")}
    for field in FIELDS_BY_TYPE:
        lengths = REQUIREMENTS[field, *kind].lengths
        length = max((each for each in lengths if each <= _LONGEST_EXAMPLE), default=min(lengths))
        texts[field] = (field.replace("_", "") * length)[:length]
    given = texts | kind.members
    return {member: given[member] for member in MEMBERS if member in given}


def _answer() -> dict[str, Any]:
    text = {"type": "string"}
    time = {"type": "string", "format": "date-time"}
    properties = dict.fromkeys(MEMBERS, text) | {"id": text, "create_time": time, "update_time": time}
    return {
        "description": f"The new key. A {listed(FIELDS_BY_TYPE, 'or')} that was left out is generated.",
        "type": "object",
        "required": ["id", *MANDATORY, "sign_type"],
        "properties": properties,
    }


def _error() -> dict[str, Any]:
    members = ("error_code", "error_msg")
    return {
        "type": "object",
        "required": list(members),
        "properties": {member: {"type": "string"} for member in members},
    }
