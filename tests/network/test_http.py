"""Requests and answers: what is read of an answer, certificates, proxies, the rate, and the spelling of the URL."""

import asyncio
import gzip
import ssl
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs httpx: pip install '.[fuzz]'")

import httpx

from signrules.fuzz._answer import Answer
from signrules.fuzz._http import Endpoint, connection, endpoint_url
from signrules.fuzz._runner import Unsuitable

from ..needs import program
from ..silence import LONG, assert_silent, told
from ..threads import in_a_thread
from .faults import PATH, FaultyGateway, Right, error, http
from .runs import TOKEN, Sleeper, assert_right, chosen, from_nth, fuzz, of, right_ones, sent

URL = f"http://127.0.0.1{PATH}"


def asked(answer: Callable[[Any], Any], **settings: Any) -> Answer:
    """What is kept of an answer to a GET."""
    given = {"timeout": 5.0, "attempts": 1, "rate": None, "sleep": asyncio.sleep} | settings

    async def ask() -> Answer:
        transport = httpx.MockTransport(answer)
        client = connection(TOKEN, timeout=5, connections=1, certificates=None, transport=transport)
        async with client:
            return await Endpoint(client, URL, **given).exchange("GET")

    return in_a_thread(lambda: asyncio.run(ask()))


def test_what_a_gateway_compresses_stays_compressed() -> None:
    """A few bytes of gzip can hold gigabytes."""
    seen = list[str]()
    bomb = gzip.compress(b'{"signs": []}' + b" " * (1 << 26))

    def answer(request: Any) -> Any:
        seen.append(request.headers["Accept-Encoding"])
        return httpx.Response(200, stream=httpx.ByteStream(bomb), headers={"Content-Encoding": "gzip"})

    tracemalloc.start()
    try:
        kept = asked(answer)
        assert tracemalloc.get_traced_memory()[1] < 1 << 24
    finally:
        tracemalloc.stop()
    assert seen == ["identity"]
    assert (kept.status, kept.is_json, kept.keys) == (200, False, None)


@pytest.mark.parametrize(
    ("signs", "total", "keys"),
    [
        ([], 0, {}),
        ([{"id": "a", "name": "b"}], 1, {"a": "b"}),
        ([{"id": "a"}, {"id": "b", "name": None}, {"id": "c", "name": ["d"]}], 3, {"a": "", "b": "", "c": ""}),
        ([{"id": "a/../b"}], 1, None),
        ([{"id": 5}], 1, None),
        ([{"id": TOKEN, "name": "a"}], 1, None),
        ([{"id": "a", "name": f"-{TOKEN}-"}], 1, None),
    ],
)
def test_a_list_of_keys(signs: list[Any], total: object, keys: dict[str, str] | None) -> None:
    kept = asked(lambda _: httpx.Response(200, json={"signs": signs, "total": total}))
    assert (kept.keys, kept.total) == (keys, total)
    assert_silent(repr(kept))


@pytest.mark.parametrize("total", [None, "3", 2.5, True, [], {}])
def test_a_total_that_is_none(total: object) -> None:
    assert asked(lambda _: httpx.Response(200, json={"signs": [], "total": total})).total is None


def test_an_id_that_repeats_the_token_is_none() -> None:
    assert asked(lambda _: httpx.Response(201, json={"id": TOKEN})).key_id is None
    assert asked(lambda _: httpx.Response(201, json={"id": "a"})).key_id == "a"


@pytest.mark.parametrize(
    ("failure", "words", "was_sent"),
    [
        (httpx.ConnectError("no route"), "cannot be reached: no route", False),
        (httpx.ConnectTimeout(LONG), "did not answer in time", False),
        (httpx.PoolTimeout(LONG), "did not answer in time", False),
        (httpx.ReadTimeout(LONG), "did not answer in time", True),
        (TimeoutError(LONG), "did not answer in time", True),
        (httpx.RemoteProtocolError(LONG), "broke the connection", True),
        (httpx.ProxyError(LONG), "cannot be reached through the proxy", False),
        (UnicodeError(LONG), "broke the connection", True),
        (OSError(LONG), "broke the connection", True),
    ],
)
def test_no_answer(failure: Exception, words: str, was_sent: bool) -> None:
    def answer(_: Any) -> Any:
        raise failure

    assert asked(answer) == Answer(words, was_sent=was_sent)


def test_what_was_never_made_is_not_called_left_behind(tmp_path: Path) -> None:
    """The gateway refuses for a while, or cannot be reached: no key can have been made, and nothing is waited for."""
    few = right_ones(30)
    for answer in (http(429, b"", Retry_After="600"), error(403, "APIG.3105", "")):

        async def refuses(_: Right, answer: bytes = answer) -> bytes:
            return answer

        sleeper = Sleeper()
        with of(from_nth(10, refuses)) as (gateway, url):
            found = fuzz(url, tmp_path, few, attempts=2, sleep=sleeper)
            assert not gateway.keys
        assert found.left_behind == found.perhaps_ours == ()
        assert found.stopped
        assert all(pause == 120 for pause in sleeper.pauses) or "3105" in answer.decode()
        (tmp_path / "state").unlink()


# The list.


