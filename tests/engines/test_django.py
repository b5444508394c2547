"""Django judges as the oracle does, says what breaks by our codes, and tells no key or secret to anyone."""

import logging
import re
import struct
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

import pytest

pytest.importorskip("django", reason="needs Django: in a clone, pip install '.[django]'")

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import engines
from django.test import Client, override_settings
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext_lazy

from signrules import Code, Field
from signrules.export import html_attributes
from signrules.integrations.django import SignatureKeyField, SignatureKeyForm, SignatureKeyValidator

from .. import oracle
from ..labelled import QUESTIONS, labelled_bodies, labelled_values
from ..questions import Question, every_question
from ..silence import FOREIGN, LONG, Carrier, assert_constructors_are_silent, assert_silent, told
from . import django_site
from .controls import controls_in
from .judged import judged

django_site.configure()

NAME = Question("name", {"sign_type": "hmac", "sign_algorithm": None})
KEY = Question("sign_key", {"sign_type": "hmac", "sign_algorithm": None})
Broken = list[tuple[str, int | None]]
TYPING = {"autocomplete": "off", "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


def form_of(question: Question, **kwargs: Any) -> type[forms.Form]:
    class OneValue(forms.Form):
        value = SignatureKeyField(question.field, **question.kind, **kwargs)

    return OneValue


def posted(data: dict[str, str]) -> QueryDict:
    """As Django reads a POST of a browser. A lone surrogate cannot come that way, only from a program."""
    try:
        return QueryDict(urlencode(data))
    except UnicodeEncodeError:
        query = QueryDict(mutable=True)
        query.update(data)
        return query


def can_be_typed(body: object) -> bool:
    """Whether a form can send it: known members that are strings."""
    return (
        isinstance(body, dict) and set(body) <= set(oracle.MEMBERS) and all(isinstance(v, str) for v in body.values())
    )


def broken(errors: Iterable[ValidationError]) -> Broken:
    return [(error.code or "", (error.params or {}).get("position")) for error in errors]


def broken_by(judge: Callable[[Any], object], value: object) -> Broken:
    try:
        judge(value)
    except ValidationError as error:
        return broken(error.error_list)
    return []


# Verdicts, codes and positions.


@judged("django", "Django", "pip django", form="SignatureKeyValidator")
def test_the_validator_judges_as_the_oracle_does() -> None:
    validators = {str(question): SignatureKeyValidator(question.field, **question.kind) for question in QUESTIONS}
    for question, text, expected in labelled_values():
        assert broken_by(validators[str(question)], text) == expected, (str(question), text)


@judged("django", "Django", "pip django", form="SignatureKeyField")
def test_a_form_field_judges_posted_values_as_the_oracle_does() -> None:
    forms_by_question = {str(question): form_of(question, required=False) for question in QUESTIONS}
    for question, text, expected in labelled_values():
        form = forms_by_question[str(question)](posted({"value": text}))
        found = broken(form.errors.as_data().get("value", []))
        assert found == (expected if text else []), (str(question), text)
        assert found or form.cleaned_data == {"value": text or None}  # just as it was sent


@judged(
    "django",
    "Django",
    "pip django",
    form="SignatureKeyForm",
    body="exactly",
    differences="takes what is blank for left out, and does not look at unknown members",
)
def test_the_form_judges_bodies_as_the_oracle_does() -> None:
    asked = 0
    for body in filter(can_be_typed, (body for body, _ in labelled_bodies())):
        given = {member: value for member, value in body.items() if value}
        form = SignatureKeyForm(posted(body))
        found = [(member, *each) for member, errors in form.errors.as_data().items() for each in broken(errors)]
        assert found == oracle.broken_members(given), body
        assert found or form.signature_key_request() == given
        asked += 1
    assert asked > 2000


def test_an_empty_value_is_one_that_is_left_out() -> None:
    assert broken_by(SignatureKeyValidator("sign_key"), "") == [("length", None)]
    assert form_of(KEY)(posted({"value": ""})).is_valid()
    assert form_of(KEY)(posted({})).is_valid()
    blank = SignatureKeyForm(posted(dict.fromkeys(oracle.MEMBERS, "") | {"name": "orders"}))
    assert blank.is_valid()
    assert blank.signature_key_request() == {"name": "orders"}


def test_a_name_must_be_given() -> None:
    missing = [{"message": "must be given", "code": "missing"}]
    for blank in {}, {"name": "", "value": ""}:
        assert SignatureKeyForm(posted(blank)).errors.get_json_data() == {"name": missing}
        assert form_of(NAME)(posted(blank)).errors.get_json_data() == {"value": missing}
        assert form_of(KEY, required=True)(posted(blank)).errors.get_json_data() == {"value": missing}
        assert form_of(NAME, error_messages={"missing": "fehlt"})(posted(blank)).errors == {"value": ["fehlt"]}
        assert form_of(NAME, required=False)(posted(blank)).is_valid()


@pytest.mark.parametrize("value", [None, 8, b"abcdefgh", ["abcdefgh"]])
def test_what_is_no_string_is_a_violation(value: object) -> None:
    assert broken_by(SignatureKeyValidator("sign_key"), value) == [("type", None)]


def test_nothing_is_stripped_as_django_would() -> None:
    class Both(forms.Form):
        plain = forms.CharField(validators=[SignatureKeyValidator("sign_key")])
        ours = SignatureKeyField("sign_key", strip=True)

    assert Both(posted({"plain": " abcdefgh", "ours": " abcdefgh"})).errors.as_data().keys() == {"ours"}


def test_other_validators_are_kept() -> None:
    def refuse(_: str) -> None:
        raise ValidationError("no", code="no")

    field = SignatureKeyField("sign_key", max_length=9, validators=[refuse])
    assert broken_by(field.clean, "abcdefghij") == [("no", None), ("max_length", None)]


def test_a_wrong_question_is_refused() -> None:
    for wrong in ({"field": "key"}, {"sign_type": "HMAC"}, {"sign_algorithm": "aes"}):
        question: dict[str, Any] = {"field": "name", **wrong}
        for construct in (SignatureKeyValidator, SignatureKeyField):
            with pytest.raises(LookupError, match="must be"):
                construct(**question)


def test_a_form_that_is_not_valid_gives_no_body() -> None:
    for form in (SignatureKeyForm(), SignatureKeyForm(posted({"name": "orders", "sign_secret": "short"}))):
        with pytest.raises(ValueError, match="not valid"):
            form.signature_key_request()


def test_a_subclass_may_refuse_more() -> None:
    class Unique(SignatureKeyForm):
        def clean_name(self) -> str:
            raise ValidationError("exists already", code="exists")

    form = Unique(posted({"name": "orders", "sign_key": "?"}))
    assert {member: broken(errors) for member, errors in form.errors.as_data().items()} == {
        "name": [("exists", None)],
        "sign_key": [("length", None), ("charset", 0), ("first", 0)],
    }


def test_a_subclass_may_take_a_member_off() -> None:
    class Unnamed(SignatureKeyForm):
        name = None  # type: ignore[assignment]  # that is how Django takes a field off
        sign_type = None  # type: ignore[assignment]  # that too

    form = Unnamed(posted({"sign_key": "?"}))
    assert {member: broken(errors) for member, errors in form.errors.as_data().items()} == {
        "__all__": [("missing", None)],
        "sign_key": [("length", None), ("charset", 0), ("first", 0)],
    }
    assert form.non_field_errors() == ["name must be given"]

    class Named(Unnamed):
        def clean(self) -> dict[str, Any]:
            self.cleaned_data["name"] = "given_by_the_view"
            return super().clean()

    assert Named(posted({})).signature_key_request() == {"name": "given_by_the_view"}


# What the browser gets.


@every_question
def test_the_attributes_are_there_once(question: Question) -> None:
    expected = html_attributes(question.field, **question.kind)
    assert controls_in(form_of(question)().as_p())["value"] == expected
    in_textarea = {name: text for name, text in expected.items() if name != "pattern"}
    assert controls_in(form_of(question, widget=forms.Textarea)().as_p())["value"] == in_textarea
    assert controls_in(form_of(question, widget=forms.HiddenInput)().as_p())["value"] == {}


def test_other_attributes_go_first() -> None:
    class Other(forms.Form):
        value = SignatureKeyField("name", required=False, max_length=9, widget=forms.TextInput({"title": "A name"}))

    attributes = controls_in(Other().as_p())["value"]
    assert (attributes["title"], attributes["maxlength"], "required" in attributes) == ("A name", "9", False)


def test_the_form_has_the_members_in_order_and_attributes_that_hold_for_each_type() -> None:
    html = SignatureKeyForm().as_p()
    assert list(controls_in(html)) == oracle.MEMBERS
    assert controls_in(html)["name"] == html_attributes("name")
    for secret in ("sign_key", "sign_secret"):
        attributes = controls_in(html)[secret]
        assert attributes.pop("aria-describedby") == f"id_{secret}_helptext"
        assert attributes == TYPING
    assert re.findall('<(input|textarea)[^>]* name="(\\w+)"', html) == [
        ("input", "name"),
        ("textarea", "sign_key"),
        ("textarea", "sign_secret"),
    ]
    assert html.count('rows="1"') == 2
    assert re.findall('<option value="([^"]*)"', html) == [*oracle.TYPES, "", *oracle.ALGORITHMS]
    assert re.findall('<option value="([^"]*)" selected', html) == ["hmac", ""]


# Texts.


def test_a_text_may_be_given_by_code() -> None:
    texts = {"length": "zu kurz", "first": "Zeichen %(position)s, zu 100% falsch"}

    class Two(forms.Form):
        ours = SignatureKeyField("sign_key", error_messages=texts)
        plain = forms.CharField(validators=[SignatureKeyValidator("sign_key", messages=texts)])

    expected = ["zu kurz", "may contain only letters, digits and _ -", "Zeichen 0, zu 100% falsch"]
    assert Two(posted({"ours": "ß", "plain": "ß"})).errors == {"ours": expected, "plain": expected}

    form = SignatureKeyForm(posted({"sign_key": "ß"}))
    form.fields["name"].error_messages["missing"] = "fehlt"
    form.fields["sign_key"].error_messages.update(texts)
    assert form.errors == {"name": ["fehlt"], "sign_key": expected}


def test_a_percent_sign_in_a_message_is_no_format() -> None:
    errors = broken_texts(SignatureKeyValidator("sign_secret"), "abcdefghijklmnop ")
    assert errors == ["may contain only letters, digits and _ - ! @ # $ %"]
    for code in get_args(Code):
        for text in ("100% wrong", "100 %% wrong", "%(value)s %d"):
            validator = SignatureKeyValidator("name", messages={code: text})
            field = SignatureKeyField("name", error_messages={code: text})
            for value, judge in ((5, validator), ("-", validator), ("-", field.clean), ("", field.clean)):
                if code in dict(broken_by(judge, value)):
                    assert text in broken_texts(judge, value)

    def too_long(_: str) -> None:
        raise ValidationError("-", code="max", params={"limit": 5})

    field = SignatureKeyField("sign_key", validators=[too_long], error_messages={"max": "%(limit)d, 100 %%"})
    assert broken_texts(field.clean, "abcdefgh") == ["5, 100 %"]  # not ours: as ever in Django


def broken_texts(judge: Callable[[Any], object], value: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        judge(value)
    return caught.value.messages


def mo_file(texts: dict[str, str]) -> bytes:
    """A catalogue as gettext reads it."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n", **texts}
    strings = [text.encode() for text in (*sorted(texts), *(texts[key] for key in sorted(texts)))]
    start = 28 + 8 * len(strings)
    table = b""
    for string in strings:
        table += struct.pack("<2I", len(string), start)
        start += len(string) + 1
    header = struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, 0)
    return header + table + b"".join(string + b"\0" for string in strings)


def test_the_texts_go_through_gettext(tmp_path: Path) -> None:
    catalogue = tmp_path / "de" / "LC_MESSAGES" / "django.mo"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_bytes(
        mo_file(
            {
                "must be 16 to 64 characters long": "muss 16 bis 64 Zeichen lang sein",
                "may contain only letters, digits and _ - ! @ # $ %": "Zeichen %(position)s ist nicht erlaubt (%)",
            }
        )
    )
    validator = SignatureKeyValidator("sign_secret")
    with override_settings(LOCALE_PATHS=[tmp_path]), translation.override("de"):
        expected = ["muss 16 bis 64 Zeichen lang sein", "Zeichen 1 ist nicht erlaubt (%)"]
        assert broken_texts(validator, "aß") == expected


# Models and migrations.


class Order(models.Model):
    name: "models.CharField[str, str]" = models.CharField(max_length=64, validators=[SignatureKeyValidator("name")])
    sign_key: "models.CharField[str, str]" = models.CharField(
        max_length=32,
        blank=True,
        validators=[
            SignatureKeyValidator(
                "sign_key",
                sign_type="aes",
                sign_algorithm="aes-256-cfb",
                messages={"length": gettext_lazy("32 characters, please")},
            )
        ],
    )

    class Meta:
        app_label = "orders"


def state_now() -> ProjectState:
    state = ProjectState()
    state.add_model(ModelState.from_model(Order))
    return state


def test_a_validator_survives_makemigrations() -> None:
    new_app = MigrationQuestioner(specified_apps={"orders"})
    changes = MigrationAutodetector(ProjectState(), state_now(), new_app).changes(MigrationGraph())
    written: dict[str, Any] = {}
    exec(MigrationWriter(changes["orders"][0]).as_string(), written)
    migrated = written["Migration"]("0001_initial", "orders").mutate_state(ProjectState())
    assert MigrationAutodetector(migrated, state_now()).changes(MigrationGraph()) == {}
    before, after = Order._meta.get_field("sign_key"), migrated.models["orders", "order"].fields["sign_key"]
    assert isinstance(before, models.Field)
    assert before.validators[0] == after.validators[0]


def test_a_model_is_judged() -> None:
    with pytest.raises(ValidationError) as caught:
        Order(name="1st", sign_key="short").full_clean(validate_unique=False)
    assert caught.value.message_dict == {"name": ["must start with a letter"], "sign_key": ["32 characters, please"]}
    Order(name="first", sign_key="").full_clean(validate_unique=False)


def test_validators_are_equal_if_they_ask_the_same() -> None:
    fields: list[Field] = ["name", "sign_key", "sign_secret"]
    ones, others = ([SignatureKeyValidator(field) for field in fields] for _ in range(2))
    assert ones == others
    assert len({*ones, *others}) == 3
    assert SignatureKeyValidator("name") == SignatureKeyValidator(field="name", messages={})
    assert SignatureKeyValidator("name") not in (
        SignatureKeyValidator("name", sign_type="aes"),
        SignatureKeyValidator("name", messages={"length": "too short"}),
        "name",
    )


# Nothing tells a key or a secret.

SECRETS = (FOREIGN, LONG, f"  {FOREIGN}\n", f"{LONG[:16]}~")


def view(request: HttpRequest) -> HttpResponse:
    form = SignatureKeyForm(request.POST)
    status = 200 if form.is_valid() else 400
    page = (
        "{{ form }} {{ form.as_p }} {{ form.as_table }} {{ form.errors }} {% for f in form %}{{ f.value }}{% endfor %}"
    )
    return HttpResponse(engines["django"].from_string(page).render({"form": form}, request), status=status)


urlpatterns = [path("", view)]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_page_with_errors_tells_no_secret(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for members in (oracle.MEMBERS[1:], oracle.MEMBERS[2:], ["sign_key"], ["sign_secret"], ["sign_algorithm"]):
        with override_settings(ROOT_URLCONF=__name__):
            answer = Client().post("/", {"name": "1st", "sign_type": "basic", **dict.fromkeys(members, secret)})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "must start with a letter" in page
        assert 'value="1st"' in page
        assert_silent(page)
        assert_silent(str(answer.headers))
    assert "Bad Request" in caplog.text
    assert_silent(caplog.text + repr([vars(record) for record in caplog.records]))


@pytest.mark.parametrize("secret", SECRETS)
def test_the_errors_of_a_form_tell_no_secret(secret: str) -> None:
    form = SignatureKeyForm({"name": secret, **dict.fromkeys(oracle.MEMBERS, secret)})
    assert len(form.errors) == 3
    assert_silent("".join(map(str, (form.errors, form.errors.as_json(), form.errors.as_text(), repr(form)))))
    for errors in form.errors.as_data().values():
        for error in errors:
            assert error.__traceback__ is None
            for text in told(error):
                assert_silent(text)


@every_question
def test_an_error_tells_no_secret(question: Question) -> None:
    validator = SignatureKeyValidator(question.field, **question.kind)
    field = SignatureKeyField(question.field, **question.kind, validators=[validator])
    for value in (*SECRETS, Carrier(), FOREIGN.encode()):
        for judge in (validator, field.clean):
            with pytest.raises(ValidationError) as caught:
                judge(value)
            for text in told(caught.value):
                assert_silent(text)


@pytest.mark.parametrize("construct", [SignatureKeyValidator, SignatureKeyField])
def test_no_constructor_leaves_an_argument_behind(construct: Any) -> None:
    question: dict[str, Any] = {"field": "sign_key", "sign_type": "basic", "sign_algorithm": None}
    names = [*question, "messages", "validators", "widget", "error_messages", "max_length", "initial", "foreign"]
    assert_constructors_are_silent(
        partial(construct, **{**question, "field": field, name: canary})
        for canary in (FOREIGN, LONG, FOREIGN.encode(), Carrier(), [FOREIGN], {FOREIGN: LONG}, 8)
        for name in names
        for field in ("sign_key", canary)
    )


@pytest.mark.parametrize("widget", [None, forms.Textarea, forms.HiddenInput, forms.PasswordInput(render_value=True)])
def test_no_widget_renders_a_secret(widget: type[forms.Widget] | forms.Widget | None) -> None:
    class Two(forms.Form):
        sign_key = SignatureKeyField("sign_key", widget=widget, show_hidden_initial=True)
        name = SignatureKeyField("name")

    bound = Two({"sign_key": FOREIGN, "initial-sign_key": FOREIGN, "name": "1st"}, initial={"sign_key": LONG})
    for form in (bound, Two(initial={"sign_key": FOREIGN})):
        assert_silent(form.as_p() + form["sign_key"].as_hidden() + form["sign_key"].as_textarea())
    assert 'value="1st"' in bound.as_p()
