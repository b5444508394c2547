"""The words of a command line: help, words that are mistyped, what is not repeated, and errors that nobody expects."""

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from signrules._accelerator import ACCELERATED

from ..questions import FIELDS
from ..silence import FOREIGN, LONG, assert_silent
from ..terminal import Terminal

COMMANDS = [["generate"], ["check"], ["rules"], ["export"], ["form"]]


@pytest.mark.parametrize("command", [[], *COMMANDS, ["audit"], ["fuzz"], ["gateway"]])
def test_help_fits_a_terminal(run: Terminal, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*command, "--help")
    assert (result.status, result.err) == (0, "")
    assert max(map(len, result.out.splitlines())) <= 80
    assert "signrules" in result.out


def test_the_examples_of_the_help_pages_work(run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("key.json").write_text('{"name": "abc"}')
    Path("bodies.jsonl").write_text('{"name": "abc"}')
    Path("secret.txt").write_text("signsecret")
    Path("one.json").write_text('{"name": "abc"}')
    pages = [run(*command, "--help").out for command in ([], *COMMANDS)]
    examples = [line.strip() for page in pages for line in page.splitlines() if re.match("  signrules [a-z]+ ?", line)]
    assert len(examples) == 24
    for example in examples:
        words, _, file = re.split(r"  |[|>]", example)[0].partition("<")
        result = run(*words.split()[1:], stdin=Path(file.strip()).read_bytes() if file else b'{"name": "abc"}')
        assert result.status == 0, example


def test_version(run: Terminal) -> None:
    which = "accelerated" if ACCELERATED else "pure Python"
    assert run("--version").out == f"signrules {version('signrules')} ({which})\n"


def test_signrules_alone_prints_the_help_as_an_error(run: Terminal) -> None:
    """Status 0 means that all is valid, and `signrules $EMPTY > key.json` must leave no help in the file."""
    result = run()
    assert (result.status, result.out) == (2, "")
    assert result.err == run("--help").out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["chek"], "signrules: error: there is no command chek: did you mean check? A command is generate, check, "),
        (["gen"], "signrules: error: there is no such command (not repeated here: it may be a secret). A command is "),
        (["gene"], "signrules: error: there is no command gene: did you mean generate? A command is generate, check, "),
        (["CHECK"], "signrules: error: there is no command CHECK: did you mean check?"),
        (["hunter2" * 9], "signrules: error: there is no such command (not repeated here: it may be a secret)."),
        (["--hepl"], "signrules: error: there is no option --hepl: did you mean --help?"),
        (
            ["--debug"],
            "error: a command is needed: generate, check, audit, export, form, fuzz, learn, gateway or rules",
        ),
        (["check", "--feild", "name"], "signrules check: error: there is no option --feild: did you mean --field?"),
        (["check", "--alg", "x"], "signrules check: error: there is no option --alg: did you mean --algorithm?"),
        (["generate", "--lenght=hunter2", "hmac"], "there is no option --lenght: did you mean --length?"),
        (["generate", "--lenght", "20", "hmac"], "there is no option --lenght: did you mean --length?"),
        (
            ["check", "x", "--hunter2=hunter2"],
            "signrules check: error: word 2 after signrules check is no option "
            "(not repeated here: it may be a secret); "
            "there are --algorithm, --debug, --field, --help, --json, --type and --with-filename\n",
        ),
        (["check", "-hunter2"], "error: word 1 after signrules check is no option (not repeated here: "),
        (["check", "-xunter2"], "error: word 1 after signrules check is no option (not repeated here: "),
        (["check", "--json=hunter2"], "error: argument --json: ignored explicit argument (not repeated here: "),
        (["generate", "hmac", "hunter2"], "error: there is a word too many (not repeated here: it may be a secret)"),
        (["generate", "hmac", "--", "--hunter2"], "error: there is a word too many (not repeated here: it may be"),
        (["check", "-5"], "error: FILE cannot be read: No such file or directory"),
        (["check", "--", "--hunter2"], "error: FILE cannot be read: No such file or directory"),
        (["check", "- hunter2"], "error: FILE cannot be read: No such file or directory"),
    ],
)
def test_a_mistyped_word_is_explained(run: Terminal, arguments: list[str], error: str) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert error in result.err
    assert "unter2" not in result.err


