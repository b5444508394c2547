"""The state file of a run: who may have it, what is gone on with, and what is left when it cannot be written."""

import errno
import json
import os
import re
import signal
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs httpx: pip install '.[fuzz]'")

from signrules.fuzz import Case
from signrules.fuzz._state import State

from .faults import PATH, http, refusal, saying
from .runs import (
    Held,
    accepts,
    assert_right,
    between,
    chosen,
    client,
    from_nth,
    fuzz,
    interrupted,
    of,
    purpose_of,
    right_ones,
    sent,
)

NEVER_WAITED = "http://127.0.0.1:9" + PATH


# Going on.


def test_a_later_run_says_with_what_it_goes_on(tmp_path: Path) -> None:
    few, told = chosen(), list[str]()
    with of() as (_, url):
        interrupted(url, tmp_path, few)
        verdicts = (tmp_path / "state").read_text().count('"seen"')
        assert_right(fuzz(url, tmp_path, few, notice=told.append), few)
        assert_right(fuzz(url, tmp_path, few, notice=told.append), few)
    (words,) = told
    assert re.fullmatch(
        rf"going on with {verdicts} right answers from \d{{4}}-\d\d-\d\d \d\d:\d\d; --fresh begins anew", words
    )


def test_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    """A gateway with a bug, Ctrl-C, the gateway is mended, and the same command again."""
    few = tuple(case for case in chosen() if case.result != "acceptable")
    with of(from_nth(3, saying(refusal("name")))) as (gateway, url):
        interrupted(url, tmp_path, few)
        gateway.spoil = lambda _method, _n: None
        posts = gateway.counts["POST"]
        assert_right(fuzz(url, tmp_path, few), few)
        right_before = sum(not accepts(case) for case in few[:20])
        assert gateway.counts["POST"] - posts >= len(few) - right_before - 4


@pytest.mark.parametrize("age", ["fresh", "old", "to come"])
def test_no_verdict_counts_of_an_old_state_and_of_a_fresh_run(age: str, tmp_path: Path) -> None:
    few, state = chosen(), tmp_path / "state"
    with of() as (gateway, url):
        interrupted(url, tmp_path, few)
        if age != "fresh":
            days = 1 if age == "old" else -1
            header, rest = state.read_text().split("\n", 1)
            begun = json.loads(header)["begun"] - days * (24 * 60 * 60 + 60)
            state.write_text(json.dumps(json.loads(header) | {"begun": begun}) + f"\n{rest}")
        posts, told = gateway.counts["POST"], list[str]()
        assert_right(fuzz(url, tmp_path, few, fresh=age == "fresh", notice=told.append), few)
        assert gateway.counts["POST"] - posts == len(few) + 2
        assert told == []
    assert not list(tmp_path.iterdir())


def test_the_keys_of_an_old_state_are_deleted_and_those_of_others_stay(tmp_path: Path) -> None:
    few, held = right_ones(30), Held(made=True)
    with of(between(20, 21, held)) as (gateway, url):
        with client(url, tmp_path, count=30) as process:
            assert held.reached.wait(120)
            process.kill()
        held.released.set()
        gateway.keys["f" * 32] = "somebody_elses"
        ours = len(gateway.keys) - 1
        assert ours >= 1
        found = fuzz(url, tmp_path, few, fresh=True)
        assert_right(found, few)
        assert gateway.keys == {"f" * 32: "somebody_elses"}
    assert not (tmp_path / "state").exists()


def test_what_is_perhaps_ours_is_told_until_it_is_gone(tmp_path: Path) -> None:
    few = chosen(10)

    def somebody(_done: int, _total: int) -> None:
        gateway.keys["f" * 32] = "somebody_elses"

    with of() as (gateway, url):
        gateway.keys = {"e" * 32: "before"}
        told = f"somebody_elses ({'f' * 32})"
        found = fuzz(url, tmp_path, few, progress=somebody)
        assert (found.left_behind, found.perhaps_ours, found.stopped) == ((), (told,), "")
        for fresh in (False, True, False):
            found = fuzz(url, tmp_path, few, fresh=fresh)
            assert (found.left_behind, found.perhaps_ours, found.stopped) == ((), (told,), "")
        assert gateway.keys == {"e" * 32: "before", "f" * 32: "somebody_elses"}
        del gateway.keys["f" * 32]
        assert_right(fuzz(url, tmp_path, few), few)
    assert not list(tmp_path.iterdir())


