"""The pydantic annotation and model: every labelled value and body, nothing told, and a schema that says the same."""

import collections
import copy
import dataclasses
import datetime
import json
import pickle
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

import pytest

pytest.importorskip("pydantic", reason="needs pydantic: in a clone, pip install '.[pydantic]'")

import jsonschema_rs
import pydantic
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainSerializer,
    RootModel,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
    validate_call,
)
from typing_extensions import TypedDict

import signrules
from signrules.export import json_schema
from signrules.integrations.pydantic import RedactedModel, SignatureKeyRequest, SignatureKeyValidator, redacted

from ..labelled import QUESTIONS, Value, labelled_bodies, labelled_values
from ..oracle import MEMBERS
from ..questions import EVERY_QUESTION, Question, each_row, every_question
from ..silence import CANARY, FOREIGN, HERE, LONG, Carrier, assert_silent
from .judged import judged

Name = Annotated[str, SignatureKeyValidator("name")]
HmacSecret = Annotated[SecretStr, SignatureKeyValidator("sign_secret", sign_type="hmac")]

VALID = "Abcdefgh12345678"  # as a name, and as a key and a secret of every type
NOT_A_NAME = f"1{VALID}"


Error = tuple[tuple[int | str, ...], str, int | None]


def adapter(question: Question, kind: type = str) -> TypeAdapter[Any]:
    annotated: Any = Annotated[kind, SignatureKeyValidator(question.field, **question.kind)]
    return TypeAdapter(annotated)


def broken(judge: Callable[..., object], *values: object, **options: object) -> list[Error]:
    """Place, type and position of each error."""
    try:
        judge(*values, **options)
    except ValidationError as error:
        return [(e["loc"], e["type"], e.get("ctx", {}).get("position")) for e in error.errors()]
    return []


def has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


# Values.


@judged(
    "pydantic",
    "pydantic",
    "pip pydantic",
    form="SignatureKeyValidator",
    differences="refuses JSON with a lone surrogate before it judges",
)
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_every_labelled_value(question: Question) -> None:
    plain, secret = adapter(question), adapter(question, SecretStr)
    values = [value for value in labelled_values() if value.question == question]
    assert len(values) > 500
    for value in values:
        for judge in plain.validate_python, secret.validate_python:
            assert broken(judge, value.text) == labels(value)
        if value.is_valid:
            assert plain.validate_python(value.text) is value.text
            assert secret.validate_python(value.text).get_secret_value() is value.text


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_every_labelled_value_that_pydantic_reads_from_json(question: Question) -> None:
    plain, secret = adapter(question), adapter(question, SecretStr)
    for value in labelled_values():
        if value.question == question and not has_surrogates(value.text):
            for judge in plain.validate_json, secret.validate_json:
                text = json.dumps(value.text)
                assert broken(judge, text) == labels(value)


def labels(value: Value) -> list[Error]:
    return [((), code, position) for code, position in value.broken]


def test_a_lone_surrogate_is_a_value_in_python_but_no_json_to_pydantic() -> None:
    name = TypeAdapter(Name)
    assert broken(name.validate_python, "abc\ud800") == [((), "charset", 3)]
    assert broken(name.validate_json, r'"abc\ud800"') == [((), "json_invalid", None)]
    # The model reads JSON by Python's own parser, and finds the character.
    body = r'{"name": "abc\ud800"}'
    assert broken(SignatureKeyRequest.model_validate_json, body) == [(("name",), "charset", 3)]


class Holder(BaseModel):
    name: Name
    secret: HmacSecret | None = None
    names: list[Name] = []


@pydantic.dataclasses.dataclass
class Data:
    name: Name


