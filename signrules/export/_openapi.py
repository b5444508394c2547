"""The endpoint as an OpenAPI document."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from .._endpoint import AUTHENTICATION_HEADER, PATH, REFUSALS
from .._requirement import REQUIREMENTS
from .._rule import bounded_pattern
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, KINDS, SIGN_TYPES, Kind
from ._json_schema import SCHEMA_DIALECT, value_schema

_VERSION: Final = "3.1.0"

# The examples of the gateway's errors have these words in the place of those in braces.
_EXAMPLES: Final = {
    "instance_id": "70cc3ed01262561d3dfb0353d6ae9d17",
    "parameter": FIELDS_BY_TYPE[0],
    "sign_type": SIGN_TYPES[-1],
}


def openapi() -> dict[str, Any]:
    """An OpenAPI 3.1 document of the request that creates a signature key, with all of its answers.

    The body is a `oneOf` with one schema for each type and algorithm. The bounds stand in the pattern and beside it.
    Fuzzers find the most from this form. It accepts a body in which `check_request` finds nothing wrong. Sources:
    Tables 1 to 8 of the page. The result is new at each call and may be changed.
    """
    return {
        "openapi": _VERSION,
        "jsonSchemaDialect": SCHEMA_DIALECT,
        "info": {
            "title": "APIG signature keys",
            "description": "The request that creates a signature key of the API gateway (Open Telekom Cloud, Huawei "
            "Cloud), with every rule for its body.",
            "version": "2",
        },
        "servers": [{"url": "/"}],
        "paths": {PATH: {"post": _operation()}},
        "components": {"schemas": {"SignatureKeyRequest": _body(), "SignatureKey": _answer(), "Error": _error()}},
    }


def _operation() -> dict[str, Any]:
    path = [part.strip("{}") for part in PATH.split("/") if part.startswith("{")]
    return {
        "operationId": "CreateSignatureKeyV2",
        "summary": "Create a signature key",
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path),
            {"name": AUTHENTICATION_HEADER, "in": "header", "required": True, "schema": {"type": "string"}},
        ],
        "requestBody": {"required": True, "content": _content("SignatureKeyRequest")},
        "responses": {"201": {"description": "Created", "content": _content("SignatureKey")}, **dict(_refusals())},
    }


def _content(schema: str, **more: Any) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}, **more}}


def _refusals() -> Iterator[tuple[str, dict[str, Any]]]:
    for status, refusals in groupby(REFUSALS, key=lambda refusal: refusal.status):
        bodies = [{"error_code": each.code, "error_msg": each.message.format(**_EXAMPLES)} for each in refusals]
        examples = {body["error_code"]: {"value": body} for body in bodies}
        description = " ".join(body["error_msg"] for body in bodies)
        yield str(status), {"description": description, "content": _content("Error", examples=examples)}


def _body() -> dict[str, Any]:
    # A body may leave the algorithm out, whatever its type.
    kinds = dict.fromkeys(each for kind in KINDS for each in (Kind(kind.sign_type), kind))
    return {"oneOf": [_of_kind(kind) for kind in kinds]}


def _of_kind(kind: Kind) -> dict[str, Any]:
    """Bodies with this type, and with this algorithm or none."""
    words = kind.members
    schemas: dict[str, Any] = {member: {"type": "string", "const": word} for member, word in words.items()}
    for field in FIELDS:
        bounded = bounded_pattern(REQUIREMENTS[field, *kind].rules)
        schemas[field] = value_schema(field, *kind) | {"pattern": f"^(?:{bounded})$"}
    return {
        "title": " ".join(words.values()),
        "type": "object",
        "required": [*MANDATORY, *(member for member, word in words.items() if word != DEFAULT_SIGN_TYPE)],
        "properties": {member: schemas[member] for member in MEMBERS if member in schemas},
        "additionalProperties": False,
    }


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
