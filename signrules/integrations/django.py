"""Django: a validator for models and forms, a form field for one value, a form for a whole request body.

Every violation is an error of its own with our stable code; its text goes through gettext, and other texts may be given
by code. No error holds a value, and no key or secret comes back when a form is rendered again.

A form that renders no key or secret cannot tell one that was erased from one that nobody touched. Hence a blank one
stays as it is where there is one. Otherwise it is left out: NULL or the column's own default, never an empty text.

A constructor deletes its arguments before an exception leaves it: a caller who swaps two may have passed the secret as
any of them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.deconstruct import deconstructible
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy

from .._check import check, rules_for
from .._request import SignatureKeyRequest, check_request, missing, not_a_string
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MEMBERS
from .._violation import Violation
from .._vocabulary import FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES
from ..export import common_attributes, html_attributes
from ._blank import LEFT_BLANK, UNCHANGED

if TYPE_CHECKING:
    from django.db import models

_LEFT_BLANK: Final = gettext_lazy(LEFT_BLANK)
_UNCHANGED: Final = gettext_lazy(UNCHANGED)
_ONE_ROW: Final = forms.Textarea({"rows": 1})  # an <input> drops pasted line breaks, and so changes a secret in silence


def _error(violation: Violation, messages: Mapping[str, Any]) -> ValidationError:
    text = messages.get(violation.code) or gettext(violation.message)
    return ValidationError(_format(text), code=violation.code, params={"position": violation.position})


def _format(text: object) -> str:
    """For Django, which puts params in by "%": every other `%` is plain text."""
    return str(text).replace("%", "%%").replace("%%(position)s", "%(position)s")


@deconstructible
class SignatureKeyValidator:
    """For the `validators` of a model's or a form's field: Table 3 of the page.

    Raises `ValidationError` with an entry for each violation, with its code and in its params the `position`. A value
    that is no `str` is a violation `type`. `messages` are other texts, by code; `%(position)s` in one is the position.

    The constructor raises `LookupError` for a field, type or algorithm that does not exist.
    """

    def __init__(
        self,
        field: Field,
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        messages: Mapping[str, Any] | None = None,
    ) -> None:
        try:
            rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
            self.question = field, sign_type, sign_algorithm
            self.messages = dict(messages or {})
        finally:
            del field, sign_type, sign_algorithm, messages

    def __call__(self, value: object) -> None:
        """Nothing, or `ValidationError`."""
        field, sign_type, sign_algorithm = self.question
        violations: tuple[Violation, ...] = (not_a_string(field),)
        if isinstance(value, str):
            violations = check(field, value, sign_type=sign_type, sign_algorithm=sign_algorithm)
        del value  # a traceback that shows locals must not show it
        if violations:
            raise ValidationError([_error(violation, self.messages) for violation in violations])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SignatureKeyValidator):
            return False
        return (self.question, self.messages) == (other.question, other.messages)

    def __hash__(self) -> int:
        return hash(self.question)


def _column(form: forms.BaseForm, name: str) -> "models.Field[Any, Any] | None":
    """The column in which a `ModelForm` keeps this value."""
    columns = form.instance._meta.concrete_fields if isinstance(form, forms.BaseModelForm) else ()
    return next((column for column in columns if column.name == name), None)


def _held(form: forms.BaseForm, name: str) -> Any:
    """The value from before the form was sent: that of a `ModelForm`'s object, of any other form its `initial`."""
    column = _column(form, name)
    if column is not None:
        return column.value_from_object(cast("forms.BaseModelForm[Any]", form).instance)
    initial = form.initial.get(name)
    return initial() if callable(initial) else initial