def test_the_annotation_stands_wherever_a_type_may() -> None:
    assert Holder(name="abc", secret=None).model_dump() == {"name": "abc", "secret": None, "names": []}
    wrong = {"name": "1", "secret": "short", "names": ["abc", ""]}
    assert broken(Holder.model_validate, wrong) == [
        (("name",), "length", None),
        (("name",), "first", 0),
        (("secret",), "length", None),
        (("names", 1), "length", None),
    ]
    assert Data(name="abc").name == "abc"
    assert broken(Data, name=NOT_A_NAME) == [(("name",), "first", 0)]
    mapping: TypeAdapter[dict[str, str | None]] = TypeAdapter(dict[Name, Name | None])
    assert mapping.validate_python({"abc": None}) == {"abc": None}
    assert broken(mapping.validate_python, {"abc": NOT_A_NAME}) == [(("abc",), "first", 0)]


def test_a_secret_stays_one() -> None:
    holder = Holder.model_validate({"name": "abc", "secret": VALID})
    assert VALID not in repr(holder) + str(holder) + holder.model_dump_json()
    assert holder.secret is not None
    assert holder.secret.get_secret_value() == VALID
    secret = TypeAdapter(HmacSecret)
    assert secret.validate_python(holder.secret, strict=True) is holder.secret
    assert secret.validate_python(VALID, strict=True) == holder.secret
    assert broken(secret.validate_python, SecretStr("short")) == [((), "length", None)]
    assert broken(TypeAdapter(Name).validate_python, SecretStr("abc")) == [((), "type", None)]


@pytest.mark.parametrize("value", [None, 12345678, True, b"abcdefgh", bytearray(b"abcdefgh"), ["abcdefgh"], {}])
@pytest.mark.parametrize("strict", [True, False])
def test_nothing_but_a_string_is_a_value(value: object, strict: bool) -> None:
    for kind in str, SecretStr:
        judge = adapter(QUESTIONS[0], kind)
        assert broken(judge.validate_python, value, strict=strict) == [((), "type", None)]


def test_no_configuration_changes_a_value() -> None:
    class Meddler(BaseModel):
        model_config = ConfigDict(
            str_to_lower=True, str_strip_whitespace=True, str_max_length=5, coerce_numbers_to_str=True
        )
        name: Name
        secret: HmacSecret

    meddled = Meddler.model_validate({"name": VALID, "secret": VALID})
    assert meddled.name == meddled.secret.get_secret_value() == VALID
    wrong = {"name": f"{VALID} ", "secret": 1234567890123456}
    assert broken(Meddler.model_validate, wrong) == [
        (("name",), "charset", len(VALID)),
        (("secret",), "type", None),
    ]


def test_a_wrong_question_is_told_at_once() -> None:
    wrong: Any
    for wrong in ("sign_kye", FOREIGN, [FOREIGN]):
        for ask in (
            partial(SignatureKeyValidator, wrong),
            partial(SignatureKeyValidator, "sign_key", sign_type=wrong),
            partial(SignatureKeyValidator, "sign_key", sign_algorithm=wrong),
        ):
            with pytest.raises(LookupError, match=r"must be \w+") as caught:
                ask()
            for text in told(caught.value):
                assert_silent(text)


@pytest.mark.parametrize("kind", [bytes, int, str | None])
def test_another_type_is_refused_at_once(kind: type) -> None:
    with pytest.raises(TypeError, match="is for str and SecretStr"):
        adapter(QUESTIONS[0], kind)


def refuse(value: object) -> object:
    raise ValueError(f"{value} is refused")


@pytest.mark.parametrize("kind", [str, SecretStr])
@pytest.mark.parametrize("before", [AfterValidator(refuse), BeforeValidator(refuse), Field(max_length=3)])
def test_what_would_not_be_asked_is_refused_at_once(kind: type, before: Any) -> None:
    ours = SignatureKeyValidator("sign_key")
    annotated: Any = Annotated[kind, before, ours]
    with pytest.raises(TypeError, match="must stand before the constraints and validators"):
        TypeAdapter(annotated)
    annotated = Annotated[kind, ours, before]
    judge: TypeAdapter[Any] = TypeAdapter(annotated)
    assert broken(judge.validate_python, VALID) != []
    if isinstance(before, type(Field())):
        assert judge.json_schema()["maxLength"] == 3


