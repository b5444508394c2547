"""The stand-in's answers about bindings of signature keys to APIs."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from signrules.fuzz.gateway import gateway, serving

from ..silence import FOREIGN, LONG, assert_silent
from ..talking import Client, talking_to

ONE, TWO, THREE = (digit * 32 for digit in "1a3")


def invalid(parameter: str) -> tuple[int, str, str]:
    """As the pages about bindings show it; the code differs from that of the pages about keys."""
    message = f"Invalid parameter value,parameterName:{parameter}. Please refer to the support documentation"
    return 400, "APIG.2012", message


def unknown_key(key_id: str) -> tuple[int, str, str]:
    return 404, "APIG.3017", f"Signature key {key_id} does not exist"


NO_BINDING = (404, "APIG.3018", "The signature key binding record does not exist")


def bind(client: Client, key: dict[str, str], *publish_ids: str) -> Any:
    answer = client.bindings("POST", body={"sign_id": key["id"], "publish_ids": publish_ids})
    assert answer.status == 201
    return answer.json()["bindings"]


def found(client: Client, what: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.bindings("GET", what, **query)
    assert answer.status == 200
    listed = answer.json()
    (name,) = listed.keys() - {"total", "size"}
    assert listed["size"] == len(listed[name]) <= listed["total"]
    return listed[name]  # type: ignore[no-any-return]  # from JSON


def apis(client: Client, what: str, **query: Any) -> list[str]:
    return [api["publish_id"] for api in found(client, what, **query)]


def numbers(client: Client) -> dict[str, int]:
    return {key["name"]: key["bind_num"] for key in client.ask("GET").json()["signs"]}


def test_a_binding_from_its_beginning_to_its_end(client: Client) -> None:
    key = client.create("orders", sign_type="basic")
    (binding,) = bind(client, key, ONE)
    assert {member: binding[member] for member in ("sign_id", "sign_name", "sign_key", "sign_secret", "sign_type")} == {
        "sign_id": key["id"],
        "sign_name": "orders",
        "sign_key": key["sign_key"],
        "sign_secret": key["sign_secret"],
        "sign_type": "basic",
    }
    assert re.fullmatch("[0-9a-f]{32}", binding["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", binding["binding_time"], re.ASCII)
    assert (binding["env_id"], binding["env_name"]) == ("DEFAULT_ENVIRONMENT_RELEASE_ID", "RELEASE")
    assert (binding["publish_id"], binding["api_id"]) == (ONE, ONE)
    without_key = {m: v for m, v in binding.items() if m not in ("sign_key", "sign_secret", "sign_type")}
    assert found(client, "binded-apis", sign_id=key["id"]) == [without_key]
    assert found(client, "binded-signs", api_id=ONE) == [binding]
    assert numbers(client) == {"orders": 1}
    gone = client.bindings("DELETE", binding["id"])
    assert (gone.status, gone.text) == (204, "")
    assert client.bindings("DELETE", binding["id"]).error() == NO_BINDING
    assert found(client, "binded-apis", sign_id=key["id"]) == found(client, "binded-signs", api_id=ONE) == []
    assert numbers(client) == {"orders": 0}


def test_an_api_has_one_key_at_most(client: Client) -> None:
    """A later binding replaces an earlier one, but one that is there already stays."""
    old, new = client.create("old_key"), client.create("new_key")
    first = bind(client, old, ONE, TWO, ONE)
    assert [binding["publish_id"] for binding in first] == [ONE, TWO]
    assert bind(client, old, TWO) == first[1:]
    assert bind(client, new, TWO)[0]["id"] != first[1]["id"]
    assert client.bindings("DELETE", first[1]["id"]).error() == NO_BINDING
    assert numbers(client) == {"old_key": 1, "new_key": 1}
    assert apis(client, "binded-apis", sign_id=old["id"]) == [ONE]
    assert [key["sign_name"] for key in found(client, "binded-signs", api_id=TWO)] == ["new_key"]


def test_the_apis_that_have_not_a_key_are_those_that_were_ever_bound(client: Client) -> None:
    """As a client waits for a binding: its APIs are no longer among them."""
    old, new = client.create("old_key"), client.create("new_key")
    assert apis(client, "unbinded-apis", sign_id=old["id"]) == []
    bind(client, old, ONE, TWO)
    assert apis(client, "unbinded-apis", sign_id=old["id"]) == []
    others = found(client, "unbinded-apis", sign_id=new["id"])
    assert [(api["id"], api["signature_name"]) for api in others] == [(ONE, "old_key"), (TWO, "old_key")]
    assert others[0]["run_env_name"] == "RELEASE"
    client.bindings("DELETE", found(client, "binded-apis", sign_id=old["id"])[0]["id"])
    (free,) = found(client, "unbinded-apis", sign_id=old["id"])
    assert (free["publish_id"], free.get("signature_name")) == (ONE, None)


def test_a_key_that_is_deleted_takes_its_bindings_along(client: Client) -> None:
    key, other = client.create("orders"), client.create("other")
    bind(client, key, ONE)
    bind(client, other, TWO)
    assert client.ask("DELETE", key["id"]).status == 204
    assert found(client, "binded-signs", api_id=ONE) == []
    assert numbers(client) == {"other": 1}
    assert client.bindings("GET", "binded-apis", sign_id=key["id"]).error() == unknown_key(key["id"])


def test_a_binding_shows_the_key_as_it_is_now(client: Client) -> None:
    key = client.create("orders")
    bind(client, key, ONE)
    new = client.ask("PUT", key["id"], {"name": "changed"}).json()
    (bound,) = found(client, "binded-signs", api_id=ONE)
    assert (bound["sign_name"], bound["sign_secret"]) == ("changed", new["sign_secret"])


def test_what_a_query_may_ask_for(client: Client) -> None:
    key = client.create("orders")
    bind(client, key, ONE, TWO, THREE)
    about: dict[str, Any] = {"sign_id": key["id"]}
    (name,) = [api["api_name"] for api in found(client, "binded-apis", **about, api_id=TWO)]
    assert apis(client, "binded-apis", **about, limit=2) == [ONE, TWO]
    assert apis(client, "binded-apis", **about, offset=2, limit=0) == [THREE]
    for query, expected in (
        ({"api_id": TWO}, [TWO]),
        ({"api_name": name}, [TWO]),
        ({"api_id": "", "api_name": ""}, [ONE, TWO, THREE]),
        ({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "DEFAULT", "tags": "#no_tags#"}, [ONE, TWO, THREE]),
        ({"env_id": "other"}, []),
        ({"group_id": "other"}, []),
        ({"tags": "mine"}, []),
    ):
        assert apis(client, "binded-apis", **about, **query) == expected
    assert len(found(client, "binded-signs", api_id=ONE, **about, sign_name="orders")) == 1
    assert found(client, "binded-signs", api_id=ONE, sign_name="other") == []
    assert found(client, "binded-signs", api_id=ONE, sign_id="other") == []
    for what, needed in ("binded-apis", "sign_id"), ("unbinded-apis", "sign_id"), ("binded-signs", "api_id"):
        assert client.bindings("GET", what).error() == client.bindings("GET", what, **{needed: ""}).error()
        assert client.bindings("GET", what).error() == invalid(needed)
        right = {"sign_id": key["id"], "api_id": ONE}
        assert client.bindings("GET", what, **right, limit="many").error() == invalid("limit")
        assert client.bindings("GET", what, **right, offset="1.0").error() == invalid("offset")
    assert client.bindings("GET", "unbinded-apis", sign_id="x").error() == invalid("sign_id")
    assert client.bindings("GET", "unbinded-apis", sign_id=ONE).error() == unknown_key(ONE)
    assert client.bindings("GET", "binded-signs", api_id="x").error() == (404, "APIG.3002", "API x does not exist")


NO_IDS: list[Any] = [None, "", 5, [], {}, True, "x", FOREIGN, LONG[:32]]


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        *((body, "body") for body in (b"", b"{", b"null", b"[]", b'"abc"', b"[" * 100_000, b'{"a": NaN}', b"\xff")),
        *(({"sign_id": wrong, "publish_ids": [ONE]}, "sign_id") for wrong in NO_IDS),
        ({"publish_ids": [ONE]}, "sign_id"),
    ],
    ids=str,
)
def test_what_names_no_key(client: Client, body: object, parameter: str) -> None:
    client.create("orders")
    answer = client.bindings("POST", body=body)
    assert answer.error() == invalid(parameter)
    assert_silent(answer.text)


def test_what_names_no_publication(client: Client) -> None:
    key = client.create("orders")
    wrong: list[Any] = [None, "", ONE, 5, [], {}, {ONE: ONE}, [ONE, ""], [None], [[ONE]], ["x" * 32], [ONE + "1"]]
    wrong += [[ONE[1:]], [f"{ONE}\n"], ["A" * 32], ["\u0661" * 32], ["\ud800"]]
    for publish_ids in wrong:
        answer = client.bindings("POST", body={"sign_id": key["id"], "publish_ids": publish_ids})
        assert answer.error() == invalid("publish_ids"), publish_ids
    assert client.bindings("POST", body={"sign_id": key["id"]}).error() == invalid("publish_ids")
    assert client.bindings("POST", body={"sign_id": ONE, "publish_ids": [ONE]}).error() == unknown_key(ONE)
    assert numbers(client) == {"orders": 0}


def test_of_many_bindings_of_an_api_at_once_one_is_left(client: Client) -> None:
    keys = [client.create(f"key_{n}") for n in range(16)]

    def ask(key: dict[str, str]) -> None:
        with talking_to(f"http://{client.connection.host}:{client.connection.port}") as other:
            bind(other._replace(instance=client.instance), key, ONE, TWO)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, keys))
    assert sum(numbers(client).values()) == 2
    assert len(found(client, "binded-signs", api_id=ONE)) == 1


def test_bindings_belong_to_a_gateway(client: Client) -> None:
    other = client.elsewhere()
    key = client.create("orders")
    other.create("orders")
    (binding,) = bind(client, key, ONE)
    assert other.bindings("DELETE", binding["id"]).error() == NO_BINDING
    assert other.bindings("GET", "binded-signs", api_id=ONE).status == 404
    assert other.bindings("POST", body={"sign_id": key["id"], "publish_ids": [ONE]}).status == 404
    assert numbers(other) == {"orders": 0}


def test_who_may_bind(client: Client) -> None:
    stranger = client._replace(headers={})
    for method, rest in ("POST", ""), ("DELETE", ONE), ("GET", "binded-apis"), ("GET", "binded-signs"):
        assert stranger.bindings(method, rest).status == 401
    assert client.bindings("GET").status == client.bindings("PUT", ONE).status == 405
    with serving(gateway(read_only=True)) as url, talking_to(url) as reader:
        for method, rest in ("POST", ""), ("DELETE", ONE):
            assert reader.bindings(method, rest, {"sign_id": ONE, "publish_ids": [ONE]}).status == 403
        assert reader.bindings("GET", "binded-apis", sign_id=ONE).error() == unknown_key(ONE)