def test_an_endless_list_ends(tmp_path: Path) -> None:
    def listing(request: Any) -> Any:
        offset = int(request.url.params["offset"])
        return httpx.Response(200, json={"signs": [{"id": f"id{offset}", "name": "x"}]})

    with pytest.raises(Unsuitable, match=r"^the gateway's list of keys has no end$"):
        fuzz(URL, tmp_path, chosen(4), transport=httpx.MockTransport(listing))
    assert not list(tmp_path.iterdir())


def test_a_list_that_is_not_whole_is_no_beginning(tmp_path: Path) -> None:
    """A key that it does not show may be taken for a new one."""
    listing = httpx.MockTransport(lambda _: httpx.Response(200, json={"signs": [], "total": 2}))
    with pytest.raises(Unsuitable, match=r"is not whole: it counts 2 more than it shows$"):
        fuzz(URL, tmp_path, chosen(4), transport=listing)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("quota", [2, 100])
def test_a_list_that_never_shows_what_was_made(quota: int, tmp_path: Path) -> None:
    few = chosen(12)

    class Hiding(FaultyGateway):
        def _list(self, query: dict[str, int]) -> bytes:
            hidden, self.keys = self.keys, {}
            try:
                return super()._list(query)
            finally:
                self.keys = hidden

    gateway = Hiding()
    with gateway.serving() as url:
        found = fuzz(url, tmp_path, few, quota=quota, concurrency=1)
    assert gateway.keys
    assert {*found.left_behind} == {*gateway.keys.values()}
    words = "the list of keys does not show those that were made, so they cannot be deleted"
    assert found.stopped == (words if quota == 2 else "")
    assert (tmp_path / "state").exists()


# Certificates and proxies.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed one, and its key, for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = program("openssl", package="openssl")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def test_a_private_gateway(certificate: Path, tmp_path: Path) -> None:
    """Its certificate is trusted if the caller says so; else nothing is sent, and it is not asked a second time."""
    few = chosen(6)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    sleeper = Sleeper()
    with of(certificates=server) as (gateway, plain):
        url = plain.replace("http:", "https:")
        with pytest.raises(Unsuitable, match=r"^the gateway's certificate is not trusted: self.signed certificate"):
            fuzz(url, tmp_path, few, sleep=sleeper)
        assert sleeper.pauses == []
        assert not gateway.counts
        trusted = ssl.create_default_context(cafile=certificate / "cert.pem")
        assert_right(fuzz(url, tmp_path, few, certificates=trusted), few)


@pytest.mark.parametrize(
    "variables",
    [
        {"NO_PROXY": "fe80::/10"},
        {"HTTPS_PROXY": f"what://{LONG[:20]}@h"},
        {"ALL_PROXY": f"http://{LONG[:20]}:p@127.0.0.1:99999"},
        {"ALL_PROXY": f"http://{LONG[:20]}:p@127.0.0.1:9"},
        {"HTTP_PROXY": f"http://[{LONG[:20]}"},
    ],
)
def test_a_proxy_that_is_none(variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    words = r"^the environment names a proxy that cannot be used|^the gateway (cannot be reached|broke the connection)"
    with pytest.raises((ValueError, Unsuitable), match=words) as caught:
        sent(URL, chosen(4), token=TOKEN, state=tmp_path / "state", sleep=Sleeper())
    assert_silent("".join(told(caught.value)))


# The rate.


def test_the_rate(tmp_path: Path) -> None:
    few, sleeper = chosen(6), Sleeper()
    with of() as (gateway, url):
        found = fuzz(url, tmp_path, few, rate=0.01, sleep=sleeper)
    assert_right(found, few)
    # The clock hardly moves, so the n-th request waits for its turn, n times 100 seconds after the first.
    assert len(sleeper.pauses) == sum(gateway.counts.values()) - 1
    assert max(sleeper.pauses) == pytest.approx(len(sleeper.pauses) * 100, abs=50)


@pytest.mark.parametrize("settings", [{"rate": 0}, {"rate": -1.0}, {"rate": float("nan")}])
def test_no_rate(settings: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rate more than 0"):
        fuzz(URL, tmp_path, **settings)


# The URL.


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://h/signs/", "https://h/signs"),
        ("https://h/signs//", "https://h/signs"),
        ("HTTPS://H:443/signs", "https://h/signs"),
        ("http://h:80/signs", "http://h/signs"),
        ("http://h:443/signs", "http://h:443/signs"),
        ("http://[::1]:8/signs", "http://[::1]:8/signs"),
    ],
)
def test_one_spelling_of_a_url(given: str, meant: str) -> None:
    assert endpoint_url(given) == endpoint_url(meant) == meant


@pytest.mark.parametrize(
    "url",
    ["http://h:99999/x", "https://h/a?", "https://h/a#", "http://[::1/", "//h/x", "", "http://xn--/", "http://h:x/"],
)
def test_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"^the URL must be https://HOST/PATH"):
        endpoint_url(url)
    with pytest.raises(ValueError, match=r"^the URL must be https://HOST/PATH"):
        endpoint_url(url.encode())  # type: ignore[arg-type]  # a caller without types


def test_a_slash_at_the_end_is_the_same_url_with_the_same_state(tmp_path: Path) -> None:
    few = chosen(10)
    with of() as (gateway, url):
        assert_right(fuzz(f"{url}/", tmp_path, few), few)
        assert not gateway.keys

        def crash(done: int, _: int) -> None:
            if done == 5:
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fuzz(url, tmp_path, few, progress=crash)
        assert_right(fuzz(f"{url}/", tmp_path, few), few)
    assert not list(tmp_path.iterdir())
