"""Django and its REST framework: what a blank key or secret means, by its column and its old value, and in words."""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from ._blank import LEFT_BLANK, UNCHANGED

if TYPE_CHECKING:
    from django.db import models

LEFT_BLANK_TEXT: Final = gettext_lazy(LEFT_BLANK)
_UNCHANGED_TEXT: Final = gettext_lazy(UNCHANGED)


def column_of(model: Any, name: str) -> "models.Field[Any, Any] | None":
    """The column of this name in a model, or `None`; also for no model."""
    columns = model._meta.concrete_fields if model is not None else ()
    return next((column for column in columns if column.name == name), None)


def form_column(form: forms.BaseForm, name: str) -> "models.Field[Any, Any] | None":
    """The column in which a `ModelForm` keeps this value, or `None`."""
    return column_of(form.instance if isinstance(form, forms.BaseModelForm) else None, name)


def held(form: forms.BaseForm, name: str) -> Any:
    """The value from before the form was sent: that of a `ModelForm`'s object, or the `initial` of any other form."""
    column = form_column(form, name)
    if column is not None:
        return column.value_from_object(cast("forms.BaseModelForm[Any]", form).instance)
    initial = form.initial.get(name)
    return initial() if callable(initial) else initial


def with_unchanged(help_text: Any) -> Any:
    """The help text of a field that holds a key or a secret: a blank one leaves it as it is."""
    others = "" if help_text == LEFT_BLANK_TEXT else help_text
    return format_lazy("{} {}", others, _UNCHANGED_TEXT) if others else _UNCHANGED_TEXT
