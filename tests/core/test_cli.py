"""The command line, in the process for its answers and as real processes for pipes, exit codes and memory."""

import contextlib
import csv
import io
import json
import os
import re
import stat
import string
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from signrules import check, check_request, complete_request, export
from signrules.cli import main
from signrules.cli._export import EXPORTS

from .. import oracle
from ..questions import FIELDS, TYPES
from ..silence import FOREIGN, LONG, assert_silent
from ..terminal import PYTHON, Clock, Terminal

COMMANDS = [["generate"], ["check"], ["rules"], ["export"], ["form"]]

# generate


@pytest.mark.parametrize("sign_type", TYPES)
def test_generate_makes_a_body_ready_to_send(run: Terminal, sign_type: str) -> None:
    algorithm = ["--algorithm", "aes-256-cfb"] if sign_type == "aes" else []
    result = run("generate", sign_type, *algorithm)
    body = json.loads(result.out)
    assert (result.status, result.err) == (0, "")
    assert oracle.broken_members(body) == []
    assert list(body) == [m for m in oracle.MEMBERS if m != "sign_algorithm" or algorithm]
    assert body["sign_type"] == sign_type
    assert complete_request(body) == body
    assert run("check", stdin=result.out).status == 0


def test_generate_many_is_json_lines_with_names_that_differ(run: Terminal) -> None:
    for name in ([], ["--name", "load"]):
        lines = run("generate", "basic", "-n", "20", *name).out.splitlines()
        bodies = [json.loads(line) for line in lines]
        assert len(bodies) == 20
        assert all(oracle.broken_members(body) == [] for body in bodies)
        assert len({body["name"] for body in bodies}) == 20
        assert len({body["sign_secret"] for body in bodies}) == 20
    assert [body["name"] for body in bodies] == [f"load_{n}" for n in range(1, 21)]


@pytest.mark.parametrize("field", FIELDS)
def test_generate_only_prints_the_bare_value(run: Terminal, field: Any) -> None:
    result = run("generate", "basic", "--only", field, "--length", "20", "-n", "3")
    values = result.out.splitlines()
    assert [len(value) for value in values] == [20] * 3
    assert all(check(field, value, sign_type="basic") == () for value in values)


