"""Answers of a FastAPI application to a wrong request; they repeat nothing of the request.

    app.add_exception_handler(RequestValidationError, redacted_errors)

FastAPI's own answer echoes each wrong value, and the whole body if a member is missing. Either of the two handlers here
serves the whole application, with its other models and its parameters. It can also be added for `ViolationError`, which
`validate_request` raises in an endpoint.
"""

from collections.abc import Iterator
from typing import Any, cast

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from .._request import gateway_error
from .._violation import Violation, ViolationError
from ._places import REDACTED, Schema, members
from ._redacted import redacted_by, refusal


async def redacted_errors(request: Request, error: Exception) -> JSONResponse:
    """Status 422 in FastAPI's shape, without `input`: `type`, `loc`, `msg`, and the `position` of a violation in `ctx`.

    For errors that are not ours, `loc` and `msg` are those of `pydantic.redacted`.
    """
    return JSONResponse({"detail": _details(request, error)}, status_code=422)


async def gateway_errors(request: Request, error: Exception) -> JSONResponse:
    """Status 400 with `error_code` and `error_msg`, like the page's example answer, for the first wrong parameter."""
    first = _details(request, error)[0]
    names = [part for part in first["loc"][1:] if isinstance(part, str) and part != REDACTED]
    return JSONResponse(
        gateway_error(Violation(names[-1] if names else "", first["type"], first["msg"])), status_code=400
    )


def _details(request: Request, error: Exception) -> list[Any]:
    """The errors as pydantic writes them, without the input. Each `loc` begins with "body", "query" or the like."""
    if isinstance(error, RequestValidationError):
        redacted = redacted_by(error.errors(), "signrules", _declared(request.scope.get("route")))
        return redacted.errors(include_url=False, include_input=False)
    details = refusal(cast("ViolationError", error).violations, of_body=True).errors(
        include_url=False, include_input=False
    )
    return [{**detail, "loc": ("body", *detail["loc"])} for detail in details]


def _declared(route: Any) -> Schema:
    """All that a route declares, as the core schema of one object: part of the request, parameter, its members."""
    parts: dict[str, list[Any]] = {part: [] for part in ("path", "query", "header", "cookie", "body")}
    parts["body"].append({"type": "list", "items_schema": {}})  # the `loc` of broken JSON is the index of a character
    definitions: list[Schema] = []
    for dependant in _dependants(getattr(route, "dependant", None)):
        for part, fields in parts.items():
            for field in getattr(dependant, f"{part}_params"):
                schema = field._type_adapter.core_schema
                definitions += schema.get("definitions", ())
                # The `loc` of a whole body, or of a model of parameters, has no name of its own.
                fields += [schema, members({field.alias: schema})]
    return {**members(parts), "definitions": definitions}


def _dependants(dependant: Any) -> Iterator[Any]:
    if dependant is not None:
        yield dependant
        for inner in dependant.dependencies:
            yield from _dependants(inner)
