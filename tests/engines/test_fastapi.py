"""FastAPI over a real socket: every labelled body, and no part of a value in any answer or log."""

import asyncio
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi", reason="needs FastAPI: in a clone, pip install '.[fastapi]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: pip install uvicorn")

import jsonschema_rs
import uvicorn
from fastapi import Body, Depends, FastAPI, Header, Request
from fastapi import Query as QueryOf
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core._pydantic_core import list_all_errors

from signrules import ViolationError, validate_request
from signrules.export import json_schema
from signrules.integrations._redacted import OF_THE_MODEL
from signrules.integrations.fastapi import gateway_errors, redacted_errors
from signrules.integrations.pydantic import RedactedModel, SignatureKeyRequest, SignatureKeyValidator

from ..labelled import labelled_bodies
from ..silence import CANARY, FOREIGN, LONG, assert_silent
from .judged import judged

JSON = {"Content-Type": "application/json"}
VALID = "Abcdefgh12345678"


def quoting(value: str) -> str:
    raise ValueError(f"{value} is wrong")


def asserting(value: str) -> str:
    raise AssertionError(value)


def custom(value: str) -> str:
    raise PydanticCustomError("of_my_own", f"{value} is wrong")


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Foreign(BaseModel):
    """A model of the application, nothing of ours, whose errors and their messages quote what was given."""

    quoting: Annotated[str, AfterValidator(quoting)]
    asserting: Annotated[str, AfterValidator(asserting)]
    custom: Annotated[str, AfterValidator(custom)]
    pet: Cat | Dog = Field(discriminator="kind")
    word: Literal["good"]
    day: date
    price: Decimal
    secret: SecretStr = Field(max_length=3)
    pattern: str = Field(pattern="^good$")
    missing: int
    pair: tuple[int, int]


class Held(RedactedModel):
    """A model of the application that tells nothing."""

    name: int
    sign_secret: Annotated[str, SignatureKeyValidator("sign_secret")]


def application(handler: Any = None) -> FastAPI:
    app = FastAPI()
    if handler:
        app.add_exception_handler(RequestValidationError, handler)
        app.add_exception_handler(ViolationError, handler)

    @app.post("/signs", status_code=201)
    async def create(request: SignatureKeyRequest) -> SignatureKeyRequest:
        return request

    @app.post("/embedded", status_code=201)
    async def embedded(request: SignatureKeyRequest, count: Annotated[int, Body()]) -> list[SignatureKeyRequest]:
        return [request] * count

    @app.post("/raised")
    async def raised(body: Annotated[Any, Body()]) -> None:
        validate_request(body)

    @app.post("/crash")
    async def crash(body: Annotated[Any, Body()]) -> None:
        SignatureKeyRequest.model_validate(body)

    @app.post("/answer", response_model=SignatureKeyRequest)
    async def answer(body: Annotated[Any, Body()]) -> Any:
        return body

    @app.post("/held", response_model=Held)
    async def held(body: Annotated[Any, Body()]) -> Any:
        return body

    @app.post("/foreign")
    async def foreign(model: Foreign) -> None:
        """Never reached."""

    @app.post("/union")
    async def union(body: SignatureKeyRequest | int) -> None:
        """Never reached."""

    @app.get("/header/{number}")
    async def header(
        number: int,
        sign_secret: Annotated[SecretStr, SignatureKeyValidator("sign_secret"), Header()],
        limit: Annotated[int, Header(gt=0)],
    ) -> None:
        """Never reached."""

    return app


class Answer(NamedTuple):
    status: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Client(NamedTuple):
    connection: http.client.HTTPConnection  # kept alive

    def get(self, path: str, headers: dict[str, bytes]) -> Answer:
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        return Answer(response.status, f"{response.headers}{response.read().decode()}")

    def post(self, path: str, body: object, **headers: str) -> Answer:
        """In a body that is not yet bytes, half a character becomes an escape."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request("POST", path, content, {"Content-Type": "application/json", **headers})
        response = self.connection.getresponse()
        return Answer(response.status, response.read().decode())


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Talks to a server with three applications: /plain without a handler, /redacted, /gateway."""
    app = FastAPI()
    app.mount("/plain", application())
    app.mount("/redacted", application(redacted_errors))
    app.mount("/gateway", application(gateway_errors))
    app.mount("/declared", declaring())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    host, port = server.servers[0].sockets[0].getsockname()
    connection = http.client.HTTPConnection(host, port, timeout=30)
    yield Client(connection)
    connection.close()
    server.should_exit = True
    thread.join()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


Errors = list[tuple[str, str, int | None]]


