"""The runner over real sockets: every fault of a gateway, Ctrl-C, a kill, and no key left behind."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs httpx: in a clone, pip install '.[fuzz]'")

from signrules.fuzz import Case, cases, diagnose
from signrules.fuzz._candidates import candidates
from signrules.fuzz._case import named
from signrules.fuzz._remains import KeyFault
from signrules.fuzz._runner import Unsuitable
from signrules.fuzz.bugs import RIGHT, bugs, refused

from .. import oracle
from ..silence import LONG, assert_silent, told
from .faults import (
    PATH,
    Fault,
    FaultyGateway,
    Right,
    Spoil,
    error,
    half,
    http,
    lost,
    refusal,
    saying,
    silent,
    unreadable,
    without_id,
)
from .runs import (
    NEVER,
    TOKEN,
    Held,
    Sleeper,
    accepts,
    assert_right,
    between,
    chosen,
    client,
    from_nth,
    fuzz,
    interrupted,
    of,
    right_ones,
)

# Without a fault.


def test_the_answers_are_kept_and_the_keys_deleted(tmp_path: Path) -> None:
    few, steps = chosen(), []
    with of(token=TOKEN) as (gateway, url):
        found = fuzz(url, tmp_path, few, progress=lambda done, total: steps.append((done, total)))
        assert not gateway.keys
    assert_right(found, few)
    assert found.requests == sum(gateway.counts.values())
    assert gateway.counts["POST"] == len(few) + 2
    assert gateway.counts["DELETE"] == sum(map(accepts, few)) + 1
    assert steps == [(n, len(few)) for n in range(len(few) + 1)]
    assert not list(tmp_path.iterdir())
    for observation in found.observations:
        assert observation.status == (201 if observation.accepted else 400)
        assert observation.note == ""
        known = [field for field, _, _ in oracle.broken_members(observation.case.body) if field in oracle.MEMBERS]
        assert observation.member == (known[0] if known else None)


@pytest.mark.parametrize(("settings", "most"), [({}, 4), ({"concurrency": 2}, 2), ({"quota": 1}, 1)])
def test_no_more_at_a_time_than_asked_for(settings: dict[str, Any], most: int, tmp_path: Path) -> None:
    few = right_ones(100)

    async def held(right: Right) -> bytes:
        while gateway.most_under_way < most:
            await asyncio.sleep(0.001)
        return right()

    # The first two requests come one after the other, before those of the cases.
    with of(from_nth(3, held)) as (gateway, url):
        assert_right(fuzz(url, tmp_path, few, **settings), few)
    assert gateway.most_under_way == gateway.connections == most
    assert gateway.most_alive <= most


def test_quick_against_the_stand_in(tmp_path: Path) -> None:
    gateway = pytest.importorskip("signrules.fuzz.gateway", reason="needs: in a clone, pip install '.[gateway]'")
    app = gateway.gateway(token=TOKEN)
    with gateway.serving(app) as base:
        for name in (None, "all:strip", "body:null", "body:optional.name"):
            bug = RIGHT if name is None else bugs()[name]
            app.state.bugs = [bug]
            found = fuzz(f"{base}{PATH}", tmp_path, tuple(cases()))
            assert (found.left_behind, found.stopped) == ((), "")
            assert [o.accepted for o in found.observations] == [refused(case.body, bug) is None for case in cases()]
            diagnosis = diagnose(found.observations)
            assert diagnosis.is_clean is (name is None or not diagnosis.findings)
            named_ones = [each.name for finding in diagnosis.findings for each in finding.explanations]
            named_ones += [each.name for choice in diagnosis.choices for each in choice.explanations]
            assert (name in named_ones) is (name is not None)


# Names.


def test_names_are_fresh_unless_they_are_tested(tmp_path: Path) -> None:
    sent: list[Any] = []

    class Recording(FaultyGateway):
        def _create(self, body: Any) -> bytes:
            sent.append(body)
            return super()._create(body)

    few = [
        Case("a", {"name": named("a"), "sign_type": "hmac"}, "valid", "", (), (), ""),
        Case("b", {"name": named("a")}, "valid", "name", (), (), ""),
        Case("c", {"name": "\udc80\0"}, "invalid", "name", (), (), ""),
        Case("d", {"name": 1.5}, "invalid", "name", (), (), ""),
        Case("e", {}, "invalid", "name", (), (), ""),
        Case("f", [{"name": named("f")}], "invalid", "", (), (), ""),
    ]
    with Recording().serving() as url:
        for _ in range(2):
            assert_right(fuzz(url, tmp_path, few, concurrency=1), few)
    (first, *others), (second, *again) = sent[2:8], sent[10:16]
    assert others == again == [case.body for case in few[1:]]
    names = {first["name"], second["name"], named("a")}
    assert len(names) == 3
    for name in names:
        assert len(name) == len(named("a"))
        assert name.startswith("sr")
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz")
    assert first == {"name": first["name"], "sign_type": "hmac"}


def test_somebody_elses_key_by_a_tested_name_stays(tmp_path: Path) -> None:
    few = [case for case in candidates() if case.field == "name" and case.result == "valid"]
    with of() as (gateway, url):
        gateway.keys = {f"{n:032x}": case.body["name"] for n, case in enumerate(few)}
        theirs = dict(gateway.keys)
        assert_right(fuzz(url, tmp_path, few), few)
        assert gateway.keys == theirs


def test_a_list_of_many_pages(tmp_path: Path) -> None:
    few = chosen()
    with of(between(9, 10, without_id)) as (gateway, url):
        gateway.page = 3
        gateway.keys = theirs = {f"{n:032x}": f"their{n}" for n in range(10)}
        assert_right(fuzz(url, tmp_path, few), few)
        assert gateway.keys == theirs


# Faults that come and go.

SERVER_ERROR = error(500, "APIG.9999", "System error")
HTML = http(502, b"<html>Bad gateway</html>", Content_Type="text/html")
PASSING: dict[str, Fault] = {
    "500": saying(SERVER_ERROR),
    "429": saying(http(429, b"", Retry_After="2")),
    "503": saying(http(503, b"busy", Retry_After="tomorrow")),
    "html": saying(HTML),
    "garbage": saying(b"\x16\x03\x01 what?\r\n\r\n"),
    "nothing": saying(b""),
    "half": half,
    "lost": lost,
    "without an id": without_id,
    "unreadable": unreadable,
    "silent": silent,
}


@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in PASSING.items()])
def test_a_fault_that_passes(fault: Fault, method: str, tmp_path: Path) -> None:
    """Every third request is spoilt, so that an attempt after it is not."""
    few = chosen(24)
    if fault is silent:
        few = few[:4]
    if method == "GET" and fault is unreadable:
        return  # it would be no list at all: below
    with of(from_nth(2, fault, method, every=3)) as (gateway, url):
        found = fuzz(url, tmp_path, few, concurrency=1, timeout=2 if fault is silent else 30)
        assert not gateway.keys
    assert_right(found, few)


async def endless(_: Right) -> bytes:
    """More than is read, as chunks that announce no end."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    return b"HTTP/1.1 400 Text\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 100


