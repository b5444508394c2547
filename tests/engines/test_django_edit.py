"""In an edit, a blank key or secret stays as it is; in a new object, what was left out is never an empty text."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import pytest

pytest.importorskip("django", reason="needs Django: pip install '.[django]'")

from django import forms
from django.contrib import admin
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, models
from django.db.models import functions
from django.db.models.expressions import RawSQL
from django.test import Client, override_settings
from django.test.utils import isolate_apps
from django.urls import path

from signrules import generate, is_valid
from signrules.export import Dialect, sql_check
from signrules.integrations.django import SignatureKeyField, SignatureKeyForm, SignatureKeyValidator

from . import django_site, servers

django_site.configure()

from django.contrib.auth.models import User  # noqa: E402  # a model needs the settings

KEY, SECRET, ANOTHER = "StoredKey_1", "Stored_Secret_1", "AnotherKey_2"
STAYS = "Left blank, it stays as it is. After an error, give a new one again."
of_basic = partial(SignatureKeyValidator, sign_type="basic")


class Named(models.Model):
    name: "models.CharField[str, str]" = models.CharField(max_length=64, validators=[SignatureKeyValidator("name")])

    class Meta:
        abstract = True
        app_label = "keys"


class Plain(Named):
    """As in the how-to's first model: neither can be NULL."""

    sign_key: "models.CharField[str, str]" = models.CharField(max_length=32, validators=[of_basic("sign_key")])
    sign_secret: "models.CharField[str, str]" = models.CharField(max_length=64, blank=True)


class Nullable(Named):
    sign_key: "models.CharField[str | None, str | None]" = models.CharField(max_length=32, null=True, blank=True)
    sign_secret: "models.CharField[str | None, str | None]" = models.CharField(max_length=64, null=True)


class Defaulted(Named):
    sign_key: "models.CharField[str, str]" = models.CharField(
        max_length=32, default=partial(generate, "sign_key", sign_type="basic")
    )
    sign_secret: "models.CharField[str, str]" = models.CharField(
        max_length=64, db_default=functions.Concat(models.Value("made_by_"), models.Value("the_database"))
    )


class Request(models.Model):
    """A whole body."""

    name: "models.CharField[str, str]" = models.CharField(max_length=64, unique=True)
    sign_type: "models.CharField[str, str]" = models.CharField(max_length=16)
    sign_key: "models.CharField[str | None, str | None]" = models.CharField(max_length=512, null=True, blank=True)
    sign_secret: "models.TextField[str | None, str | None]" = models.TextField(null=True, blank=True)
    sign_algorithm: "models.CharField[str | None, str | None]" = models.CharField(max_length=16, null=True, blank=True)

    class Meta:
        app_label = "keys"


class Rotation(models.Model):
    """In an inline, below a request."""

    request: "models.ForeignKey[Request, Request]" = models.ForeignKey(Request, models.CASCADE)
    sign_key: "models.CharField[str, str]" = models.CharField(max_length=32, default="FromTheModel")

    class Meta:
        app_label = "keys"


MODELS = (Plain, Nullable, Defaulted, Request, Rotation)


@pytest.fixture(scope="module", autouse=True)
def tables() -> Iterator[None]:
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    yield
    connection.close()


@pytest.fixture(autouse=True)
def empty(tables: None) -> None:  # noqa: ARG001  # they come first
    for model in reversed(MODELS):
        model._default_manager.all().delete()


def form_of(model: type[models.Model], **kwargs: Any) -> type["forms.ModelForm[Any]"]:
    class Form(forms.ModelForm):  # type: ignore[type-arg]  # Django's own takes no argument at run time
        sign_key = SignatureKeyField("sign_key", sign_type="basic", **kwargs)
        sign_secret = SignatureKeyField("sign_secret", sign_type="basic", **kwargs)

    return forms.modelform_factory(model, form=Form, fields=["name", "sign_key", "sign_secret"])


class RequestForm(SignatureKeyForm, forms.ModelForm):  # type: ignore[type-arg]  # as above
    class Meta:
        model = Request
        fields = ("name", "sign_type", "sign_key", "sign_secret", "sign_algorithm")


def stored(key: Any, *names: str) -> tuple[Any, ...]:
    return tuple(type(key)._default_manager.values_list(*(names or ("name", "sign_key", "sign_secret"))).get(pk=key.pk))


