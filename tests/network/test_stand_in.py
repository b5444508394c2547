"""The stand-in over real sockets: every labelled body, and planted bugs of every kind."""

import json
import os
import random
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from starlette.applications import Starlette

from signrules.fuzz._stand_in_introduction import Introduction
from signrules.fuzz.bugs import bugs, refused
from signrules.fuzz.gateway import gateway, serving

from .. import oracle
from ..labelled import labelled_bodies
from ..needs import program
from ..oracle import refusal
from ..talking import Client


def test_every_labelled_body(client: Client) -> None:
    """As a new key or as a change, in turn: both are judged in the same way, and tests/core judges each body."""
    assert len(labelled_bodies()) > 4000
    old = client.create("old")["id"]
    accepted = 0
    for number, (body, _) in enumerate(labelled_bodies()):
        parameter = oracle.first_refused(body)
        answer = client.ask("PUT", old, body) if number % 2 else client.elsewhere().ask("POST", body=body)
        if parameter is None:
            accepted += 1
            assert answer.status == (200 if number % 2 else 201)
            assert_complete(answer.json(), body)
        else:
            assert answer.error() == refusal(parameter or "body"), body
    assert accepted > 750


def assert_complete(key: dict[str, str], body: dict[str, str]) -> None:
    given = {member: value for member, value in body.items() if member in oracle.MEMBERS}
    assert given.items() <= key.items()
    assert {"name", "sign_type", "sign_key", "sign_secret", "id", "create_time", "update_time"} | set(given) == set(key)
    assert key["sign_type"] == body.get("sign_type", "hmac")
    assert not oracle.broken_members({member: key[member] for member in oracle.MEMBERS if member in key})
    assert re.fullmatch("[0-9a-f]{32}", key["id"])
    for moment in key["create_time"], key["update_time"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", moment, re.ASCII)
        assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds() < 300


def test_planted_bugs(app: Starlette, client: Client) -> None:
    """All of how a body is read and of the rows that apply, and one in six of the others."""
    pool = [body for body, _ in labelled_bodies()[::25]]
    dice = random.Random(4)
    planted = [bug for name, bug in bugs().items() if name.startswith(("body:", "rows:")) or dice.random() < 1 / 6]
    right = {n: refused(body) for n, body in enumerate(pool)}
    differ = requests = 0
    for bug in planted:
        verdicts = {n: refused(body, bug) for n, body in enumerate(pool)}
        telling = [n for n, verdict in verdicts.items() if verdict != right[n]][:5]
        differ += bool(telling)
        app.state.bugs = [bug]
        for n in {*telling, *dice.sample(range(len(pool)), 10)}:
            requests += 1
            answer = client.elsewhere().ask("POST", body=pool[n])
            verdict = verdicts[n]
            if verdict is None:
                assert answer.status == 201
                assert set(answer.json()) >= {"name", "sign_type", "sign_key", "sign_secret", "id"}
            else:
                assert answer.error() == refusal(verdict or "body")
    assert len(planted) > 180
    assert differ > 100
    assert requests > 2000


def test_the_lines_that_it_prints_do_what_they_say(tmp_path: Path) -> None:
    """They are pasted into a shell. The fuzzer finds both bugs, and its report names them."""
    program("curl", package="curl")
    planted = [bugs()["sign_key.hmac:max+1"], bugs()["sign_secret.basic:with-20"]]
    with serving(gateway(*planted)) as url:
        lines = Introduction(url, planted, has_token=False)
        made = json.loads(shell(lines.curl, tmp_path).stdout)
        assert made["name"] == "orders"
        found = shell(lines.fuzz, tmp_path)
    assert found.returncode == 1
    for bug in planted:
        assert bug.words in found.stdout


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-c", line]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