@pytest.mark.parametrize("kind", [str, SecretStr])
def test_what_judges_nothing_may_stand_before(kind: type) -> None:
    described: Any = Annotated[
        kind, Field(description="Of ours"), PlainSerializer(lambda _: "shown"), SignatureKeyValidator("sign_key")
    ]
    judge: TypeAdapter[Any] = TypeAdapter(described)
    assert judge.dump_python(judge.validate_python(VALID)) == "shown"
    assert broken(judge.validate_python, "-") == [((), "length", None), ((), "first", 0)]


# Bodies.


@judged("pydantic", "pydantic", "pip pydantic", form="SignatureKeyRequest", body="exactly")
def test_every_labelled_body() -> None:
    model = SignatureKeyRequest
    python = TypeAdapter(model).validate_python
    assert len(labelled_bodies()) > 4000
    for body, violations in labelled_bodies():
        # A body that is no object has no place; an unknown member may have an empty name.
        expected = [
            ((utf_8(field),) if field or code == "unknown" else (), code, position)
            for field, code, position in violations
        ]
        assert broken(model.model_validate, body) == expected
        assert broken(model.model_validate, body, strict=True) == expected
        assert broken(model.model_validate_json, json.dumps(body)) == expected
        assert broken(python, body) == expected


def utf_8(field: str) -> str:
    """The name of an unknown member in pydantic's places: half a character becomes three signs of replacement."""
    return field.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def test_what_is_valid_comes_out_as_it_went_in() -> None:
    valid = [body for body, violations in labelled_bodies() if not violations]
    assert len(valid) > 500
    assert {member for body in valid for member in MEMBERS if member not in body} == {*MEMBERS} - {"name"}
    for body in valid:
        request = SignatureKeyRequest.model_validate(body)
        assert request.model_dump() == body
        assert json.loads(request.model_dump_json()) == body
        assert SignatureKeyRequest(**body) == request
        assert SignatureKeyRequest.model_validate(request.model_dump()) == request
        assert SignatureKeyRequest.model_validate_json(request.model_dump_json()) == request
        assert list(request.model_dump()) == [member for member in MEMBERS if member in body]
        assert {m: v for m, v in request if m in body} == body


def test_the_members_are_the_documents() -> None:
    assert list(SignatureKeyRequest.model_fields) == MEMBERS
    request = SignatureKeyRequest(name="abc")
    assert (request.sign_type, request.sign_key, request.sign_secret, request.sign_algorithm) == ("hmac", *[None] * 3)


def test_neither_key_nor_secret_is_printed() -> None:
    request = SignatureKeyRequest(name="abc", sign_key=VALID, sign_secret=VALID)
    assert repr(request) == "SignatureKeyRequest(name='abc', sign_type='hmac', sign_algorithm=None)"
    assert str(request) == "name='abc' sign_type='hmac' sign_algorithm=None"


def test_null_is_not_absence() -> None:
    assert broken(SignatureKeyRequest, name="abc", sign_key=None) == [(("sign_key",), "type", None)]


def test_it_stands_within_other_models() -> None:
    class Batch(BaseModel):
        first: SignatureKeyRequest
        others: list[SignatureKeyRequest] = []
        last: SignatureKeyRequest | None = None

    one = {"name": "abc", "sign_key": VALID}
    whole = {"first": one, "others": [one], "last": one}
    assert Batch.model_validate(whole).model_dump() == whole
    assert json.loads(Batch.model_validate(whole).model_dump_json()) == whole
    assert broken(Batch.model_validate, {"first": {}, "others": [one, {"name": "1bc"}], "last": 5}) == [
        (("first", "name"), "missing", None),
        (("others", 1, "name"), "first", 0),
        (("last",), "type", None),
    ]


class Text(str):
    __slots__ = ()


def test_subclasses_of_str_and_dict() -> None:
    body = {
        "name": Text("abc"),
        "sign_type": Text("aes"),
        "sign_algorithm": Text("aes-128-cfb"),
        "sign_key": Text(VALID),
    }
    request = SignatureKeyRequest.model_validate(body)
    assert request.name is body["name"]
    assert request.model_dump() == json.loads(request.model_dump_json()) == body
    assert broken(SignatureKeyRequest.model_validate, defaultdict(str)) == [(("name",), "missing", None)]
    assert SignatureKeyRequest.model_validate(defaultdict(str, name="abc")).model_dump() == {"name": "abc"}