BLANKS = [{}, {"sign_key": ""}, {"sign_key": "", "sign_secret": ""}]


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("model", [Plain, Nullable, Defaulted])
def test_a_blank_one_stays_as_it_is(model: Any, blank: dict[str, str], required: bool) -> None:
    key = model.objects.create(name="orders", sign_key=KEY, sign_secret=SECRET)
    form = form_of(model, required=required)({"name": "orders_2", **blank}, instance=model.objects.get())
    assert form.is_valid(), form.errors
    assert form.changed_data == ["name"]
    form.save()
    assert stored(key) == ("orders_2", KEY, SECRET)
    form = form_of(model)({"name": "orders_3", "sign_key": ANOTHER, **blank, "p-x": ""}, instance=model.objects.get())
    form.save(commit=False).save()
    assert stored(key) == ("orders_3", KEY if "sign_key" in blank else ANOTHER, SECRET)


@pytest.mark.parametrize("blank", BLANKS)
def test_what_is_left_out_of_a_new_one_is_never_an_empty_text(blank: dict[str, str]) -> None:
    data = {"name": "orders", **blank}
    assert form_of(Plain)(data).errors == {"sign_key": ["must be given"], "sign_secret": ["must be given"]}
    assert stored(form_of(Nullable)(data).save()) == ("orders", None, None)
    _, made, by_the_database = stored(form_of(Defaulted)(data).save())
    assert is_valid("sign_key", made, sign_type="basic")
    assert by_the_database == "made_by_the_database"
    prefilled = form_of(Plain)(data, instance=Plain(sign_key=KEY, sign_secret=SECRET)).save()
    assert stored(prefilled) == ("orders", KEY, SECRET)
    for model in (Plain, Nullable, Defaulted):
        errors = form_of(model, required=True)(data).errors
        assert errors == {"sign_key": ["must be given"], "sign_secret": ["must be given"]}


def test_what_was_empty_stays_so() -> None:
    plain = Plain.objects.create(name="orders", sign_key=KEY, sign_secret="")
    form_of(Plain)({"name": "orders_2", "sign_secret": ""}, instance=plain).save()
    assert stored(plain) == ("orders_2", KEY, "")
    nullable = Nullable.objects.create(name="orders")
    form_of(Nullable)({"name": "orders_2", "sign_key": "", "sign_secret": ""}, instance=nullable).save()
    assert stored(nullable) == ("orders_2", None, None)
    required = form_of(Nullable, required=True)({"name": "orders_2"}, instance=nullable)
    assert required.errors == {"sign_key": ["must be given"], "sign_secret": ["must be given"]}


def test_a_stored_one_that_is_wrong_is_told_and_an_error_keeps_it() -> None:
    key = Plain.objects.create(name="orders", sign_key="7Batch", sign_secret=SECRET)
    form = form_of(Plain)({"name": "orders_2", "sign_key": ""}, instance=key)
    assert form.errors == {"sign_key": ["must start with a letter"]}
    form = form_of(Plain)({"name": "orders_2", "sign_key": "?"}, instance=Plain.objects.get())
    assert set(form.errors) == {"sign_key"}
    assert stored(key) == ("orders", "7Batch", SECRET)


def test_a_name_that_is_erased_is_no_empty_text() -> None:
    class Form(forms.ModelForm):  # type: ignore[type-arg]  # as above
        name = SignatureKeyField("name", required=False)

        class Meta:
            model = Plain
            fields = ("name",)

    key = Plain.objects.create(name="orders", sign_key=KEY, sign_secret=SECRET)
    for form in (Form({"name": ""}, instance=key), Form({"name": ""})):
        assert form.errors == {"name": ["must be given"]}
    assert Form({"name": "orders_2"}, instance=key).changed_data == ["name"]


def test_the_page_says_so_and_does_not_demand_it() -> None:
    key = Plain.objects.create(name="orders", sign_key=KEY, sign_secret=SECRET)
    Form = form_of(Plain, required=True, help_text="Of the vault.")  # noqa: N806  # it is a class
    edit, new = Form(instance=key), Form()
    for page in (edit.as_p(), edit.as_table(), str(edit)):
        assert page.count(f"Of the vault. {STAYS}") == 2
        assert page.count(" required") == 1  # the name's
        assert KEY not in page
        assert SECRET not in page
    assert STAYS not in new.as_p()
    assert new.as_p().count(" required") == 3
    assert RequestForm(instance=Request(pk=1)).as_p().count("generated by the gateway") == 2
    request = Request.objects.create(name="orders", sign_type="basic", sign_key=KEY)
    assert RequestForm(instance=request).as_p().count(STAYS) == 2


