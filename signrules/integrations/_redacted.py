"""pydantic's errors, without what was given."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError

from .._violation import Violation

# What an error of ours holds in the place of the input.
REDACTED: Final = "[redacted]"

# What a model says of itself in pydantic's messages. Whatever else stands there comes from the input.
OF_THE_MODEL: Final = frozenset(
    (
        *("class", "class_name", "discriminator", "expected", "expected_schemes", "expected_version", "pattern"),
        *("ge", "gt", "le", "lt", "max_length", "min_length", "multiple_of"),
        *("decimal_places", "max_digits", "whole_digits"),
    )
)


def redacting(judge: Callable[..., Any]) -> Any:
    """The same function, with `redacted` errors."""

    @wraps(judge)
    def judge_silently(*arguments: Any, **options: Any) -> Any:
        try:
            return judge(*arguments, **options)
        except pydantic.ValidationError as error:
            refused = redacted(error.errors(), error.title)
        finally:
            del arguments, options
        raise refused

    return judge_silently


def refusal(violations: Iterable[Violation], *, of_body: bool) -> pydantic.ValidationError:
    """The error that says all of them; those of a body have the member as their `loc`."""
    return redacted(
        {
            "type": code,
            "loc": (field,) if of_body and field else (),
            "msg": message,
            "input": REDACTED,
            "ctx": None if position is None else {"position": position},
        }
        for field, code, message, position in violations
    )


def redacted(details: Iterable[Any], title: str = "signrules") -> pydantic.ValidationError:
    """Errors that hold nothing of the input, made from pydantic's `errors()`: `type`, `loc`, and what `msg` may say.

    `msg` is pydantic's if that text cannot hold a part of the input, otherwise "Input is not valid": so it is, among
    others, for a `ValueError` of your own validators.
    """
    errors = [InitErrorDetails(type=_told(detail), loc=detail["loc"], input=REDACTED) for detail in details]
    return pydantic.ValidationError.from_exception_data(title, errors, hide_input=True)


def _told(detail: dict[str, Any]) -> PydanticCustomError:
    if detail.get("input") is REDACTED:
        return PydanticCustomError(detail["type"], detail["msg"], detail.get("ctx"))
    context = {word: value for word, value in detail.get("ctx", {}).items() if word in OF_THE_MODEL}
    try:  # the text of this type of pydantic's errors, made anew from what cannot come from the input
        message = PydanticKnownError(detail["type"], context).message()
    except (KeyError, TypeError):  # not a type of pydantic's, or its text needs a part of the input
        message = "Input is not valid"
    return PydanticCustomError(detail["type"], message)
