"""The commands `fuzz` and `gateway`."""

import io
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("httpx", reason="needs the extra fuzz: in a clone, pip install '.[fuzz]'")
pytest.importorskip("starlette", reason="needs the extra gateway: in a clone, pip install '.[gateway]'")

import certifi

from signrules import cli
from signrules.fuzz import Observation, _runner, cases
from signrules.fuzz._corpus import corpus, corpus_schema, dictionary
from signrules.fuzz.bugs import bugs, refused
from signrules.fuzz.gateway import gateway, serving

from ..terminal import Clock
from ..threads import in_a_thread


def main(arguments: list[str]) -> int:
    return in_a_thread(lambda: cli.main(arguments))


WHERE = "/v2/project/apigw/instances/instance/signs"
TOKEN = "canary-Zq7KJWxYVu"
STATE = "the state file cannot be opened: No such file or directory; --state names another"

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner tries again without waiting."""

    async def no_sleep(_: float) -> None:
        return

    monkeypatch.setattr(_runner.run, "__kwdefaults__", {**(_runner.run.__kwdefaults__ or {}), "sleep": no_sleep})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n", encoding="utf-8")
    monkeypatch.setattr("signrules.fuzz._http._PAUSE", 0.001)
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
        assert main([*command, "--json", "--junit", "r.xml", "--sarif", "r.sarif", "--html", "r.html"]) == 1
    out, _ = capsys.readouterr()
    assert bug.words in out
    assert len(json.loads(out)) > 3
    assert ET.fromstring((folder / "r.xml").read_text(encoding="utf-8")).tag == "testsuites"
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert json.loads((folder / "r.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    told = json.loads(out)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["begun"])
    assert {(each["status"], each["code"]) for each in told["cases"]} == {(201, ""), (400, "APIG.2011")}
    for text in (out, page, *((folder / name).read_text(encoding="utf-8") for name in ("r.xml", "r.sarif"))):
        assert TOKEN not in text


def test_what_is_asked_after_a_wrong_answer(capsys: Captured) -> None:
    bug = bugs()["sign_secret.hmac:dollar"]
    with serving(gateway(bug)) as url:
        command = ["fuzz", f"{url}{WHERE}", "--token-file", "token.txt"]
        assert main(command) == 1
        assert "this, and nothing else that we know of" in capsys.readouterr().out
        assert main([*command, "--no-follow-up"]) == 1
        out = capsys.readouterr().out
    assert "follow-up" not in out
    assert "a case that would tell them apart was not sent" in out


def test_single_cases_are_sent_again(capsys: Captured, folder: Path) -> None:
    bug, ids = bugs()["sign_secret.hmac:dollar"], ["sign_secret.hmac:last-0a", "body:an-empty-list"]
    with serving(gateway(bug)) as url:
        command = ["fuzz", f"{url}{WHERE}", "--token-file", "token.txt"]
        assert main([*command, "--only", *ids, ids[0]]) == 1
        assert ": 2 cases, " in capsys.readouterr().out
        assert main([*command, "--only", ids[1], "--json"]) == 0
        assert [each["id"] for each in json.loads(capsys.readouterr().out)["cases"]] == ids[1:]
    assert [path.name for path in folder.iterdir()] == ["token.txt"]


def test_a_judge_is_asked_single_cases(capsys: Captured, folder: Path) -> None:
    (folder / "judge.py").write_text("for line in open(0): print('{\"accepted\": false}', flush=True)", "utf-8")
    assert main(["fuzz", "--only", "name:last-0a", "--exec", f"{sys.executable} judge.py"]) == 0
    assert "single cases" in capsys.readouterr().out
    assert main(["fuzz", "--only", "name:last-0a", "--only", "body:an-empty-list", "--dry-run"]) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [
        "name:last-0a",
        "body:an-empty-list",
    ]


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (["name:last-0a", "name:lst-0b"], "word 2 of --only is no id of a case: did you mean name:last-"),
        (["hunter2"], "word 1 of --only is no id of a case: --dry-run prints the ids of the cases\n"),
    ],
)
def test_an_unknown_case_is_told_with_near_ones(ids: list[str], words: str, capsys: Captured, folder: Path) -> None:
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--html", "r.html", "--only", *ids]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert ids[-1] not in err
    assert [path.name for path in folder.iterdir()] == ["token.txt"]


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
    assert "a URL or --exec is needed" in capsys.readouterr().err


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


def test_a_terminal_sees_a_bar_that_makes_room_for_a_notice(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_url: str, dialogue: Iterator[Sequence[object]], **settings: Any) -> _runner.Run:
        asked = len(next(dialogue))
        settings["progress"](asked // 2, asked)
        settings["notice"]("going on")
        settings["progress"](asked, asked)
        return _runner.Run((), 0, (), interrupted=False)

    monkeypatch.setattr(_runner, "run", run)
    monkeypatch.setattr("time.monotonic", Clock(1))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["fuzz", f"http://127.0.0.1{WHERE}"]) == 0
    gone = f"\r{' ' * 37}\r"
    assert capsys.readouterr().err == (
        f"\r[{'#' * 15:<30}]  50%{gone}signrules fuzz: going on\n\r[{'#' * 30}] 100%{gone}"
    )


def test_what_is_printed_without_a_gateway(capsys: Captured) -> None:
    assert main(["fuzz", "--dry-run", "--profile", "full"]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = [json.loads(line) for line in lines]
    assert [(each["id"], each["wire"]) for each in shown] == [(case.id, case.wire.decode()) for case in cases("full")]
    # jq ends at half a surrogate pair.
    halves = [
        case.id for case in cases("full") if re.search("[\ud800-\udfff]", json.dumps(case.body, ensure_ascii=False))
    ]
    assert [each["id"] for each in shown if "body" not in each] == halves != []
    assert main(["fuzz", "--corpus", "quick"]) == 0
    assert json.loads(capsys.readouterr().out) == corpus("quick")
    assert main(["fuzz", "--corpus-schema"]) == 0
    assert json.loads(capsys.readouterr().out) == corpus_schema()
    assert main(["fuzz", "--dictionary"]) == 0
    assert capsys.readouterr().out == dictionary()


@pytest.mark.parametrize("option", ["--html", "--junit"])
def test_a_report_that_cannot_be_written_is_told_before_the_first_request(option: str, capsys: Captured) -> None:
    with serving(gateway(token=TOKEN)) as url:
        command = ["fuzz", f"{url}{WHERE}", "--token-file", "token.txt"]
        assert main([*command, option, "missing/report"]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err == f"signrules fuzz: error: {option}: nothing is written: No such file or directory\n"
    assert [path.name for path in Path().iterdir()] == ["token.txt"]


@pytest.mark.usefixtures("at_once")
def test_a_run_that_fails_leaves_the_earlier_report(capsys: Captured, folder: Path) -> None:
    (folder / "old.html").write_text("yesterday's")
    command = ["fuzz", f"http://127.0.0.1:{free_port()}{WHERE}", "--timeout", "1"]
    assert main([*command, "--html", "old.html", "--junit", "new.xml"]) == 2
    assert capsys.readouterr().out == ""
    assert (folder / "old.html").read_text() == "yesterday's"
    assert sorted(path.name for path in folder.iterdir()) == ["old.html", "token.txt"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (_runner.Unsuitable("so \x1b"), r"so \u001b"),
        (ValueError(TOKEN), "something unexpected happened (ValueError); --debug shows where"),
        (json.JSONDecodeError(TOKEN, TOKEN, 0), "something unexpected happened (JSONDecodeError); --debug shows where"),
        (OSError(104, "Connection reset by peer"), "reading or writing failed: Connection reset by peer"),
        (OSError(2, "No such file or directory", TOKEN), STATE),
    ],
)
def test_only_wrong_use_is_told_as_wrong_use(
    error: Exception, told: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, **__: object) -> _runner.Run:
        raise error

    monkeypatch.setattr(_runner, "run", run)
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--html", "r.html"]) == 2
    assert capsys.readouterr() == ("", f"signrules fuzz: error: {told}\n")
    assert not Path("r.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_loses_no_report(capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tuple(Observation(case, refused(case.body) is None) for case in cases("quick"))
    monkeypatch.setattr(_runner, "run", lambda *_, **__: _runner.Run(seen, 253, (), interrupted=False))
    files = ["--junit", "r.xml", "--html", "/dev/full", "--sarif", "r.sarif"]
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", *files]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("The gateway keeps every rule\n")
    assert err == "signrules fuzz: error: --html: nothing is written: No space left on device\n"
    assert {"r.xml", "r.sarif"} < {path.name for path in folder.iterdir()}
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--html", "/dev/null"]) == 0
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--html", "r.html"]) == 2
    assert "keeps every rule" in (folder / "r.html").read_text(encoding="utf-8")


def test_a_key_that_is_perhaps_ours_is_told(capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tuple(Observation(case, refused(case.body) is None) for case in cases("quick"))
    ended = _runner.Run(seen, 253, (), interrupted=False, perhaps_ours=("kEy (0b0e)",))
    monkeypatch.setattr(_runner, "run", lambda *_, **__: ended)
    command = ["fuzz", f"http://127.0.0.1{WHERE}"]
    assert main([*command, "--junit", "r.xml", "--html", "r.html"]) == 1
    assert "New since the run began, perhaps ours:\n    kEy (0b0e)\n" in capsys.readouterr().out
    assert '"perhaps_ours" value="kEy (0b0e)"' in (folder / "r.xml").read_text(encoding="utf-8")
    assert "<li>kEy (0b0e)</li>" in (folder / "r.html").read_text(encoding="utf-8")
    assert main([*command, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["perhaps_ours"] == ["kEy (0b0e)"]


def test_what_the_runner_is_told(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options reach it; a slash at the end of the URL changes neither the URL nor the state."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def run(url: str, _cases: object, **settings: Any) -> _runner.Run:
        settings["notice"]("going on")
        settings["progress"](1, 2)
        calls.append((url, settings))
        return _runner.Run((), 0, (), interrupted=False, stopped="so")

    monkeypatch.setattr(_runner, "run", run)
    url = f"http://127.0.0.1{WHERE}"
    for given in ([url], [f"{url}/"], [url, "--rate", "0.5", "--fresh", "--state", "s"]):
        assert main(["fuzz", *given]) == 2
        assert "signrules fuzz: going on\n" in capsys.readouterr().err
    (first, usual), (second, again), (_, asked) = calls
    assert first == second == url
    assert usual["state"] == again["state"]
    assert (usual["rate"], usual["fresh"], usual["certificates"]) == (None, False, None)
    assert (asked["rate"], asked["fresh"], asked["state"]) == (0.5, True, Path("s"))


@pytest.mark.usefixtures("at_once")
def test_certificates(capsys: Captured, folder: Path) -> None:
    command = ["fuzz", f"https://127.0.0.1:{free_port()}{WHERE}", "--timeout", "1", "--ca"]
    for name, reason in ("missing", "No such file or directory"), ("token.txt", "it holds no certificate"):
        assert main([*command, name]) == 2
        assert capsys.readouterr().err == f"signrules fuzz: error: --ca: the file cannot be used: {reason}\n"
    (folder / "ca.pem").write_text(certifi.contents())
    assert main([*command, "ca.pem"]) == 2
    assert "the gateway cannot be reached" in capsys.readouterr().err


def test_a_state_file_that_cannot_be_opened(capsys: Captured) -> None:
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--state", "no/hunter2"]) == 2
    err = capsys.readouterr().err
    assert err == f"signrules fuzz: error: {STATE}\n"
    Path("other").write_text("hunter2")
    assert main(["fuzz", f"http://127.0.0.1{WHERE}", "--state", "other"]) == 2
    err = capsys.readouterr().err
    assert err == "signrules fuzz: error: the file named by state is no state file of a run\n"


def test_a_second_ctrl_c_says_what_to_do(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> _runner.Run:
        raise KeyboardInterrupt

    monkeypatch.setattr(_runner, "run", run)
    assert main(["fuzz", f"http://127.0.0.1{WHERE}"]) == 130
    assert capsys.readouterr().err == "signrules fuzz: ended at once; the same command deletes what may be left\n"


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("variable", ["NO_PROXY=fe80::/10", "ALL_PROXY=http://a:hunter2@127.0.0.1:99999"])
def test_a_proxy_of_the_environment_that_is_none(
    variable: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, value = variable.partition("=")
    monkeypatch.setenv(name, value)
    assert main(["fuzz", f"http://127.0.0.2:9{WHERE}", "--timeout", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "hunter2" not in err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["fuzz", "--profile", "slow"], "must be quick, full or wire"),
        (["fuzz", "--timeout", "x"], "must be a number of seconds"),
        (["fuzz", "--timeout", "-1"], "must be a number of seconds"),
        (["fuzz", "--rate", "0"], "must be a number of requests in a second"),
        (["gateway", "--port", "99999"], "must be a port, 1 to 65535"),
        (["fuzz", f"http://h:99999{WHERE}"], "the URL must be https://HOST/PATH"),
        (["gateway", "--fail-rate", "2"], "must be a number from 0 to 1"),
        (["gateway", "--bug", "hunter2"], "there is no such bug"),
        (["gateway", "--bug", "name:min-1", "--bug", "hunter2"], "there is no such bug"),
        (["gateway", "--list-bugs", "hunter2"], "no bug has a name that begins with this word"),
        (["gateway", "--host", "hunter2..hunter2"], "--host: there is no such address"),
        (["gateway", "--host", "192.0.2.1"], "--host: "),  # an address that no machine has
        (["gateway", "--quota", "0"], "must be a whole number from 1"),
    ],
)
def test_wrong_use(arguments: list[str], reason: str, capsys: Captured) -> None:
    assert main(arguments) == 2
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
        "signrules fuzz: error: the command needs the extra fuzz: in a clone, pip install '.[fuzz]'\n"
        "signrules gateway: error: the command needs the extra gateway: in a clone, pip install '.[gateway]'\n"
    )


def test_the_bugs_are_listed(capsys: Captured) -> None:
    assert main(["gateway", "--list-bugs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{bug.name}\t{bug.words}" for bug in bugs().values()]
    assert main(["gateway", "--list-bugs", "sign_key.aes."]) == 0
    some = [line for line in lines if line.startswith("sign_key.aes.")]
    assert capsys.readouterr().out.splitlines() == some
    assert 0 < len(some) < len(lines)


def test_a_port_that_is_taken(capsys: Captured) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert main(["gateway", "--port", str(listener.getsockname()[1])]) == 2
    assert capsys.readouterr().err == "signrules gateway: error: --port: Address already in use\n"


def test_the_gateway_serves_until_it_is_ended() -> None:
    options = ["--port", str(free_port()), "--bug", "name:min-1", "--bug", "name:max+1", "--token-file", "token.txt"]
    options += ["--host", "127.0.0.2", "--quota", "2", "--log"]
    command = [sys.executable, "-m", "signrules", "gateway", *options, "--fail-rate", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[2].rstrip(",")
        for name, status in ("ab", 201), ("a" * 65, 201), ("more", 403):
            body = json.dumps({"name": name}).encode()
            request = urllib.request.Request(f"{url}{WHERE}", body, {"X-Auth-Token": TOKEN})
            with suppress(urllib.error.HTTPError), urllib.request.urlopen(request) as answer:
                assert answer.status == status
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait() == 0
    assert url.startswith("http://127.0.0.2:")
    assert rest.splitlines() == [
        f"The keys are at {url}{EXAMPLE}; my_project and my_instance may be any words",
        "It has the bug name:min-1: name: accepts one character too few",
        "It has the bug name:max+1: name: accepts one character too many",
        f"To make a key: curl -H 'X-Auth-Token: TOKEN' --json '{{\"name\": \"orders\"}}' {url}{EXAMPLE}",
        f"To try every rule: signrules fuzz {url}{EXAMPLE} --token-file TOKEN_FILE",
        f"POST {WHERE} 201",
        f"POST {WHERE} 201",
        f"POST {WHERE} 403 APIG.3105",
    ]


EXAMPLE = "/v2/my_project/apigw/instances/my_instance/signs"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