def test_a_changed_type_judges_what_is_stored() -> None:
    request = Request.objects.create(name="orders", sign_type="basic", sign_key="Key7", sign_secret="Secret_8")
    form = RequestForm({"name": "orders", "sign_type": "hmac", "sign_key": ""}, instance=request)
    assert form.errors == {
        "sign_key": ["must be 8 to 32 characters long"],
        "sign_secret": ["must be 16 to 64 characters long"],
    }
    names = ("sign_type", "sign_key", "sign_secret", "sign_algorithm")
    assert stored(request, *names) == ("basic", "Key7", "Secret_8", None)
    new = {"name": "orders", "sign_type": "hmac", "sign_key": "k" * 8, "sign_secret": "s" * 16, "sign_algorithm": ""}
    form = RequestForm(new, instance=Request.objects.get())
    form.save()
    assert stored(request, *names) == ("hmac", "k" * 8, "s" * 16, None)
    form = RequestForm({"name": "orders_2", "sign_key": "K" * 9}, instance=Request.objects.get())  # the rest not sent
    assert form.changed_data == ["name", "sign_key"]
    form.save()
    assert stored(request, *names) == ("hmac", "K" * 9, "s" * 16, None)
    assert form.signature_key_request() == {
        "name": "orders_2",
        "sign_type": "hmac",
        "sign_key": "K" * 9,
        "sign_secret": "s" * 16,
    }
    assert RequestForm({"name": "orders_2"}).errors == {"name": ["Request with this Name already exists."]}
    assert stored(RequestForm({"name": "left_out"}).save(), *names) == ("hmac", None, None, None)


def test_an_algorithm_that_is_taken_back_is_null_and_judges_the_key() -> None:
    aes = {"sign_type": "aes", "sign_key": "k" * 16, "sign_algorithm": "aes-128-cfb"}
    request = Request.objects.create(name="orders", **aes)
    for algorithm, errors in (("aes-256-cfb", {"sign_key": ["must be 32 characters long"]}), ("", {})):
        data = {"name": "orders", "sign_type": "aes", "sign_algorithm": algorithm}
        form = RequestForm(data, instance=Request.objects.get())
        assert form.errors == errors
    form.save()
    assert stored(request, "sign_key", "sign_algorithm") == ("k" * 16, None)


def test_a_member_without_a_field_is_judged_as_it_is_stored() -> None:
    class KeyOnly(RequestForm):
        name = sign_type = sign_secret = sign_algorithm = None  # type: ignore[assignment]  # so Django takes them off

        class Meta(RequestForm.Meta):
            fields = ("sign_key",)  # type: ignore[assignment]  # fewer than there

    request = Request.objects.create(name="orders", sign_type="aes", sign_key="k" * 16)
    assert KeyOnly({"sign_key": "k" * 17}, instance=request).errors == {
        "sign_key": ["must be 16 or 32 characters long"]
    }
    request.sign_secret = "short"
    assert KeyOnly({}, instance=request).errors == {"__all__": ["sign_secret must be 16 characters long"]}


def test_the_initial_of_a_form_without_a_model_is_what_is_stored() -> None:
    initial = {"name": "orders", "sign_type": "aes", "sign_key": lambda: "k" * 16, "sign_algorithm": "aes-128-cfb"}
    data = {"name": "orders_2", "sign_type": "aes", "sign_key": "", "sign_algorithm": "aes-128-cfb"}
    form = SignatureKeyForm(data, initial=initial)
    assert form.signature_key_request() == {**data, "sign_key": "k" * 16}
    assert form.changed_data == ["name"]
    changed = SignatureKeyForm({**data, "sign_algorithm": "aes-256-cfb"}, initial=initial)
    assert changed.errors == {"sign_key": ["must be 32 characters long"]}


def test_form_sets() -> None:
    first = Plain.objects.create(name="first", sign_key=KEY, sign_secret=SECRET)
    second = Nullable.objects.create(name="second", sign_key=KEY)
    for key in (first, second):
        Forms = forms.modelformset_factory(type(key), form=form_of(type(key)), extra=2)  # noqa: N806  # it is a class
        posted = {
            "form-TOTAL_FORMS": "3",
            "form-INITIAL_FORMS": "1",
            "form-0-id": str(key.pk),
            "form-0-name": "changed",
            "form-0-sign_key": "",
            "form-0-sign_secret": "",
            "form-1-name": "",
            "form-1-sign_key": "",
        }
        form_set = Forms(posted)
        assert form_set.is_valid(), form_set.errors
        form_set.save()
        assert [each.name for each in form_set.new_objects] == []
    assert stored(first) == ("changed", KEY, SECRET)
    assert stored(second) == ("changed", KEY, None)


def test_update_or_create_with_what_was_cleaned() -> None:
    key = Nullable.objects.create(name="orders", sign_key=KEY, sign_secret=SECRET)
    form = form_of(Nullable)({"name": "orders", "sign_key": ""}, instance=key)
    assert form.is_valid()
    Nullable.objects.update_or_create(name="orders", defaults=form.cleaned_data)
    assert stored(key) == ("orders", KEY, SECRET)


# The rule as a constraint of the table.


