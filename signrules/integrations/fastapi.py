"""Answers of a FastAPI application to a wrong request that repeat nothing of it.

    app.add_exception_handler(RequestValidationError, redacted_errors)

FastAPI's own answer echoes each wrong value, and the whole body where a member is missing. These two serve the whole
application, its other models and its parameters too. Either can also be added for `ViolationError`, which an endpoint
raises that calls `validate_request`.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import PydanticKnownError

from .._request import gateway_error
from .._violation import Violation, ViolationError
from .pydantic import REDACTED, refusal

# What a model says of itself in pydantic's messages. Whatever else stands there comes from the input.
_OF_THE_MODEL: Final = frozenset(
    (
        *("class", "class_name", "discriminator", "expected", "expected_schemes", "expected_version", "pattern"),
        *("ge", "gt", "le", "lt", "max_length", "min_length", "multiple_of"),
        *("decimal_places", "max_digits", "whole_digits"),
    )
)


async def redacted_errors(_: Request, error: Exception) -> JSONResponse:
    """Status 422 in FastAPI's shape, without `input`: `type`, `loc`, `msg`, and the `position` of a violation in `ctx`.

    `msg` is pydantic's if that text cannot hold a part of the input, otherwise "Input is not valid": so it is, among
    others, for a `ValueError` of your own validators.
    """
    return JSONResponse({"detail": [_redacted(detail) for detail in _details(error)]}, status_code=422)


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


def _redacted(detail: dict[str, Any]) -> dict[str, Any]:
    if detail.get("input") is REDACTED:
        return {part: detail[part] for part in ("type", "loc", "msg", "ctx") if part in detail}
    return {"type": detail["type"], "loc": detail["loc"], "msg": _message(detail)}


def _message(detail: dict[str, Any]) -> str:
    """The text of this type of pydantic's errors, made anew from what cannot come from the input."""
    context = {word: value for word, value in detail.get("ctx", {}).items() if word in _OF_THE_MODEL}
    try:
        return PydanticKnownError(detail["type"], context).message()
    except (KeyError, TypeError):  # not a type of pydantic's, or its text needs a part of the input
        return "Input is not valid"