def test_generate_length_name_and_alphabet(run: Terminal) -> None:
    body = json.loads(run("generate", "hmac", "--length", "16", "--name", "signature_demo").out)
    assert (body["name"], len(body["sign_key"]), len(body["sign_secret"])) == ("signature_demo", 16, 16)
    portable, full = (
        run("generate", "aes", "--only", "sign_secret", "-n", "200", *full).out for full in ([], ["--full"])
    )
    assert set(portable) <= {*string.ascii_letters, *string.digits, *"_-\n"}
    assert set(full) == {*oracle.FACTS[-1].charset, "\n"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["aes"], "sign_algorithm must be aes-128-cfb or aes-256-cfb to generate a sign_key of sign_type aes"),
        (["hmac", "--algorithm", "aes-128-cfb"], "sign_algorithm may be given only with sign_type aes"),
        (["hmac", "--name", "1"], "name must be 3 to 64 characters long; name must start with a letter"),
        (["hmac", "--name", "a" * 64, "-n", "2"], "name must be 3 to 64 characters long"),
        (["hmac", "--length", "33"], "length must be 8 to 32 for a sign_key of sign_type hmac"),
        (["hmac", "--name", ""], "name must be 3 to 64 characters long"),
        (["hmac", "--name", "a" * 62, "-n", "10"], "name must be 3 to 64 characters long"),
        (["hmac", "--only", "name", "--name", "abc"], "--name does not go with --only"),
        (
            ["hmac", "--only", "name", "--algorithm", "aes-128-cfb"],
            "sign_algorithm may be given only with sign_type aes",
        ),
        (["basic", "--only", "name", "--length", "65"], "length must be 3 to 64 for a name"),
        (["hmac", "-n", "0"], "argument -n: must be a whole number from 1"),
        (["hmac", "-n", "٣"], "argument -n: must be a whole number from 1"),
        (["hmac", "--length", "9" * 5000], "argument --length: must be a whole number from 1"),
        (["rsa"], "argument TYPE: must be hmac, basic, public_key or aes"),
        (["hmac", "--only", "key"], "argument --only: must be name, sign_key or sign_secret"),
        (["aes", "--algorithm", "aes"], "argument --algorithm: must be aes-128-cfb or aes-256-cfb"),
        ([], "the following arguments are required: TYPE"),
    ],
)
def test_generate_refuses(run: Terminal, arguments: list[str], message: str) -> None:
    result = run("generate", *arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[-1] == f"signrules generate: error: {message}"


# check


def test_check_says_what_is_wrong_by_line(run: Terminal) -> None:
    lines = ['{"name": "abc"}', "", "not json", '{"name": "1a", "sign_key": "sig****ret", "x\\n": 1}', "[]"]
    result = run("check", stdin="\n".join(lines))
    assert result.status == 1
    assert result.out.splitlines() == [
        "line 3, column 1, body 2: the body must be JSON; a value was expected (type)",
        "line 4, body 3: name must be 3 to 64 characters long (length)",
        "line 4, body 3: name must start with a letter (first, position 0)",
        "line 4, body 3: sign_key may contain only letters, digits and _ -; the value looks masked: "
        "give the real one (charset, position 3)",
        "line 4, body 3: member 3 is not one of name, sign_type, sign_key, sign_secret or sign_algorithm (unknown)",
        "line 5, body 4: the body must be a JSON object (type)",
    ]
    assert result.err == "4 bodies checked, 3 wrong\n"


@pytest.mark.parametrize(
    ("stdin", "err"),
    [
        ('{"name": "abc"}', "1 body checked, all valid\n"),
        ('[{"name": "abc"}, {"name": "abc"}]', "2 bodies checked, all valid\n"),
    ],
)
def test_check_is_silent_about_what_is_right(run: Terminal, stdin: str, err: str) -> None:
    result = run("check", stdin=stdin)
    assert (result.status, result.out, result.err) == (0, "", err)


def test_check_for_programs(run: Terminal) -> None:
    bodies: list[object] = [{"name": "abc"}, {"name": "1a!"}, 5]
    result = run("check", "--json", stdin=json.dumps(bodies, indent=2))
    records = [json.loads(line) for line in result.out.splitlines()]
    assert (result.status, result.err) == (1, "")
    assert [record["line"] for record in records] == [2, 5, 8]
    assert [record["body"] for record in records] == [1, 2, 3]
    assert [record["valid"] for record in records] == [True, False, False]
    for body, record, line in zip(bodies, records, (2, 6, 8), strict=True):
        assert record["violations"] == [violation._asdict() | {"line": line} for violation in check_request(body)]


@pytest.mark.parametrize("stdin", ["", "\n\n", "[]", "[ ]\n"])
def test_check_of_nothing_is_not_all_valid(run: Terminal, stdin: str) -> None:
    result = run("check", stdin=stdin)
    assert (result.status, result.out) == (2, "")
    assert result.err == "signrules check: error: there is no body in the input\n"


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


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (b"signsecretsignse", []),
        (b"signsecretsignse\n", []),
        (b"signsecretsignse\r\n", []),
        (b"signsecretsignse\n\n", [("length", None), ("charset", 16)]),
        (b"signsecretsignse\r", [("length", None), ("charset", 16)]),
        (b"signsecretsignse ", [("length", None), ("charset", 16)]),
        (b" signsecretsigns", [("charset", 0), ("first", 0)]),
        (b"signsecretsigns\xff", [("charset", 15)]),
        (b"\xef\xbb\xbfsignsecretsigns", [("charset", 0), ("first", 0)]),
        (b"", [("length", None)]),
        (b"\n", [("length", None)]),
    ],
)
def test_check_takes_exactly_one_line_break_off_a_bare_value(
    run: Terminal, value: bytes, codes: list[tuple[str, int | None]]
) -> None:
    result = run("check", "--field", "sign_secret", "--type", "aes", "--json", stdin=value)
    (record,) = map(json.loads, result.out.splitlines())
    assert [(v["code"], v["position"]) for v in record["violations"]] == codes
    assert record["valid"] is not bool(codes)
    assert result.status == bool(codes)