class SignatureKeyField(forms.CharField):
    """A form field for one value, with the HTML attributes by which a browser checks it first.

    It strips nothing, and renders no key or secret again, whatever its arguments. Unless the page says that a value is
    mandatory, it may be left blank; otherwise that is `missing`. Among its `error_messages` may be texts by our codes.

    A blank key or secret stays as it is in the object of a `ModelForm`, or in the `initial` of another form, also with
    `required=True`. Where there is none, it is left out: the default of the column, or `None`; that is `missing` if the
    column cannot be NULL.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """

    def __init__(
        self,
        field: Field,
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        **kwargs: Any,
    ) -> None:
        try:
            validator = SignatureKeyValidator(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
            self.attributes = html_attributes(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
            self.is_secret = field in FIELDS_BY_TYPE
            self.missing = missing(field)
            defaults = {"required": "required" in self.attributes, "empty_value": None}
            super().__init__(**{**defaults, **kwargs, "strip": False})
        finally:
            del field, sign_type, sign_algorithm, kwargs
        self.left_blank = self.empty_value
        if self.is_secret:
            self.show_hidden_initial = False  # what was posted for it would be rendered
        # Django's own against NUL would tell a second time what ours tells.
        others = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]
        self.validators = [validator, *others]

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """As ever. Each form has copies of its fields, so this one may note what a blank value means in this form."""
        bound = super().get_bound_field(form, field_name)
        column, held = _column(form, field_name), _held(form, field_name)
        is_new = held in self.empty_values
        if isinstance(form, forms.BaseModelForm) and column is not None:
            is_new = form.instance._state.adding
        if not is_new and not self.is_secret:
            held = None  # it was rendered, so a blank one has been erased
        can_be_blank = held not in self.empty_values
        if is_new or not self.is_secret:
            self.required = self.required or not (can_be_blank or column is None or column.null)
            self.left_blank = held if can_be_blank and not self.required else self.empty_value
        else:
            self.required = self.required and not can_be_blank
            self.left_blank = held
            others = "" if bound.help_text == _LEFT_BLANK else bound.help_text
            bound.help_text = format_lazy("{} {}", others, _UNCHANGED) if others else _UNCHANGED
        return bound

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Those that this widget can have, unless it was given others; `required` is Django's business."""
        try:
            others = {"required", "pattern"} if isinstance(widget, forms.Textarea) else {"required"}
            ours = {} if widget.is_hidden else {k: v for k, v in self.attributes.items() if k not in others}
            return {**ours, **super().widget_attrs(widget), **widget.attrs}
        finally:
            del widget  # the constructor calls this, and it may be anything that was passed there

    def prepare_value(self, value: Any) -> Any:
        """What is rendered."""
        return None if self.is_secret else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another value has been given."""
        return not (self.is_secret and data in self.empty_values) and super().has_changed(initial, data)

    def to_python(self, value: Any) -> Any:
        """The very text, or what a blank one means."""
        return self.left_blank if value in self.empty_values else super().to_python(value)

    def validate(self, value: Any) -> None:
        """Nothing, or our error for a mandatory value that is blank."""
        if self.required and value in self.empty_values:
            raise _error(self.missing, self.error_messages)

    def run_validators(self, value: Any) -> None:
        """As ever, and then the texts by code: Django replaces that of a lone error only."""
        try:
            if isinstance(value, str):  # a default may be one that the database makes
                super().run_validators(value)
        except ValidationError as error:
            for each in error.error_list:
                if each.code in self.error_messages:
                    text = self.error_messages[each.code]
                    each.message = _format(text) if "position" in (each.params or ()) else text
            raise
        finally:
            del value


class _Value(SignatureKeyField):
    """One that the form judges, with the others on which its rule depends."""

    def __init__(self, field: Field, **kwargs: Any) -> None:
        super().__init__(field, **kwargs)
        self.validators = []
        for name in self.attributes.keys() - common_attributes(field):
            self.widget.attrs.pop(name, None)


class _Choice(forms.ChoiceField):
    """One that the form judges; what was not sent stays as it is.

    Django's own error would quote a wrong choice: it may be a secret pasted into the wrong place.
    """

    none: str | None = None  # no choice has been made
    not_sent: Any = None

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """As ever, with notes for this form alone, as in `SignatureKeyField`."""
        column, self.not_sent = _column(form, field_name), _held(form, field_name)
        if column is not None and not column.null:
            self.none = ""
            self.not_sent = self.not_sent or self.initial or ""
        return super().get_bound_field(form, field_name)

    def to_python(self, value: Any) -> Any:
        """The very word."""
        if value == "" and self.valid_value(value):
            return self.none
        return super().to_python(value) or self.not_sent

    def validate(self, value: Any) -> None:
        """Nothing: the form does."""

    def prepare_value(self, value: Any) -> Any:
        """What is rendered."""
        return value if self.valid_value(value) else None


class SignatureKeyForm(forms.Form):
    """The request body, Table 3 of the page. A member that is blank is left out.

    All that `check_request` finds wrong stands at its field, whose `error_messages` may have other texts, by code.

    An edit form has the stored body as its `initial`, or is also a `ModelForm`: `class KeyForm(SignatureKeyForm,
    ModelForm)`. A key or a secret that is left blank then stays as it is, and is judged by the type that is sent.
    """

    name = _Value("name")
    sign_type = _Choice(choices=[(word, word) for word in SIGN_TYPES], initial=DEFAULT_SIGN_TYPE, required=False)
    sign_key = _Value("sign_key", widget=_ONE_ROW, help_text=_LEFT_BLANK)
    sign_secret = _Value("sign_secret", widget=_ONE_ROW, help_text=_LEFT_BLANK)
    sign_algorithm = _Choice(choices=[("", "---------"), *((w, w) for w in SIGN_ALGORITHMS)], required=False)

    def clean(self) -> dict[str, Any]:
        """The fields' values, with all errors of the body added."""
        super().clean()
        errors: dict[str, list[ValidationError]] = {}
        for violation in check_request(self._body()):
            member = violation.field
            if member not in self.fields:  # a subclass has taken it off
                whole = violation._replace(message=str(violation))
                errors.setdefault(NON_FIELD_ERRORS, []).append(_error(whole, {}))
            elif member in self.cleaned_data:  # otherwise a subclass has refused it
                errors.setdefault(member, []).append(_error(violation, self.fields[member].error_messages))
        self.add_error(None, errors)
        return self.cleaned_data

    def signature_key_request(self) -> SignatureKeyRequest:
        """The body, to be sent as it is. Raises `ValueError` if the form is not valid, or was given no data."""
        if not self.is_valid():
            raise ValueError("the form is not valid")
        return cast("SignatureKeyRequest", self._body())

    def _body(self) -> dict[str, str]:
        without_field = {member: _held(self, member) for member in MEMBERS if member not in self.fields}
        values = {member: self.cleaned_data.get(member) or without_field.get(member) for member in MEMBERS}
        return {member: value for member, value in values.items() if isinstance(value, str) and value}