UNSUPPORTED = error(412, "APIG.3548", "sign_type=aes not supported by x")


@pytest.mark.parametrize(
    ("fault", "times", "seen"),
    [
        (saying(HTML.replace(b"502", b"422")), 1, (False, 422, "answered 422 without JSON")),
        (saying(http(400, b"[]")), 1, (False, 400, "answered 400 without JSON")),
        (saying(http(400, b"[" * 100_000)), 1, (False, 400, "answered 400 without JSON")),
        (saying(http(400, b"")), 1, (False, 400, "answered 400 without JSON")),
        (saying(refusal("sign_key")[:-9]), 1, (False, 400, "answered 400 without JSON")),
        (saying(error(400, "APIG.2011", "other words")), 1, (False, 400, "")),
        (saying(http(400, b'{"error_code": [], "error_msg": 1}')), 1, (False, 400, "")),
        (endless, 1, (False, 400, "answered 400 without JSON")),
        (without_id, 1, (True, 201, "answered 201 without an id")),
        (unreadable, 1, (True, 201, "answered 201 without JSON")),
        (half, 1, (True, 201, "answered 201 without JSON")),
        (saying(http(200, b"{}")), 1, (None, 200, "answered 200 without an id")),
        (saying(http(200, b'{"id": "../../../other"}')), 1, (None, 200, "answered 200 without an id")),
        (saying(http(200, b"<html>")), 1, (None, 200, "answered 200 without JSON")),
        (saying(http(302, b"", Location="https://example.org")), 1, (None, 302, "answered 302 without JSON")),
        (saying(http(413, b"{}")), 1, (None, 413, "answered 413")),
        (saying(UNSUPPORTED), 1, (None, 412, "answered 412, sign_type=sign_type not supported by instance_id")),
        (saying(SERVER_ERROR), 2, (None, 500, "answered 500, System error")),
        (saying(HTML), 2, (None, 502, "answered 502 without JSON")),
        (saying(http(503, b"{}")), 3, (None, 503, "answered 503")),
        (saying(b""), 3, (None, None, "broke the connection")),
        (silent, 3, (None, None, "did not answer in time")),
    ],
)
def test_a_fault_that_stays_with_a_case(
    fault: Fault, times: int, seen: tuple[bool | None, int | None, str], tmp_path: Path
) -> None:
    few = right_ones(3)
    with of(between(4, 4 + times, fault)) as (gateway, url):
        found = fuzz(url, tmp_path, few, concurrency=1, attempts=3, timeout=2 if fault is silent else 30)
        assert not gateway.keys
    assert (found.left_behind, found.stopped) == ((), "")
    assert gateway.counts["POST"] == 4 + times
    first, second, third = found.observations
    accepted, status, note = seen
    assert second[:5] == (few[1], accepted, None, status, note)
    assert first.accepted is third.accepted is True
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("said", "kept"), [("APIG.2999", "APIG.2999"), ("APIG.29990", "")])
def test_an_error_code_is_kept_if_it_has_the_form_of_one(said: str, kept: str, tmp_path: Path) -> None:
    few = wrong_ones(3)
    with of(from_nth(3, saying(error(400, said, "other words")))) as (_, url):
        found = fuzz(url, tmp_path, few)
    assert [o.code for o in found.observations] == [kept] * 3