def test_check_of_one_value_in_words(run: Terminal) -> None:
    result = run("check", "--field", "sign_key", "--type", "aes", "--algorithm", "aes-128-cfb", stdin="a" * 32)
    assert (result.status, result.out, result.err) == (
        1,
        "sign_key must be 16 characters long (length)\n",
        "sign_key is wrong\n",
    )
    assert run("check", "--field", "sign_key", stdin="signkeysignkey").err == "sign_key is valid\n"
    for lone in (["--type", "aes"], ["--algorithm", "aes-128-cfb"]):
        assert run("check", *lone).err == "signrules check: error: --type and --algorithm go with --field\n"


def test_check_says_that_it_waits_for_a_terminal(run: Terminal) -> None:
    assert run("check", stdin="{}", tty=True).err.startswith("Reading from the terminal; end with Ctrl-D.\n")


@pytest.mark.parametrize(("tty", "no_color", "red"), [(True, "", True), (True, "1", False), (False, "", False)])
def test_colour_is_for_terminals_and_for_those_who_want_it(
    run: Terminal, monkeypatch: pytest.MonkeyPatch, *, tty: bool, no_color: str, red: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: tty)
    monkeypatch.setenv("TERM", "xterm")
    text = run("check", stdin="{}").out
    assert ("\x1b[31mname must be given\x1b[0m" in text) is red
    assert ("\x1b" in text) is red
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in run("check", stdin="{}").out


# rules, help, version


def test_rules_prints_the_table(run: Terminal) -> None:
    assert run("rules").out.splitlines()[10].split()[:5] == ["sign_secret", "aes", "16", "16", "letters,"]
    assert run("rules", "--format", "markdown").out.startswith("| field | sign_type |")
    assert len(json.loads(run("rules", "--format", "json").out)) == 10
    assert len(list(csv.DictReader(io.StringIO(run("rules", "--format", "csv").out)))) == 10
    assert run("rules", "--format", "xml").status == 2


@pytest.mark.parametrize("command", [[], *COMMANDS])
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
    assert len(examples) == 22
    for example in examples:
        words, _, file = re.split(r"  |[|>]", example)[0].partition("<")
        result = run(*words.split()[1:], stdin=Path(file.strip()).read_bytes() if file else b'{"name": "abc"}')
        assert result.status == 0, example


def test_version(run: Terminal) -> None:
    assert run("--version").out == f"signrules {version('signrules')}\n"


# export and form

QUESTION = {"--field": "sign_key", "--type": "aes", "--algorithm": "aes-256-cfb"}
KIND: dict[str, Any] = {"sign_type": "aes", "sign_algorithm": "aes-256-cfb"}


def test_export_prints_what_the_functions_give(run: Terminal) -> None:
    question = [word for pair in QUESTION.items() for word in pair]
    expected: list[tuple[list[str], object]] = [
        (["json_schema"], export.json_schema()),
        (["json_schema", *question], export.json_schema("sign_key", **KIND)),
        (["openapi"], export.openapi()),
    ]
    for arguments, schema in expected:
        result = run("export", *arguments)
        assert (result.status, result.err) == (0, "")
        assert json.loads(result.out) == schema
    texts = [
        (["es_module"], export.es_module()),
        (["es_module_types"], export.es_module_types()),
        (["markdown_table"], export.markdown_table()),
        (["html_attributes", *question], export.attributes_text(export.html_attributes("sign_key", **KIND)) + "\n"),
        (["sql_check", *question], export.sql_check("sign_key", **KIND) + "\n"),
        (
            ["sql_check", *question, "--column", "k", "--dialect", "sqlite"],
            export.sql_check("sign_key", column="k", dialect="sqlite", **KIND) + "\n",
        ),
        (["terraform_validation", *question], export.terraform_validation("sign_key", **KIND)),
        (
            ["terraform_validation", *question, "--variable", "k", "--block", "precondition"],
            export.terraform_validation("sign_key", variable="k", block="precondition", **KIND),
        ),
    ]
    for arguments, text in texts:
        result = run("export", *arguments)
        assert (result.status, result.err, result.out) == (0, "", text)
    assert run("form").out == export.form()


