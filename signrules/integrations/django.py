"""Django: a validator for models and forms, a form field for one value, a form for a whole request body.

Every violation is an error of its own with our stable code. Its text goes through gettext, and other texts may be given
by code. No error holds a value, and no key or secret comes back when a form is rendered again.

A form that renders no key or secret cannot tell an erased one from one that nobody touched. Hence a blank one leaves
the stored one as it is. If none is stored, it is left out: NULL or the column's own default, never an empty text.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext

from .._guard import guarded
from .._request import check_request, missing
from .._request_types import SignatureKeyRequest
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MEMBERS
from .._violation import Violation
from .._vocabulary import FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES
from ..export import common_attributes, html_attributes
from ._django_blank import LEFT_BLANK_TEXT, form_column, held, with_unchanged
from ._question import question

_ONE_ROW: Final = forms.Textarea({"rows": 1})  # an <input> drops pasted line breaks, and so silently changes a secret


def _error(violation: Violation, messages: Mapping[str, Any]) -> ValidationError:
    text = messages.get(violation.code) or gettext(violation.message)
    return ValidationError(_format(text), code=violation.code, params={"position": violation.position})


def _format(text: object) -> str:
    """The text for Django, which inserts params at `%`: each other `%` is doubled."""
    return str(text).replace("%", "%%").replace("%%(position)s", "%(position)s")


@deconstructible
class SignatureKeyValidator:
    """For the `validators` of a model's or a form's field: Table 3 of the page.

    Raises `ValidationError` with an entry for each violation, with its code and, in the params, its `position`. A value
    that is not a `str` is a violation `type`. `messages` are other texts, by code; `%(position)s` is the position.

    The constructor raises `LookupError` for a field, type or algorithm that does not exist.
    """

    @guarded
    def __init__(
        self,
        field: Field,
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        messages: Mapping[str, Any] | None = None,
    ) -> None:
        self.question = question(field, sign_type, sign_algorithm)
        self.messages = dict(messages or {})

    @guarded
    def __call__(self, value: object) -> None:
        """Raises `ValidationError` if the value is wrong."""
        violations = self.question.violations(value)
        if violations:
            raise ValidationError([_error(violation, self.messages) for violation in violations])

    def __eq__(self, other: object) -> bool:
        mine = self.question, self.messages
        return isinstance(other, SignatureKeyValidator) and mine == (other.question, other.messages)

    def __hash__(self) -> int:
        return hash(self.question)


class SignatureKeyField(forms.CharField):
    """A form field for one value, with the HTML attributes by which a browser checks it first.

    It strips nothing, and renders no key or secret again, whatever its arguments. A value may be left blank unless the
    page says that it is mandatory; then a blank one is `missing`. `error_messages` may hold texts by our codes.

    A blank key or secret leaves the one in the object of a `ModelForm`, or in the `initial` of another form, as it is,
    also with `required=True`. If none is stored, a blank one becomes the default of the column or `None`; if
    the column cannot be NULL, it is the error `missing`.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """

    @guarded
    def __init__(
        self,
        field: Field,
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        **kwargs: Any,
    ) -> None:
        validator = SignatureKeyValidator(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        self.attributes = html_attributes(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        self.is_secret = field in FIELDS_BY_TYPE
        self.missing = missing(field)
        defaults = {"required": "required" in self.attributes, "empty_value": None}
        super().__init__(**{**defaults, **kwargs, "strip": False})
        self.left_blank = self.empty_value
        if self.is_secret:
            self.show_hidden_initial = False  # the hidden <input> would render the posted value
        # Django's own validator against NUL would repeat what ours says.
        others = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]
        self.validators = [validator, *others]

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Django's, after noting what a blank value means in this form, which has its own copies of the fields."""
        bound = super().get_bound_field(form, field_name)
        column, old = form_column(form, field_name), held(form, field_name)
        is_new = old in self.empty_values
        if isinstance(form, forms.BaseModelForm) and column is not None:
            is_new = form.instance._state.adding
        if not is_new and not self.is_secret:
            old = None  # the old value was rendered, so the user has erased it
        can_be_blank = old not in self.empty_values
        if is_new or not self.is_secret:
            self.required = self.required or not (can_be_blank or column is None or column.null)
            self.left_blank = old if can_be_blank and not self.required else self.empty_value
        else:
            self.required = self.required and not can_be_blank
            self.left_blank = old
            bound.help_text = with_unchanged(bound.help_text)
        return bound

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Our attributes as far as this widget can have them and has no others; Django itself adds `required`."""
        others = {"required", "pattern"} if isinstance(widget, forms.Textarea) else {"required"}
        ours = {} if widget.is_hidden else {k: v for k, v in self.attributes.items() if k not in others}
        return {**ours, **super().widget_attrs(widget), **widget.attrs}

    def prepare_value(self, value: Any) -> Any:
        """The value that is rendered: no key and no secret."""
        return None if self.is_secret else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another value has been given."""
        return not (self.is_secret and data in self.empty_values) and super().has_changed(initial, data)

    def to_python(self, value: Any) -> Any:
        """The text, unchanged, or the value for which a blank one stands."""
        return self.left_blank if value in self.empty_values else super().to_python(value)

    def validate(self, value: Any) -> None:
        """Raises our error for a mandatory value that is blank."""
        if self.required and value in self.empty_values:
            raise _error(self.missing, self.error_messages)

    @guarded
    def run_validators(self, value: Any) -> None:
        """Django's, and then our texts by code: Django replaces the text of an error only if it is the only one."""
        try:
            if isinstance(value, str):  # the database may make the default
                super().run_validators(value)
        except ValidationError as error:
            for each in error.error_list:
                if each.code in self.error_messages:
                    text = self.error_messages[each.code]
                    each.message = _format(text) if "position" in (each.params or ()) else text
            raise