def test_an_error_code_outlives_the_run(tmp_path: Path) -> None:
    few = wrong_ones(5)
    with of() as (_, url):
        interrupted(url, tmp_path, few, at=4)
        found = fuzz(url, tmp_path, few)
    assert [o.code for o in found.observations] == ["APIG.2011"] * 5


def wrong_ones(count: int) -> tuple[Case, ...]:
    return tuple(case for case in cases() if case.result == "invalid")[:count]


def test_pauses(tmp_path: Path) -> None:
    """Twice as long each time, or as long as the gateway wants, but not for ever."""
    date = {"Date": "Wed, 25 Nov 2026 09:00:00 GMT"}
    for status, headers, least, most in (
        (503, {}, [0.25, 0.5, 1, 2, 4, 8, 15, 15], [0.5, 1, 2, 4, 8, 16, 30, 30]),
        (429, {}, [4, 8, 16, 32, 60, 60, 60, 60], [8, 16, 32, 64, 120, 120, 120, 120]),
        (429, {"Retry_After": "7"}, [7] * 8, [7] * 8),
        (503, {"Retry_After": "3600"}, [120] * 8, [120] * 8),
        (429, date | {"Retry_After": "Wed, 25 Nov 2026 09:00:45 GMT"}, [45] * 8, [45] * 8),
        (429, date | {"Retry_After": "Wednesday, 25-Nov-26 09:01:15 GMT"}, [75] * 8, [75] * 8),
        (429, date | {"Retry_After": "Wed, 25 Nov 2026 08:00:00 GMT"}, [0] * 8, [0] * 8),
        (
            503,
            {"Retry_After": "Wed, 25 Nov 2026 09:00:45 GMT"},
            [0.25, 0.5, 1, 2, 4, 8, 15, 15],
            [0.5, 1, 2, 4, 8, 16, 30, 30],
        ),
        (503, date | {"Retry_After": "tomorrow"}, [0.25, 0.5, 1, 2, 4, 8, 15, 15], [0.5, 1, 2, 4, 8, 16, 30, 30]),
    ):
        busy, sleeper = saying(http(status, b"", **headers)), Sleeper()
        with of(between(3, 11, busy)) as (_, url):
            found = fuzz(url, tmp_path, chosen()[:2], concurrency=1, attempts=9, sleep=sleeper)
        assert_right(found, chosen()[:2])
        # After 503, which may come too late, the run waits at its end for a key that may still appear.
        assert len(sleeper.pauses) == (8 if status == 429 else 13)
        assert all(low <= pause <= high for low, pause, high in zip(least, sleeper.pauses, most, strict=False))


@pytest.mark.parametrize("quota", [1, 2, 5])
def test_a_small_quota(quota: int, tmp_path: Path) -> None:
    few = right_ones(60)
    with of(quota=quota) as (gateway, url):
        assert_right(fuzz(url, tmp_path, few, concurrency=6), few)
        assert not gateway.keys
    assert gateway.most_alive == quota


