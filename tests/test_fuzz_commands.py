"""The commands `fuzz` and `gateway`."""

import io
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("httpx", reason="needs the extra fuzz: in a clone, pip install '.[fuzz]'")
pytest.importorskip("starlette", reason="needs the extra gateway: in a clone, pip install '.[gateway]'")

from signrules import cli
from signrules.cli import _fuzz
from signrules.fuzz import Observation, _runner, cases
from signrules.fuzz._corpus import corpus, corpus_schema, dictionary
from signrules.fuzz.bugs import bugs, refused
from signrules.fuzz.gateway import gateway, serving

from .threads import in_a_thread


def main(arguments: list[str]) -> int:
    return in_a_thread(lambda: cli.main(arguments))


WHERE = "/v2/project/apigw/instances/instance/signs"
TOKEN = "canary-Zq7KJWxYVu"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n", encoding="utf-8")
    return tmp_path


def test_a_gateway_that_keeps_every_rule(capsys: Captured, folder: Path) -> None:
    with serving(gateway(token=TOKEN)) as url:
        assert main(["fuzz", f"{url}{WHERE}", "--token-file", "token.txt"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("The gateway keeps every rule\n")
    assert err == ""
    assert [path.name for path in folder.iterdir()] == ["token.txt"]


def test_a_gateway_with_a_bug_and_every_report(capsys: Captured, folder: Path) -> None:
    bug = bugs()["sign_secret.hmac:dollar"]
    with serving(gateway(bug, token=TOKEN)) as url:
        command = ["fuzz", f"{url}{WHERE}", "--token-file", "token.txt"]
        assert main([*command, "--json", "--junit", "r.xml", "--html", "r.html"]) == 1
    out, _ = capsys.readouterr()
    assert bug.words in out
    assert len(json.loads(out)) > 3
    assert ET.fromstring((folder / "r.xml").read_text(encoding="utf-8")).tag == "testsuites"
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    for text in (out, page, (folder / "r.xml").read_text(encoding="utf-8")):
        assert TOKEN not in text


def test_a_url_that_is_no_gateway(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(gateway(token=TOKEN)) as url:
        assert main(["fuzz", f"{url}{WHERE}"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert "signrules fuzz: error: " in err
        assert "401" in err
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TOKEN}\n"))
        assert main(["fuzz", f"{url}{WHERE}", "--token-file", "-", "--timeout", "5"]) == 0
    assert main(["fuzz", "no-url"]) == 2
    assert main(["fuzz", f"http://someone:hunter2@127.0.0.1{WHERE}"]) == 2
    assert "hunter2" not in capsys.readouterr().err
    assert main(["fuzz"]) == 2
    assert "a URL is needed" in capsys.readouterr().err


def test_a_run_that_ends_early_says_so(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = _runner.Run((), 3, ("left",), interrupted=True, stopped="the gateway answered 404")
    monkeypatch.setattr(_runner, "run", lambda *_, **__: ended)
    assert main(["fuzz", f"http://127.0.0.1{WHERE}"]) == 130
    out, err = capsys.readouterr()
    assert err == "signrules fuzz: the same command goes on from here\n"
    assert "(interrupted)" in out
    assert "left" in out
    monkeypatch.setattr(_runner, "run", lambda *_, **__: ended._replace(interrupted=False))
    assert main(["fuzz", f"http://127.0.0.1{WHERE}"]) == 2
    assert "the gateway answered 404" in capsys.readouterr().out


def test_the_reports_are_written_whatever_is_found(
    capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, so that coverage on Python 3.11 sees all of it."""
    seen = tuple(Observation(case, refused(case.body) is None) for case in cases("quick"))
    monkeypatch.setattr(_runner, "run", lambda *_, **__: _runner.Run(seen, 253, (), interrupted=False))
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--junit", "r.xml", "--html", "r.html"]) == 0
    assert capsys.readouterr().out.startswith("The gateway keeps every rule\n")
    assert {path.name for path in folder.iterdir()} == {"token.txt", "r.xml", "r.html"}
    monkeypatch.setattr(_runner, "run", lambda *_, **__: _runner.Run(seen, 253, ("left",), interrupted=False))
    assert main(["fuzz", f"http://127.0.0.1{WHERE}"]) == 1


def test_a_terminal_sees_a_bar(capsys: Captured) -> None:
    _fuzz._show(1, 2)
    _fuzz._show(2, 2)
    assert capsys.readouterr().err == f"\r[{'#' * 15:<30}] 1/2\r[{'#' * 30}] 2/2\n"


def test_what_is_printed_without_a_gateway(capsys: Captured) -> None:
    assert main(["fuzz", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [case.id for case in cases("quick")]
    assert main(["fuzz", "--corpus", "quick"]) == 0
    assert json.loads(capsys.readouterr().out) == corpus("quick")
    assert main(["fuzz", "--corpus-schema"]) == 0
    assert json.loads(capsys.readouterr().out) == corpus_schema()
    assert main(["fuzz", "--dictionary"]) == 0
    assert capsys.readouterr().out == dictionary()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["fuzz", "--profile", "slow"], "must be quick or full"),
        (["fuzz", "--timeout", "x"], "must be a number of seconds"),
        (["fuzz", "--timeout", "-1"], "must be a number of seconds"),
        (["gateway", "--fail-rate", "2"], "must be a number from 0 to 1"),
        (["gateway", "--bug", "hunter2"], "there is no such bug"),
    ],
)
def test_wrong_use(arguments: list[str], reason: str, capsys: Captured) -> None:
    try:
        status = main(arguments)
    except SystemExit as exited:
        status = int(exited.code or 0)
    assert status == 2
    err = capsys.readouterr().err
    assert reason in err
    assert "hunter2" not in err


@pytest.mark.parametrize("command", [["gateway"], ["fuzz", f"http://127.0.0.1{WHERE}"]])
def test_a_token_file_without_a_token(command: list[str], capsys: Captured, folder: Path) -> None:
    (folder / "token.txt").write_text("\n", encoding="utf-8")
    assert main([*command, "--token-file", "token.txt"]) == 2
    assert capsys.readouterr() == ("", f"signrules {command[0]}: error: --token-file: the file is empty\n")


def test_an_extra_that_is_missing_is_named(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "signrules.fuzz._runner", None)
    monkeypatch.setitem(sys.modules, "signrules.fuzz.gateway", None)
    assert main(["fuzz", "http://127.0.0.1/"]) == 2
    assert main(["gateway"]) == 2
    assert capsys.readouterr().err == (
        "signrules fuzz: error: it needs the extra fuzz: in a clone, pip install '.[fuzz]'\n"
        "signrules gateway: error: it needs the extra gateway: in a clone, pip install '.[gateway]'\n"
    )


def test_the_bugs_are_listed(capsys: Captured) -> None:
    assert main(["gateway", "--list-bugs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{bug.name}\t{bug.words}" for bug in bugs().values()]


def test_the_gateway_serves_until_it_is_ended() -> None:
    options = ["--port", str(free_port()), "--bug", "name:min-1", "--token-file", "token.txt"]
    command = [sys.executable, "-m", "signrules", "gateway", *options, "--fail-rate", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        url = line.split()[2].rstrip(",")
        request = urllib.request.Request(
            f"{url}{WHERE}", data=b'{"name": "ab"}', headers={"X-Auth-Token": TOKEN}, method="POST"
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    assert TOKEN not in line


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
