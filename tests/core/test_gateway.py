"""The stand-in gateway over real sockets: every documented answer, what a bug lets in, its process."""

import gc
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from starlette.applications import Starlette

from signrules.fuzz._decoder import Decoder
from signrules.fuzz._stand_in_serving import url_of, warning
from signrules.fuzz._stand_in_store import Store
from signrules.fuzz.bugs import Bug, bugs
from signrules.fuzz.gateway import gateway, serve, serving

from ..oracle import refusal
from ..silence import CANARY, FOREIGN, LONG, assert_silent, told
from ..talking import TOKEN, Client, talking_to


@contextmanager
def client_of(*planted: Bug, **settings: Any) -> Iterator[Client]:
    with serving(gateway(*planted, **settings)) as url, talking_to(url) as client:
        yield client


def raw(client: Client, content: bytes) -> bytes:
    """All that comes back on a connection of its own, until the server closes it or has answered once."""
    with socket.create_connection((client.connection.host, client.connection.port), timeout=30) as stream:
        stream.sendall(content)
        return stream.recv(1 << 16)


# What is accepted.


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b'{"name": "abc"', b'{"name": "abc"}}', b"{'name': 'abc'}", b'{"name": "abc", "x": NaN}'),
        *(b'{"name": "abc", "x": -Infinity}', b'{"name": "ab\xff"}', b"[" * 100_000, b'{"name": ' + b"9" * 5000 + b"}"),
        *('{"name": "abc"}'.encode("utf-16"), b'{"name": "a\nb"}', b"null", b"[]", b'"abc"', b"\xef\xbb\xbf{}"),
    ],
    ids=lambda body: body[:20],
)
def test_what_is_no_json_object(client: Client, body: bytes) -> None:
    for method, key_id in ("POST", ""), ("PUT", client.create("abc")["id"]):
        assert client.ask(method, key_id, body).error() == refusal("body")


def test_of_a_member_that_stands_twice_the_last_counts(client: Client) -> None:
    assert client.ask("POST", body=b'{"name": "1", "name": "abc"}').json()["name"] == "abc"


HEX = "[0-9a-f]{32}"


@pytest.mark.parametrize(
    ("members", "key", "secret"),
    [
        ({}, HEX, HEX),
        ({"sign_type": "aes"}, "[A-Za-z0-9]{16}", "[A-Za-z0-9]{16}"),
        ({"sign_type": "aes", "sign_algorithm": "aes-128-cfb"}, "[A-Za-z0-9]{16}", "[A-Za-z0-9]{16}"),
        ({"sign_type": "aes", "sign_algorithm": "aes-256-cfb"}, "[A-Za-z0-9]{32}", "[A-Za-z0-9]{16}"),
        ({"sign_type": "basic"}, "[A-Za-z][A-Za-z0-9_-]{31}", "[A-Za-z0-9_-]{64}"),
        ({"sign_type": "public_key"}, "[A-Za-z0-9_-]{64}", "[A-Za-z0-9_-]{64}"),
    ],
    ids=str,
)
def test_generated_values(client: Client, members: dict[str, str], key: str, secret: str) -> None:
    made = [client.create(f"key_{n}", **members) for n in range(20)]
    assert all(re.fullmatch(key, each["sign_key"]) for each in made)
    assert all(re.fullmatch(secret, each["sign_secret"]) for each in made)
    for member in "sign_key", "sign_secret", "id", "create_time":
        assert len({each[member] for each in made}) == 20


# The four requests.


def test_a_key_from_its_creation_to_its_end(client: Client) -> None:
    secret = "my_secret_of_today"
    made = client.create("orders", sign_type="basic", sign_key="orders", sign_secret=secret)
    assert (made["sign_key"], made["sign_secret"]) == ("orders", secret)
    assert made["create_time"] == made["update_time"]
    listed = client.ask("GET")
    assert listed.status == 200
    assert listed.headers["Content-Type"] == "application/json"
    assert listed.json() == {"total": 1, "size": 1, "signs": [{**made, "bind_num": 0, "ldapi_bind_num": 0}]}

    changed = client.ask("PUT", made["id"], {"name": "orders_2"})
    assert changed.status == 200
    new = changed.json()
    assert (new["id"], new["create_time"], new["name"]) == (made["id"], made["create_time"], "orders_2")
    assert new["update_time"] > made["update_time"]
    assert new["sign_type"] == "hmac"
    assert re.fullmatch(HEX, new["sign_key"])
    assert re.fullmatch(HEX, new["sign_secret"])
    assert client.names() == ["orders_2"]
    anew = client.ask("PUT", made["id"], {"name": "orders_2"}).json()
    assert {anew["sign_key"], anew["sign_secret"]}.isdisjoint({new["sign_key"], new["sign_secret"]})

    gone = client.ask("DELETE", made["id"])
    assert (gone.status, gone.text) == (204, "")
    assert client.ask("GET").json() == {"total": 0, "size": 0, "signs": []}
    unknown = (404, "APIG.3017", f"Signature key {made['id']} does not exist")
    assert client.ask("DELETE", made["id"]).error() == unknown
    assert client.ask("PUT", made["id"], {"name": "orders"}).error() == unknown
    assert client.ask("PUT", made["id"], {"name": "1"}).error() == refusal("name")


