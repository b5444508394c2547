"""Answers of a FastAPI application to a wrong request that repeat nothing of it.

    app.add_exception_handler(RequestValidationError, redacted_errors)

FastAPI's own answer echoes each wrong value, and the whole body where a member is missing. These two serve the whole
application, its other models and its parameters too. Either can also be added for `ViolationError`, which an endpoint
raises that calls `validate_request`.
"""

from collections.abc import Sequence
from typing import Any, cast

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from .._request import gateway_error
from .._violation import Violation, ViolationError
from ._redacted import redacted, refusal


async def redacted_errors(_: Request, error: Exception) -> JSONResponse:
    """Status 422 in FastAPI's shape, without `input`: `type`, `loc`, `msg`, and the `position` of a violation in `ctx`.

    For errors that are not ours, `pydantic.redacted` makes the `msg`.
    """
    details = redacted(_details(error)).errors(include_url=False, include_input=False)
    return JSONResponse({"detail": details}, status_code=422)


async def gateway_errors(_: Request, error: Exception) -> JSONResponse:
    """Status 400 with `error_code` and `error_msg`, the page's example answer; it names the first wrong parameter."""
    first = _details(error)[0]
    names = [part for part in first["loc"][1:] if isinstance(part, str)]
    return JSONResponse(
        gateway_error(Violation(names[-1] if names else "", first["type"], first["msg"])), status_code=400
    )


def _details(error: Exception) -> Sequence[Any]:
    """The errors as pydantic writes them; the place of each begins with "body", "query" and so on."""
    if isinstance(error, RequestValidationError):
        return error.errors()
    details = refusal(cast("ViolationError", error).violations, of_body=True).errors()
    return [{**detail, "loc": ("body", *detail["loc"])} for detail in details]
