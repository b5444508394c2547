"""The files that `signrules check` reads: one, several, patterns, large ones; and the bar that is shown meanwhile."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signrules import complete_request
from signrules.cli import main

from ..silence import FOREIGN
from ..terminal import Clock, Terminal, in_bash


def test_check_reads_a_file(run: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "bodies.jsonl"
    file.write_text('{"name": "abc"}\n{}\n')
    assert run("check", str(file)).out == "line 2, body 2: name must be given (missing)\n"
    assert run("check", "-", stdin="{}").out == "line 1, body 1: name must be given (missing)\n"
    for unreadable, reason in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory")):
        result = run("check", str(unreadable))
        assert (result.status, result.out) == (2, "")
        name = "FILE" if unreadable != tmp_path else tmp_path
        assert result.err == f"signrules check: error: {name} cannot be read: {reason}\n"


def test_a_name_that_would_change_a_terminal_is_printed_in_ascii(run: Terminal, tmp_path: Path) -> None:
    """A JSON record has the name itself, by which a program can open the file."""
    file = tmp_path / "a\n\x1b[31mb.json"
    file.write_text("{}")
    out = run("check", "--with-filename", str(file)).out
    assert out == f"{str(file)!a}: line 1, body 1: name must be given (missing)\n"
    assert json.loads(run("check", "--with-filename", "--json", str(file)).out)["file"] == str(file)


def test_check_reads_several_files_and_says_which_is_wrong(run: Terminal, tmp_path: Path) -> None:
    right, wrong, empty, none = (tmp_path / name for name in ("a.json", "b.json", "c.json", FOREIGN))
    right.write_text('{"name": "abc"}')
    wrong.write_text('[{"name": "abc"},\n{\n"name": "abc",\n"sign_key": ""}]')
    empty.write_text("\n")
    result = run("check", str(right), str(wrong), "-", stdin="nothing")
    assert result.status == 1
    assert result.out.splitlines() == [
        f"{wrong}: line 4, body 2: sign_key must be 8 to 32 characters long (length)",
        "standard input: line 1, column 1, body 1: the body must be JSON; a value was expected (type)",
    ]
    assert result.err == "4 bodies in 3 of 3 files checked, 2 wrong\n"
    result = run("check", str(right), str(none), str(empty))
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines() == [
        "signrules check: error: FILE 2 of 3 cannot be read: No such file or directory",
        f"signrules check: error: there is no body in {empty}",
        "1 body in 1 of 3 files checked, all valid",
    ]
    records = [json.loads(line) for line in run("check", "--json", str(right), str(wrong)).out.splitlines()]
    assert [(r["file"], r["line"], r["body"], r["valid"]) for r in records] == [
        (str(right), 1, 1, True),
        (str(wrong), 1, 1, True),
        (str(wrong), 2, 2, False),
    ]
    (violation,) = records[2]["violations"]
    assert (violation["field"], violation["code"], violation["line"]) == ("sign_key", "length", 4)


def test_check_finds_the_files_of_a_pattern(run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the shell of Windows does not."""
    monkeypatch.chdir(tmp_path)
    Path("deep").mkdir()
    for name in ("b.json", "a.json", "[1].json", "deep/c.json"):
        Path(name).write_text('{"name": 1}')
    for pattern, names in (
        ("?.json", ["a.json", "b.json"]),
        ("b*.json", ["b.json"]),
        ("**/*.json", ["[1].json", "a.json", "b.json", str(Path("deep/c.json"))]),
    ):
        result = run("check", pattern)
        assert [line.partition(": ")[0] for line in result.out.splitlines()] == names
    assert run("check", "[1].json").out == "line 1, body 1: name must be a string (type)\n"  # a file, no pattern
    assert run("check", "*.txt").err == "signrules check: error: FILE cannot be read: No such file or directory\n"