def constrained(dialect: Dialect) -> type[models.Model]:
    """A model as docs/how-to-django.md has it."""
    condition = sql_check("sign_secret", sign_type="basic", dialect=dialect).replace("%", "%%")

    class Meta:
        app_label = "keys"
        constraints = (
            models.CheckConstraint(
                name="sign_secret_rule",
                condition=RawSQL(condition, (), output_field=models.BooleanField()),
            ),
        )

    attributes = {"__module__": __name__, "Meta": Meta, "sign_secret": models.TextField(null=True)}
    with isolate_apps("tests.engines.django_site.Keys"):
        return cast("type[models.Model]", type(models.Model)("Constrained", (models.Model,), attributes))  # type: ignore[misc]  # a metaclass


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_rule_as_a_check_constraint(dialect: Dialect) -> None:
    with database(dialect) as alias:
        model = constrained(dialect)
        with connections[alias].schema_editor() as editor:
            editor.create_model(model)
        rows = model._default_manager.using(alias)
        rows.create(sign_secret=None)
        rows.create(sign_secret="a%b%%c%d!")
        for wrong in ("a%b%%c%d^", "%abcdefgh", "a%b", "a%b%%c%d!\n"):
            with pytest.raises(IntegrityError, match="sign_secret_rule"):
                rows.create(sign_secret=wrong)
        assert list(rows.values_list("sign_secret", flat=True).order_by("pk")) == [None, "a%b%%c%d!"]


@contextmanager
def database(dialect: Dialect) -> Iterator[str]:
    if dialect == "sqlite":
        yield "default"
        return
    pytest.importorskip("psycopg", reason="needs psycopg: pip install '.[dev]'")
    with servers.postgresql() as url:
        given = servers.psql_environment(url)
        connections.settings["postgresql"] = connections.configure_settings(
            {
                "default": {
                    "ENGINE": "django.db.backends.postgresql",
                    "HOST": given["PGHOST"],
                    "PORT": given["PGPORT"],
                    "USER": given["PGUSER"],
                    "NAME": given["PGDATABASE"],
                }
            }
        )["default"]
        yield "postgresql"
        connections["postgresql"].close()
        del connections["postgresql"]


# The admin.


class RotationForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    sign_key = SignatureKeyField("sign_key", sign_type="basic")

    class Meta:
        model = Rotation
        fields = ("sign_key",)


class Rotations(admin.StackedInline):  # type: ignore[type-arg]  # as above
    model = Rotation
    form = RotationForm
    extra = 1


class RequestAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    form = RequestForm
    inlines = (Rotations,)


site = admin.AdminSite()
site.register(Request, RequestAdmin)
urlpatterns = [path("admin/", site.urls)]


def test_the_admin() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    inline = {"rotation_set-TOTAL_FORMS": "1", "rotation_set-INITIAL_FORMS": "0"}
    with override_settings(ROOT_URLCONF=__name__):
        assert STAYS not in client.get("/admin/keys/request/add/").content.decode()
        new = {"name": "orders", "sign_type": "hmac", "sign_key": "", "sign_secret": "", "sign_algorithm": ""}
        answer = client.post("/admin/keys/request/add/", {**new, **inline})
        assert answer.status_code == 302, answer.content.decode()
        request = Request.objects.get()
        names = ("name", "sign_type", "sign_key", "sign_secret", "sign_algorithm")
        assert stored(request, *names) == ("orders", "hmac", None, None, None)
        assert not Rotation.objects.exists()

        Request.objects.update(sign_key="Key_of_hmac", sign_secret="Secret_of_hmac_16")
        rotation = Rotation.objects.create(request=request, sign_key=KEY)
        change = f"/admin/keys/request/{request.pk}/change/"
        page = client.get(change).content.decode()
        assert page.count(STAYS) == 3
        assert all(secret not in page for secret in ("Key_of_hmac", "Secret_of_hmac_16", KEY))
        inline = {
            "rotation_set-TOTAL_FORMS": "2",
            "rotation_set-INITIAL_FORMS": "1",
            "rotation_set-0-id": str(rotation.pk),
            "rotation_set-0-request": str(request.pk),
            "rotation_set-0-sign_key": "",
            "rotation_set-1-request": str(request.pk),
            "rotation_set-1-sign_key": "",
        }
        answer = client.post(change, {**new, **inline, "name": "orders_2"})
        assert answer.status_code == 302, answer.content.decode()
        assert stored(request, *names) == ("orders_2", "hmac", "Key_of_hmac", "Secret_of_hmac_16", None)
        assert list(Rotation.objects.values_list("sign_key", flat=True)) == [KEY]
        answer = client.post(change, {**new, **inline, "sign_type": "aes"})
        page = answer.content.decode()
        assert "must be 16 or 32 characters long" in page
        assert all(secret not in page for secret in ("Key_of_hmac", "Secret_of_hmac_16", KEY))
        assert stored(request, "sign_type") == ("hmac",)
