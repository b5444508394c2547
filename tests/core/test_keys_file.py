"""The keys that the stand-in has when it begins, and those that it keeps: in Python, and in a file of the command."""

import json
import os
import pickle
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from starlette.applications import Starlette

from signrules.cli import main
from signrules.fuzz.bugs import bugs
from signrules.fuzz.gateway import WrongKey, gateway, serving

from ..silence import CANARY, FOREIGN, LONG, assert_silent, told
from ..talking import Client, talking_to

ID, PUBLISH_ID = "0b0e8f456b8742218af75f945307173c", "40e7162dc6b94bbbbb1a60d2a24b1b0c"
KNOWN = {
    "name": "orders",
    "sign_type": "aes",
    "sign_key": "k" * 16,
    "sign_secret": "s" * 16,
    "sign_algorithm": "aes-128-cfb",
    "id": ID,
    "create_time": "2020-08-03T03:39:38Z",
    "update_time": "2020-08-03T03:39:38.867149599Z",
    "bind_num": 0,
    "ldapi_bind_num": 0,
}


def at(client: Client, project: str = "my_project", instance: str = "my_instance") -> Any:
    client.connection.request("GET", f"/v2/{project}/apigw/instances/{instance}/signs", headers=client.headers)
    return json.loads(client.connection.getresponse().read())["signs"]


def test_keys_as_a_query_lists_them_come_back_as_they_are() -> None:
    app = gateway(keys=[KNOWN])
    with serving(app) as url, talking_to(url) as client:
        assert at(client) == [KNOWN]
        assert at(client, instance="other") == []
    assert app.state.keys() == [{"project_id": "my_project", "instance_id": "my_instance", **KNOWN}]


def test_keys_may_be_request_bodies_and_may_say_where_they_are() -> None:
    keys = [
        {"name": "orders"},
        {"name": "orders", "project_id": "one", "instance_id": "two", "publish_ids": [PUBLISH_ID]},
        {"name": "orders", "instance_id": "two", "sign_algorithm": "", "sign_secret": None},
    ]
    app = gateway(keys=keys)
    kept = app.state.keys()
    assert [(key["project_id"], key["instance_id"], key["bind_num"]) for key in kept] == [
        ("my_project", "my_instance", 0),
        ("one", "two", 1),
        ("my_project", "two", 0),
    ]
    assert all(re.fullmatch("[0-9a-f]{32}", key[m]) for key in kept for m in ("id", "sign_key", "sign_secret"))
    assert kept[1]["publish_ids"] == [PUBLISH_ID]
    assert gateway(keys=kept).state.keys() == kept


def test_what_a_bug_lets_in_is_kept() -> None:
    bug = bugs()["name:any-characters"]
    keys = [{"name": "\0\ud800é\n"}]
    assert gateway(bug, keys=keys).state.keys()[0]["name"] == "\0\ud800é\n"
    with pytest.raises(WrongKey):
        gateway(keys=keys)


WRONG_WORDS: list[Any] = [FOREIGN, LONG, "a/b", "a\n", 5, [LONG], {}]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        *((wrong, "is no JSON object") for wrong in (None, FOREIGN, [FOREIGN], 5, b"")),
        ({"name": "abc", "sign_secert": FOREIGN}, "has an unknown member"),
        ({"name": "abc", FOREIGN: LONG}, "has an unknown member"),
        *(({"name": "abc", "id": word}, "has a wrong id: ") for word in WRONG_WORDS),
        ({"name": "abc", "instance_id": FOREIGN}, "has a wrong instance_id: "),
        ({"name": "abc", "project_id": {LONG: LONG}}, "has a wrong project_id: "),
        *(
            ({"name": "abc", "create_time": time}, "has a wrong create_time: ")
            for time in (FOREIGN, LONG, 5, "2020-08-03", "2020-13-03T03:39:38Z", "2020-08-03T03:39:38", [LONG])
        ),
        ({}, "is refused: name must be given"),
        ({"name": None}, "is refused: name must be given"),
        (
            {"name": FOREIGN, "sign_key": LONG},
            "is refused: name may contain only letters, digits and _; sign_key must be ",
        ),
        ({"name": "abc", "sign_secret": [FOREIGN]}, "is refused: sign_secret must be "),
        ({"name": "orders"}, "is refused: The signature key name already exists."),
        ({"name": "abc", "id": ID}, "has the id of another one"),
        ({"name": "abc", "publish_ids": [FOREIGN]}, "is refused: Invalid parameter value,parameterName:publish_ids. "),
    ],
)
def test_a_key_that_cannot_be_had(wrong: Any, reason: str) -> None:
    with pytest.raises(WrongKey) as caught:
        gateway(keys=[KNOWN, wrong])
    assert caught.value.number == 2
    assert caught.value.reason.startswith(reason)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value) == f"key 2 {caught.value.reason}"
    for text in told(caught.value):
        assert_silent(text)