def test_a_case_after_which_a_key_comes_late(tmp_path: Path) -> None:
    """Its answer was lost, the next attempt has been answered and its key deleted: only then the first key is made."""
    few = right_ones(30)

    async def late(right: Right) -> bytes:
        while gateway.counts["POST"] < 9:
            await asyncio.sleep(0.005)
        right()
        return b""

    with of(between(4, 5, late)) as (gateway, url):
        assert_right(fuzz(url, tmp_path, few, concurrency=1, timeout=10), few)
        assert not gateway.keys


def test_what_is_stored_otherwise_is_told_by_its_kind(tmp_path: Path) -> None:
    """And nothing else of it: neither in what is returned, nor in the state."""

    async def otherwise(right: Right) -> bytes:
        answer = right()
        start, _, content = answer.partition(b"\r\n\r\n")
        if not start.startswith(b"HTTP/1.1 201"):
            return answer
        key = {**json.loads(content), "sign_key": "kE************0y", "sign_secret": LONG}
        return http(201, json.dumps(key).encode())

    right = (case for case in cases() if case.result == "valid" and {"sign_key", "sign_secret"} <= set(case.body))
    few = tuple(right)[:5]
    with of(from_nth(1, otherwise)) as (_, url):
        interrupted(url, tmp_path, few, at=4)
        assert_silent((tmp_path / "state").read_text())
        found = fuzz(url, tmp_path, few)
    assert [dict(o.stored) for o in found.observations] == [{"sign_key": "masked", "sign_secret": "other"}] * 5
    assert_silent("".join(repr(o[1:]) for o in found.observations))


def test_a_name_that_the_gateway_trims(tmp_path: Path) -> None:
    class Trimming(FaultyGateway):
        def _create(self, body: Any) -> bytes:
            return super()._create({**body, "name": body["name"].strip()} if isinstance(body, dict) else body)

    few = [case for case in candidates() if case.id in ("name:after-line-break", "name:before-tab", "name:last-20")]
    assert len(few) == 3
    gateway = Trimming(from_nth(3, without_id))
    with gateway.serving() as url:
        found = fuzz(url, tmp_path, few, concurrency=1)
    # Somebody else may have a key by such a name: it stays, and is told.
    assert {o.accepted for o in found.observations} == {None, True}  # True: two are trimmed to the same name
    assert (found.left_behind, found.stopped) == ((), "")
    assert {*found.perhaps_ours} == {f"{name} ({key_id})" for key_id, name in gateway.keys.items()}
    assert len(gateway.keys) == 2
    assert (tmp_path / "state").exists()


def test_a_gateway_that_ignores_the_case_of_member_names(tmp_path: Path) -> None:
    """As one in Go does: it takes the value of NAME for the name, and the key is known all the same."""

    class Folding(FaultyGateway):
        def _create(self, body: Any) -> bytes:
            return super()._create({member.lower(): value for member, value in body.items()})

    few = [case for case in candidates() if case.id in ("body:member-NAME", "body:member-Name", "body:member-SIGN_KEY")]
    assert len(few) == 3
    gateway = Folding()
    with gateway.serving() as url:
        assert_right(fuzz(url, tmp_path, few), few)
    assert not gateway.keys
    assert not list(tmp_path.iterdir())


# Faults that stay.


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (saying(SERVER_ERROR), "the gateway answered 500, System error, for 10 cases in a row"),
        (saying(http(429, b"{}")), "the gateway answered 429, for 10 cases in a row"),
        (saying(http(503, b"")), "the gateway answered 503 without JSON, for 10 cases in a row"),
        (saying(b""), "the gateway broke the connection, for 10 cases in a row"),
        (lost, "the gateway broke the connection, for 10 cases in a row"),
        (
            saying(error(401, "APIG.1002", "")),
            "the gateway answered 401, Incorrect token or token resolution failed: "
            "the token is wrong, too old or missing",
        ),
        (
            saying(error(403, "APIG.1005", "")),
            "the gateway answered 403, No permissions to request this method: the token does not permit this",
        ),
        (
            saying(http(404, b"")),
            "the gateway answered 404 without JSON: "
            "there is no gateway by this project_id and instance_id, or the URL is wrong",
        ),
        (saying(error(403, "APIG.3105", "")), "the gateway answered 403, signature keys exceed the limit"),
    ],
)
def test_a_fault_that_stays(fault: Fault, words: str, tmp_path: Path) -> None:
    few = chosen()
    with of(from_nth(30, fault)) as (gateway, url):
        found = fuzz(url, tmp_path, few)
        assert not gateway.keys
        assert (found.left_behind, found.interrupted, found.stopped) == ((), False, words)
        verdicts = [o for o in found.observations if o.accepted is not None]
        assert 20 < len(verdicts) < 30
        assert [o.accepted for o in verdicts] == [accepts(o.case) for o in verdicts]
        assert all(f"the gateway {o.note}, for" in words for o in found.observations if o.accepted is None)
        # And then it is there again.
        gateway.spoil = lambda _method, _n: None
        before = gateway.counts["POST"]
        assert_right(fuzz(url, tmp_path, few), few)
        assert gateway.counts["POST"] - before == len(few) - len(verdicts) + 2
        assert not list(tmp_path.iterdir())