def test_an_instance_stays_itself() -> None:
    request = SignatureKeyRequest(name="abc", sign_secret=VALID)
    assert SignatureKeyRequest.model_validate(request) is request
    assert copy.deepcopy(request) == pickle.loads(pickle.dumps(request)) == request.model_copy() == request
    assert hash(request) == hash(SignatureKeyRequest(name="abc", sign_secret=VALID))


def test_it_cannot_be_changed() -> None:
    request = SignatureKeyRequest(name="abc")
    with pytest.raises(ValidationError, match="frozen") as caught:
        request.sign_secret = FOREIGN
    for text in told(caught.value):
        assert_silent(text)
    with pytest.raises(ValidationError, match="frozen"):
        del request.sign_secret
    assert request.model_dump() == {"name": "abc"}


def test_a_subclass_has_no_more_members() -> None:
    class More(SignatureKeyRequest):
        owner: str = ""

    assert broken(More.model_validate, {"name": "abc", "owner": "me"}) == [(("owner",), "unknown", None)]


NOT_JSON = ['{"name"', "", "\ud800", b"\xff", '{"name": ' + "[" * 100_000, f'{{"sign_key": {"9" * 5000}}}', 5, None]


@pytest.mark.parametrize("text", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_no_object(text: Any) -> None:
    assert broken(SignatureKeyRequest.model_validate_json, text) == [((), "type", None)]


# Nothing is told.


def told(error: BaseException) -> Iterator[str]:
    """All that an error tells, with the local variables of our frames."""
    yield from (str(error), repr(error), repr(error.args), repr(error.__dict__ if hasattr(error, "__dict__") else ""))
    yield pickle.dumps(error).decode("utf-8", "replace")
    if isinstance(error, ValidationError):
        yield from (repr(error.errors()), error.json(), error.title)
    for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
        if frame.filename.startswith(HERE):
            yield repr(frame.locals)
    assert error.__cause__ is error.__context__ is None


class Attributes:
    """An object for `from_attributes`."""

    def __init__(self, value: object) -> None:
        self.name = self.sign_key = self.sign_secret = value

    def __repr__(self) -> str:
        return FOREIGN


def refused_calls() -> Iterator[Callable[[], object]]:
    model = SignatureKeyRequest
    models = TypeAdapter(list[SignatureKeyRequest])
    judges = [adapter(question, kind) for question in EVERY_QUESTION for kind in (str, SecretStr)]
    value: Any
    for value in (FOREIGN, LONG, FOREIGN.encode(), Carrier(), [FOREIGN], {"sign_key": FOREIGN}, SecretStr(CANARY)):
        for judge in judges:
            yield partial(judge.validate_python, value)
            yield partial(judge.validate_python, value, strict=True)
        yield partial(Holder, name=value, secret=value, names=[value])
        yield partial(model, name="abc", sign_secret=value)
        for body in (
            {"name": value, "sign_key": value, "sign_secret": value},
            {"name": "abc", "sign_type": value, "sign_algorithm": value},
            {"sign_key": VALID, "sign_secret": value},
            {"name": "abc", "sign_key": value, "sign_secert": value},
            {"name": "abc", "sign_type": [value], "sign_algorithm": {"a": value}},
            value,
            [value],
            Attributes(value),
        ):
            yield partial(model.model_validate, body)
            yield partial(model.model_validate, body, strict=True)
            yield partial(model.model_validate, body, from_attributes=True)
            yield partial(models.validate_python, [body], from_attributes=True)
    for value in (FOREIGN, LONG, [FOREIGN], {"sign_key": FOREIGN}):
        text = json.dumps({"name": value, "sign_key": value, "sign_secret": value}, ensure_ascii=False)
        for broken_text in (text, text[:-1], text.encode()[:-1], text.encode() + b"\xff", f"{text} {text}"):
            yield partial(model.model_validate_json, broken_text)
            yield partial(model.model_validate_json, broken_text, strict=True)
        yield partial(models.validate_json, f"[{text}]")
        yield partial(adapter(QUESTIONS[0]).validate_json, json.dumps(value))
        yield partial(model.model_validate_strings, {"name": "abc", "sign_key": value})
        yield partial(model.model_validate_strings, [value])
        yield partial(Refusing.model_validate, {"name": "abc", "sign_key": VALID, "sign_secert": value})
    for secret in (f"{LONG[:16]}", f"{LONG[:64]}"):
        yield partial(Refusing.model_validate, {"name": "abc", "sign_secret": secret})


class Refusing(SignatureKeyRequest):
    """Whose own validator tells the value."""

    @model_validator(mode="after")
    def refuse(self) -> "Refusing":
        raise ValueError(self.sign_secret)


class Part(BaseModel):
    """Nothing of ours."""

    number: int
    word: str = Field("", max_length=3)


class Own(RedactedModel):
    """A model of the application, whose errors and their messages quote what was given."""

    model_config = ConfigDict(validate_assignment=True)

    sign_key: HmacSecret
    note: str = Field("", max_length=20)
    day: datetime.date | None = None
    part: Part | None = None
    parts: "list[Own]" = Field([])

    @field_validator("note")
    @classmethod
    def _quote(cls, value: str) -> str:
        if value == LONG[:15]:
            raise ValueError(value)
        return value

    @model_validator(mode="before")
    @classmethod
    def _quote_all(cls, body: Any) -> Any:
        if isinstance(body, list):
            raise ValueError(body)  # noqa: TRY004  which pydantic would let through
        return body


class OwnToo(Own):
    @model_validator(mode="after")
    def _quote_after(self) -> "OwnToo":
        raise ValueError(self.note)


class Frozen(Own):
    model_config = ConfigDict(frozen=True)


SECRET = "Abcdefgh12345678_"


def refused_by_models_of_the_application() -> Iterator[Callable[[], object]]:
    value: Any
    for model in Own, OwnToo, Frozen:
        for value in (FOREIGN, LONG, LONG[:15], FOREIGN.encode(), Carrier(), [FOREIGN], {"number": FOREIGN}):
            for body in (
                {"sign_key": value},
                {"note": value, "part": {"number": value, "word": value}},
                {"sign_key": SECRET, "note": LONG[:15]},
                {"sign_key": SECRET, "day": value},
                {"sign_key": SECRET, "parts": [{"sign_key": SECRET, "parts": [{"note": value}]}]},
                value,
                [value],
                Attributes(value),
            ):
                yield partial(model.model_validate, body)
                yield partial(model.model_validate, body, strict=True)
                yield partial(TypeAdapter(list[model]).validate_python, [body])  # type: ignore[valid-type]  # it is one
                yield partial(model.model_validate_strings, body)
        for text in (f'{{"sign_key": "{CANARY}', f'{{"sign_key": "{CANARY}"}}', f'"{CANARY}"', CANARY.encode()):
            yield partial(model.model_validate_json, text)
            yield partial(model.parse_raw, text)
    yield partial(OwnToo.model_validate, {"sign_key": SECRET, "note": LONG[:14]})
    own, frozen = (model.model_validate({"sign_key": SECRET}) for model in (Own, Frozen))
    for value in (FOREIGN, [FOREIGN]):
        yield partial(setattr, own, "note", value)
        yield partial(setattr, own, "sign_key", value)
        yield partial(setattr, frozen, "sign_key", value)


@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
def test_a_redacted_model_tells_nothing() -> None:
    refused = 0
    for call in refused_by_models_of_the_application():
        with pytest.raises(ValidationError) as caught:
            call()
        refused += 1
        for text in told(caught.value):
            assert_silent(text)
        assert all(detail["input"] == "[redacted]" for detail in caught.value.errors())
    assert refused > 500


class Whole(RedactedModel):
    words: list[Annotated[str, Field(max_length=3)]]
    number: int
    limit: float = Field(5, le=9)
    pet: Literal["cat", "dog"] = "cat"
    part: Part | None = None


class Plain(BaseModel):
    __annotations__ = Whole.__annotations__
    limit: float = Field(5, le=9)
    pet: Literal["cat", "dog"] = "cat"
    part: Part | None = None


@pytest.mark.parametrize(
    "body",
    [
        {},
        5,
        {"words": {}, "number": "x", "limit": 10, "pet": "cow", "part": {"number": [], "word": "long"}},
        {"words": ["long", "abc", b"\xff", 5], "number": 1.5, "limit": "", "part": 5},
    ],
)
def test_a_redacted_model_says_what_pydantic_says_less_the_input(body: object) -> None:
    errors = []
    for model in Whole, Plain:
        with pytest.raises(ValidationError) as caught:
            model.model_validate(body)
        details = caught.value.errors(include_url=False, include_context=False, include_input=False)
        errors.append([{**detail, "msg": detail["msg"].replace("Plain", "Whole")} for detail in details])
        assert caught.value.title == model.__name__
    assert errors[0] == errors[1]


def test_a_redacted_model_is_one_of_pydantics() -> None:
    body = {"sign_key": SECRET, "parts": [{"sign_key": SECRET, "note": "abc"}], "part": {"number": 1}}
    own = Own.model_validate(body)
    assert Own.model_validate(own) is own
    assert own.model_dump(exclude_defaults=True)["parts"][0]["note"] == "abc"
    assert Own.model_validate_json(json.dumps(body), strict=True) == own
    assert Own.model_validate_strings({"sign_key": SECRET, "day": "2026-11-01"}).day == datetime.date(2026, 11, 1)
    own.note = "short"
    assert own.note == "short"
    assert Own.model_json_schema()["$defs"]["Own"]["required"] == ["sign_key"]  # though it holds itself
    assert not Own.__private_attributes__


def test_other_errors_pass_and_no_frame_of_ours_holds_the_input() -> None:
    class Failing(RedactedModel):
        @model_validator(mode="before")
        @classmethod
        def _fail(cls, _: Any) -> Any:
            raise KeyError("an error of the program")

    for call in (partial(Failing.model_validate, FOREIGN), partial(Failing.model_validate_json, f'"{FOREIGN}"')):
        with pytest.raises(KeyError) as caught:
            call()
        for text in told(caught.value):
            assert_silent(text)


def test_in_a_union_each_has_a_name() -> None:
    union: TypeAdapter[Any] = TypeAdapter(SignatureKeyRequest | Own | Annotated[str, SignatureKeyValidator("name")])
    assert {loc for loc, _, _ in broken(union.validate_python, {"name": FOREIGN, "note": FOREIGN})} == {
        ("function-wrap[SignatureKeyRequest()]", "name"),
        ("function-wrap[SignatureKeyRequest()]", "note"),
        ("function-wrap[Own()]", "sign_key"),
        ("function-wrap[Own()]", "note"),
        ("function-wrap[_signature_key_value()]",),
    }


def test_the_errors_of_a_type_adapter_can_be_redacted() -> None:
    union: TypeAdapter[Any] = TypeAdapter(SignatureKeyRequest | int)
    with pytest.raises(ValidationError) as caught:
        union.validate_python({"sign_secret": FOREIGN})
    assert CANARY in repr(caught.value.errors())
    error = redacted(caught.value.errors(), "of mine", of=union)
    for text in told(error):
        assert_silent(text)
    assert error.title == "of mine"
    assert broken(raiser(error)) == broken(raiser(caught.value))


class Tagged(BaseModel):
    kind: Literal["cat"]
    numbers: dict[str, int] = {}


class Untagged(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["dog"]
    path: int = Field(0, validation_alias=AliasChoices(AliasPath("at", 0), "other"))


class Allowing(BaseModel):
    __pydantic_extra__: dict[Annotated[str, Field(max_length=9)], int]
    model_config = ConfigDict(extra="allow")


class Tree(BaseModel):
    kids: "list[Tree]" = []
    by_name: "dict[str, Tree] | None" = None


class Root(RootModel[dict[str, int]]):
    """A dict."""


class Pair(NamedTuple):
    left: int
    right: int = 0


@dataclasses.dataclass
class Counted:
    number: int


class Typed(TypedDict):
    number: int


KEY_OF_MINE = Annotated[str, SignatureKeyValidator("sign_key")]
R = "[redacted]"
PLACES: list[tuple[Any, Any, set[tuple[int | str, ...]]]] = [
    (dict[KEY_OF_MINE, int], {FOREIGN: 1, LONG[:16]: "x"}, {(R, "[key]"), (R,)}),
    (dict[int, int], {12345678: "x", FOREIGN: 1}, {(R,), (R, "[key]")}),
    (dict[str, int] | list[int], {FOREIGN: "x"}, {("dict[str,int]", R), ("list[int]",)}),
    # A key where the name of a choice could stand.
    (dict[str, int] | Annotated[int | list[int], Field(title="x")], {FOREIGN: "x"}, {("dict[str,int]", R)}),
    (collections.defaultdict[str, int], {FOREIGN: "x"}, {(R,)}),
    (Mapping[str, list[int]], {FOREIGN: [1, "x"]}, {(R, 1)}),
    (list[int], [1, "x"], {(1,)}),
    (tuple[int, str], ["x", 5], {(0,), (1,)}),
    (tuple[int, ...], [1, "x"], {(1,)}),
    (set[int], {FOREIGN}, {(0,)}),
    (frozenset[int], [FOREIGN], {(0,)}),
    (Json[dict[str, int]], json.dumps({FOREIGN: "x"}), {(R,)}),
    (Annotated[Tagged | Untagged, Field(discriminator="kind")], {"kind": FOREIGN}, {()}),
    (
        Annotated[Tagged | Untagged, Field(discriminator="kind")],
        {"kind": "cat", "numbers": {FOREIGN: "x"}},
        {("cat", "numbers", R)},
    ),
    (Untagged, {"kind": "dog", FOREIGN: 1, "at": ["x"]}, {(R,), ("at", 0)}),
    (Untagged, {"kind": "dog", "other": "x"}, {("other",)}),
    (Allowing, {FOREIGN: 1, "short": "x"}, {(R,)}),
    (Tree, {"kids": [{}, {"kids": 5}]}, {("kids", 1, "kids")}),
    (Tree, {"by_name": {FOREIGN: {"kids": [5]}}}, {("by_name", R, "kids", 0)}),
    (Root, {FOREIGN: "x"}, {(R,)}),
    (Pair, {"left": "x", FOREIGN: 1}, {("left",), (R,)}),
    (Pair, ["x"], {(0,)}),
    (Counted, {"number": "x"}, {("number",)}),
    (Typed, {"number": "x"}, {("number",)}),
]


@pytest.mark.parametrize(("kind", "value", "places"), PLACES)
def test_a_place_is_an_index_or_what_is_declared(kind: Any, value: Any, places: set[tuple[int | str, ...]]) -> None:
    class Model(RedactedModel):
        inner: kind

    judge: TypeAdapter[Any] = TypeAdapter(kind)
    with pytest.raises(ValidationError) as caught:
        judge.validate_python(value)
    own = redacted(caught.value.errors(), of=judge)
    unknown = redacted(caught.value.errors())
    with pytest.raises(ValidationError) as caught:
        Model(inner=value)
    for error, before in ((own, ()), (caught.value, ("inner",))):
        found = {detail["loc"] for detail in error.errors()}
        assert found >= {(*before, *place) for place in places}
        assert all(detail["input"] == R for detail in error.errors())
        for text in (*told(error), repr(found)):
            assert_silent(text)
            assert "12345678" not in text
    # Without the type, nobody knows what is declared.
    assert {part for detail in unknown.errors() for part in detail["loc"]} <= {R, "[key]"}


def test_places_of_arguments() -> None:
    @validate_call
    def call(first: int, *others: int, named: int, **more: int) -> None:
        """Never called."""

    judge: TypeAdapter[Any] = TypeAdapter[Any](call)  # type: ignore[arg-type]  # pydantic takes a function for a type
    with pytest.raises(ValidationError) as caught:
        call("x", 1, "y", named="z", **{FOREIGN: "u"})  # type: ignore[arg-type]  # what this test is about
    places = {detail["loc"] for detail in redacted(caught.value.errors(), of=judge).errors()}
    assert places == {(0,), (2,), ("named",), (R,)}


@pytest.mark.parametrize("kind", [signrules.SignatureKeyRequest, signrules.CompleteSignatureKeyRequest])
def test_the_typed_dicts_have_a_type_adapter(kind: Any) -> None:
    """Before Python 3.12, pydantic refuses those of the standard library's."""
    judge: TypeAdapter[Any] = TypeAdapter(kind)
    complete = signrules.complete_request({"name": "orders", "sign_key": VALID})
    assert judge.validate_python(complete) == judge.validate_json(json.dumps(complete)) == complete
    assert judge.validate_python(complete | {"sign_algorithm": "aes-128-cfb"})["sign_algorithm"] == "aes-128-cfb"
    with pytest.raises(ValidationError) as caught:
        judge.validate_python({"sign_type": "rsa", "sign_key": 5})
    found = {(*detail["loc"], detail["type"]) for detail in caught.value.errors()}
    missing = {("sign_secret", "missing")} if kind is signrules.CompleteSignatureKeyRequest else set()
    assert found == {("name", "missing"), ("sign_type", "literal_error"), ("sign_key", "string_type")} | missing
    schema = judge.json_schema()
    assert (schema["title"], set(schema["required"])) == (kind.__name__, kind.__required_keys__)


def raiser(error: Exception) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


def test_nothing_tells_the_value() -> None:
    refused = 0
    for call in refused_calls():
        with pytest.raises(ValidationError) as caught:
            call()
        refused += 1
        for text in told(caught.value):
            assert_silent(text)
    assert refused > 1000


@pytest.mark.parametrize("judged", [Name, SignatureKeyRequest])
def test_what_pydantic_itself_tells_of_broken_json(judged: Any) -> None:
    """Nothing that is put into a TypeAdapter can cure this: the docs say so."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(judged).validate_json(f'"{CANARY}')
    assert CANARY in caught.value.errors()[0]["input"]


# JSON Schema.


@every_question
def test_the_schema_of_a_value(question: Question) -> None:
    expected = json_schema(question.field, **question.kind)
    del expected["$schema"]
    for mode in ("validation", "serialization"):
        assert adapter(question).json_schema(mode=mode) == expected
        assert adapter(question, SecretStr).json_schema(mode=mode) == {
            **expected,
            "format": "password",
            "writeOnly": True,
        }


@judged("pydantic", "jsonschema-rs", "pip jsonschema-rs", form="the schema of a value")
@each_row
def test_the_schema_of_a_value_judges_alike(question: Question) -> None:
    judge = jsonschema_rs.validator_for(adapter(question, SecretStr).json_schema())
    for value in labelled_values():
        if value.question == question and not has_surrogates(value.text):
            assert judge.is_valid(value.text) == value.is_valid


def test_the_schema_of_a_body() -> None:
    expected = json_schema()
    del expected["$schema"]

    class Batch(BaseModel):
        first: SignatureKeyRequest
        others: list[SignatureKeyRequest]

    for mode in ("validation", "serialization"):
        assert SignatureKeyRequest.model_json_schema(mode=mode) == expected
        assert Batch.model_json_schema(mode=mode)["$defs"] == {"SignatureKeyRequest": expected}


def test_an_alias_is_a_declared_place() -> None:
    class Renamed(RedactedModel):
        key: Annotated[str, SignatureKeyValidator("sign_key")] = Field(alias="given")

    assert broken(Renamed.model_validate, {"given": FOREIGN, FOREIGN: 1}) == [(("given",), "charset", 2)]


def test_a_model_that_is_built_late_declares_its_members_from_the_first_error_on() -> None:
    class Late(RedactedModel):
        model_config = ConfigDict(defer_build=True)

        number: int

    for judge in (TypeAdapter(Late).validate_python, Late.model_validate):
        assert broken(judge, {"number": "x"}) == [(("number",), "int_parsing", None)]