class _Value(SignatureKeyField):
    """A field whose value the form judges, since its rule depends on other members."""

    def __init__(self, field: Field, **kwargs: Any) -> None:
        super().__init__(field, **kwargs)
        self.validators = []
        for name in self.attributes.keys() - common_attributes(field):
            self.widget.attrs.pop(name, None)


class _Choice(forms.ChoiceField):
    """A choice that the form judges. If it was not sent, the old one stays.

    Django's own error would quote a wrong choice, which may be a secret pasted into the wrong place.
    """

    none: str | None = None  # stands for no choice
    not_sent: Any = None

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Django's, after noting what no choice means in this form, as in `SignatureKeyField`."""
        column, self.not_sent = form_column(form, field_name), held(form, field_name)
        if column is not None and not column.null:
            self.none = ""
            self.not_sent = self.not_sent or self.initial or ""
        return super().get_bound_field(form, field_name)

    def to_python(self, value: Any) -> Any:
        """The word, unchanged."""
        if value == "" and self.valid_value(value):
            return self.none
        return super().to_python(value) or self.not_sent

    def validate(self, value: Any) -> None:
        """Leaves that to the form."""

    def prepare_value(self, value: Any) -> Any:
        """The value that is rendered: no wrong choice."""
        return value if self.valid_value(value) else None


class SignatureKeyForm(forms.Form):
    """The request body, Table 3 of the page. A member that is blank is left out.

    Each violation of the body is an error of its field, whose `error_messages` may hold other texts, by code.

    An edit form has the stored body as its `initial`, or is also a `ModelForm`: `class KeyForm(SignatureKeyForm,
    ModelForm)`. A blank key or secret then leaves the stored one as it is, which is judged by the type that is sent.
    """

    name = _Value("name")
    sign_type = _Choice(choices=[(word, word) for word in SIGN_TYPES], initial=DEFAULT_SIGN_TYPE, required=False)
    sign_key = _Value("sign_key", widget=_ONE_ROW, help_text=LEFT_BLANK_TEXT)
    sign_secret = _Value("sign_secret", widget=_ONE_ROW, help_text=LEFT_BLANK_TEXT)
    sign_algorithm = _Choice(choices=[("", "---------"), *((w, w) for w in SIGN_ALGORITHMS)], required=False)

    def clean(self) -> dict[str, Any]:
        """The fields' values, with all errors of the body added."""
        super().clean()
        errors: dict[str, list[ValidationError]] = {}
        for violation in check_request(self._body()):
            member = violation.field
            if member not in self.fields:  # a subclass has removed the field
                whole = violation._replace(message=str(violation))
                errors.setdefault(NON_FIELD_ERRORS, []).append(_error(whole, {}))
            elif member in self.cleaned_data:  # otherwise a subclass has already refused the value
                errors.setdefault(member, []).append(_error(violation, self.fields[member].error_messages))
        self.add_error(None, errors)
        return self.cleaned_data

    def signature_key_request(self) -> SignatureKeyRequest:
        """The body, to be sent as it is. Raises `ValueError` if the form is not valid or has no data."""
        if not self.is_valid():
            raise ValueError("the form is not valid")
        return cast("SignatureKeyRequest", self._body())

    def _body(self) -> dict[str, str]:
        without_field = {member: held(self, member) for member in MEMBERS if member not in self.fields}
        values = {member: self.cleaned_data.get(member) or without_field.get(member) for member in MEMBERS}
        return {member: value for member, value in values.items() if isinstance(value, str) and value}