def test_a_gateway_that_dies(tmp_path: Path) -> None:
    few = right_ones(60)

    async def dies(right: Right) -> bytes:
        right()
        gateway.die()
        return b""

    with of(from_nth(30, dies)) as (gateway, url):
        found = fuzz(url, tmp_path, few)
    assert found.stopped.startswith("the gateway cannot be reached: ")
    assert not found.interrupted
    assert gateway.keys
    assert {*gateway.keys.values()} <= {*found.left_behind}
    assert len(found.left_behind) <= 4
    gateway.spoil = lambda _method, _n: None
    with gateway.serving(int(url.split(":")[2].split("/")[0])) as again:
        assert again == url
        assert_right(fuzz(url, tmp_path, few), few)
        assert not gateway.keys
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fault", [saying(SERVER_ERROR), saying(http(404, b"")), saying(b""), saying(http(405, b"{}"))])
def test_keys_that_cannot_be_deleted(fault: Fault, tmp_path: Path) -> None:
    few = chosen()
    with of(from_nth(10, fault, "DELETE")) as (gateway, url):
        found = fuzz(url, tmp_path, few)
        assert found.stopped == "a key cannot be deleted"
        assert {*gateway.keys.values()} == {*found.left_behind}
        assert 1 <= len(gateway.keys) <= 8  # some more than there are workers
        gateway.spoil = from_nth(1, fault, "DELETE")
        with pytest.raises(Unsuitable, match=f"a key cannot be deleted, and left behind .*{found.left_behind[0]}"):
            fuzz(url, tmp_path, few)
        gateway.spoil = lambda _method, _n: None
        assert_right(fuzz(url, tmp_path, few), few)
        assert not gateway.keys


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_key_that_is_made_though_it_was_refused(is_killed: bool, tmp_path: Path) -> None:
    few, refused = right_ones(30), 20

    async def lying(right: Right) -> bytes:
        right()
        return refusal("sign_key")

    with of(between(refused + 2, refused + 3, lying)) as (gateway, url):
        if is_killed:
            interrupted(url, tmp_path, few, at=25)
            gateway.spoil = lambda _method, _n: None
        found = fuzz(url, tmp_path, few, concurrency=1)
        assert not gateway.keys
    assert (found.left_behind, found.perhaps_ours, found.stopped) == ((), (), "")
    assert found.key_faults == (KeyFault("made though refused", (few[refused - 1].id,)),)
    assert not list(tmp_path.iterdir())


def test_a_key_that_is_kept_though_its_deletion_was_confirmed(tmp_path: Path) -> None:
    few = right_ones(10)
    with of(from_nth(8, saying(http(204, b"")), "DELETE")) as (gateway, url):
        found = fuzz(url, tmp_path, few)
        kept = tuple(gateway.keys.values())
        assert kept
        assert [(fault.kind, {*fault.of}) for fault in found.key_faults] == [("kept though deleted", {*kept})]
        assert {*found.left_behind} == {*kept}
        gateway.spoil = lambda _method, _n: None
        again = fuzz(url, tmp_path, few)
        assert not gateway.keys
    assert (again.left_behind, again.key_faults) == ((), ())


def test_what_was_refused_before_a_fresh_start_is_no_fault_of_now(tmp_path: Path) -> None:
    few = right_ones(10)

    async def lying(right: Right) -> bytes:
        right()
        return refusal("sign_key")

    with of(between(4, 5, lying)) as (gateway, url):
        interrupted(url, tmp_path, few, at=8)
        gateway.spoil = lambda _method, _n: None
        found = fuzz(url, tmp_path, few, fresh=True)
        assert not gateway.keys
    assert_right(found, few)
    assert found.key_faults == ()