def test_export_covers_every_function_of_export() -> None:
    elsewhere = {"attributes_text", "common_attributes", "form", "csv_table", "json_table", "text_table"}
    assert set(EXPORTS) == {name for name in export.__all__ if name.islower()} - elsewhere


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["sql_check"], "sql_check needs --field"),
        (["html_attributes", "--type", "aes"], "with these options, html_attributes needs --field"),
        (["json_schema", "--type", "aes"], "with these options, json_schema needs --field"),
        (["openapi", "--field", "name"], "--field: not for openapi"),
        (["es_module", "--type", "aes", "--algorithm", "aes-128-cfb"], "--type and --algorithm: not for es_module"),
        (["html_attributes", "--field", "name", "--column", "x"], "--column: not for html_attributes"),
        (["sql_check", "--field", "name", "--variable", "x"], "--variable: not for sql_check"),
        (["terraform_validation", "--field", "name", "--variable", "1"], "variable must be letters, digits, _ and -"),
        (["sql_check", "--field", "name", "--dialect", "oracle"], "argument --dialect: must be postgresql, sqlite,"),
    ],
)
def test_export_refuses_options_that_it_would_ignore(run: Terminal, arguments: list[str], reason: str) -> None:
    result = run("export", *arguments)
    assert (result.status, result.out) == (2, "")
    assert f"signrules export: error: {reason}" in result.err


# What was typed is not repeated


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


# Real processes


def test_a_pipe_from_generate_to_check() -> None:
    made = subprocess.run([*PYTHON, "generate", "hmac", "-n", "50"], capture_output=True, check=True)
    done = subprocess.run([*PYTHON, "check", "--json"], input=made.stdout, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line)["valid"] for line in done.stdout.splitlines()] == [True] * 50


@pytest.mark.parametrize("command", ["generate hmac -n 20000", "check --json", "rules"])
def test_a_closed_pipe_is_no_traceback(command: str, tmp_path: Path) -> None:
    (tmp_path / "bodies").write_text("{}\n" * 20_000)
    with (tmp_path / "bodies").open() as bodies:
        process = subprocess.Popen(
            [*PYTHON, *command.split()], stdin=bodies, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.close()
        _, err = process.communicate()
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("command", ["generate hmac -n 20000", "check", "rules"])
def test_a_full_disk_is_no_traceback(command: str) -> None:
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [*PYTHON, *command.split()], input=b"{}\n" * 20_000, stdout=full, stderr=subprocess.PIPE, check=False
        )
    name = command.split(maxsplit=1)[0].encode()
    *talk, error = process.stderr.splitlines()
    assert error == b"signrules %s: error: reading or writing failed: No space left on device" % name
    assert all(line == b"20000 bodies checked, 20000 wrong" for line in talk)
    assert process.returncode == 2