def test_more_keys_than_the_quota_cannot_be_had() -> None:
    with pytest.raises(WrongKey, match=r"^key 2 is refused: signature keys exceed the limit$"):
        gateway(keys=[{"name": "one"}, {"name": "two"}], quota=1)


def test_a_right_key_that_a_planted_bug_refuses_cannot_be_had() -> None:
    with pytest.raises(WrongKey, match=r"^key 1 is refused: Invalid parameter value,parameterName:name\. "):
        gateway(bugs()["name:refused"], keys=[{"name": "orders"}])


# The file.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def command(*options: str) -> Iterator[Client]:
    """`signrules gateway`, which is ended by SIGTERM and then has the exit status 0."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    words = [sys.executable, "-m", "signrules", "gateway", "--port", str(port), *options]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("Listening on ")
        try:
            with talking_to(f"http://127.0.0.1:{port}") as client:
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
            last = process.stderr.read()
        assert process.wait(timeout=30) == 0, last


def test_keys_are_read_and_kept(folder: Path) -> None:
    file = folder / "keys.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(KNOWN).encode() + b'\r\n\n{"name": "billing"}')
    file.chmod(0o644)
    link = folder / "link.jsonl"
    link.symlink_to(file)
    with command("--keys", "link.jsonl", "--keep") as client:
        assert [key["name"] for key in at(client)] == ["orders", "billing"]
        path = "/v2/other/apigw/instances/two/signs"
        client.connection.request("POST", path, '{"name": "more"}', client.headers)
        assert client.connection.getresponse().status == 201
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]
    assert [(key["project_id"], key["name"]) for key in kept] == [
        ("my_project", "orders"),
        ("my_project", "billing"),
        ("other", "more"),
    ]
    assert KNOWN.items() <= kept[0].items()
    assert sorted(os.listdir(folder)) == ["keys.jsonl", "link.jsonl"]


def no_server(monkeypatch: pytest.MonkeyPatch, instead: Callable[[Starlette], object]) -> None:
    """What happens to the application between the start and the end of the command."""
    monkeypatch.setattr("signrules.fuzz.gateway.serve", lambda app, *_: instead(app))


def test_the_permissions_of_a_device_stay(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """It belongs to everybody: without `/dev/null`, hardly a program works."""
    no_server(monkeypatch, lambda _: None)
    device = folder / "keys"
    device.symlink_to(os.devnull)
    before = os.stat(os.devnull).st_mode
    with monkeypatch.context() as patch:
        patch.setattr(os, "chmod", lambda *_: pytest.fail("permissions of something that is there were changed"))
        assert main(["gateway", "--keys", "keys", "--keep"]) == 0
    assert os.stat(os.devnull).st_mode == before


def test_a_file_is_read_again_and_without_keep_not_written(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    seen: list[Any] = []
    no_server(monkeypatch, lambda app: seen.append(app.state.keys()))
    file = folder / "keys.jsonl"
    file.write_text(f"{json.dumps(KNOWN)}\n", encoding="ascii")
    assert main(["gateway", "--keys", "keys.jsonl", "--keep"]) == 0
    content = file.read_bytes()
    assert main(["gateway", "--keys", "keys.jsonl"]) == main(["gateway", "--keys", "keys.jsonl", "--keep"]) == 0
    assert file.read_bytes() == content
    assert [json.loads(content)] == seen[0] == seen[1] == seen[2]


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    no_server(monkeypatch, lambda _: None)
    assert main(["gateway", "--keys", "new.jsonl", "--keep"]) == 0
    assert (folder / "new.jsonl").read_bytes() == b""
    assert stat.S_IMODE((folder / "new.jsonl").stat().st_mode) == 0o600


def test_a_file_that_somebody_else_has_changed_stays_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    file = folder / "keys.jsonl"
    file.write_text('{"name": "orders"}\n', encoding="utf-8")
    no_server(monkeypatch, lambda _: file.write_text('{"name": "mine"}\n', encoding="utf-8"))
    assert main(["gateway", "--keys", "keys.jsonl", "--keep"]) == 2
    assert file.read_text(encoding="utf-8") == '{"name": "mine"}\n'
    assert capsys.readouterr().err == (
        "signrules gateway: error: --keep: the file has changed since it was read, so it stays as it is\n"
    )
    assert os.listdir(folder) == ["keys.jsonl"]


def test_a_read_only_file_is_not_replaced(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    file = folder / "keys.jsonl"
    file.write_text('{"name": "orders"}\n', encoding="utf-8")
    file.chmod(0o444)
    assert main(["gateway", "--keys", "keys.jsonl", "--keep"]) == 2
    assert capsys.readouterr().err == "signrules gateway: error: --keep: nothing is written: the file is read-only\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o444
    assert os.listdir(folder) == ["keys.jsonl"]


def test_a_stand_in_that_fails_leaves_the_file_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    file = folder / "keys.jsonl"
    file.write_text('{"name": "orders"}\n', encoding="utf-8")

    def fail(_: Starlette) -> None:
        raise MemoryError(FOREIGN)

    no_server(monkeypatch, fail)
    assert main(["gateway", "--keys", "keys.jsonl", "--keep"]) == 2
    assert file.read_text(encoding="utf-8") == '{"name": "orders"}\n'
    assert os.listdir(folder) == ["keys.jsonl"]
    assert_silent(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b'{"name": "orders"}\n\n{"name": ', 3, "is no JSON object"),
        (b'{"name": "orders"}\n{"name": NaN}', 2, "is no JSON object"),
        (b"\xff\n", 1, "is no JSON object"),
        (b"[" * 100_000, 1, "is no JSON object"),
        (json.dumps({"name": "orders", "sign_key": LONG}).encode(), 1, "is refused: sign_key must be 8 to 32 "),
        (json.dumps({"name": "orders", CANARY: 1}).encode(), 1, "has an unknown member"),
    ],
    ids=["broken", "NaN", "no UTF-8", "deep", "a rule", "a member"],
)
def test_a_line_that_is_wrong_is_named(
    capsys: pytest.CaptureFixture[str], folder: Path, content: bytes, line: int, reason: str
) -> None:
    file = folder / "keys.jsonl"
    file.write_bytes(content)
    assert main(["gateway", "--keys", "keys.jsonl", "--keep"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"signrules gateway: error: --keys: line {line} {reason}")
    assert err.count("\n") == 1
    assert_silent(err)
    assert file.read_bytes() == content
    assert os.listdir(folder) == ["keys.jsonl"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--keep"], "--keep needs --keys, the file to write to"),
        (["--keys", "none.jsonl"], "--keys: the file cannot be read: No such file or directory"),
        (["--keys", "."], "--keys: the file cannot be read: Is a directory"),
        (["--keys", "none/none.jsonl", "--keep"], "--keep: nothing is written: No such file or directory"),
    ],
    ids=str,
)
def test_a_file_that_cannot_be_read_or_written(
    capsys: pytest.CaptureFixture[str], folder: Path, options: list[str], reason: str
) -> None:
    assert main(["gateway", *options]) == 2
    assert capsys.readouterr().err == f"signrules gateway: error: {reason}\n"
    assert os.listdir(folder) == []