def test_a_key_with_an_empty_name_is_told_by_its_id(tmp_path: Path) -> None:
    class Careless(FaultyGateway):
        def _create(self, body: Any) -> bytes:
            if body["name"]:
                return super()._create(body)
            self.keys["0" * 32] = ""
            return http(201, json.dumps({"id": "0" * 32}).encode())

    gateway = Careless(from_nth(2, saying(http(405, b"{}")), "DELETE"))
    with gateway.serving() as url:
        found = fuzz(url, tmp_path, [case for case in candidates() if case.id == "body:empty.name"])
    assert gateway.keys == {"0" * 32: ""}
    assert found.left_behind == ("0" * 32,)


def test_a_delete_that_was_done_whatever_it_answers(tmp_path: Path) -> None:
    async def done(right: Right) -> bytes:
        right()
        return SERVER_ERROR

    with of(from_nth(1, done, "DELETE")) as (_, url):
        assert_right(fuzz(url, tmp_path), chosen())


# What is not the endpoint.


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (from_nth(1, saying(http(200, b"<html>")), "GET"), "answered 200 without JSON"),
        (from_nth(1, saying(http(200, b"{}")), "GET"), "answered 200, and not with a list of keys"),
        (from_nth(1, saying(http(200, b'{"signs": [{"id": "/"}]}')), "GET"), "200, and not with a list of keys"),
        (from_nth(1, saying(http(200, b'{"signs": [1]}')), "GET"), "200, and not with a list of keys"),
        (from_nth(1, saying(http(302, b"")), "GET"), "answered 302 without JSON"),
        (from_nth(1, half, "GET"), "broke the connection"),
        (from_nth(1, saying(b"SSH-2.0-OpenSSH\r\n"), "GET"), "broke the connection"),
        (from_nth(1, saying(http(400, b"{}"))), "refuses a right body, which has only a name"),
        (from_nth(1, saying(http(201, b'{"id": "1"}'))), "accepts a name that no rule allows"),
        (from_nth(1, saying(http(405, b"{}"))), "answered 405"),
        (from_nth(1, saying(SERVER_ERROR)), "answered 500, System error"),
        (from_nth(2, saying(SERVER_ERROR)), "answered 500, System error"),
        (from_nth(1, saying(error(403, "APIG.3105", ""))), "answered 403, signature keys exceed the limit"),
        (from_nth(1, saying(error(403, "APIG.1005", ""))), "the token does not permit this"),
    ],
)
def test_what_is_not_the_endpoint(spoil: Spoil, words: str, tmp_path: Path) -> None:
    with of(spoil) as (gateway, url):
        with pytest.raises(Unsuitable, match=f"^the gateway .*{words}$"):
            fuzz(url, tmp_path)
        assert not gateway.keys
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["body:refused", "body:unchecked", "all:refused", "all:unchecked", "body:optional.name"]
)
def test_a_gateway_that_refuses_or_accepts_everything_is_the_endpoint(name: str, tmp_path: Path) -> None:
    """Such a gateway gets a report that says so, and keeps no key."""
    gateway = pytest.importorskip("signrules.fuzz.gateway", reason="needs: pip install '.[gateway]'")
    bug = bugs()[name]
    with gateway.serving(gateway.gateway(bug)) as base:
        found = fuzz(f"{base}{PATH}", tmp_path, tuple(cases()))
    assert (found.left_behind, found.perhaps_ours, found.stopped) == ((), (), "")
    assert [o.accepted for o in found.observations] == [refused(case.body, bug) is None for case in cases()]
    (finding,) = diagnose(found.observations).findings
    assert bug in finding.explanations
    assert not list(tmp_path.iterdir())


def test_a_wrong_path_a_wrong_token_and_no_gateway(tmp_path: Path) -> None:
    with of(token=TOKEN) as (gateway, url):
        with pytest.raises(Unsuitable, match=r"answered 404, .*the URL is wrong"):
            fuzz(url.replace("/v2/", "/v1/"), tmp_path)
        for token in ("other", None):
            with pytest.raises(Unsuitable, match=r"answered 401, .*the token is wrong"):
                fuzz(url, tmp_path, token=token)
        assert gateway.counts["POST"] == 0
    with pytest.raises(Unsuitable, match=r"^the gateway cannot be reached: "):
        fuzz(url, tmp_path)
    assert not list(tmp_path.iterdir())


