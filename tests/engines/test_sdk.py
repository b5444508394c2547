"""The stand-in, and the official SDK as a client that is not ours."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from signrules import SignAlgorithm, SignType, generate
from signrules._endpoint import SIGNATURE_ALGORITHMS
from signrules.fuzz.gateway import gateway, serving

from ..oracle import refusal
from ..pages import ROOT
from ..questions import KINDS

Call = Callable[..., Any]


def request_of(method: str) -> Any:
    """The class of what the SDK's method takes."""
    from huaweicloudsdkapig import v2

    return getattr(v2, "".join(part.capitalize() for part in method.split("_")) + "Request")


@contextmanager
def sdk_of(*, prepare: Any = None, config: Any = None, **settings: Any) -> Iterator[Call]:
    """Calls a method of the official SDK for Python: `call("create_signature_key_v2", body=…)`.

    `prepare` is called with the credentials, `config` is the client's.
    """
    pytest.importorskip("huaweicloudsdkapig", reason="needs the official SDK: pip install huaweicloudsdkapig")
    from huaweicloudsdkapig import v2
    from huaweicloudsdkcore.auth.credentials import BasicCredentials

    with serving(gateway(**settings)) as url:
        credentials = BasicCredentials("access", "secret", "project")
        if prepare is not None:
            prepare(credentials)
        builder = v2.ApigClient.new_builder().with_credentials(credentials).with_endpoints([url])
        client = (builder if config is None else builder.with_http_config(config)).build()

        def call(method: str, *, body: dict[str, Any] | None = None, **parameters: Any) -> Any:
            if body is not None:
                parameters["body"] = (v2.SignApiBinding if "sign_id" in body else v2.BaseSignature)(**body)
            return getattr(client, method)(request_of(method)(instance_id="one", **parameters))

        yield call


@pytest.fixture
def sdk() -> Iterator[Call]:
    with sdk_of(quota=25) as call:
        yield call


@pytest.mark.parametrize(("sign_type", "sign_algorithm"), KINDS)
@pytest.mark.parametrize("alphabet", ["portable", "full"])
def test_the_sdk_makes_lists_changes_and_deletes_keys(
    sdk: Call, sign_type: SignType, sign_algorithm: SignAlgorithm | None, alphabet: Any
) -> None:
    question: Any = {"sign_type": sign_type, "sign_algorithm": sign_algorithm}

    def body(name: str) -> dict[str, Any]:
        fields: tuple[Any, Any] = ("sign_key", "sign_secret")
        values = {field: generate(field, **question, alphabet=alphabet) for field in fields}
        return {member: word for member, word in question.items() if word} | {"name": name, **values}

    bodies = [body(f"key_{n}") for n in range(20)]
    made = [sdk("create_signature_key_v2", body=body) for body in bodies]
    for given, answer in zip(bodies, made, strict=True):
        assert given.items() <= answer.to_json_object().items()
    listed = sdk("list_signature_keys_v2", limit=500)
    assert (listed.total, listed.size) == (20, 20)
    assert [key.sign_secret for key in listed.signs] == [body["sign_secret"] for body in bodies]
    new = body("changed")
    changed = sdk("update_signature_key_v2", sign_id=made[0].id, body=new)
    assert new.items() <= changed.to_json_object().items()
    assert changed.update_time > changed.create_time == made[0].create_time
    assert sdk("list_signature_keys_v2", name="changed").signs[0].sign_key == new["sign_key"]
    for answer in made:
        assert sdk("delete_signature_key_v2", sign_id=answer.id).status_code == 204
    assert sdk("list_signature_keys_v2").total == 0


def test_errors_arrive_in_the_exceptions_of_the_sdk(sdk: Call) -> None:
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

    def refused(method: str, **arguments: Any) -> tuple[int, str, str]:
        with pytest.raises(ClientRequestException) as caught:
            sdk(method, **arguments)
        return caught.value.status_code, caught.value.error_code, caught.value.error_msg

    key = sdk("create_signature_key_v2", body={"name": "one"})
    assert re.fullmatch("[0-9a-f]{32}", key.sign_secret)
    create = "create_signature_key_v2"
    assert refused(create, body={"name": "1"}) == refusal("name")
    assert refused(create, body={"name": "abc", "sign_secret": "short"}) == refusal("sign_secret")
    assert refused(create, body={"name": "one"})[:2] == (400, "APIG.3207")
    assert refused("update_signature_key_v2", sign_id=key.id, body={"name": "1"}) == refusal("name")
    assert refused("delete_signature_key_v2", sign_id="0" * 32)[:2] == (404, "APIG.3017")
    for n in range(24):
        sdk(create, body={"name": f"key_{n}"})
    assert refused(create, body={"name": "one_more"})[:2] == (403, "APIG.3105")