# Whose it is.


def test_a_second_run_with_the_same_file_refuses_at_once(tmp_path: Path) -> None:
    few = right_ones(30)
    refused = list[str]()

    def second(done: int, _: int) -> None:
        if done == 10:
            with pytest.raises(ValueError, match="is in use by another run") as caught:
                sent(url, few, token=None, state=tmp_path / "state")
            refused.append(str(caught.value))

    with of() as (gateway, url):
        found = fuzz(url, tmp_path, few, progress=second)
        assert_right(found, few)
        assert gateway.counts["POST"] == len(few) + 2
    assert refused == ["the file named by state is in use by another run"]


def test_a_file_that_was_removed_meanwhile_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signrules.fuzz import _state

    def late(_file: int) -> bool:
        (tmp_path / "state").unlink()
        return True

    monkeypatch.setattr(_state, "lock", late)
    with pytest.raises(ValueError, match="is in use by another run"):
        State(tmp_path / "state", NEVER_WAITED, "", fresh=False)


def test_the_file_of_another_run_is_not_removed(tmp_path: Path) -> None:
    known = State(tmp_path / "state", NEVER_WAITED, "", fresh=False)
    (tmp_path / "state").unlink()
    other = State(tmp_path / "state", NEVER_WAITED, "", fresh=False)
    known.is_kept = False
    known.close()
    assert (tmp_path / "state").exists()
    other.close()


def test_a_number_that_no_float_can_hold_is_told(tmp_path: Path) -> None:
    interrupted_at_once(NEVER_WAITED, tmp_path / "state", ())
    with (tmp_path / "state").open("a") as file:
        file.write(f'{{"begun": 1{"0" * 400}, "before": []}}\n')
    with pytest.raises(ValueError, match="is no state file of a run"):
        State(tmp_path / "state", NEVER_WAITED, purpose_of(()), fresh=False)


@pytest.mark.skipif(os.name == "nt", reason="needs the modes of POSIX")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    few, state = chosen(10), tmp_path / "state"
    modes = list[int]()

    def look(_done: int, _total: int) -> None:
        modes.append(stat.S_IMODE(state.stat().st_mode))

    with of() as (_, url):
        state.touch(0o644)  # as an earlier version left it
        os.chmod(state, 0o644)
        fuzz(url, tmp_path, few, progress=look)
        fuzz(url, tmp_path, few, progress=look)
    assert {*modes} == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="needs the files of POSIX")
def test_what_is_no_file_of_its_own(tmp_path: Path) -> None:
    few, precious = chosen(10), tmp_path / "precious"
    precious.write_text("x")
    (tmp_path / "link").symlink_to(precious)
    os.mkfifo(tmp_path / "pipe")
    for name, error in ("link", OSError), ("pipe", ValueError), (".", OSError), ("precious", ValueError):
        with pytest.raises(error):
            sent(NEVER_WAITED, few, token=None, state=tmp_path / name)
    assert precious.read_text() == "x"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 1.0])
def test_half_a_header_is_no_obstacle(share: float, tmp_path: Path) -> None:
    few, state = chosen(10), tmp_path / "state"
    with of() as (_, url):
        interrupted_at_once(url, state, few)
        header = state.read_bytes().split(b"\n")[0]
        state.write_bytes(header[: int(len(header) * share)])
        assert_right(fuzz(url, tmp_path, few), few)
    assert not list(tmp_path.iterdir())


def interrupted_at_once(url: str, state: Path, few: Sequence[Case]) -> None:
    known = State(state, url, purpose_of(few), fresh=False)
    known.begin(())
    known.close()


def test_steps_about_unknown_cases_are_ignored(tmp_path: Path) -> None:
    few, state = chosen(10), tmp_path / "state"
    with of() as (gateway, url):
        interrupted_at_once(url, state, few)
        verdict: dict[str, Any] = {
            "stored": [],
            "code": "",
            "wrong": False,
            "accepted": True,
            "member": None,
            "status": 201,
            "note": "",
        }
        seen = {"seen": "no such case", "wire": "0" * 16, **verdict}
        odd = {**seen, "seen": few[0].id, "member": "hunter2"}
        with state.open("a") as file:
            file.write(f'{json.dumps(seen)}\n{json.dumps(odd)}\n{{"none": 7}}\n')
        assert_right(fuzz(url, tmp_path, few), few)
        assert gateway.counts["POST"] == len(few) + 2