def test_wrong_use(tmp_path: Path) -> None:
    for url in (
        "example.org/signs",
        "ftp://a/b",
        "https://",
        f"https://u:{TOKEN}@a/b",
        "https://a/b?c",
        "http://a#b",
    ):
        with pytest.raises(ValueError, match=r"^the URL must be https://HOST/PATH") as caught:
            fuzz(url, tmp_path)
        assert_silent("".join(told(caught.value)))
    for token in ("", " ", f"{TOKEN}\n", f"{TOKEN}é", f"{TOKEN}\0", f" {TOKEN}"):
        with pytest.raises(ValueError, match=r"^the token (is empty|has )") as caught:
            fuzz("http://127.0.0.1/", tmp_path, token=token)
        assert_silent("".join(told(caught.value)))
    for setting in ("concurrency", "quota", "attempts"):
        nothing: dict[str, Any] = {setting: 0}
        with pytest.raises(ValueError, match="1 at least"):
            fuzz("http://127.0.0.1/", tmp_path, **nothing)
    with of() as (gateway, url), pytest.raises(FileNotFoundError):
        fuzz(url, tmp_path / "missing")
    assert gateway.counts["POST"] == 0


# The state file.


def test_a_crash_leaves_no_key_and_can_be_resumed(tmp_path: Path) -> None:
    few = chosen()
    with of(token=TOKEN) as (gateway, url):
        interrupted(url, tmp_path, few)
        assert not gateway.keys
        verdicts = (tmp_path / "state").read_text().count('"seen"')
        assert 20 <= verdicts < 25
        before = gateway.counts["POST"]
        with (tmp_path / "state").open("a") as file:
            file.write('{"sent": "half a li')
        assert_right(fuzz(url, tmp_path, few), few)
        assert gateway.counts["POST"] - before == len(few) - verdicts + 2
    assert not list(tmp_path.iterdir())


def test_a_state_file_of_something_else(tmp_path: Path) -> None:
    few = chosen()
    state = tmp_path / "state"
    with of() as (gateway, url):
        interrupted(url, tmp_path, few)
        content = state.read_bytes()
        posts = gateway.counts["POST"]
        for other, others in (url + "2", few), (url, few[1:]), (url, few[::-1]):
            with pytest.raises(ValueError, match=r"state is of another URL or of other cases$"):
                fuzz(other, tmp_path, others)
            assert state.read_bytes() == content
        for text in (
            TOKEN,
            f"{TOKEN}\n",
            "\n",
            "[]\n",
            "[" * 100_000 + "\n",
            content.decode() + '{"request": 1, "name": 5, "id": null, "fresh": true}\n',
            content.decode() + '{"suspects": [5]}\n',
            "{}\n",
            '{"url": 1}\n',
            content.decode() + f"{TOKEN}\n",
            content.decode() + '{"seen": "x"}\n',
        ):
            state.write_text(text)
            with pytest.raises(ValueError, match=r"state is no state file of a run$") as caught:
                fuzz(url, tmp_path, few)
            assert_silent("".join(told(caught.value)))
            assert state.read_text() == text
        assert gateway.counts["POST"] == posts


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("nth", [1, 20])
def test_a_second_run_after_a_kill(nth: int, made: bool, tmp_path: Path) -> None:
    few, held = right_ones(60), Held(made=made)
    with of(between(nth, nth + 1, held), token=TOKEN) as (gateway, url):
        with client(url, tmp_path) as process:
            assert held.reached.wait(120)
            process.kill()
        held.released.set()
        assert any(gateway.keys or NEVER.wait(0.01) for _ in range(500))
        state = (tmp_path / "state").read_text()
        verdicts, posts = state.count('"seen"'), gateway.counts["POST"]
        assert_right(fuzz(url, tmp_path, few), few)
        assert not gateway.keys
        assert gateway.counts["POST"] - posts == len(few) - verdicts + 2
    assert_silent(state)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("made", [True, False])
def test_ctrl_c(made: bool, tmp_path: Path) -> None:
    few, held = right_ones(60), Held(made=made)
    with of(between(20, 21, held)) as (gateway, url):
        with client(url, tmp_path) as process:
            assert held.reached.wait(120)
            process.send_signal(signal.SIGINT)
            NEVER.wait(0.1)
            held.released.set()
            out, err = process.communicate()
        assert (process.returncode, err) == (0, "")
        seen, rest = out.split(" ", 1)
        assert rest == "() True ''\n"
        assert int(seen) < 60
        assert not gateway.keys
        posts = gateway.counts["POST"]
        assert_right(fuzz(url, tmp_path, few), few)
        assert gateway.counts["POST"] - posts == len(few) - int(seen) + 2