def in_bash(command: str, streams: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "right.json").write_text('{"name": "abc"}')
    (folder / "wrong.json").write_text('{"name": "1"}')
    return subprocess.run(
        ["bash", "-c", f"exec '{sys.executable}' -m signrules {command} {streams}"],
        input=b'{"name": "1"}',
        capture_output=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | environment,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("--version", 0),
        ("check --help", 0),
        ("", 2),
        ("chek", 2),
        ("generate hmac", 0),
        ("generate hmac --length 1", 2),
        ("check", 1),
        ("check right.json", 0),
        ("check none.json wrong.json", 2),
        ("fuzz", 2),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_traceback(tmp_path: Path, command: str, status: int) -> None:
    usual = in_bash(command, "", tmp_path)
    assert usual.returncode == status
    prints, talks = bool(usual.stdout), bool(usual.stderr)
    for streams, expected in {
        "<&-": 2 if command == "check" else status,
        ">&-": 2,
        ">/dev/full": 2 if prints else status,
        "2>&-": status,  # whoever closes it does not want to be told
        "2>/dev/full": 2 if talks else status,
        ">&- 2>&-": 2,
        ">/dev/full 2>/dev/full": 2 if prints or talks else status,
    }.items():
        done = in_bash(command, streams, tmp_path)
        assert done.returncode == expected, streams
        assert not {b"Traceback", b"Exception"} & set(re.findall(rb"\w+", done.stderr)), streams
        if streams != "<&-" and not streams.startswith(">"):
            assert len(done.stdout) == len(usual.stdout), streams
        if "2>" not in streams and expected == 2:
            assert re.search(rb"(?m)^signrules.*: error: ", done.stderr) or not command, streams


def test_a_closed_stream_is_named(tmp_path: Path) -> None:
    for command, streams, name in (
        ("check", "<&-", "standard input"),
        ("check right.json -", "<&-", "standard input"),
        ("check", ">&-", "standard output"),
        ("generate hmac", ">&-", "standard output"),
    ):
        done = in_bash(command, streams, tmp_path)
        word = command.split()[0]
        assert done.stderr == f"signrules {word}: error: {name} is closed\n".encode()
        assert (done.returncode, done.stdout) == (2, b"")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """The next file that is opened gets the number of the closed one."""
    for streams in ("2>&-", "<&- 2>&-", "<&- >&- 2>&-"):
        done = in_bash("generate hmac --output key.json", streams, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert oracle.broken_members(json.loads((tmp_path / "key.json").read_text())) == []
        done = in_bash("generate rsa", f"> key.txt {streams}".replace(">&- ", ""), tmp_path)
        assert (done.returncode, (tmp_path / "key.txt").read_bytes()) == (2, b"")
        in_bash("check right.json wrong.json", streams, tmp_path)
        assert (tmp_path / "right.json").read_text() == '{"name": "abc"}'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("command", ["check right.json 2>/dev/full", "--help >/dev/full", "rules >/dev/full"])
def test_unbuffered_streams_may_be_full_too(tmp_path: Path, command: str) -> None:
    done = in_bash(command, "", tmp_path, PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stdout, b"Traceback" in done.stderr) == (2, b"", False)


def test_what_a_program_prints_to_may_be_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["rules"]) == 0
    assert out.getvalue().startswith("field ")
    assert capsys.readouterr() == ("", "")


def test_standard_error_is_still_the_file_that_it_was() -> None:
    code = (
        "import sys; from signrules.cli import main; main(['rules']); print(sys.stderr.fileno(), sys.stderr.isatty())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "2 False"


LOCALES: list[dict[str, str]] = [
    {},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "utf-16"},
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.mark.parametrize(
    "command",
    ["form", "export es_module", "export sql_check --field name --column größe", "rules --format csv", "check *.json"],
)
def test_the_output_is_the_same_bytes_in_every_locale(tmp_path: Path, command: str) -> None:
    (tmp_path / "größe.json").write_text('{"name": 1}')
    outputs = set()
    for number, locale in enumerate(LOCALES):
        if "größe" in command and "PYTHONUTF8" in locale:
            continue  # Python cannot read the word then, and we say so
        done = in_bash(command, "", tmp_path, **locale)
        outputs.add((done.returncode, done.stdout, done.stderr))
        if command in ("form", "rules --format csv"):
            in_bash(f"{command} --output {number}.txt", "", tmp_path, **locale)
            assert (tmp_path / f"{number}.txt").read_bytes() == done.stdout
    assert len(outputs) == (2 if command == "check *.json" else 1)


def test_an_argument_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    done = in_bash("export sql_check --field name --column $'a\\xff'", "", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"signrules export: error: argument --column: must be UTF-8\n")


def test_what_a_terminal_cannot_print_is_escaped() -> None:
    done = subprocess.run(
        [*PYTHON, "check"],
        input='{"name": "abc", "ключ\ud83d": 1}'.encode("utf-8", "surrogatepass"),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.stdout == b"line 1, column 22, body 1: the body must be JSON; UTF-8 was expected (type)\n"
    done = subprocess.run(
        [*PYTHON, "check"],
        input='{"name": "abc", "ключ": 1}'.encode(),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.stdout.startswith(b"line 1, body 1: member 2 is not one of name, ")
    assert done.returncode == 1


def test_ctrl_c_is_no_traceback(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signrules.cli._check.read_bodies", interrupted)
    result = run("check")
    assert (result.status, result.out, result.err) == (130, "", "")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from Linux's /proc")
@pytest.mark.parametrize(("before", "between", "after"), [("", "\n", "\n"), ("[", ",", "]"), ("[\n", ",\n", "\n]\n")])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, before: str, between: str, after: str) -> None:
    line = json.dumps(complete_request({"name": "signature_demo"}))
    script = (
        "import re, sys; from signrules.cli import main; status = main(sys.argv[1:]);"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr); sys.exit(status)"
    )

    def peak(count: int) -> int:
        file = tmp_path / f"{count}.json"
        with file.open("w") as out:
            out.write(before + line)
            out.writelines(between + line for _ in range(count - 1))
            out.write(after)
        command = [sys.executable, "-c", script, "check", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        summary, kilobytes = done.stderr.splitlines()
        assert summary == f"{count} bodies checked, all valid"
        return int(kilobytes)

    few, many = peak(5_000), peak(50_000)
    assert many < few * 1.1


# generate, where it is needed


def test_an_env_file_of_portable_values_has_no_quotes(run: Terminal) -> None:
    """`docker run --env-file` would take them for a part of the value."""
    for _ in range(20):
        assert re.fullmatch(r"(SIGN_[A-Z]+=[A-Za-z0-9_-]+\n){4}", run("generate", "hmac", "--format", "env").out)


@pytest.mark.parametrize("more", [[], ["--only", "sign_key"], ["-n", "3"], ["--format", "yaml"]])
def test_generate_prints_no_line_break_if_asked(run: Terminal, more: list[str]) -> None:
    with_it, without = (run("generate", "hmac", *more, *option).out for option in ([], ["--no-newline"]))
    assert (with_it[-1], without[-1] != "\n", len(with_it) - len(without)) == ("\n", True, 1)


def test_generate_has_lengths_for_key_and_secret_apart(run: Terminal) -> None:
    for options, lengths in (
        (["--key-length", "8"], (8, 64)),
        (["--secret-length", "16"], (32, 16)),
        (["--key-length", "8", "--secret-length", "17"], (8, 17)),
    ):
        body = json.loads(run("generate", "hmac", *options).out)
        assert (len(body["sign_key"]), len(body["sign_secret"])) == lengths


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "sign_key", "--key-length", "9"], "--key-length or --secret-length does not go with --only"),
        (["--length", "16", "--secret-length", "9"], "--key-length or --secret-length does not go with --length"),
        (["--only", "sign_key", "--format", "env"], "--format does not go with --only"),
        (["-n", "2", "--format", "env"], "-n does not go with --format env"),
        (["-n", "2", "--format", "shell"], "-n does not go with --format shell"),
        (["--key-length", "33"], "length must be 8 to 32 for a sign_key of sign_type hmac"),
        (["--secret-length", "8"], "length must be 16 to 64 for a sign_secret of sign_type hmac"),
        (["--format", "xml"], "argument --format: must be json, env, shell, yaml or kubernetes"),
    ],
)
def test_generate_refuses_contradictions(run: Terminal, arguments: list[str], message: str) -> None:
    result = run("generate", "hmac", *arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith(f"signrules generate: error: {message}\n")


# --output


@pytest.mark.parametrize("command", [["form"], ["rules"], ["export", "es_module"], ["export", "openapi"]])
def test_an_output_holds_what_would_be_printed(run: Terminal, tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "file"
    result = run(*command, "--output", str(file))
    assert (result.status, result.out, result.err) == (0, "", "")
    assert file.read_bytes().decode() == run(*command, "--output", "-").out == run(*command).out
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_secret_is_written_for_its_owner_alone(run: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    for mode in (0o600, 0o640):  # of a file that is there, the permissions are kept
        assert run("generate", "hmac", "--output", str(file)).status == 0
        assert stat.S_IMODE(file.stat().st_mode) == mode
        assert oracle.broken_members(json.loads(file.read_text())) == []
        file.chmod(0o640)


def test_an_output_is_written_whole_or_not_at_all(
    run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.json"
    file.write_text("before")
    made = iter(["n", "name", "key", "secret"])

    def breaks_down(*_: object, **__: object) -> str:
        for value in made:
            return value
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("signrules.cli._generate.generate", breaks_down)
    result = run("generate", "hmac", "-n", "9", "--output", str(file), "--name", "abc")
    assert (result.status, result.out) == (2, "")
    assert result.err == "signrules generate: error: --output: nothing is written: No space left on device\n"
    assert [path.name for path in tmp_path.iterdir()] == ["key.json"]
    assert file.read_text() == "before"


def test_an_output_that_cannot_be_written_says_why_and_no_name(run: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, reason in (
        (tmp_path / FOREIGN / "x", "No such file or directory"),
        (tmp_path / "file" / "x", "Not a directory"),
        (tmp_path, "Is a directory"),
        (tmp_path / ("n" * 300), "File name too long"),
    ):
        result = run("rules", "--output", str(path))
        assert (result.status, result.out) == (2, "")
        assert result.err == f"signrules rules: error: --output: nothing is written: {reason}\n"
        assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_an_output_may_be_a_link_or_a_device(run: Terminal, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for _ in range(2):
        assert run("rules", "--output", str(tmp_path / "link")).status == 0
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "file").read_text() == run("rules").out
    assert run("rules", "--output", os.devnull).status == 0
    assert not Path(os.devnull).is_file()


# Words that were meant


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["chek"], "signrules: error: there is no command chek: did you mean check? A command is generate, check, "),
        (["gen"], "signrules: error: there is no such command (not repeated here: it may be a secret). A command is "),
        (["gene"], "signrules: error: there is no command gene: did you mean generate? A command is generate, check, "),
        (["CHECK"], "signrules: error: there is no command CHECK: did you mean check?"),
        (["hunter2" * 9], "signrules: error: there is no such command (not repeated here: it may be a secret)."),
        (["--hepl"], "signrules: error: there is no option --hepl: did you mean --help?"),
        (["--debug"], "signrules: error: a command is needed: generate, check, export, form, fuzz, gateway or rules"),
        (["check", "--feild", "name"], "signrules check: error: there is no option --feild: did you mean --field?"),
        (["check", "--alg", "x"], "signrules check: error: there is no option --alg: did you mean --algorithm?"),
        (["generate", "--lenght=hunter2", "hmac"], "there is no option --lenght: did you mean --length?"),
        (["generate", "--lenght", "20", "hmac"], "there is no option --lenght: did you mean --length?"),
        (
            ["check", "x", "--hunter2=hunter2"],
            "signrules check: error: word 2 after signrules check is no option "
            "(not repeated here: it may be a secret); "
            "there are --algorithm, --debug, --field, --help, --json and --type\n",
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


def test_signrules_alone_prints_the_help_as_an_error(run: Terminal) -> None:
    """Status 0 means that all is valid, and `signrules $EMPTY > key.json` must leave no help in the file."""
    result = run()
    assert (result.status, result.out) == (2, "")
    assert result.err == run("--help").out


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


def test_ctrl_c_at_any_time_is_no_traceback(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signrules.cli._main.Streams.finish", interrupted)
    assert run("rules").status == 130


# check: several files


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
    done = in_bash("check *", "", tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 4)
    assert rb"'a\nb': line 1, body 1: name must be given" in done.stdout
    assert rb"'\udcff': line 1, body 1: name must be given" in done.stdout


# check: where it is wrong


def test_a_violation_has_the_line_of_its_member(run: Terminal) -> None:
    body = '{\n  "name": "1",\n  "sign_key":\n    "x",\n  "sign_secert": "",\n  "sign_algorithm": "aes-128-cfb"\n}\n'
    assert [line.partition(": ")[0::2] for line in run("check", stdin=body * 2).out.splitlines()[:6]] == [
        ("line 2, body 1", "name must be 3 to 64 characters long (length)"),
        ("line 2, body 1", "name must start with a letter (first, position 0)"),
        ("line 3, body 1", "sign_key must be 8 to 32 characters long (length)"),
        ("line 6, body 1", "sign_algorithm may be given only with sign_type aes (forbidden)"),
        (
            "line 5, body 1",
            "sign_secert is not one of name, sign_type, sign_key, sign_secret or sign_algorithm (unknown)",
        ),
        ("line 9, body 2", "name must be 3 to 64 characters long (length)"),
    ]
    assert run("check", stdin="\n{\n}\n").out == "line 2, body 1: name must be given (missing)\n"


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        ("sign_secert", "sign_secert"),
        ("signSecret", "signSecret"),
        ("Name", "Name"),
        ("SIGN_SECRET", "SIGN_SECRET"),
        ("sign-key", "'sign-key'"),
        ("sign_secret ", "'sign_secret '"),
        (FOREIGN, "member 2"),
        ("hunter2hunter2", "member 2"),
        ("", "member 2"),
    ],
)
def test_the_name_of_an_unknown_member_is_shown_only_if_it_is_nearly_one_of_ours(
    run: Terminal, member: str, shown: str
) -> None:
    body = json.dumps({"name": "abc", member: 5})
    assert run("check", stdin=body).out.startswith(f"line 1, body 1: {shown} is not one of name, ")
    record = json.loads(run("check", "--json", stdin=body).out)
    (violation,) = record["violations"]
    assert violation["code"] == "unknown"
    assert violation["field"] == (None if shown == "member 2" else member)


def test_a_body_that_is_wrong_for_all_that_json_allows(run: Terminal) -> None:
    """The name of a member that an object lacks, or has twice."""
    assert "line 2, body 1: name must be" in run("check", stdin='{"name": "abc",\n"name": ""}\n').out
    too_deep = "line 1, body 1: the body must be JSON; it is nested too deeply (type)\n"
    assert run("check", stdin='{"a":' * 100_000).out == too_deep
    assert run("check", stdin='["name"]').out == "line 1, body 1: the body must be a JSON object (type)\n"


# check: other encodings


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (b'\xef\xbb\xbf{"name": "abc"}', "begins with a byte order mark, which the gateway refuses: send it without"),
        ('{"name": "abc"}'.encode("utf-16"), "is UTF-16, which the gateway refuses: send UTF-8"),
        ('{"name": "abc"}'.encode("utf-16-be"), "is UTF-16, which the gateway refuses: send UTF-8"),
    ],
)
def test_an_encoding_that_the_gateway_refuses_gets_a_warning(run: Terminal, data: bytes, warning: str) -> None:
    result = run("check", stdin=data)
    assert (result.status, result.out) == (0, "")
    assert result.err == f"signrules check: warning: standard input {warning}\n1 body checked, all valid\n"
    assert run("check", "--json", stdin=data).err == f"signrules check: warning: standard input {warning}\n"


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark_before_a_value_is_wrong_and_told(run: Terminal, mark: bytes) -> None:
    result = run("check", "--field", "name", stdin=mark + b"abc")
    assert result.status == 1
    assert result.err.startswith("signrules check: warning: standard input begins with a byte order mark, ")


# check: how much is read


class Endless(io.RawIOBase):
    """As many characters as anybody reads, but not more than is reasonable."""

    def __init__(self) -> None:
        self.read_so_far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.read_so_far += len(buffer)
        assert self.read_so_far < 100_000
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


def test_an_endless_value_is_wrong_before_it_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in (["name"], ["sign_key", "--type", "aes"], ["sign_secret", "--type", "public_key"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
        status = main(["check", "--field", *question])
        out = capsys.readouterr().out
        assert (status, out.count("\n")) == (1, 1)
        assert "characters long (length)" in out


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("a" * 64, []),
        ("a" * 64 + "\r\n", []),
        ("a" * 65, ["length"]),
        ("a" * 1000 + "!", ["length"]),
        ("a" * 64 + "\n\n", ["length", "charset"]),
        ("\U0001f600" * 64, ["charset", "first"]),
        ("\U0001f600" * 64 + "\r\n", ["charset", "first"]),
        ("\U0001f600" * 65, ["length", "charset", "first"]),
        ("a" + "\xe9" * 5000, ["length", "charset"]),
    ],
)
def test_a_value_is_measured_in_characters(run: Terminal, value: str, codes: list[str]) -> None:
    (record,) = map(json.loads, run("check", "--field", "name", "--json", stdin=value).out.splitlines())
    assert [violation["code"] for violation in record["violations"]] == codes


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
