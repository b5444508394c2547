"""Django: a validator for models and forms, a form field for one value, a form for a whole request body.

Every violation is an error of its own with our stable code; its text goes through gettext, and other texts may be given
by code. No error holds a value, and no key or secret comes back when a form is rendered again.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext, gettext_lazy

from .._check import SIGN_ALGORITHMS, SIGN_TYPES, check, rules_for
from .._request import FIELDS_BY_TYPE, SignatureKeyRequest, check_request, missing, not_a_string
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MEMBERS
from .._violation import Violation
from ..export import common_attributes, html_attributes
from ..export._html import LEFT_BLANK

_BLANK: Final = gettext_lazy(LEFT_BLANK)
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
        rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        self.question = field, sign_type, sign_algorithm
        self.messages = dict(messages or {})

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


class SignatureKeyField(forms.CharField):
    """A form field for one value, with the HTML attributes by which a browser checks it first.

    It strips nothing, and renders no key or secret again, whatever its arguments. Unless the page says that a value is
    mandatory, it may be left blank; otherwise that is `missing`. Among its `error_messages` may be texts by our codes.

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
        validator = SignatureKeyValidator(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        self.attributes = html_attributes(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        self.is_secret = field in FIELDS_BY_TYPE
        self.missing = missing(field)
        super().__init__(**{"required": "required" in self.attributes, **kwargs, "strip": False})
        if self.is_secret:
            self.show_hidden_initial = False  # what was posted for it would be rendered
        # Django's own against NUL would tell a second time what ours tells.
        others = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]
        self.validators = [validator, *others]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Those that this widget can have, unless it was given others; `required` is Django's business."""
        others = {"required", "pattern"} if isinstance(widget, forms.Textarea) else {"required"}
        ours = {} if widget.is_hidden else {k: v for k, v in self.attributes.items() if k not in others}
        return {**ours, **super().widget_attrs(widget), **widget.attrs}

    def prepare_value(self, value: Any) -> Any:
        """What is rendered."""
        return None if self.is_secret else value

    def validate(self, value: Any) -> None:
        """Nothing, or our error for a mandatory value that is blank."""
        if self.required and value in self.empty_values:
            raise _error(self.missing, self.error_messages)

    def run_validators(self, value: Any) -> None:
        """As ever, and then the texts by code: Django replaces that of a lone error only."""
        try:
            super().run_validators(value)
        except ValidationError as error:
            for each in error.error_list:
                if each.code in self.error_messages:
                    text = self.error_messages[each.code]
                    each.message = _format(text) if "position" in (each.params or ()) else text
            raise
        finally:
            del value


class _JudgedByForm(forms.Field):
    def clean(self, value: Any) -> Any:
        return self.to_python(value)


class _Value(_JudgedByForm, SignatureKeyField):
    def __init__(self, field: Field, **kwargs: Any) -> None:
        super().__init__(field, **kwargs)
        for name in self.attributes.keys() - common_attributes(field):
            self.widget.attrs.pop(name, None)


class _Choice(_JudgedByForm, forms.ChoiceField):
    """Django's own error would quote a wrong choice: it may be a secret pasted into the wrong place."""

    def prepare_value(self, value: Any) -> Any:
        """What is rendered."""
        return value if self.valid_value(value) else None


class SignatureKeyForm(forms.Form):
    """The request body, Table 3 of the page. A member that is blank is left out.

    All that `check_request` finds wrong stands at its field, whose `error_messages` may have other texts, by code.
    """

    name = _Value("name")
    sign_type = _Choice(choices=[(word, word) for word in SIGN_TYPES], initial=DEFAULT_SIGN_TYPE, required=False)
    sign_key = _Value("sign_key", widget=_ONE_ROW, help_text=_BLANK)
    sign_secret = _Value("sign_secret", widget=_ONE_ROW, help_text=_BLANK)
    sign_algorithm = _Choice(choices=[("", "---------"), *((w, w) for w in SIGN_ALGORITHMS)], required=False)

    def clean(self) -> dict[str, Any]:
        """The fields' values, with all errors of the body added."""
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
        return {member: self.cleaned_data[member] for member in MEMBERS if self.cleaned_data.get(member)}