def test_names_differ_within_a_gateway(client: Client) -> None:
    taken = (400, "APIG.3207", "The signature key name already exists.")
    one, other = client.create("one"), client.create("other")
    assert client.ask("POST", body={"name": "one"}).error() == taken
    assert client.ask("PUT", other["id"], {"name": "one"}).error() == taken
    assert client.ask("PUT", one["id"], {"name": "one"}).status == 200
    client.create("One")
    client.elsewhere().create("one")
    client.ask("DELETE", one["id"])
    client.create("one")


def test_a_gateway_has_200_keys_at_most(client: Client) -> None:
    made = [client.create(f"key_{n}") for n in range(200)]
    full = (403, "APIG.3105", "signature keys exceed the limit")
    assert client.ask("POST", body={"name": "one_more"}).error() == full
    assert client.ask("PUT", made[0]["id"], {"name": "changed"}).status == 200
    client.ask("DELETE", made[0]["id"])
    client.create("one_more")
    with client_of(quota=1) as small:
        small.create("one")
        assert small.ask("POST", body={"name": "two"}).error() == full


def test_a_query(client: Client) -> None:
    made = [client.create(f"key_{n}") for n in range(45)]
    names = [key["name"] for key in made]
    assert client.names() == client.names(limit=0) == client.names(limit=-1) == names[:20]
    assert client.names(limit=600) == client.names(limit=500, offset=-7) == names
    assert client.names(limit=10, offset=40) == names[40:]
    assert client.names(offset=45) == client.names(id="none") == client.names(name="KEY") == []
    assert client.names(name="ey_4") == ["key_4", *names[40:]]
    assert client.names(name="key_4", precise_search="name") == ["key_4"]
    assert client.names(name="", id="", precise_search="name") == names[:20]
    assert client.names(id=made[7]["id"]) == ["key_7"]
    answer = client.ask("GET", name="key_1", limit=3).json()
    assert (answer["total"], answer["size"]) == (11, 3)
    for parameter in "limit", "offset":
        for wrong in ("many", "1_0", "٣", "", "1.0", "9" * 5000):
            assert client.ask("GET", **{parameter: wrong}).error() == refusal(parameter)


def test_500_keys_at_most_in_the_answer_to_a_query() -> None:
    with client_of(quota=501) as client:
        for n in range(501):
            client.create(f"key_{n}")
        assert len(client.names(limit=501)) == 500


def test_a_gateway_and_its_keys_belong_to_a_project(client: Client) -> None:
    client.create("one")
    client.connection.request("GET", f"/v2/other/apigw/instances/{client.instance}/signs", headers=TOKEN)
    assert json.loads(client.connection.getresponse().read())["total"] == 0


NO_PATH = (404, "APIG.0101", "The API does not exist or has not been published in the environment.")
NO_METHOD = (405, "APIG.0101", "The API does not exist.")


def test_there_is_nothing_else(client: Client) -> None:
    made = client.create("one")["id"]
    assert client.ask("HEAD").status == 200
    for method in "PUT", "DELETE", "PATCH", "UNHEARD-OF":
        answer = client.ask(method)
        assert answer.error() == NO_METHOD
        assert answer.headers["Allow"] == "GET, POST"
    assert client.ask("GET", made).error() == client.ask("POST", made).error() == NO_METHOD
    for rest in "/signs/a/b", "/signs/", "/sign", "/sign-bindings/a/b", "":
        for method in "GET", "POST", "UNHEARD-OF":
            assert client.send(method, rest).error() == NO_PATH


