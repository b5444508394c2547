"""Django REST framework: a serializer field for one value, a serializer for a whole request body.

The framework's own field strips a value before it is judged, turns a number into a text, and renders a refused value
again in the browsable API. The field and the serializer here do not. Every error has our stable code, and no answer
holds a key or a secret.

A blank key or secret counts as not sent: an update leaves the stored one as it is, and a new object is made without it.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.utils.html import is_html_input
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from .._guard import guarded
from .._request import check_request, missing, not_a_string, unknown
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MEMBERS
from .._violation import Violation
from .._vocabulary import FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES
from ._django_blank import column_of, with_unchanged
from .django import SignatureKeyValidator


class _Unshown(str):
    """A text that templates render as nothing, since the browsable API renders a form with all that was sent."""

    __slots__ = ()

    def __html__(self) -> str:
        return ""


def _error(violation: Violation) -> serializers.ValidationError:
    return serializers.ValidationError(gettext(violation.message), code=violation.code)


class SignatureKeyField(serializers.CharField):
    """A serializer field for one value. It strips nothing.

    Keys and secrets are `write_only` unless you say otherwise, and are never rendered in a form. If one is blank or
    absent, an update leaves the stored one as it is, even with `required=True`, and a new object is made without it; if
    the column of the model has neither NULL nor a default, that is the error `missing`. `messages` replace our texts,
    by code.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """

    @guarded  # the repr of `self` shows all arguments
    def __init__(
        self,
        field: Field,
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        messages: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.validator = SignatureKeyValidator(
            field, sign_type=sign_type, sign_algorithm=sign_algorithm, messages=messages
        )
        self.is_secret = field in FIELDS_BY_TYPE
        self.missing, self.not_a_string = missing(field), not_a_string(field)
        if self.is_secret:
            as_textarea = {"base_template": "textarea.html", "rows": 1}  # an <input> drops pasted line breaks
            ours = {"required": False, "write_only": not kwargs.get("read_only"), "style": as_textarea}
            kwargs = {**ours, **kwargs}
        super().__init__(**{**kwargs, "trim_whitespace": False})
        # The framework's own validators repeat what ours says, and quote the character.
        foreign = (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)
        others = [each for each in self.validators if not isinstance(each, foreign)]
        self.validators = [self.validator, *others]

    def bind(self, field_name: str, parent: Any) -> None:
        """Binds the field, and decides by the object or the column whether a blank value is allowed."""
        super().bind(field_name, parent)
        if not self.is_secret:
            return
        if getattr(parent, "instance", None) is not None:
            self.required = False
            self.help_text = with_unchanged(self.help_text)
        elif self.default is empty:  # type: ignore[comparison-overlap]  # the stubs allow only texts
            column = _column(self)
            if column is not None and not column.null:
                self.required = self.required or {column.default, column.db_default} <= {models.NOT_PROVIDED, ""}

    def get_value(self, dictionary: Mapping[Any, Any]) -> Any:
        """The value that was sent. A blank key or secret counts as not sent."""
        value = dictionary.get(self.field_name, empty)
        if self.is_secret and value == "":
            return empty
        return _Unshown(value) if self.is_secret and isinstance(value, str) else value

    def to_internal_value(self, data: Any) -> str:
        """The text, unchanged."""
        is_text = isinstance(data, str)
        value = str(data) if is_text else ""
        del data  # a traceback that shows locals must not show it
        if not is_text:
            self.fail("invalid")
        return value

    def to_representation(self, value: Any) -> str:
        """The text, unchanged, if the field is not `write_only`."""
        return _Unshown(value) if self.is_secret else str(value)

    def fail(self, key: str, **kwargs: Any) -> NoReturn:  # noqa: ARG002  # our texts need none
        """Raises our errors in place of the framework's own."""
        violation = self.missing if key in {"required", "blank"} else self.not_a_string
        text = self.validator.messages.get(violation.code)
        raise serializers.ValidationError(text or gettext(violation.message), code=violation.code)


def _column(field: Any) -> "models.Field[Any, Any] | None":
    """The column in which a `ModelSerializer` keeps the value of this field, or `None`."""
    return column_of(getattr(getattr(field.parent, "Meta", None), "model", None), str(field.source))


def _held(instance: Any, member: str) -> Any:
    """What the object of an update holds, a dict or any other; `None` if it does not have the member."""
    return instance.get(member) if isinstance(instance, Mapping) else getattr(instance, member, None)


class _Value(SignatureKeyField):
    """A field whose value the serializer judges, since its rule depends on other members."""

    def __init__(self, field: Field, **kwargs: Any) -> None:
        super().__init__(field, **kwargs)
        self.validators = []


class _Choice(serializers.ChoiceField):
    """A choice that the serializer judges, since the framework's own error would quote a wrong one."""

    def run_validation(self, data: Any = empty) -> Any:
        """The word, or what stands for none in the column of the model."""
        value = super().run_validation(data)
        column = _column(self) if value is None else None
        return "" if column is not None and not column.null else value

    def get_value(self, dictionary: Mapping[Any, Any]) -> Any:
        """The value that was sent. A blank one takes back an optional choice."""
        value = dictionary.get(self.field_name, empty)
        blank = None if self.allow_null else empty
        return blank if value == "" else value

    def to_internal_value(self, data: Any) -> Any:
        """The word, unchanged."""
        return data

    def fail(self, key: str, **kwargs: Any) -> NoReturn:  # noqa: ARG002  # `null` alone gets here
        """Raises our error in place of the framework's own."""
        raise _error(not_a_string(str(self.field_name)))


class SignatureKeySerializer(serializers.Serializer[Any]):
    """The request body, Table 3 of the page, alone or as the first base of a `ModelSerializer`.

    Each violation that `check_request` finds is an error of its member. In JSON, that is also a member that no field of
    the serializer has. An update is judged together with the members that the object holds: if a stored key does not
    fit the sent type, that is an error.
    """

    name = _Value("name")
    sign_type = _Choice(choices=SIGN_TYPES, required=False)
    sign_key = _Value("sign_key")
    sign_secret = _Value("sign_secret")
    sign_algorithm = _Choice(choices=SIGN_ALGORITHMS, required=False, allow_null=True)

    @guarded
    def to_internal_value(self, data: Any) -> Any:
        """The members that were sent. An unknown one is an error, unless an HTML form sends it."""
        attrs = super().to_internal_value(data)
        foreign = () if is_html_input(data) else [member for member in data if member not in self.fields]
        if foreign:
            # An answer in UTF-8 can hold no lone surrogate.
            names = [str(member).encode(errors="replace").decode() for member in foreign]
            raise serializers.ValidationError({name: _error(unknown(name)).detail for name in names})
        return attrs

    def validate(self, attrs: Any) -> Any:
        """The members that were sent, if they are right."""
        attrs = super().validate(attrs)
        body = {member: attrs.get(member, _held(self.instance, member)) for member in MEMBERS}
        errors: dict[str, list[Any]] = {}
        for violation in check_request({member: value for member, value in body.items() if value not in (None, "")}):
            errors.setdefault(violation.field, []).extend(_error(violation).detail)
        if errors:
            del attrs, body  # a traceback that shows locals must not show them
            raise serializers.ValidationError(errors)
        return attrs