def reported(answer: Answer) -> Errors:
    """Field, code and position of each error, out of the answer's text."""
    details = answer.json()["detail"]
    assert all(detail["loc"][0] == "body" for detail in details)
    return [("".join(d["loc"][1:]), d["type"], d.get("ctx", {}).get("position")) for d in details]


# Every labelled body.


@judged(
    "fastapi",
    "FastAPI",
    "pip fastapi",
    body="exactly",
    differences="answers three U+FFFD for a lone surrogate in the name of an unknown member",
)
def test_every_labelled_body(client: Client) -> None:
    assert len(labelled_bodies()) > 4000
    for body, violations in labelled_bodies():
        answer = client.post("/redacted/signs", body)
        if violations:
            assert answer.status == 422
            assert reported(answer) == utf_8(violations)
        else:
            assert (answer.status, answer.json()) == (201, body)


def utf_8(violations: Errors) -> Errors:
    """In an answer, half a character in the name of an unknown member becomes three signs of replacement."""
    return [(f.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), code, at) for f, code, at in violations]


def test_the_gateways_format_for_some_labelled_bodies(client: Client) -> None:
    for body, violations in labelled_bodies()[::7]:
        answer = client.post("/gateway/signs", body)
        if violations:
            parameter = utf_8(violations)[0][0] or "body"
            text = f"Invalid parameter value,parameterName:{parameter}. Please refer to the support documentation"
            assert (answer.status, answer.json()) == (400, {"error_code": "APIG.2011", "error_msg": text})
        else:
            assert (answer.status, answer.json()) == (201, body)


def test_a_violation_error_is_answered_alike(client: Client) -> None:
    for body, violations in labelled_bodies()[::40]:
        for kind in "redacted", "gateway":
            one, other = (client.post(f"/{kind}/{path}", body) for path in ("signs", "raised"))
            assert not violations or one == other


def test_a_body_within_a_body(client: Client) -> None:
    one = {"name": "abc", "sign_key": VALID}
    assert client.post("/plain/embedded", {"request": one, "count": 2}).json() == [one, one]
    answer = client.post("/redacted/embedded", {"request": {"name": "1bc"}})
    assert answer.json()["detail"] == [
        {
            "type": "first",
            "loc": ["body", "request", "name"],
            "msg": "must start with a letter",
            "ctx": {"position": 0},
        },
        {"type": "missing", "loc": ["body", "count"], "msg": "Field required"},
    ]
    assert "parameterName:name." in client.post("/gateway/embedded", {"request": {"name": "1bc"}}).text
    assert "parameterName:request." in client.post("/gateway/embedded", {"request": None, "count": 1}).text


# What is no labelled body.


def test_a_body_that_is_not_there_or_not_json(client: Client) -> None:
    for body, headers, errors in (
        (b"", {}, [("", "missing", None)]),
        (b"null", {}, [("", "type", None)]),
        (b'{"name": "abc"}', {"Content-Type": "text/plain"}, [("", "type", None)]),
    ):
        answer = client.post("/redacted/signs", body, **headers)
        assert (answer.status, reported(answer)) == (422, errors)
        assert "parameterName:body." in client.post("/gateway/signs", body, **headers).text
    answer = client.post("/redacted/signs", b'{"name": ')
    expected = {"type": "json_invalid", "loc": ["body", 9], "msg": "Input is not valid"}
    assert (answer.status, answer.json()) == (422, {"detail": [expected]})
    assert "parameterName:body." in client.post("/gateway/signs", b'{"name": ').text


def test_what_fastapi_cannot_read_it_answers_itself(client: Client) -> None:
    for body in (b'{"name": "\xff"}', b"[" * 100_000, b"9" * 5_000):
        for kind in "plain", "redacted", "gateway":
            answer = client.post(f"/{kind}/signs", body)
            assert (answer.status, answer.json()) == (400, {"detail": "There was an error parsing the body"})


# Nothing is told.

BODIES: list[Any] = [
    {"name": secret, "sign_key": secret, "sign_secret": secret}
    | {"quoting": secret, "asserting": secret, "custom": secret, "pet": {"kind": secret}, "word": secret}
    | {"day": secret, "price": secret, "secret": secret, "pattern": secret, "pair": [secret] * 9}
    | {"request": {"name": "abc", "sign_key": secret}, "count": secret}
    for secret in (FOREIGN, LONG, [FOREIGN], {"sign_key": FOREIGN})
]
BODIES += [{"sign_secret": FOREIGN}, {"name": "abc", "sign_secert": FOREIGN}, [FOREIGN], FOREIGN, LONG]
BODIES += [{"name": "abc", "sign_type": [FOREIGN], "sign_algorithm": FOREIGN, "sign_key": LONG}]
TEXTS = [json.dumps(body).encode() for body in BODIES]
TEXTS += [json.dumps(body, ensure_ascii=False).encode() for body in BODIES]
BROKEN = [text[:-1] for text in TEXTS] + [text + FOREIGN.encode() for text in TEXTS] + [t + b"\xff" for t in TEXTS]
OTHER_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"]