def test_the_page_says_where_the_keys_are_and_which_bugs_are_planted(app: Starlette, client: Client) -> None:
    host, port = client.connection.host, client.connection.port

    def ask(method: str, path: str = "/") -> tuple[int, str, str]:
        client.connection.request(method, path, headers={"Host": "<script>"})
        response = client.connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read().decode("ascii")

    status, kind, text = ask("GET")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert f"http://{host}:{port}/v2/my_project/apigw/instances/my_instance/signs" in text
    assert "keeps every rule" in text
    app.state.bugs = [bugs()["all:dollar"], bugs()["name:min-1"]]
    text = ask("GET")[2]
    assert "<li>It has the bug all:dollar: every value: accepts" in text
    assert "<li>It has the bug name:min-1: name: accepts one character too few.</li>" in text
    app.state.bugs, app.state.decoder = [], Decoder(twins="first")
    text = ask("GET")[2]
    assert "<li>It reads by twins:first: takes the first of two members with one name.</li>" in text
    assert "default-src 'none'; style-src 'sha256-" in text
    assert "<script" not in text
    assert ask("HEAD")[0] == 200
    assert ask("POST")[0] == 404


# Who may, where, and what.

DENIED = (401, "APIG.1002", "Incorrect token or token resolution failed")
SIGNATURE = "SDK-HMAC-SHA256 Access=me, SignedHeaders=host, Signature=abc"


def test_a_request_must_be_authenticated(client: Client) -> None:
    for headers in ({}, {"X-Auth-Token": ""}, {"Authorization": "Basic abc"}, {"Authorization": "SDK-HMAC-SHA256"}):
        stranger = client._replace(headers=headers)
        assert stranger.ask("GET").error() == stranger.ask("POST", body={"name": "1"}).error() == DENIED
        assert stranger.ask("PUT", "1", {}).error() == stranger.ask("DELETE", "1").error() == DENIED
    for headers in (
        {"X-Auth-Token": "x"},
        {"Authorization": SIGNATURE},
        {"X-Sdk-Date": "x", "Authorization": SIGNATURE},
    ):
        assert client._replace(headers=headers).ask("GET").status == 200


@pytest.mark.parametrize("token", ["only_this", "!#$%&'*+-.^_`|~"])
def test_a_request_must_have_the_token(token: str) -> None:
    with client_of(token=token) as client:
        for wrong in ("", "any", token[:-1], token + "x", f"{token}é", token.swapcase() + "é", f"{token} {token}"):
            assert client._replace(headers={"X-Auth-Token": wrong}).ask("GET").error() == DENIED
        assert client._replace(headers={"Authorization": SIGNATURE}).ask("GET").error() == DENIED
        assert client._replace(headers={"X-Auth-Token": token}).ask("GET").status == 200


