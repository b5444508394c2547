"""The stand-in, and the official SDK as a client that is not ours."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from signrules import SignAlgorithm, SignType, generate
from signrules.fuzz.gateway import gateway, serving

from ..oracle import refusal
from ..questions import KINDS

Call = Callable[..., Any]


@contextmanager
def sdk_of(**settings: Any) -> Iterator[Call]:
    """Calls a method of the official SDK for Python: `call("create_signature_key_v2", body=…)`."""
    pytest.importorskip("huaweicloudsdkapig", reason="needs the official SDK: pip install huaweicloudsdkapig")
    from huaweicloudsdkapig import v2
    from huaweicloudsdkcore.auth.credentials import BasicCredentials

    with serving(gateway(**settings)) as url:
        credentials = BasicCredentials("access", "secret", "project")
        client = v2.ApigClient.new_builder().with_credentials(credentials).with_endpoints([url]).build()

        def call(method: str, *, body: dict[str, Any] | None = None, **parameters: Any) -> Any:
            kind = "".join(part.capitalize() for part in method.split("_")) + "Request"
            if body is not None:
                parameters["body"] = v2.BaseSignature(**body)
            return getattr(client, method)(getattr(v2, kind)(instance_id="one", **parameters))

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
