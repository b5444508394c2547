"""The rules for pydantic: one value by an annotation, the request body as a model, a base for models of your own.

pydantic's own errors keep the input; for a missing name, the whole body. So signrules judges before pydantic does, and
makes its violations into errors that never see a value: `type` is the violation's code, `msg` its message, and `ctx`
holds its position if it has one.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Self

import pydantic
from pydantic import SecretStr, SkipValidation
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_wrap_validator_function

from .._guard import guarded
from .._request import check_request
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE
from ..export import json_schema
from ._question import question
from ._redacted import redacted, redacting, refusal

__all__ = ["RedactedModel", "SignatureKeyRequest", "SignatureKeyValidator", "redacted"]


class SignatureKeyValidator:
    """Makes a `str` or a `SecretStr` the value of a field: `Annotated[str, SignatureKeyValidator("sign_key")]`.

    It accepts a string in which `check` finds nothing wrong (Table 3 of the page), and hands it on unchanged. Any other
    object, `bytes` included, is an error of type `type`.

    Raises `LookupError` for a field, type or algorithm that does not exist. As soon as pydantic reads it, it raises
    `TypeError` for any type but `str` and `SecretStr`, and behind a constraint or a validator: these must follow it.
    """

    @guarded
    def __init__(
        self, field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
    ) -> None:
        self._question = question(field, sign_type, sign_algorithm)
        self._json_schema = partial(json_schema, field, sign_type=sign_type, sign_algorithm=sign_algorithm)

    @guarded
    def _signature_key_value(self, value: object, _: object = None) -> object:
        violations = self._question.violations(value)
        if violations:
            raise refusal(violations, of_body=False)
        return value

    @guarded
    def _signature_key_secret(self, value: Any, _: object) -> SecretStr:
        secret = value if isinstance(value, SecretStr) else SecretStr(value)
        self._signature_key_value(secret.get_secret_value())
        return secret

    def __get_pydantic_core_schema__(self, source: object, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        if source not in (str, SecretStr):
            raise TypeError("SignatureKeyValidator is for str and SecretStr")
        # pydantic's own schema only serialises: as a validator it would obey a config such as str_to_lower.
        schema = handler(source)
        if _what_judges(schema) != _what_judges(handler.generate_schema(source)):
            raise TypeError("SignatureKeyValidator must stand before the constraints and validators of a value")
        return no_info_wrap_validator_function(
            self._signature_key_value if source is str else self._signature_key_secret, schema
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        return {**_embedded(self._json_schema()), **handler(schema)}


def _what_judges(schema: Any) -> tuple[str, set[str]]:
    return schema["type"], schema.keys() - {"metadata", "serialization"}


class RedactedModel(pydantic.BaseModel):
    """A base for models of your own that hold a key or a secret: none of their errors repeats any input.

    An error has the `type` and `loc` of pydantic's, and the `msg`, unless that may hold a part of the input.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Each class wraps itself: the wrapper of its base does not cover the validators that it adds."""
        super().__init_subclass__(**options)

        @redacting
        def judge(_: type[Self], value: object, handler: Callable[[object], Self]) -> Self:
            try:
                return handler(value)
            finally:
                del value

        judge.__name__ = cls.__name__  # the `loc` of an error in a union shows the name
        wrap: Any = pydantic.model_validator(mode="wrap")
        setattr(cls, f"_judge{len(cls.__mro__)}", wrap(classmethod(judge)))

    __setattr__ = redacting(pydantic.BaseModel.__setattr__)  # a frozen model runs no validator


# Nor does pydantic run one for broken JSON or for what is not a dict. (Set here, the methods keep their types.)
# `parse_raw` is deprecated, and a later pydantic may not have it.
for _entrance in {"model_validate_json", "model_validate_strings", "parse_raw"} & vars(pydantic.BaseModel).keys():
    setattr(RedactedModel, _entrance, classmethod(redacting(getattr(pydantic.BaseModel, _entrance).__func__)))


class SignatureKeyRequest(RedactedModel):
    """The request body, Table 3 of the page. It accepts a body in which `check_request` finds nothing wrong.

    A member that was left out reads as its default, and stays out of `model_dump` and `model_dump_json`. `repr` and
    `str` show neither key nor secret. A body cannot be changed, and a subclass cannot have more members.
    """

    model_config = pydantic.ConfigDict(frozen=True, hide_input_in_errors=True)

    name: SkipValidation[str]
    sign_type: SkipValidation[SignType] = DEFAULT_SIGN_TYPE
    sign_key: SkipValidation[str | None] = pydantic.Field(default=None, repr=False)
    sign_secret: SkipValidation[str | None] = pydantic.Field(default=None, repr=False)
    sign_algorithm: SkipValidation[SignAlgorithm | None] = None

    @pydantic.model_validator(mode="before")
    @classmethod
    @guarded
    def _judge(cls, body: object) -> object:
        violations = check_request(body)
        if violations:
            raise refusal(violations, of_body=True)
        return body

    @pydantic.model_serializer(mode="wrap")
    def _as_given(self, handler: pydantic.SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {member: value for member, value in handler(self).items() if member in self.model_fields_set}

    @classmethod
    @guarded
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Reads JSON by the standard library: pydantic's error for broken JSON would hold all of it."""
        body = None  # broken JSON is judged like any other text that is not an object
        with suppress(TypeError, ValueError, RecursionError):
            body = json.loads(json_data)
        return cls.model_validate(body, **options)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        return _embedded(json_schema())


def _embedded(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without its dialect, for use in another document, which states its own."""
    del schema["$schema"]
    return schema