def test_ctrl_c_in_a_pause(tmp_path: Path) -> None:
    reached = threading.Event()

    async def busy(_: Right) -> bytes:
        reached.set()
        return http(429, b"", Retry_After="30")

    with of(from_nth(10, busy)) as (gateway, url), client(url, tmp_path) as process:
        assert reached.wait(120)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err, out.split(" ", 1)[1]) == (0, "", "() True ''\n")
        assert not gateway.keys


def test_a_second_ctrl_c(tmp_path: Path) -> None:
    few, held = right_ones(60), Held(made=True)
    with of(between(20, 21, held)) as (gateway, url):
        with client(url, tmp_path) as process:
            assert held.reached.wait(120)
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        assert process.returncode != 0
        assert "KeyboardInterrupt" in err
        assert_silent(err)
        held.released.set()
        assert gateway.keys
        assert_right(fuzz(url, tmp_path, few), few)
        assert not gateway.keys


# The token.


async def echo(_: Right) -> bytes:
    """Repeats the token wherever it can."""
    text = f"Invalid parameter value,parameterName:{TOKEN}. Please"
    return http(400, json.dumps({"error_code": TOKEN, "error_msg": text, "id": TOKEN, "signs": TOKEN}).encode())


@pytest.mark.parametrize("fault", [echo, saying(f"HTTP/{TOKEN}\r\n\r\n".encode()), lost, saying(SERVER_ERROR)])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_the_token_is_told_nowhere(fault: Fault, method: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    states: list[str] = []
    few = chosen(20)
    with of(from_nth(20 if method == "GET" else 4, fault, method), token=TOKEN) as (gateway, url):
        found = fuzz(url, tmp_path, few, progress=lambda _done, _total: states.append((tmp_path / "state").read_text()))
        gateway.spoil = from_nth(1, fault, method)
        with suppress(Unsuitable):
            fuzz(url, tmp_path, few)
        gateway.spoil = lambda _method, _n: None
        assert_right(fuzz(url, tmp_path, few), few)
    assert len(states) > 1
    # At this level httpcore repeats what a gateway says; what we say, it does not.
    logged = [r.getMessage() for r in caplog.records if not r.getMessage().startswith("receive_response_headers")]
    assert len(logged) > 100
    for text in (repr(found), *states, *logged):
        assert_silent(text)


def test_errors_tell_no_token(tmp_path: Path) -> None:
    def crash(done: int, _: int) -> None:
        raise RuntimeError(done)

    with of(token=TOKEN) as (gateway, url):
        for spoil in (
            from_nth(1, echo),
            from_nth(1, echo, "GET"),
            from_nth(1, echo, "DELETE"),
            from_nth(1, saying(error(401, "APIG.1002", TOKEN))),
        ):
            gateway.spoil = spoil
            with pytest.raises(Unsuitable) as caught:
                fuzz(url, tmp_path)
            assert_silent("".join(told(caught.value)))
        gateway.spoil = lambda _method, _n: None
        with pytest.raises(RuntimeError) as crashed:
            fuzz(url, tmp_path, progress=crash)
        assert_silent("".join(told(crashed.value)))


# Many requests.

MANY = int(os.environ.get("SIGNRULES_REQUESTS", "1600"))


def resident() -> int:
    """The memory of this process, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to know how much memory is in use")
def test_many_requests_on_one_pool_in_flat_memory(tmp_path: Path) -> None:
    bodies = [{"name": "abc", "sign_key": "short"}, {"name": named("0")}]
    ids = map(str, range(MANY * 2 // 3))
    many = [Case(i, bodies[n % 2] | {"name": named(i)}, "valid", "", (), (), "") for n, i in enumerate(ids)]
    sizes: list[int] = []
    with of() as (gateway, url):
        found = fuzz(url, tmp_path, many, progress=lambda _done, _total: sizes.append(resident()))
    start, middle, end = sizes[0], sizes[len(sizes) // 2], sizes[-1]
    print(f"{found.requests} requests, {gateway.connections} connections; MiB: {start}, {middle}, {end}")
    assert_right(found, many)
    assert found.requests >= MANY
    assert gateway.connections <= 4
    # The first half fills pools and caches. Later, a request leaves its observation.
    assert end - middle < 3 + found.requests // 5000