@pytest.mark.parametrize("kind", ["redacted", "gateway"])
def test_no_answer_and_no_log_tells_a_value(
    client: Client, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    expected = {"redacted": 422, "gateway": 400}[kind]
    paths = [f"/{kind}/{path}" for path in ("signs", "embedded", "foreign", "raised", "union")]
    answers = [client.post(path, text) for path in paths for text in TEXTS]
    assert {answer.status for answer in answers} == {expected}
    answers += [client.post(path, text) for path in paths for text in BROKEN]
    answers += [client.post(paths[0], TEXTS[0], **{"Content-Type": other}) for other in OTHER_TYPES]
    for secret in FOREIGN, LONG:
        headers = {"Sign-Secret": secret.encode(), "Limit": secret.encode()}
        answers.append(client.get(f"/{kind}/header/{quote(secret)}", headers))
    assert {answer.status for answer in answers} == {expected, 400}
    assert_silent("".join(answer.text for answer in answers))
    # uvicorn's access log has the path, so no secret belongs into one.
    logged = [
        r.getMessage() for r in caplog.records if r.name.startswith("uvicorn") and "/header/" not in r.getMessage()
    ]
    assert len(logged) >= len(answers) - 2
    assert_silent("".join(logged))
    assert_silent("".join(capfd.readouterr()))


@pytest.mark.parametrize(
    "path", ["plain/raised", "plain/crash", "plain/held", "redacted/crash", "gateway/crash", "gateway/answer"]
)
def test_what_an_endpoint_lets_out_is_silent_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """An error of the server's own: uvicorn answers first, and then logs the traceback."""
    caplog.set_level(logging.DEBUG, "uvicorn")
    for text in TEXTS:
        caplog.clear()
        assert client.post(f"/{path}", text, Connection="close").text == "Internal Server Error"
        wait_until(lambda: "Traceback" in caplog.text)
        assert "ViolationError: " in caplog.text or "ValidationError: " in caplog.text
        assert_silent(caplog.text)


def test_what_fastapi_tells_without_a_handler(client: Client) -> None:
    """Our model tells nothing even so; other models and parameters do."""
    for text in TEXTS:
        answer = client.post("/plain/signs", text)
        assert answer.status == 422
        assert_silent(answer.text)
    for text in BROKEN:
        assert_silent(client.post("/plain/signs", text).text)
    assert CANARY in client.post("/plain/foreign", TEXTS[0]).text
    assert CANARY in client.post("/plain/embedded", TEXTS[0]).text
    assert CANARY in client.post("/plain/union", TEXTS[0]).text


# The messages of pydantic's own errors.

# Words that are filled in from the input, or stand in a message with one. A new one of pydantic's belongs to these, or
# to those of the model.
FROM_THE_INPUT = {
    *("actual_length", "attribute", "encoding_error", "error", "method_name", "tag", "tz_actual"),
    *("encoding", "expected_tags", "field_type", "tz_expected"),
}


def test_the_messages_of_pydantic_are_told_unless_the_input_may_be_in_them() -> None:
    told = 0
    for kind in list_all_errors():
        example = kind.get("example_context") or {}
        assert set(example) <= OF_THE_MODEL | FROM_THE_INPUT
        context: dict[str, Any] = {
            word: value if value == 0 else FOREIGN if word in FROM_THE_INPUT else "the model"
            for word, value in example.items()
        }
        if "actual_length" in context:
            context["actual_length"] = 9
        error = InitErrorDetails(type=kind["type"], loc=("x",), input=FOREIGN, ctx=context)
        details = ValidationError.from_exception_data("x", [error]).errors()
        shown = answered(RequestValidationError(details))
        assert_silent(repr(shown))
        silenced = bool(set(context) & FROM_THE_INPUT)
        message = "Input is not valid" if silenced else details[0]["msg"]
        assert shown == {"detail": [{"type": kind["type"], "loc": ["[redacted]"], "msg": message}]}
        told += not silenced
    assert told > 60


def answered(error: Exception) -> Any:
    return json.loads(bytes(asyncio.run(redacted_errors(Request({"type": "http"}), error)).body))


def test_errors_that_an_application_makes_itself_need_not_look_like_pydantics() -> None:
    error = RequestValidationError([{"type": "of_my_own", "loc": ("body", FOREIGN), "msg": FOREIGN}])
    expected = {"type": "of_my_own", "loc": ["body", "[redacted]"], "msg": "Input is not valid"}
    assert answered(error) == {"detail": [expected]}


# A place is an index or what is declared.

ValueKey = Annotated[str, SignatureKeyValidator("sign_key")]


class Keyed(RedactedModel):
    by_key: dict[ValueKey, int]


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = 5


class Nested(BaseModel):
    children: "list[Nested]" = []
    number: int = 0


def common(page: int, token: Annotated[str, Header(max_length=3)] = "") -> None:
    """What several routes depend on."""


def declaring() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(RequestValidationError, redacted_errors)

    @app.post("/keyed")
    async def keyed(body: Keyed) -> None:
        """Nothing."""

    @app.post("/keys")
    async def keys(body: dict[ValueKey, int]) -> None:
        """Nothing."""

    @app.post("/embedded")
    async def embedded(one: dict[str, int], other: Annotated[list[Nested], Body()]) -> None:
        """Nothing."""

    @app.post("/nested")
    async def nested(body: Nested, _: Annotated[Any, Depends(common)]) -> None:
        """Nothing."""

    @app.post("/queried")
    async def queried(query: Annotated[Query, QueryOf()]) -> None:
        """Nothing."""

    return app


@pytest.mark.parametrize(
    ("path", "body", "places"),
    [
        ("/keyed", {"by_key": {FOREIGN: 1}}, [["body", "by_key", "[redacted]", "[key]"]]),
        ("/keyed", {"by_key": {VALID: FOREIGN}}, [["body", "by_key", "[redacted]"]]),
        ("/keys", {FOREIGN: 1, VALID: "x"}, [["body", "[redacted]", "[key]"], ["body", "[redacted]"]]),
        ("/embedded", {"one": {FOREIGN: "x"}, "other": 1}, [["body", "one", "[redacted]"], ["body", "other"]]),
        ("/embedded", {"one": {}, "other": [{"number": "x"}]}, [["body", "other", 0, "number"]]),
        (
            "/nested?page=1",
            {"children": [{}, {"children": [{"number": "x"}]}]},
            [["body", "children", 1, "children", 0, "number"], ["header", "token"]],
        ),
        (
            f"/queried?limit=x&{quote(FOREIGN)}=1",
            {},
            [["query", "limit"], ["query", "[redacted]"]],
        ),
        ("/nested?page=x", {}, [["query", "page"], ["header", "token"]]),
        ("/nested", b"{", [["body", 1]]),
    ],
)
def test_a_place_is_an_index_or_what_is_declared(
    client: Client, path: str, body: object, places: list[list[object]]
) -> None:
    answer = client.post(f"/declared{path}", body, token="long")
    assert answer.status == 422
    found = [detail["loc"] for detail in answer.json()["detail"]]
    assert sorted(map(str, found)) == sorted(map(str, places))
    assert_silent(answer.text)
    assert VALID not in answer.text


def test_a_text_with_the_type_of_one_of_pydantics_is_not_told() -> None:
    details = [{"type": "string_pattern_mismatch", "loc": (), "msg": f"{FOREIGN}!", "ctx": {"pattern": FOREIGN}}]
    assert answered(RequestValidationError(details))["detail"][0]["msg"] == "Input is not valid"


# OpenAPI.


def test_the_schema_in_the_openapi_document() -> None:
    document = application().openapi()
    body = document["paths"]["/signs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    answer = document["paths"]["/signs"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    assert body == answer == {"$ref": "#/components/schemas/SignatureKeyRequest"}
    expected = json_schema()
    del expected["$schema"]
    assert document["components"]["schemas"]["SignatureKeyRequest"] == expected
    (header,) = (p for p in document["paths"]["/header/{number}"]["get"]["parameters"] if p["name"] == "sign-secret")
    expected = json_schema("sign_secret")
    del expected["$schema"]
    assert header["schema"] == {**expected, "format": "password", "writeOnly": True, "title": "Sign-Secret"}


@judged("fastapi", "jsonschema-rs", "pip jsonschema-rs", form="the OpenAPI document", body="exactly")
def test_the_schema_in_the_openapi_document_judges_every_labelled_body() -> None:
    judge = jsonschema_rs.validator_for(application().openapi()["components"]["schemas"]["SignatureKeyRequest"])
    for body, violations in labelled_bodies():
        if "\\ud" not in json.dumps(body):  # half a character is no text to Rust
            assert judge.is_valid(body) == (not violations)
