"""Django REST framework: nothing is stripped, no secret comes back, and a blank one in an update is unchanged."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("django", reason="needs Django: pip install '.[django]'")
pytest.importorskip("rest_framework", reason="needs djangorestframework: pip install '.[rest_framework]'")

from django.db import connection, models

from . import django_site

django_site.configure()

from django.test import override_settings  # noqa: E402  # what comes from here on needs the settings
from django.urls import include, path  # noqa: E402
from rest_framework import routers, serializers, viewsets  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from signrules.integrations.rest_framework import SignatureKeyField, SignatureKeySerializer  # noqa: E402

from .. import oracle  # noqa: E402
from ..labelled import QUESTIONS, labelled_bodies, labelled_values  # noqa: E402
from ..silence import FOREIGN, LONG, Carrier, assert_constructors_are_silent, assert_silent, told  # noqa: E402
from .judged import judged  # noqa: E402

KEY, SECRET = "StoredKey_1", "Stored_Secret_1"
STAYS = "Left blank, it stays as it is. After an error, give a new one again."


class Served(models.Model):
    name: "models.CharField[str, str]" = models.CharField(max_length=64)
    sign_key: "models.CharField[str, str]" = models.CharField(max_length=32)
    sign_secret: "models.CharField[str | None, str | None]" = models.CharField(max_length=64, null=True)

    class Meta:
        app_label = "keys"


class Body(models.Model):
    name: "models.CharField[str, str]" = models.CharField(max_length=64)
    sign_type: "models.CharField[str, str]" = models.CharField(max_length=16, default="hmac")
    sign_key: "models.CharField[str | None, str | None]" = models.CharField(max_length=512, null=True)
    sign_secret: "models.TextField[str, str]" = models.TextField(default="FromTheModel_1234")
    sign_algorithm: "models.CharField[str | None, str | None]" = models.CharField(max_length=16, null=True)

    class Meta:
        app_label = "keys"


class Textual(models.Model):
    """As Django advises for texts: what there is not is an empty one."""

    name: "models.CharField[str, str]" = models.CharField(max_length=64)
    sign_type: "models.CharField[str, str]" = models.CharField(max_length=16)
    sign_algorithm: "models.CharField[str, str]" = models.CharField(max_length=16, blank=True)

    class Meta:
        app_label = "keys"


class ServedSerializer(serializers.ModelSerializer[Served]):
    name = SignatureKeyField("name")
    sign_key = SignatureKeyField("sign_key", sign_type="basic", help_text="Of the vault.")
    sign_secret = SignatureKeyField("sign_secret", sign_type="basic")

    class Meta:
        model = Served
        fields = ("id", "name", "sign_key", "sign_secret")


class BodySerializer(SignatureKeySerializer, serializers.ModelSerializer[Body]):
    class Meta:
        model = Body
        fields = ("id", *oracle.MEMBERS)


class TextualSerializer(SignatureKeySerializer, serializers.ModelSerializer[Textual]):
    sign_key = sign_secret = None  # type: ignore[assignment]  # that is how the framework takes fields off

    class Meta:
        model = Textual
        fields = ("name", "sign_type", "sign_algorithm")


class ServedViews(viewsets.ModelViewSet[Served]):
    queryset = Served.objects.all()
    serializer_class = ServedSerializer


class BodyViews(viewsets.ModelViewSet[Body]):
    queryset = Body.objects.all()
    serializer_class = BodySerializer


router = routers.DefaultRouter()
router.register("served", ServedViews)
router.register("bodies", BodyViews)
urlpatterns = [path("", include(router.urls))]


@pytest.fixture(scope="module", autouse=True)
def tables() -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Served)
        editor.create_model(Body)
    yield
    connection.close()


@pytest.fixture
def client() -> Iterator[APIClient]:
    Served.objects.all().delete()
    Body.objects.all().delete()
    with override_settings(ROOT_URLCONF=__name__):
        yield APIClient()


def stored(row: models.Model) -> dict[str, Any]:
    (values,) = type(row)._default_manager.filter(pk=row.pk).values()
    del values["id"]
    return dict(values)


def codes(errors: Any) -> list[tuple[str, str]]:
    return [(member, error.code) for member in oracle.MEMBERS for error in errors.get(member, [])]


@judged("rest_framework", "Django REST framework", "pip djangorestframework", form="SignatureKeyField")
def test_a_field_judges_as_the_oracle_does() -> None:
    ones: dict[str, type[serializers.Serializer[Any]]] = {
        str(q): type(serializers.Serializer)(  # type: ignore[misc]  # a metaclass
            "One", (serializers.Serializer,), {"value": SignatureKeyField(q.field, **q.kind, required=False)}
        )
        for q in QUESTIONS
    }
    for question, text, broken in labelled_values():
        serializer = ones[str(question)](data={"value": text})
        if text:
            serializer.is_valid()
            assert [error.code for error in serializer.errors.get("value", [])] == [code for code, _ in broken]
            assert broken or serializer.validated_data == {"value": text}


@judged(
    "rest_framework",
    "Django REST framework",
    "pip djangorestframework",
    form="SignatureKeySerializer",
    body="exactly",
    differences="takes what is blank for left out, and tells unknown members alone",
)
def test_the_serializer_judges_bodies_as_the_oracle_does() -> None:
    asked = 0
    for body, _ in labelled_bodies():
        if isinstance(body, dict) and body.get("name"):
            given = {member: value for member, value in body.items() if isinstance(value, str) and value}
            if given.keys() == body.keys():
                serializer = SignatureKeySerializer(data=body)
                serializer.is_valid()
                broken = [(member, code) for member, code, _ in oracle.broken_members(given)]
                unknown = [each for each in broken if each[0] not in oracle.MEMBERS]
                told = [(member, error.code) for member, errors in serializer.errors.items() for error in errors]
                assert sorted(told) == sorted(unknown or broken), body
                asked += 1
    assert asked > 2000


def test_what_is_no_string_is_a_violation() -> None:
    for value in (8, 12345678, True, ["abcdefgh"], {"a": "b"}, None):
        serializer = ServedSerializer(data={"name": value, "sign_key": value, "sign_secret": value})
        assert not serializer.is_valid()
        assert codes(serializer.errors) == [(m, "type") for m in ("name", "sign_key", "sign_secret")]
    whole = SignatureKeySerializer(data={"name": "orders", "sign_type": None})
    assert not whole.is_valid()
    assert codes(whole.errors) == [("sign_type", "type")]


def test_a_misspelt_member_is_refused_unless_an_html_form_sends_it(client: APIClient) -> None:
    body = {"name": "orders", "sign_secert": "Secret_of_hmac_16"}
    answer = client.post("/bodies/", body, format="json")
    refusal = {"sign_secert": ["is not one of name, sign_type, sign_key, sign_secret or sign_algorithm"]}
    assert (answer.status_code, answer.json()) == (400, refusal)
    surrogate = client.generic("POST", "/bodies/", r'{"name": "orders", "\ud800": ""}', "application/json")
    assert (surrogate.status_code, [*surrogate.json()]) == (400, ["?"])
    assert not Body.objects.exists()
    answer = client.post("/bodies/", {"name": "orders", "csrfmiddlewaretoken": "t"}, format="multipart")
    assert answer.status_code == 201
    read = client.get(f"/bodies/{Body.objects.get().pk}/").json()
    assert client.put(f"/bodies/{read['id']}/", read, format="json").status_code == 200


@pytest.mark.parametrize("way", ["json", "multipart"])
def test_a_name_that_is_erased_is_told(client: APIClient, way: str) -> None:
    row = Served.objects.create(name="orders", sign_key=KEY)
    answer = client.patch(f"/served/{row.pk}/", {"name": ""}, format=way)
    assert (answer.status_code, answer.json()) == (400, {"name": ["must be given"]})


def test_an_update_of_a_dict_is_judged_together_with_it() -> None:
    stored = {"name": "orders", "sign_type": "basic", "sign_key": "Key7"}
    for body, errors in (({"sign_type": "hmac"}, {"sign_key": ["must be 8 to 32 characters long"]}), ({}, {})):
        serializer = SignatureKeySerializer(stored, data=body, partial=True)
        serializer.is_valid()
        assert serializer.errors == errors


@pytest.mark.parametrize("way", ["json", "multipart"])
@pytest.mark.parametrize("blank", [{}, {"sign_key": ""}, {"sign_key": "", "sign_secret": ""}])
def test_a_blank_one_stays_as_it_is(client: APIClient, blank: dict[str, str], way: str) -> None:
    row = Served.objects.create(name="orders", sign_key=KEY, sign_secret=SECRET)
    for change, name in ((client.patch, "orders_2"), (client.put, "orders_3")):
        answer = change(f"/served/{row.pk}/", {"name": name, **blank}, format=way)
        assert (answer.status_code, answer.json()) == (200, {"id": row.pk, "name": name})
        assert stored(row) == {"name": name, "sign_key": KEY, "sign_secret": SECRET}
    answer = client.post("/served/", {"name": "new", **blank}, format=way)
    assert (answer.status_code, answer.json()) == (400, {"sign_key": ["must be given"]})
    answer = client.post("/served/", {"name": "new", **blank, "sign_key": "AnotherKey"}, format=way)
    assert stored(Served.objects.latest("pk")) == {"name": "new", "sign_key": "AnotherKey", "sign_secret": None}
    answer = client.post("/bodies/", {"name": "new", **blank}, format=way)
    assert stored(Body.objects.get()) == {
        "name": "new",
        "sign_type": "hmac",
        "sign_key": None,
        "sign_secret": "FromTheModel_1234",
        "sign_algorithm": None,
    }


def test_a_changed_type_judges_what_is_stored(client: APIClient) -> None:
    row = Body.objects.create(name="orders", sign_type="aes", sign_key="k" * 16, sign_algorithm="aes-128-cfb")
    Body.objects.update(sign_secret="s" * 16)
    before = stored(row)
    for body, errors in (
        ({"sign_algorithm": "aes-256-cfb"}, {"sign_key": ["must be 32 characters long"]}),
        ({"sign_type": "hmac", "sign_key": ""}, {"sign_algorithm": ["may be given only with sign_type aes"]}),
    ):
        answer = client.patch(f"/bodies/{row.pk}/", body, format="json")
        assert (answer.status_code, answer.json()) == (400, errors)
        assert stored(row) == before
    for blank in ("", None):
        answer = client.patch(f"/bodies/{row.pk}/", {"sign_type": "hmac", "sign_algorithm": blank}, format="json")
        assert answer.status_code == 200
    assert stored(row) == {**before, "sign_type": "hmac", "sign_algorithm": None}


@pytest.mark.parametrize("blank", ["", None])
def test_no_algorithm_is_an_empty_text_where_the_column_cannot_be_null(blank: str | None) -> None:
    body = {"name": "orders", "sign_type": "aes", "sign_algorithm": blank}
    for row in (None, Textual(name="orders", sign_type="aes", sign_algorithm="aes-128-cfb")):
        serializer = TextualSerializer(row, data=body)
        assert serializer.is_valid(), serializer.errors
        assert serializer.validated_data == {**body, "sign_algorithm": ""}


def test_nothing_is_stripped(client: APIClient) -> None:
    row = Served.objects.create(name="orders", sign_key=KEY)
    for way in ("json", "multipart"):
        answer = client.patch(f"/served/{row.pk}/", {"sign_key": " abcdefgh "}, format=way)
        assert "may contain only letters, digits and _ -" in answer.json()["sign_key"]
    assert stored(row)["sign_key"] == KEY


def test_no_answer_tells_a_secret(client: APIClient) -> None:
    row = Served.objects.create(name="orders", sign_key=LONG[:9], sign_secret=LONG[:20])
    whole = Body.objects.create(name="orders", sign_key=LONG[:9], sign_secret=LONG[:20])
    members = dict.fromkeys(oracle.MEMBERS[1:], FOREIGN) | {"name": "1st"}
    for path_ in ("/served/", "/bodies/"):
        one = f"{path_}{(row if 'served' in path_ else whole).pk}/"
        assert STAYS in client.get(one, HTTP_ACCEPT="text/html").content.decode()
        for accept in ("text/html", "application/json"):
            for answer in (
                client.get(path_, HTTP_ACCEPT=accept),
                client.get(one, HTTP_ACCEPT=accept),
                client.post(path_, members, HTTP_ACCEPT=accept),
                client.put(one, members, HTTP_ACCEPT=accept),
                client.patch(one, members, HTTP_ACCEPT=accept, format="json"),
                client.options(one, HTTP_ACCEPT=accept),
            ):
                # A CSRF token is random, and may hold any three letters.
                assert_silent(re.sub(r"\b[0-9A-Za-z]{64}\b", "", answer.content.decode()))
        page = client.post(path_, members, HTTP_ACCEPT="text/html").content.decode()
        assert "must start with a letter" in page
        assert 'value="1st"' in page


def test_who_asks_for_it_reads_it() -> None:
    class Reader(serializers.Serializer[Any]):
        sign_key = SignatureKeyField("sign_key", read_only=True)
        sign_secret = SignatureKeyField("sign_secret", write_only=False, messages={"missing": "fehlt"}, required=True)

    assert Reader(Served(sign_key=KEY, sign_secret=SECRET)).data == {"sign_key": KEY, "sign_secret": SECRET}
    missing = Reader(data={})
    assert not missing.is_valid()
    assert missing.errors == {"sign_secret": ["fehlt"]}


def test_the_own_checks_of_the_framework_are_kept() -> None:
    def refuse(_: str) -> None:
        raise serializers.ValidationError("no", code="no")

    class More(serializers.Serializer[Any]):
        key = SignatureKeyField("sign_key", max_length=9, validators=[refuse], default="k" * 8)
        keys = serializers.ListField(child=SignatureKeyField("sign_key"))

    more = More(data={"key": "k" * 10, "keys": [""]})
    assert not more.is_valid()
    assert {each.code for each in more.errors["key"]} == {"no", "max_length"}
    assert more.errors["keys"] == {0: ["must be given"]}


def constructors() -> Iterator[Callable[[], object]]:
    question: dict[str, Any] = {"field": "sign_key", "sign_type": "basic", "sign_algorithm": None}
    for canary in (FOREIGN, LONG, FOREIGN.encode(), Carrier(), [FOREIGN], {FOREIGN: LONG}, 8):
        for name in [*question, "messages", "validators", "max_length", "style", "read_only", "default", "foreign"]:
            for field in ("sign_key", canary):
                arguments = {**question, "field": field, name: canary}
                yield lambda arguments=arguments: SignatureKeyField(**arguments)  # type: ignore[misc]  # bound now


def test_no_constructor_leaves_an_argument_behind() -> None:
    assert_constructors_are_silent(constructors())


def test_an_error_tells_no_secret() -> None:
    for data in ({"sign_key": FOREIGN}, {"sign_key": [FOREIGN]}, dict.fromkeys(oracle.MEMBERS, LONG)):
        for make in (ServedSerializer, BodySerializer):
            with pytest.raises(serializers.ValidationError) as caught:
                make(data=data).is_valid(raise_exception=True)
            for text in told(caught.value):
                assert_silent(text)