@pytest.mark.parametrize("tokens", [("right", "wrong"), ("wrong", "right"), ("right", "right"), ("right", "")])
def test_a_token_that_is_sent_twice_is_none(tokens: tuple[str, str]) -> None:
    head = "GET /v2/p/apigw/instances/i/signs HTTP/1.1\r\nHost: x\r\n"
    head += "".join(f"X-Auth-Token: {token}\r\n" for token in tokens)
    for settings in {"token": "right"}, {}:
        with client_of(**settings) as client:
            assert raw(client, f"{head}\r\n".encode()).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        (f"{CANARY[:2]}\n", "has more than one line"),
        (f"{CANARY[:2]} ", "has white space in it"),
        (CANARY, "has characters that are not ASCII"),
    ],
)
def test_a_gateway_is_not_made_with_a_token_that_nobody_could_send(token: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^the token {fault}$") as caught:
        gateway(token=token)
    for text in told(caught.value):
        assert_silent(text)
    with pytest.raises(TypeError, match=r"^the token must be a str$"):
        gateway(token=FOREIGN.encode())  # type: ignore[arg-type]  # that is the fault


@pytest.mark.parametrize(
    ("settings", "body", "answer"),
    [
        ({"read_only": True}, {"name": "abc"}, (403, "APIG.1005", "No permissions to request this method")),
        ({"instance_id": "two"}, {"name": "abc"}, (404, "APIG.3030", "The instance does not exist;id:one")),
        (
            {"sign_types": ["hmac", "basic"]},
            {"name": "abc", "sign_type": "public_key"},
            (412, "APIG.3548", "sign_type=public_key not supported by one"),
        ),
    ],
    ids=str,
)
def test_the_refusals_that_a_setting_asks_for(
    settings: dict[str, Any], body: dict[str, str], answer: tuple[int, str, str]
) -> None:
    with client_of(**settings) as client:
        assert client.ask("POST", body=body).error() == answer
        right = client._replace(instance="two")
        assert right.ask("GET").json()["total"] == 0
        if "read_only" in settings:
            assert right.ask("PUT", "1", body).error() == right.ask("DELETE", "1").error() == answer
        else:
            made = right.create("abc", sign_type="hmac")
            assert right.ask("DELETE", made["id"]).status == 204


# Trouble.


def test_the_page_lists_the_requests_that_are_answered(client: Client) -> None:
    client.connection.request("GET", "/")
    text = client.connection.getresponse().read().decode("ascii")
    listed = re.findall(r"<tr><td><code>(\w+)</code></td><td><code>(.*?)</code>", text)
    assert len(listed) == len(set(listed)) == 9
    for method, path in listed:
        assert client.send(method, path.replace("{id}", "1")).status not in (405, 500)
        assert "APIG.0101" not in client.send(method, path.replace("{id}", "1")).text


def test_latency_is_for_each_and_not_for_one_after_another() -> None:
    with serving(gateway(latency=0.5)) as url:

        def ask(_: int) -> float:
            with talking_to(url) as client:
                began = time.monotonic()
                assert client.ask("GET").status == 200
                return time.monotonic() - began

        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            assert all(seconds >= 0.5 for seconds in pool.map(ask, range(16)))
        assert time.monotonic() - began < 5


def test_no_answer_waits_for_an_acknowledgement(client: Client) -> None:
    """Most would take 40 ms if the server left Nagle's algorithm on."""
    seconds = []
    for _ in range(100):
        began = time.monotonic()
        client.names()
        seconds.append(time.monotonic() - began)
    # The quickest quarter: the machine may be busy.
    assert sorted(seconds)[25] < 0.035


def test_every_request_may_fail() -> None:
    with client_of(fail_rate=1, retry_after=7) as client:
        answers = [client.ask("POST", body={"name": "abc"}) for _ in range(200)]
    assert {answer.error() for answer in answers} == {(s, "APIG.9999", "System error") for s in (429, 500, 503)}
    assert {answer.headers["Retry-After"] for answer in answers} == {"7"}


def test_some_requests_fail_and_do_nothing() -> None:
    with client_of(fail_rate=0.5, quota=400) as client:
        statuses = Counter(client.ask("POST", body={"name": f"key_{n}"}).status for n in range(400))
        assert 100 < statuses[201] < 300
        assert set(statuses) == {201, 429, 500, 503}
        queries = [client.ask("GET") for _ in range(40)]
        assert {query.json()["total"] for query in queries if query.status == 200} == {statuses[201]}


def test_of_many_requests_at_once_one_gets_the_name_and_some_the_last_places() -> None:
    with serving(gateway(quota=10)) as url:

        def ask(n: int) -> list[int]:
            with talking_to(url) as client:
                same = client.ask("POST", body={"name": "same"}).status
                return [same, client.ask("POST", body={"name": f"key_{n}"}).status]

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(64)))
    assert Counter(same for same, _ in answers) == {201: 1, 400: 63}
    assert Counter(own for _, own in answers) == {201: 9, 403: 55}


