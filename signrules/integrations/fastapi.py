"""Answers of a FastAPI application to a wrong request that repeat nothing of it.

    app.add_exception_handler(RequestValidationError, redacted_errors)

FastAPI's own answer echoes each wrong value, and the whole body where a member is missing. These two serve the whole
application, its other models and its parameters too. Either can also be added for `ViolationError`, which an endpoint
raises that calls `validate_request`.
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

    For errors that are not ours, `pydantic.redacted` makes the `loc` and the `msg`.
    """
    return JSONResponse({"detail": _details(request, error)}, status_code=422)


async def gateway_errors(request: Request, error: Exception) -> JSONResponse:
    """Status 400 with `error_code` and `error_msg`, the page's example answer; it names the first wrong parameter."""
    first = _details(request, error)[0]
    names = [part for part in first["loc"][1:] if isinstance(part, str) and part != REDACTED]
    return JSONResponse(
        gateway_error(Violation(names[-1] if names else "", first["type"], first["msg"])), status_code=400
    )


def _details(request: Request, error: Exception) -> list[Any]:
    """The errors as pydantic writes them, less the input; the place of each begins with "body", "query" and so on."""
    if isinstance(error, RequestValidationError):
        redacted = redacted_by(error.errors(), "signrules", _declared(request.scope.get("route")))
        return redacted.errors(include_url=False, include_input=False)
    details = refusal(cast("ViolationError", error).violations, of_body=True).errors(
        include_url=False, include_input=False
    )
    return [{**detail, "loc": ("body", *detail["loc"])} for detail in details]


def _declared(route: Any) -> Schema:
    """All that a route declares, as the core schema of one object: a part of the request, a parameter, its members."""
    parts: dict[str, list[Any]] = {part: [] for part in ("path", "query", "header", "cookie", "body")}
    parts["body"].append({"type": "list", "items_schema": {}})  # where broken JSON breaks
    definitions: list[Schema] = []
    for dependant in _dependants(getattr(route, "dependant", None)):
        for part, fields in parts.items():
            for field in getattr(dependant, f"{part}_params"):
                schema = field._type_adapter.core_schema
                definitions += schema.get("definitions", ())
                # The place of a whole body, and of a model of parameters, has no name of its own.
                fields += [schema, members({field.alias: schema})]
    return members(parts) | {"definitions": definitions}


def _dependants(dependant: Any) -> Iterator[Any]:
    if dependant is not None:
        yield dependant
        for inner in dependant.dependencies:
            yield from _dependants(inner)