def test_a_state_file_cannot_make_a_key_ours(tmp_path: Path) -> None:
    """Names that somebody else can know, and ids, are no proof, whoever wrote them there."""
    few, state = chosen(10), tmp_path / "state"
    with of() as (gateway, url):
        interrupted_at_once(url, state, few)
        gateway.keys = theirs = {"a" * 32: "orders", "b" * 32: "srorders", "c" * 32: "kEy0kEy0kEy0", "d" * 32: ""}
        with state.open("a") as file:
            for number, (key_id, name) in enumerate(theirs.items(), 1):
                for fresh in (True, False):
                    facts = {
                        "fresh": fresh,
                        "open": True,
                        "taken": False,
                        "shown": False,
                        "deleted": False,
                        "refused": fresh,
                    }
                    planted = {"request": 2 * number + fresh, "case": "x", "name": name[:-1] + "x", "id": "e" * 32}
                    planted |= facts
                    file.write(json.dumps(planted) + "\n" + json.dumps({**planted, "name": name}) + "\n")
                    file.write(json.dumps({**planted, "name": "other", "id": key_id, "request": 90 + number}) + "\n")
        before = dict(theirs)
        found = fuzz(url, tmp_path, few)
        assert gateway.keys == before
        assert {*found.perhaps_ours} == {
            f"{name} ({key_id})" if name else f"a key without a name ({key_id})" for key_id, name in before.items()
        }


# A disk that is full.


def test_a_full_disk_names_the_key_that_may_be_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = right_ones(30)
    real, written = os.write, 0

    def write(file: int, content: bytes) -> int:
        nonlocal written
        if not content.startswith(b"{"):
            return real(file, content)
        written += 1
        if written == 30:
            return real(file, content[:5])  # half of it fits
        if written > 30:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, content)

    monkeypatch.setattr(os, "write", write)
    with of() as (gateway, url):
        found = fuzz(url, tmp_path, few)
        assert found.stopped == "the state file cannot be written: No space left on device"
        assert not gateway.keys
        assert found.left_behind == ()
    written = 20
    (tmp_path / "state").unlink(missing_ok=True)
    with of(from_nth(3, saying(http(405, b"{}")), "DELETE")) as (gateway, url):
        found = fuzz(url, tmp_path, few)
        assert found.stopped in ("the state file cannot be written: No space left on device", "a key cannot be deleted")
        assert gateway.keys
        assert {*gateway.keys.values()} == {*found.left_behind}


def test_a_disk_that_is_full_at_the_end_loses_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def write(file: int, content: bytes) -> int:
        if b'"suspects"' in content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, content)

    def somebody(_done: int, _total: int) -> None:
        gateway.keys["f" * 32] = "somebody_elses"

    monkeypatch.setattr(os, "write", write)
    with of() as (gateway, url):
        found = fuzz(url, tmp_path, chosen(10), progress=somebody)
    assert found.perhaps_ours == (f"somebody_elses ({'f' * 32})",)
    assert (tmp_path / "state").exists()


# Signals.


@pytest.mark.skipif(os.name == "nt", reason="needs the signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_other_signals_end_a_run_as_ctrl_c_does(number: signal.Signals, tmp_path: Path) -> None:
    few, held = right_ones(60), Held(made=True)
    usual = f"import signal\nsignal.signal({int(number)}, signal.SIG_DFL)\n"  # nohup may run the tests
    with of(between(20, 21, held)) as (gateway, url):
        with client(url, tmp_path, before=usual) as process:
            assert held.reached.wait(120)
            process.send_signal(number)
            held.released.set()
            out, err = process.communicate(timeout=60)
        assert (process.returncode, err, out.split(" ", 1)[1]) == (0, "", "() True ''\n")
        assert not gateway.keys
        assert_right(fuzz(url, tmp_path, few), few)


@pytest.mark.skipif(os.name == "nt", reason="needs the signals of POSIX")
def test_a_second_signal_ends_it_at_once_and_nohup_is_respected(tmp_path: Path) -> None:
    held = Held(made=True)
    with of(between(20, 21, held)) as (gateway, url):
        code = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        with client(url, tmp_path, before=code) as process:
            assert held.reached.wait(120)
            for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM):
                process.send_signal(number)
                time.sleep(0.2)
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        assert process.returncode != 0
        held.released.set()
        assert gateway.keys
        assert (tmp_path / "state").exists()