def test_a_client_that_goes_away_in_the_middle_of_a_body(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with client_of() as client:
        for _ in range(5):
            with socket.create_connection((client.connection.host, client.connection.port)) as stream:
                stream.sendall(b"POST /v2/project/apigw/instances/one/signs HTTP/1.1\r\nHost: x\r\n")
                stream.sendall(b"Content-Length: 100\r\n\r\n{")
                client.names()  # by now, the other request is read as far as it goes
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr() == ("", "")


# Bugs.


def test_what_a_bug_lets_in_is_kept_as_it_came(app: Starlette, client: Client) -> None:
    app.state.bugs = [bugs()["name:any-characters"]]
    assert client.create("\0\ud800é\n")["name"] == "\0\ud800é\n"
    assert client.names() == ["\0\ud800é\n"]
    app.state.bugs = [bugs()["body:null"]]
    anew = client.ask("POST", body={"name": "abc", "sign_type": None, "sign_key": None}).json()
    assert (anew["sign_type"], bool(re.fullmatch(HEX, anew["sign_key"]))) == ("hmac", True)
    app.state.bugs = [bugs()["body:default-aes"]]
    assert client.create("orders", sign_key="k" * 16)["sign_type"] == "aes"


def test_names_that_a_bug_does_not_demand_differ(app: Starlette, client: Client) -> None:
    app.state.bugs = [bugs()["body:optional.name"]]
    made = [client.ask("POST", body={}) for _ in range(3)]
    assert [answer.status for answer in made] == [201] * 3
    assert len({answer.json()["name"] for answer in made}) == 3


def test_a_bug_is_planted_from_the_beginning() -> None:
    with client_of(bugs()["sign_key.hmac:dollar"]) as client:
        client.create("abc", sign_key="abcdefgh\n")


def test_of_several_bugs_each_is_as_visible_as_alone(client: Client) -> None:
    """A value is judged wrongly if one of them judges it wrongly, also if another refuses it, as it should."""
    planted = [bugs()[name] for name in ("name:with-2e", "name:max+1", "name:without-digits", "body:default-aes")]
    with client_of(*planted) as wrong:
        assert [wrong.create(name)["name"] for name in ("a.b", "a" * 65, "abc")] == ["a.b", "a" * 65, "abc"]
        for name in "a1b", "a." + "b" * 63, "a-b":
            assert wrong.ask("POST", body={"name": name}).error() == refusal("name")
        assert wrong.create("orders", sign_key="k" * 16)["sign_type"] == "aes"
        assert wrong.ask("POST", body={"name": "short", "sign_key": "k" * 20}).error() == refusal("sign_key")
    assert client.create("orders", sign_key="k" * 16)["sign_type"] == "hmac"


def test_of_two_bugs_that_disagree_the_first_decides() -> None:
    name, key = bugs()["name:refused"], bugs()["sign_key.hmac:refused"]
    for planted, parameter in ((name, key), "name"), ((key, name), "sign_key"):
        with client_of(*planted) as client:
            body = {"name": "orders", "sign_key": "my_orders"}
            assert client.ask("POST", body=body).error() == refusal(parameter)


# Nothing is told.


def test_no_error_and_no_log_tells_a_value(
    client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    made = client.create("orders", sign_secret=LONG[:64])
    bodies: list[Any] = [
        {"name": secret, "sign_key": secret, "sign_secret": secret, "sign_type": kind}
        for secret in (FOREIGN, LONG, [FOREIGN], {FOREIGN: LONG})
        for kind in ("hmac", "aes", FOREIGN)
    ]
    bodies += [{"name": "orders", "sign_key": LONG[:32]}, {"name": "abc", "sign_algorithm": LONG}, [LONG], FOREIGN]
    texts = [json.dumps(body).encode() for body in bodies]
    for text in (*texts, *(t[:-1] for t in texts), *(t + b"\xff" for t in texts), FOREIGN.encode()):
        for answer in (client.ask("POST", body=text), client.ask("PUT", "0" * 32, text)):
            assert answer.status in (400, 404)
            assert_silent(f"{answer.text}{answer.headers}")
    stranger = client._replace(headers={"X-Auth-Token": "", "Authorization": CANARY[:4]})
    assert_silent(stranger.ask("POST", body=texts[0]).text)
    assert client.ask("DELETE", made["id"]).status == 204
    assert_silent(caplog.text)
    assert_silent("".join(capfd.readouterr()))


def test_the_log_has_a_line_for_each_request_and_no_value() -> None:
    lines: list[str] = []
    with client_of(log=lines.append) as client:
        one, two = "/v2/project/apigw/instances/one", "/v2/project/apigw/instances/two"
        key = client.create("orders", sign_secret=LONG[:64])
        publish_id = "a" * 32
        (binding,) = client.bindings("POST", body={"sign_id": key["id"], "publish_ids": [publish_id]}).json()[
            "bindings"
        ]
        client.ask("GET", name=LONG, precise_search="name")
        client.ask("POST", body={"name": LONG, LONG: FOREIGN})
        client.ask("PUT", key["id"], {"name": "orders"})
        client.ask("PUT", key["sign_secret"], {"name": "orders"})
        client.bindings("GET", "binded-apis", sign_id=key["id"])
        client.bindings("DELETE", binding["id"])
        client.bindings("DELETE", key["sign_key"])
        client.ask("DELETE", key["id"])
        client._replace(instance="two", headers={"X-Auth-Token": "", "Authorization": LONG}).ask("GET")
        client.ask("PATCH")
        client.ask(LONG[:20])
        client.send("GET", f"/signs/{LONG[:64]}/more")
        for method in ("GET", "HEAD"):
            client.connection.request(method, "/")
            client.connection.getresponse().read()
    assert lines == [
        f"POST {one}/signs 201",
        f"POST {one}/sign-bindings 201",
        f"GET {one}/signs 200",
        f"POST {one}/signs 400 APIG.2011",
        f"PUT {one}/signs/{key['id']} 200",
        f"PUT {one}/signs/... 404 APIG.3017",
        f"GET {one}/sign-bindings/binded-apis 200",
        f"DELETE {one}/sign-bindings/{binding['id']} 204",
        f"DELETE {one}/sign-bindings/... 404 APIG.3018",
        f"DELETE {one}/signs/{key['id']} 204",
        f"GET {two}/signs 401 APIG.1002",
        f"PATCH {one}/signs 405 APIG.0101",
        f"... {one}/signs 405 APIG.0101",
        "GET ... 404 APIG.0101",
        "GET / 200",
        "HEAD / 200",
    ]


def test_the_log_tells_no_value_that_stands_in_the_place_of_a_gateway() -> None:
    lines: list[str] = []
    with client_of(log=lines.append) as client:
        made = client.create("orders")
        for wrong in (made["sign_key"], made["sign_secret"], LONG[:65], quote(FOREIGN), "a%0Ab", "a.b", "%1B"):
            client._replace(instance=wrong).ask("GET")
    assert lines[1:] == ["GET /v2/project/apigw/instances/.../signs 200"] * 7


# What a hostile client sends.

HEAD = b"POST /v2/p/apigw/instances/i/signs HTTP/1.1\r\nHost: x\r\nX-Auth-Token: any\r\n"


def test_a_body_of_a_mebibyte_at_most(client: Client) -> None:
    body = b'{"name": "orders"' + b" " * ((1 << 20) - 18) + b"}"
    assert client.ask("POST", body=body).status == 201
    too_long = (413, *refusal("body")[1:])
    for method, key_id in ("POST", ""), ("PUT", "1"), ("DELETE", "1"), ("GET", ""):
        with talking_to(f"http://{client.connection.host}:{client.connection.port}") as other:
            answer = other.ask(method, key_id, body + b" ")
            assert answer.error() == too_long
            assert answer.headers["Connection"] == "close"


def test_of_a_body_that_is_too_long_no_more_is_read(client: Client) -> None:
    """The answer comes though most of the body has not been sent, whether its length is declared or not."""
    most = b" " * ((1 << 20) + 1)
    for length, chunk in (b"Content-Length: 99999999999", most), (b"Transfer-Encoding: chunked", b"100001\r\n" + most):
        answer = raw(client, HEAD + length + b"\r\n\r\n" + chunk)
        assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: many\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"No colon\r\n",
        b"X: " + b"x" * 100_000 + b"\r\n",
    ],
    ids=lambda headers: headers[:30],
)
def test_headers_that_make_no_sense(client: Client, headers: bytes) -> None:
    assert raw(client, HEAD + headers + b"\r\n{}").split()[1] in (b"400", b"431", b"501")


