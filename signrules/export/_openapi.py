"""The endpoint as an OpenAPI document."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from .._check import JUDGES
from .._endpoint import AUTHENTICATION_HEADER, PATH, REFUSALS
from .._rule import SignAlgorithm, SignType, bounded_pattern
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._json_schema import DIALECT, value_schema

_VERSION: Final = "3.1.0"

# What stands in the examples for the words in braces of the gateway's errors.
_EXAMPLES: Final = {
    "instance_id": "70cc3ed01262561d3dfb0353d6ae9d17",
    "parameter": FIELDS_BY_TYPE[0],
    "sign_type": SIGN_TYPES[-1],
}


def openapi() -> dict[str, Any]:
    """An OpenAPI 3.1 document of the request that creates a signature key, with all of its answers.

    The body is a `oneOf` of one schema for each type and algorithm, the bounds both in the pattern and beside it: from
    this form, fuzzers find the most. It accepts what `check_request` finds nothing wrong with. Sources: Tables 1 to 8
    of the page. The result is new at each call and may be changed.
    """
    return {
        "openapi": _VERSION,
        "jsonSchemaDialect": DIALECT,
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
    return {
        "oneOf": [
            _of_kind(sign_type, sign_algorithm)
            for sign_type in SIGN_TYPES
            for sign_algorithm in (None, *(SIGN_ALGORITHMS if sign_type in TYPES_WITH_ALGORITHM else ()))
        ]
    }


def _of_kind(sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> dict[str, Any]:
    """Bodies with this type, and with this algorithm or none."""
    words = {"sign_type": sign_type, "sign_algorithm": sign_algorithm}
    given = {member: word for member, word in words.items() if word is not None}
    schemas: dict[str, Any] = {member: {"type": "string", "const": word} for member, word in given.items()}
    for field in FIELDS:
        bounded = bounded_pattern(JUDGES[field, sign_type, sign_algorithm].rules)
        schemas[field] = value_schema(field, sign_type, sign_algorithm) | {"pattern": f"^(?:{bounded})$"}
    return {
        "title": " ".join(given.values()),
        "type": "object",
        "required": [*MANDATORY, *(member for member, word in given.items() if word != DEFAULT_SIGN_TYPE)],
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
