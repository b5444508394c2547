"""A JSON Schema (draft 7, the newest that all peers read) that judges a request body as `check_request` does."""

from typing import Any, get_args

import signrules

from ._peers import string_schema


def request_schema(*, nested: bool) -> dict[str, Any]:
    """The whole schema; the types are told apart by `if`.

    Nested, each `if` stands in the `else` of the one before, the default type first: the fastest to judge. Otherwise
    all stand side by side in `allOf`, as most people write it.
    """
    default = signrules.complete_request({"name": "default"})["sign_type"]
    branches = []
    for sign_type in sorted(get_args(signrules.SignType), key=lambda sign_type: sign_type == default):
        condition: dict[str, Any] = {"properties": {"sign_type": {"const": sign_type}}}
        if sign_type != default:
            condition["required"] = ["sign_type"]
        branches.append({"if": condition, "then": _of_type(sign_type)})
    schema: dict[str, Any] = {}
    if nested:
        for branch in branches:
            schema = {**branch, "else": schema}
    else:
        schema = {"allOf": branches}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": string_schema(*signrules.rules_for("name")),
            "sign_type": {"enum": list(get_args(signrules.SignType))},
            "sign_key": True,
            "sign_secret": True,
            "sign_algorithm": {"enum": list(get_args(signrules.SignAlgorithm))},
        },
        **schema,
    }


def _of_type(sign_type: signrules.SignType) -> dict[str, Any]:
    schema = _key_and_secret(sign_type, None)
    if not any(rule.sign_algorithm for rule in signrules.RULES if rule.sign_type == sign_type):
        schema["properties"]["sign_algorithm"] = False
        return schema
    for algorithm in get_args(signrules.SignAlgorithm):
        condition = {"properties": {"sign_algorithm": {"const": algorithm}}, "required": ["sign_algorithm"]}
        schema = {"if": condition, "then": _key_and_secret(sign_type, algorithm), "else": schema}
    return schema


def _key_and_secret(sign_type: signrules.SignType, algorithm: signrules.SignAlgorithm | None) -> dict[str, Any]:
    fields: tuple[signrules.Field, ...] = ("sign_key", "sign_secret")
    return {
        "properties": {
            field: string_schema(*signrules.rules_for(field, sign_type=sign_type, sign_algorithm=algorithm))
            for field in fields
        }
    }
