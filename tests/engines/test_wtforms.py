"""WTForms judges as the oracle does, shows the rule to the browser, and tells no key or secret to anyone."""

import logging
import re
from collections.abc import Callable
from gettext import NullTranslations
from types import SimpleNamespace
from typing import Any, get_args

import pytest

pytest.importorskip("wtforms", reason="needs WTForms: in a clone, pip install '.[wtforms]'")

from wtforms import Field as FormField
from wtforms import FieldList, Form, StringField
from wtforms import FormField as Enclosed
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import HiddenInput, PasswordInput, TextArea

from signrules import Code
from signrules.export import html_attributes
from signrules.integrations.wtforms import SignatureKeyField, SignatureKeyForm, SignatureKeyValidator

from .. import oracle
from ..labelled import QUESTIONS, labelled_bodies, labelled_values
from ..questions import Question, every_question
from ..silence import FOREIGN, LONG, Carrier, assert_constructors_are_silent, assert_silent, told
from .controls import controls_in
from .judged import judged

# For tests: each text is its code.
CODES = {code: code for code in get_args(Code)}
TYPING = {"autocomplete": "off", "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
NAME = Question("name", {"sign_type": "hmac", "sign_algorithm": None})
KEY = Question("sign_key", {"sign_type": "hmac", "sign_algorithm": None})


class Posted(dict[str, str]):
    """What WTForms needs of a web framework's form data."""

    def getlist(self, name: str) -> list[str]:
        return [self[name]]


class CodedForm(SignatureKeyForm):
    messages = CODES


def form_of(question: Question, **kwargs: Any) -> type[Form]:
    class OneValue(Form):
        value = SignatureKeyField(question.field, **question.kind, messages=CODES, **kwargs)

    return OneValue


def codes(form: Form) -> list[str]:
    form.validate()
    return list(form["value"].errors)


# Verdicts and codes.


@judged("wtforms", "WTForms", "pip wtforms", form="SignatureKeyField")
def test_a_field_judges_posted_values_as_the_oracle_does() -> None:
    forms = {str(question): form_of(question) for question in QUESTIONS}
    for question, text, broken in labelled_values():
        form = forms[str(question)](Posted(value=text))
        if text:
            assert codes(form) == [code for code, _ in broken], (str(question), text)
            assert form.data == {"value": text}  # just as it was sent


@judged(
    "wtforms",
    "WTForms",
    "pip wtforms",
    form="SignatureKeyForm",
    body="exactly",
    differences="takes what is blank for left out, and does not look at unknown members",
)
def test_the_form_judges_bodies_as_the_oracle_does() -> None:
    asked = 0
    for body, _ in labelled_bodies():
        if (
            isinstance(body, dict)
            and set(body) <= set(oracle.MEMBERS)
            and all(isinstance(v, str) for v in body.values())
        ):
            given = {member: value for member, value in body.items() if value}
            form = CodedForm(Posted(body))
            broken = [(member, code) for member, code, _ in oracle.broken_members(given)]
            assert form.validate() == (not broken)
            assert [(member, code) for member, errors in form.errors.items() for code in errors] == broken, body
            assert broken or {"sign_type": "hmac"} | form.signature_key_request() == {"sign_type": "hmac"} | given
            asked += 1
    assert asked > 2000


@pytest.mark.parametrize("data", [{"value": ""}, {}])
def test_an_empty_value_is_one_that_is_left_out(data: dict[str, str]) -> None:
    assert codes(form_of(NAME)(Posted(data))) == ["missing"]
    assert codes(form_of(KEY)(Posted(data))) == []
    blank = SignatureKeyForm(Posted(dict.fromkeys(oracle.MEMBERS, "") | {"name": "orders"}))
    assert blank.validate()
    assert blank.signature_key_request() == {"name": "orders"}
    assert SignatureKeyForm(Posted()).validate() is False


def test_what_is_no_string_is_a_violation() -> None:
    for value in (0, 8, b"abcdefgh", ["abcdefgh"], []):
        assert codes(form_of(KEY)(data={"value": value})) == ["type"]


def test_a_match_at_the_start_is_not_enough() -> None:
    """WTForms' own Regexp matches the start alone."""
    assert codes(form_of(KEY)(Posted(value="abcdefgh!"))) == ["charset"]
    assert codes(form_of(KEY)(Posted(value="abcdefgh\n"))) == ["charset"]


def test_a_wrong_question_is_refused() -> None:
    for wrong in ({"field": "key"}, {"sign_type": "HMAC"}, {"sign_algorithm": "aes"}):
        question: dict[str, Any] = {"field": "name", **wrong}
        with pytest.raises(LookupError, match="must be"):
            SignatureKeyValidator(**question)

        class Wrong(Form):
            value = SignatureKeyField(**question)

        with pytest.raises(LookupError, match="must be"):
            Wrong()


def test_a_form_that_is_wrong_gives_no_body() -> None:
    class Unique(SignatureKeyForm):
        def validate_name(self, _: FormField) -> None:
            raise ValidationError("exists")

    def refuse(_form: object, _field: object) -> None:
        raise ValidationError("no")

    right = Posted(name="orders")
    told_by_the_view, refused_by_the_view = SignatureKeyForm(right), SignatureKeyForm(right)
    told_by_the_view.form_errors.append("the gateway has no more room")
    assert not refused_by_the_view.validate({"name": [refuse]})
    validated = Unique(right)
    assert not validated.validate()
    wrong = SignatureKeyForm(Posted(name="orders", sign_secret="short"))
    for form in (wrong, Unique(right), validated, told_by_the_view, refused_by_the_view):
        with pytest.raises(ValueError, match="the form is not valid"):
            form.signature_key_request()


def test_other_validators_are_run_too() -> None:
    def refuse(_form: object, _field: object) -> None:
        raise ValidationError("no")

    class More(CodedForm):
        def validate_name(self, _: FormField) -> None:
            raise ValidationError("exists")

    assert codes(form_of(KEY, validators=[refuse])(Posted(value="ß"))) == ["length", "charset", "first", "no"]
    assert not More(Posted(name="orders")).validate()
    form = More(Posted(name="orders", sign_type="aes", sign_key="k" * 17))
    assert not form.validate()
    assert form.errors == {"name": ["exists"], "sign_key": ["length"]}


# An edit.

STAYS = "Left blank, it stays as it is. After an error, give a new one again."


class Edit(Form):
    name = StringField()
    sign_key = SignatureKeyField(
        "sign_key", sign_type="basic", validators=[DataRequired()], description="Of the vault."
    )
    sign_secret = SignatureKeyField("sign_secret", sign_type="basic")


@pytest.mark.parametrize("data", [{}, {"sign_key": ""}, {"sign_key": "", "sign_secret": ""}])
def test_a_blank_one_stays_as_it_is(data: dict[str, str]) -> None:
    key = SimpleNamespace(name="orders", sign_key="StoredKey", sign_secret=None)
    for form in (Edit(Posted(name="orders_2", **data), obj=key), Edit(Posted(name="orders_2", **data), **vars(key))):
        assert form.validate(), form.errors
        form.populate_obj(key)
        assert vars(key) == {"name": "orders_2", "sign_key": "StoredKey", "sign_secret": None}
        assert form.data == vars(key)
    form = Edit(Posted(name="orders_3", **data))  # which knows of no object
    form.populate_obj(key)
    assert vars(key) == {"name": "orders_3", "sign_key": "StoredKey", "sign_secret": None}
    form = Edit(Posted(name="orders_4", sign_key="AnotherKey", sign_secret="AnotherSecret"), obj=key)
    assert form.validate()
    form.populate_obj(key)
    assert vars(key) == {"name": "orders_4", "sign_key": "AnotherKey", "sign_secret": "AnotherSecret"}


def test_what_is_left_out_of_a_new_one_is_left_out() -> None:
    new = SimpleNamespace()
    form = SignatureKeyForm(Posted(dict.fromkeys(oracle.MEMBERS, "") | {"name": "orders"}), obj=new)
    assert form.validate()
    form.populate_obj(new)
    assert vars(new) == {"name": "orders"}
    form = SignatureKeyForm(Posted(name="orders"))
    form.populate_obj(new)
    assert vars(new) == {"name": "orders", "sign_type": "hmac"}
    assert not Edit(Posted(sign_key="")).validate()  # it is required there


def test_a_changed_type_judges_what_is_stored() -> None:
    aes = {"name": "orders", "sign_type": "aes", "sign_key": "k" * 16, "sign_algorithm": "aes-128-cfb"}
    key = SimpleNamespace(**aes, sign_secret=None)
    wrong = CodedForm(Posted(**{**aes, "sign_key": "", "sign_algorithm": "aes-256-cfb"}), obj=key)
    assert not wrong.validate()
    assert wrong.errors == {"sign_key": ["length"]}
    form = CodedForm(Posted(sign_type="hmac", sign_key="", sign_algorithm=""), obj=key)
    assert form.validate()
    assert form.signature_key_request() == {"name": "orders", "sign_type": "hmac", "sign_key": "k" * 16}
    form.populate_obj(key)
    assert vars(key) == {
        "name": "orders",
        "sign_type": "hmac",
        "sign_key": "k" * 16,
        "sign_secret": None,
        "sign_algorithm": None,
    }


def test_a_member_without_a_field_is_judged_as_it_is_stored() -> None:
    class KeyOnly(SignatureKeyForm):
        sign_algorithm = None  # type: ignore[assignment]  # that is how WTForms takes a field off

    stored: dict[str, Any] = {
        "name": "orders",
        "sign_type": "aes",
        "sign_key": "k" * 16,
        "sign_algorithm": "aes-256-cfb",
    }
    for form in (KeyOnly(obj=SimpleNamespace(**stored)), KeyOnly(data=stored), KeyOnly(**stored)):
        assert not form.validate()
        assert form.errors == {"sign_key": ["must be 32 characters long"]}
    form = KeyOnly(Posted(sign_type="hmac"), obj=SimpleNamespace(**stored))
    for _ in range(2):
        assert not form.validate()
        assert form.form_errors == ["sign_algorithm may be given only with sign_type aes"]
    new = SignatureKeyForm(Posted(name="orders"))
    del new.sign_secret
    assert new.signature_key_request() == {"name": "orders", "sign_type": "hmac"}


def test_forms_in_forms() -> None:
    class Keys(Form):
        first = Enclosed(Edit)
        keys = FieldList(SignatureKeyField("sign_key", sign_type="basic"))

    keys = SimpleNamespace(
        first=SimpleNamespace(name="orders", sign_key="StoredKey", sign_secret=None), keys=["KeyZero"]
    )
    posted = {"first-name": "orders_2", "first-sign_key": "", "keys-0": "", "keys-1": "KeyOne", "keys-2": ""}
    form = Keys(Posted(posted), obj=keys)
    assert form.validate(), form.errors
    form.populate_obj(keys)
    assert vars(keys.first) == {"name": "orders_2", "sign_key": "StoredKey", "sign_secret": None}
    assert keys.keys == ["KeyZero", "KeyOne", None]


def test_the_description_says_so_and_nothing_demands_it() -> None:
    key = SimpleNamespace(name="orders", sign_key="StoredKey", sign_secret="StoredSecret")
    new, edit = Edit(), Edit(obj=key)
    edit.process(obj=key)
    assert (new.sign_key.description, new.sign_secret.description) == ("Of the vault.", "")
    assert (edit.sign_key.description, edit.sign_secret.description) == (f"Of the vault. {STAYS}", STAYS)
    assert [field.description for field in SignatureKeyForm(obj=key)].count(STAYS) == 2
    assert "required" in new.sign_key()
    page = edit.sign_key() + edit.sign_secret()
    assert not re.search("required|Stored", page)


# Texts.


def test_the_texts_are_ours_or_translated() -> None:
    class German(NullTranslations):
        def gettext(self, message: str) -> str:
            return {"must be given": "fehlt"}.get(message, message)

    class InGerman:
        def get_translations(self, _form: object) -> German:
            return German()

    class Body(SignatureKeyForm):
        Meta = InGerman

    class One(Form):
        Meta = InGerman
        name = SignatureKeyField("name")

    for form in (Body(Posted(sign_key="ß")), One(Posted())):
        form.validate()
        assert form["name"].errors == ["fehlt"]
    assert SignatureKeyForm(Posted()).validate() is False


# What the browser gets.


@every_question
def test_the_attributes_are_there_once(question: Question) -> None:
    expected = html_attributes(question.field, **question.kind)
    assert controls_in(form_of(question)()["value"]()) == {"value": expected}
    in_textarea = {name: text for name, text in expected.items() if name != "pattern"}
    assert controls_in(form_of(question, widget=TextArea())()["value"]()) == {"value": in_textarea}


def test_other_attributes_go_first() -> None:
    form = form_of(NAME, render_kw={"title": "A name"})()
    assert controls_in(form["value"](minlength="4"))["value"].items() >= {"title": "A name", "minlength": "4"}.items()


def test_the_validator_alone_gives_what_wtforms_knows() -> None:
    class Plain(Form):
        name = StringField(validators=[SignatureKeyValidator("name")])

    known = {name: html_attributes("name")[name] for name in ("required", "minlength", "pattern")}
    assert controls_in(Plain().name()) == {"name": known}


def test_the_form_has_the_members_in_order_and_attributes_that_hold_for_each_type() -> None:
    html = "".join(field() for field in SignatureKeyForm())
    controls = controls_in(html)
    assert list(controls) == oracle.MEMBERS
    assert controls["name"] == html_attributes("name")
    assert controls["sign_key"] == controls["sign_secret"] == TYPING
    assert re.findall('<(input|textarea)[^>]* name="(\\w+)"', html) == [
        ("input", "name"),
        ("textarea", "sign_key"),
        ("textarea", "sign_secret"),
    ]
    assert html.count('rows="1"') == 2
    assert re.findall('<option.* value="([^"]*)"', html.replace(">", ">\n")) == [*oracle.TYPES, "", *oracle.ALGORITHMS]
    assert re.findall('<option selected value="([^"]*)"', html) == ["hmac", ""]


# Nothing tells a key or a secret.

SECRETS = (FOREIGN, LONG, f"  {FOREIGN}\n", f"{LONG[:16]}~")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_page_with_errors_tells_no_secret(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for members in (oracle.MEMBERS[1:], oracle.MEMBERS[2:], ["sign_key"], ["sign_secret"], ["sign_algorithm"]):
        form = SignatureKeyForm(Posted({"name": "1st", "sign_type": "basic", **dict.fromkeys(members, secret)}))
        assert not form.validate()
        page = "".join(f"{field.label}{field()}{field.errors}{field.description}" for field in form)
        assert 'value="1st"' in page
        assert "must start with a letter" in page
        assert_silent(f"{page}{form.errors}{form!r}{caplog.text}")


@every_question
def test_an_error_tells_no_secret(question: Question) -> None:
    validator = SignatureKeyValidator(question.field, **question.kind)
    for secret in (*SECRETS, FOREIGN.encode()):
        form = form_of(KEY)(data={"value": secret})
        with pytest.raises(ValidationError) as caught:
            validator(form, form["value"])
        for text in told(caught.value):
            assert_silent(text)
    with pytest.raises(ValueError, match="not valid") as refused:
        SignatureKeyForm(Posted(dict.fromkeys(oracle.MEMBERS, FOREIGN))).signature_key_request()
    for text in told(refused.value):
        assert_silent(text)


def constructors() -> list[Callable[[], object]]:
    """Every constructor, with a canary in the place of each argument."""
    calls: list[Callable[[], object]] = []
    question: dict[str, Any] = {"field": "sign_key", "sign_type": "basic", "sign_algorithm": None}
    others = {
        SignatureKeyValidator: ["messages"],
        SignatureKeyField: ["label", "validators", "messages", "render_kw", "widget", "filters", "default", "foreign"],
    }
    for construct, names in others.items():
        for canary in (FOREIGN, LONG, FOREIGN.encode(), Carrier(), [FOREIGN], {FOREIGN: LONG}, 8):
            for name in [*question, *names]:
                for field in ("sign_key", canary):
                    arguments = {**question, "field": field, name: canary}

                    def call(construct: Any = construct, arguments: dict[str, Any] = arguments) -> object:
                        return type(Form)("One", (Form,), {"value": construct(**arguments)})()  # type: ignore[misc]  # a metaclass

                    calls.append(call)
    return calls


def test_no_constructor_leaves_an_argument_behind() -> None:
    assert_constructors_are_silent(constructors())


@pytest.mark.parametrize("widget", [None, TextArea(), HiddenInput(), PasswordInput(hide_value=False)])
def test_no_widget_renders_a_secret(widget: Any) -> None:
    class Two(Form):
        sign_key = SignatureKeyField("sign_key", widget=widget)
        name = SignatureKeyField("name", widget=widget)

    for form in (Two(Posted(sign_key=FOREIGN, name="1st")), Two(data={"sign_key": LONG, "name": "1st"})):
        assert_silent(form["sign_key"]())
        assert "1st" in form["name"]()