def test_check_names_the_only_file_if_it_is_asked_to(
    run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-a.json", "a[1].json"):
        Path(name).write_text("{}")
        out = run("check", "--with-filename", "--", name).out
        assert out == f"{name}: line 1, body 1: name must be given (missing)\n"
        assert json.loads(run("check", "--json", "--with-filename", "--", name).out)["file"] == name
    assert run("check", "--with-filename", stdin="{}").out.startswith("standard input: line 1, body 1: name must")


def test_check_of_values_in_several_files(run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").write_text("abc\n")
    Path("b").write_text("1bc")
    result = run("check", "--field", "name", "a", "b")
    assert (result.status, result.out) == (1, "b: name must start with a letter (first, position 0)\n")
    assert result.err == "a: name is valid\nb: name is wrong\n"
    records = [json.loads(line) for line in run("check", "--field", "name", "--json", "a", "b").out.splitlines()]
    assert [(record["file"], record["valid"]) for record in records] == [("a", True), ("b", False)]


def test_a_file_name_can_always_be_printed(tmp_path: Path) -> None:
    for name in (b"a\nb", b"\xff"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"{}")
    done = in_bash("-m signrules check *", "", tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 4)
    assert rb"'a\nb': line 1, body 1: name must be given" in done.stdout
    assert rb"'\udcff': line 1, body 1: name must be given" in done.stdout


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from Linux's /proc")
@pytest.mark.parametrize(("before", "between", "after"), [("", "\n", "\n"), ("[", ",", "]"), ("[\n", ",\n", "\n]\n")])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, before: str, between: str, after: str) -> None:
    line = json.dumps(complete_request({"name": "signature_demo"}))
    script = r"""
import re, sys
from signrules.cli import main
for file in sys.argv[1:]:
    main(["check", file])
    print(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""
    files = []
    for count in (7_000, 25_000):  # more than 1 MiB, the most that is read at once
        files.append(tmp_path / f"{count}.json")
        files[-1].write_text(before + between.join([line] * count) + after)
    # The largest memory of a process never falls, so one process tells both.
    done = subprocess.run([sys.executable, "-c", script, *files], capture_output=True, text=True, check=True)
    of_few, few, of_many, many = done.stderr.splitlines()
    assert (of_few, of_many) == ("7000 bodies checked, all valid", "25000 bodies checked, all valid")
    assert int(many) < int(few) * 1.1


# The bar


@pytest.mark.parametrize(
    ("step", "tty", "term", "is_shown"),
    [(0.04, True, "xterm", True), (1e-5, True, "xterm", False), (1, False, "xterm", False), (1, True, "dumb", False)],
)
def test_a_bar_is_shown_from_a_second_on_to_a_terminal(
    run: Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    step: float,
    tty: bool,
    term: str,
    is_shown: bool,
) -> None:
    monkeypatch.setattr("time.monotonic", Clock(step))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: tty)
    monkeypatch.setenv("TERM", term)
    file = tmp_path / "bodies.jsonl"
    file.write_text('{"name": "abc"}\n' * 20_000 + "{}\n")
    result = run("check", str(file))
    assert result.out == "line 20001, body 20001: name must be given (missing)\n"
    bars = re.findall(r"\r\[(#*) *\] +(\d+)%", result.err)
    assert bool(bars) is is_shown
    assert [(bar, share) for bar, share in bars if abs(len(bar) - int(share) * 30 / 100) > 1.5] == []
    assert [int(share) for _, share in bars] == sorted(int(share) for _, share in bars)
    assert result.err.endswith(f"\r{' ' * 37}\r20001 bodies checked, 1 wrong\n" if is_shown else "wrong\n")


def test_there_is_no_bar_for_a_pipe(
    run: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", Clock(1))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert run("check", stdin="{}\n" * 9).err == "9 bodies checked, 9 wrong\n"
    (tmp_path / "body").write_text("{}")
    read, write = os.pipe()
    with open(read, "rb") as pipe, open(write, "wb") as other:
        other.write(b"{}\n")
        other.close()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
        assert main(["check", str(tmp_path / "body"), "-"]) == 1
    assert capsys.readouterr().err == "2 bodies in 2 of 2 files checked, 2 wrong\n"