def test_only_a_key_that_is_made_takes_memory() -> None:
    with client_of() as client:
        before = stores()
        for n in range(20):
            stranger = client._replace(instance=f"instance_{n}")
            assert stranger.ask("GET").status == stranger.ask("HEAD").status == 200
            assert stranger.ask("POST", body={"name": "1"}).status == 400
            assert stranger.ask("PUT", "1", {"name": "orders"}).status == stranger.ask("DELETE", "1").status == 404
        assert stores() == before
        made = client.create("orders")
        assert stores() == before + 1
        assert client.ask("DELETE", made["id"]).status == 204
        assert stores() == before


def stores() -> int:
    gc.collect()
    # `isinstance` would ask a lazy object of another library for its class, and so wake it.
    return sum(type(each) is Store for each in gc.get_objects())


# The process.

SCRIPT = "import sys; from signrules.fuzz.gateway import gateway, serve; serve(gateway(latency=float(sys.argv[1])), 0)"


@contextmanager
def process(latency: float = 0, before: str = "exec") -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = ["bash", "-c", f'{before} "$@"', "bash", sys.executable, "-c", SCRIPT, str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stderr
        found = re.fullmatch(r"Listening on (http://127\.0\.0\.1:\d+), Ctrl-C ends it\n", running.stderr.readline())
        assert found
        begun = [running.stderr.readline().partition(" ")[0] for _ in range(4)]
        assert begun == ["The", "It", "To", "To"]
        yield running, found[1]
        assert (running.wait(timeout=30), running.stdout.read(), running.stderr.read()) == (0, "", "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_process_ends_cleanly(how: signal.Signals) -> None:
    with process() as (running, url), talking_to(url) as client:
        client.create("orders")
        assert client.names() == ["orders"]
        running.send_signal(how)


def test_the_process_outlives_its_terminal_if_it_is_told_to() -> None:
    with process(before="nohup") as (running, url), talking_to(url) as client:
        running.send_signal(signal.SIGHUP)
        client.create("orders")
        running.send_signal(signal.SIGTERM)


def test_the_process_answers_what_it_has_begun() -> None:
    with process(latency=0.6) as (running, url), talking_to(url) as client:
        assert client.names() == []
        threading.Timer(0.3, running.send_signal, [signal.SIGTERM]).start()
        assert client.ask("POST", body={"name": "orders"}).status == 201


GET = b"GET /v2/p/apigw/instances/i/signs HTTP/1.1\r\nHost: x\r\nX-Auth-Token: any\r\n\r\n"


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGTERM, signal.SIGINT]])
def test_the_process_ends_cleanly_while_it_is_busy(signals: list[signal.Signals]) -> None:
    """It answers one request and reads another. Whoever waits for longer than a second gets an answer.

    `process` looks for what is printed.
    """
    with process(latency=600) as (running, url), ExitStack() as stack:
        where = ("127.0.0.1", port_of(url))
        answering, reading = (stack.enter_context(socket.create_connection(where)) for _ in range(2))
        answering.sendall(GET)
        reading.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        with talking_to(url) as other:  # when it is answered, the others have been read
            assert other.ask("PATCH").status == 405
        for each in signals:
            running.send_signal(each)
        assert answering.recv(1 << 16).startswith(b"HTTP/1.1 503 ")
        assert reading.recv(1 << 16).startswith(b"HTTP/1.1 503 ")