# What was typed or read is not repeated


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", FOREIGN],
        ["check", "x", FOREIGN],
        [FOREIGN],
        ["check", "--secret", FOREIGN],
        [f"--{FOREIGN}"],
        ["check", "--field", FOREIGN],
        ["check", f"--json={FOREIGN}"],
        ["check", "--field", "name", "--type", FOREIGN],
        ["generate", FOREIGN],
        ["generate", "hmac", FOREIGN],
        ["generate", "hmac", "--name", FOREIGN],
        ["generate", "hmac", "--length", FOREIGN],
        ["generate", "hmac", f"-n{FOREIGN}"],
        ["rules", "--format", FOREIGN],
    ],
)
def test_a_mistyped_word_is_not_repeated(run: Terminal, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.status == 2
    assert "error: " in result.err
    assert_silent(result.out + result.err)


@pytest.mark.parametrize("value", [FOREIGN, LONG], ids=["foreign", "long"])
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_what_is_checked_is_not_repeated(run: Terminal, value: str, as_json: list[str]) -> None:
    body = {"name": value, "sign_key": value, "sign_secret": value, "sign_algorithm": value}
    body[value] = value
    for text in (
        value,
        json.dumps(body),
        json.dumps(body, indent=2),
        json.dumps([body]),
        json.dumps(body)[:-5],
        json.dumps({**body, "sign_type": value}),
    ):
        assert_silent("".join(vars(run("check", *as_json, stdin=text)).values().__repr__()))
    for field in FIELDS:
        result = run("check", "--field", field, *as_json, stdin=value)
        assert result.status == 1
        assert_silent(result.out + result.err)


# What is not expected


@pytest.mark.parametrize("error", [ValueError(FOREIGN), KeyError(FOREIGN), RecursionError(), OSError(FOREIGN)])
def test_what_nobody_expects_is_one_line_and_exit_status_2(
    run: Terminal, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks(_: object) -> None:
        secret = FOREIGN  # noqa: F841  a local variable
        raise error

    monkeypatch.setattr("signrules.cli._check.read_bodies", breaks)
    line = f"signrules check: error: something unexpected happened ({type(error).__name__}); --debug shows where\n"
    quiet = run("check", stdin="{}")
    assert (quiet.status, quiet.out, quiet.err) == (2, "", line)
    debugged = [run("check", "--debug", stdin="{}"), run("--debug", "check", stdin="{}")]
    monkeypatch.setenv("SIGNRULES_DEBUG", "1")
    for result in (*debugged, run("check", stdin="{}")):
        assert (result.status, result.out) == (2, "")
        assert result.err.endswith(line)
        assert re.search(r'File ".*_check\.py", line \d+, in _bodies', result.err)
        assert_silent(result.err)


def test_nothing_that_ends_the_program_elsewhere_means_valid_or_invalid(
    run: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(_: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("signrules.cli._check.read_bodies", ends)
    assert run("check", stdin="{}").status == 2


def test_the_extra_that_audit_needs_is_named(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = run("audit", "keys.csv")
    assert (result.status, result.out) == (2, "")
    assert (
        result.err == "signrules audit: error: the command needs the extra audit: in a clone, pip install '.[audit]'\n"
    )


def test_ctrl_c_is_no_traceback(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signrules.cli._check.read_bodies", interrupted)
    result = run("check")
    assert (result.status, result.out, result.err) == (130, "", "")


def test_ctrl_c_at_any_time_is_no_traceback(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signrules.cli._main.Streams.finish", interrupted)
    assert run("rules").status == 130
