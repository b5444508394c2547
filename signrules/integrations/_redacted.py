"""pydantic's errors, without the input."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError

from .._violation import Violation
from ._places import REDACTED, Place, Schema, told_place

# These words of pydantic's messages come from the model. All others come from the input.
OF_THE_MODEL: Final = frozenset(
    (
        *("class", "class_name", "discriminator", "expected", "expected_schemes", "expected_version", "pattern"),
        *("ge", "gt", "le", "lt", "max_length", "min_length", "multiple_of"),
        *("decimal_places", "max_digits", "whole_digits"),
    )
)


def redacting(judge: Callable[..., Any]) -> Any:
    """The same method of a model or of its class, but its errors are `redacted`."""

    @wraps(judge)
    def judge_silently(model: Any, *arguments: Any, **options: Any) -> Any:
        schema = model.__pydantic_core_schema__
        try:
            return judge(model, *arguments, **options)
        except pydantic.ValidationError as error:
            refused = redacted_by(error.errors(), error.title, schema)
        finally:
            del model, arguments, options
        raise refused

    return judge_silently


def refusal(violations: Iterable[Violation], *, of_body: bool) -> pydantic.ValidationError:
    """One error for all violations. Those of a body have the member as their `loc`."""
    errors = [
        InitErrorDetails(
            type=PydanticCustomError(code, message, None if position is None else {"position": position}),
            loc=(field,) if of_body and (field or code == "unknown") else (),
            input=REDACTED,
        )
        for field, code, message, position in violations
    ]
    return pydantic.ValidationError.from_exception_data("signrules", errors, hide_input=True)


def redacted(details: Iterable[Any], title: str = "signrules", *, of: object = None) -> pydantic.ValidationError:
    """Errors that hold nothing of the input, made from pydantic's `errors()`: they have its `type`, `loc` and `msg`.

    `loc` shows indexes and the members that `of` declares, a model or a `TypeAdapter`. Without `of`, any part may be a
    key of a dict, and none is shown. `msg` is pydantic's if that text cannot hold a part of the input, otherwise "Input
    is not valid", for example for a `ValueError` of your own validators.
    """
    return redacted_by(details, title, getattr(of, "core_schema", getattr(of, "__pydantic_core_schema__", None)))


def redacted_by(details: Iterable[Any], title: str, schema: Schema | None) -> pydantic.ValidationError:
    """The same errors as those of `redacted`, by a core schema."""
    errors = [InitErrorDetails(type=_told(detail), loc=_place(detail, schema), input=REDACTED) for detail in details]
    return pydantic.ValidationError.from_exception_data(title, errors, hide_input=True)


def _place(detail: dict[str, Any], schema: Schema | None) -> Place:
    place = told_place(detail["loc"], schema)
    if detail.get("input") is REDACTED and detail["type"] == "unknown":  # a violation, whose field may be shown
        return (*place[:-1], *detail["loc"][-1:])
    return place


def _told(detail: dict[str, Any]) -> PydanticCustomError:
    if detail.get("input") is REDACTED:
        return PydanticCustomError(detail["type"], detail["msg"], detail.get("ctx"))
    context = {word: value for word, value in detail.get("ctx", {}).items() if word in OF_THE_MODEL}
    try:  # pydantic's text for this type of error, made anew from words that cannot come from the input
        message = PydanticKnownError(detail["type"], context).message()
    except (KeyError, TypeError):  # the type is not pydantic's, or its text needs a part of the input
        message = ""
    # Any other text is that of a user's validator, whose error only has a type of pydantic's.
    return PydanticCustomError(detail["type"], message if message == detail["msg"] else "Input is not valid")