def test_faults_arrive_in_the_exceptions_of_the_sdk() -> None:
    """Of a 429, the SDK keeps nothing but the status: it would try again by itself if it were told to."""
    from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException

    seen = set()
    with sdk_of(fail_rate=1, retry_after=0) as call:
        for _ in range(60):
            with pytest.raises(ServiceResponseException) as caught:
                call("list_signature_keys_v2")
            seen.add((caught.value.status_code, caught.value.error_code))
    assert seen - {(429, "429")} == {(500, "APIG.9999"), (503, "APIG.9999")}


# The names that the SDK has for its algorithms, and the one that it takes for keys that it derives.
ALGORITHMS = ["HMAC_SHA256", "HMAC_SM3", "ECDSA_P256_SHA256", "SM2_SM3", "derived"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_request_may_be_signed_in_every_way_that_the_sdk_has(algorithm: str) -> None:
    pytest.importorskip("huaweicloudsdkapig", reason="needs the official SDK: pip install huaweicloudsdkapig")
    from huaweicloudsdkcore.http.http_config import HttpConfig
    from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm

    def derive(credentials: Any) -> None:
        if algorithm == "derived":
            credentials.with_derived_predicate(lambda _: True)
            credentials._derived_auth_service_name, credentials._region_id = "apig", "eu-de"

    signed = SigningAlgorithm.__members__.get(algorithm, SigningAlgorithm.get_default())
    lines: list[str] = []
    config = HttpConfig(signing_algorithm=signed)
    with sdk_of(prepare=derive, config=config, log=lines.append) as call:
        key = call("create_signature_key_v2", body={"name": "orders"})
        assert [listed.id for listed in call("list_signature_keys_v2").signs] == [key.id]
    assert [line.rpartition(" ")[2] for line in lines] == ["201", "200"]


def test_the_sdk_binds_and_unbinds_keys(sdk: Call) -> None:
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

    one, two = "1" * 32, "2" * 32
    key = sdk("create_signature_key_v2", body={"name": "orders"})
    bound = sdk("associate_signature_key_v2", body={"sign_id": key.id, "publish_ids": [one, two]}).bindings
    assert [(each.publish_id, each.sign_secret) for each in bound] == [(one, key.sign_secret), (two, key.sign_secret)]
    assert all(each.binding_time.year >= 2026 for each in bound)
    listed = sdk("list_apis_binded_to_signature_key_v2", sign_id=key.id, limit=1)
    assert (listed.total, listed.size, listed.bindings[0].id) == (2, 1, bound[0].id)
    (holder,) = sdk("list_signature_keys_binded_to_api_v2", api_id=listed.bindings[0].api_id).bindings
    assert (holder.sign_name, holder.sign_key) == ("orders", key.sign_key)
    assert sdk("list_signature_keys_v2").signs[0].bind_num == 2
    assert sdk("disassociate_signature_key_v2", sign_bindings_id=bound[0].id).status_code == 204
    free = sdk("list_apis_not_bound_with_signature_key_v2", sign_id=key.id)
    assert [api.publish_id for api in free.apis] == [one]
    with pytest.raises(ClientRequestException) as caught:
        sdk("disassociate_signature_key_v2", sign_bindings_id=bound[0].id)
    assert (caught.value.status_code, caught.value.error_code) == (404, "APIG.3018")


def test_every_call_of_the_sdk_about_signature_keys_is_answered(sdk: Call) -> None:
    """Also those that no test above has."""
    from huaweicloudsdkapig.v2 import ApigClient
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

    calls = [name for name in dir(ApigClient) if re.fullmatch("[a-z].*_sign(?!.*_invoker).*", name)]
    assert len(calls) == 9
    page = (ROOT / "docs" / "how-to-gateway.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `[A-Z].*` \| `(\w+)` \|", page, re.MULTILINE)) == set(calls)
    for call in calls:
        ids = {name: "1" for name in ("sign_id", "sign_bindings_id") if name in request_of(call).attribute_map}
        if call == "list_signature_keys_v2":
            assert sdk(call).status_code == 200
            continue
        with pytest.raises(ClientRequestException) as caught:
            sdk(call, **ids)
        assert caught.value.error_code in ("APIG.2011", "APIG.2012", "APIG.3017", "APIG.3018"), call


def test_every_algorithm_of_the_sdk_is_known() -> None:
    pytest.importorskip("huaweicloudsdkapig", reason="needs the official SDK: pip install huaweicloudsdkapig")
    from huaweicloudsdkcore.signer import signer
    from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm

    assert [*SigningAlgorithm.__members__, "derived"] == ALGORITHMS
    kinds: list[Any] = [
        each for each in vars(signer).values() if isinstance(each, type) and issubclass(each, signer.Signer)
    ]
    assert {kind._ALGORITHM for kind in kinds} == set(SIGNATURE_ALGORITHMS)