def test_a_thread_ends_without_a_traceback_while_it_is_busy(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(gateway(latency=600)) as url:
        stream = socket.create_connection(("127.0.0.1", port_of(url)))
        stream.sendall(GET)
        with talking_to(url) as other:
            assert other.ask("PATCH").status == 405
    with stream:
        assert stream.recv(1 << 16).startswith(b"HTTP/1.1 503 ")
    assert [record.exc_info for record in caplog.records if record.exc_info] == []
    assert capfd.readouterr() == ("", "")


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve(gateway(), taken.getsockname()[1])


@pytest.mark.parametrize("port", [-1, 65_536, 99_999, 1 << 64])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(ValueError, match=r"^the port must be 0 to 65535$"):
        serve(gateway(), port)


@pytest.mark.parametrize("host", ["a..b", "\0", "x" * 64])
def test_an_address_that_is_none(host: str) -> None:
    with pytest.raises((OSError, ValueError)):
        serve(gateway(), 0, host)


def test_an_address_that_others_can_reach_gets_a_warning() -> None:
    for address in "127.0.0.1", "127.0.0.2", "::1":
        assert warning(address) == ""
    for address in "0.0.0.0", "::", "192.0.2.1", "fe80::1%eth0":
        assert warning(address).startswith("Warning: everybody who can reach this machine can read and change the keys")


def test_the_url_of_an_address() -> None:
    assert url_of(("127.0.0.1", 80)) == "http://127.0.0.1:80"
    assert url_of(("::1", 80, 0, 0)) == "http://[::1]:80"


def test_a_closed_standard_error_sends_the_line_nowhere_else() -> None:
    """The port is known beforehand; an answer tells that it listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    script = f"from signrules.fuzz.gateway import gateway, serve; serve(gateway(), {port})"
    command = ["bash", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout
        while not answers(port):
            assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        assert (running.wait(timeout=30), running.stdout.read()) == (0, b"")


def answers(port: int) -> bool:
    with suppress(OSError), talking_to(f"http://127.0.0.1:{port}") as client:
        return client.ask("GET").status == 200
    return False


# A client that is not ours.
