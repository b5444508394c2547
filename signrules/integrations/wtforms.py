"""WTForms: a validator, a field for one value, a form for a whole request body.

Every violation is an error of its own. Its text goes through the form's translations, or is given by code. No error
holds a value, and no key or secret comes back when a form is rendered again.

A form that renders no key or secret cannot tell an erased one from one that nobody touched. Hence a blank one leaves
the stored one as it is; if none is stored, it is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from wtforms import Field as FormField
from wtforms import Form, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # the stubs are of an older release
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import TextArea

from .._guard import guarded
from .._request import check_request, missing
from .._request_types import SignatureKeyRequest
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._violation import Violation
from .._vocabulary import FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES
from ..export import common_attributes, html_attributes
from ._blank import LEFT_BLANK, UNCHANGED
from ._question import question

# The attributes that WTForms takes from a validator and renders if the widget can have them.
_FLAGS: Final = ("required", "minlength", "pattern")


def _texts(field: FormField, violations: Iterable[Violation], messages: Mapping[str, str]) -> list[str]:
    return [messages.get(violation.code) or field.gettext(violation.message) for violation in violations]


class SignatureKeyValidator:
    """For the `validators` of a field: Table 3 of the page.

    Adds one text for each violation to the field's `errors`; `messages` are other texts, by code. An empty value counts
    as left out, which is the error `missing` if the page says that the value is mandatory. A value that is not a `str`
    is a violation `type`.

    The constructor raises `LookupError` for a field, type or algorithm that does not exist.
    """

    @guarded
    def __init__(
        self,
        field: Field,
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        messages: Mapping[str, str] | None = None,
    ) -> None:
        self.question = question(field, sign_type, sign_algorithm)
        self.messages = messages or {}
        attributes = html_attributes(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        self.field_flags: dict[str, Any] = {name: attributes[name] or True for name in _FLAGS if name in attributes}

    @guarded
    def __call__(self, _form: BaseForm, field: FormField) -> None:
        """Adds the errors of the field's value."""
        violations = self._violations(field.data)
        if violations:
            *others, last = _texts(field, violations, self.messages)
            field.errors = [*field.errors, *others]  # the exception has room for one
            raise ValidationError(last)

    def _violations(self, value: object) -> tuple[Violation, ...]:
        if value is None or value == "":
            return (missing(self.question.field),) if self.question.field in MANDATORY else ()
        return self.question.violations(value)


class SignatureKeyField(StringField):
    """A field for one value, with the HTML attributes by which a browser checks it first.

    It renders no key or secret again, whatever its widget. A blank one leaves the value in the form's `obj` or
    `data` as it is, and `populate_obj` sets no value that is left out.

    When its form is made, it raises `LookupError` for a field, type or algorithm that does not exist.
    """

    @guarded
    def __init__(
        self,
        field: Field,
        label: str | None = None,
        validators: Sequence[Any] = (),
        *,
        sign_type: SignType = DEFAULT_SIGN_TYPE,
        sign_algorithm: SignAlgorithm | None = None,
        messages: Mapping[str, str] | None = None,
        render_kw: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        rule = SignatureKeyValidator(field, sign_type=sign_type, sign_algorithm=sign_algorithm, messages=messages)
        attributes = html_attributes(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        others = {name: text for name, text in attributes.items() if name not in _FLAGS}
        self.is_secret = field in FIELDS_BY_TYPE
        super().__init__(label, [rule, *validators], render_kw={**others, **(render_kw or {})}, **kwargs)
        self.for_new = self.description

    def process_data(self, value: Any) -> None:
        """WTForms' own. If there is a key or a secret, a new one is optional, and the description says so."""
        super().process_data(value)
        if self.is_secret and value:
            self.flags.required = False
            others = "" if self.for_new == LEFT_BLANK else self.for_new
            self.description = f"{others} {self.gettext(UNCHANGED)}".strip()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Takes the value that was sent, unless it is a blank key or secret."""
        if not self.is_secret or any(valuelist[:1]):
            super().process_formdata(valuelist)

    def populate_obj(self, obj: Any, name: str) -> None:
        """Sets the value unless it is left out."""
        if self.data not in (None, ""):
            super().populate_obj(obj, name)

    def _value(self) -> str:
        return "" if self.is_secret or self.data is None else str(self.data)


class _Value(SignatureKeyField):
    """A field whose value the form judges, since its rule depends on other members."""

    def __init__(self, field: Field, **kwargs: Any) -> None:
        super().__init__(field, **kwargs)
        self.validators = ()
        for name in html_attributes(field).keys() - common_attributes(field):
            vars(self.flags).pop(name, None)
            self.render_kw.pop(name, None)


class _Choice(SelectField):
    """A word or `None`, which the form judges."""

    def __init__(self, words: Sequence[str], **kwargs: Any) -> None:
        choices = [SelectChoice(word, word or "---------") for word in words]
        super().__init__(choices=choices, coerce=_word, validate_choice=False, **kwargs)

    def populate_obj(self, obj: Any, name: str) -> None:
        """Sets the word, or takes back the one that the object has."""
        if self.data or getattr(obj, name, None):
            super().populate_obj(obj, name)


def _word(word: object) -> str | None:
    return str(word) if word else None


class SignatureKeyForm(Form):
    """The request body, Table 3 of the page. An empty member is left out.

    Each violation that `check_request` finds is an error of its field, or of the form if a subclass has taken the field
    off: the stored value is judged. A subclass may give other texts, by code.

    An edit form has the stored body as its `obj` or `data`. A blank key or secret leaves the stored one as it is, which
    is judged by the type that is sent.
    """

    messages: Mapping[str, str] = {}

    name = _Value("name")
    sign_type = _Choice(SIGN_TYPES, default=DEFAULT_SIGN_TYPE)
    # An <input> drops pasted line breaks, and so silently changes a secret.
    sign_key = _Value("sign_key", widget=TextArea(), render_kw={"rows": 1}, description=LEFT_BLANK)
    sign_secret = _Value("sign_secret", widget=TextArea(), render_kw={"rows": 1}, description=LEFT_BLANK)
    sign_algorithm = _Choice(("", *SIGN_ALGORITHMS))

    @guarded
    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, *others: Any, **kwargs: Any) -> None:
        """WTForms' own, after noting what is stored: a subclass may have taken off the field of a member."""
        by_name = {**(data or {}), **kwargs}
        self._stored = {member: getattr(obj, member, by_name.get(member)) for member in MEMBERS}
        super().process(formdata, obj, data, *others, **kwargs)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether there is no error."""
        valid = super().validate(extra_validators)
        violations = check_request(self._body())
        for violation in violations:
            if violation.field in self:
                field = self[violation.field]
                field.errors = [*field.errors, *_texts(field, [violation], self.messages)]
            elif str(violation) not in self.form_errors:
                self.form_errors.append(str(violation))
        return valid and not violations

    def signature_key_request(self) -> SignatureKeyRequest:
        """The body, to be sent as it is. Raises `ValueError` if the form has errors or is not valid."""
        if self.errors or not self.validate():
            raise ValueError("the form is not valid")
        return cast("SignatureKeyRequest", self._body())

    def _body(self) -> dict[str, Any]:
        values = {member: self[member].data if member in self else self._stored[member] for member in MEMBERS}
        return {member: value for member, value in values.items() if value not in (None, "")}
