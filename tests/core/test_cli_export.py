"""`signrules rules`, `export` and `form`, and the file of `--output`, for all commands that have it."""

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from signrules import export
from signrules.cli._export import EXPORTS

from .. import oracle
from ..silence import FOREIGN
from ..terminal import Terminal


def test_rules_prints_the_table(run: Terminal) -> None:
    assert run("rules").out.splitlines()[10].split()[:5] == ["sign_secret", "aes", "16", "16", "letters,"]
    assert run("rules", "--format", "markdown").out.startswith("| field | sign_type |")
    assert len(json.loads(run("rules", "--format", "json").out)) == 10
    assert len(list(csv.DictReader(io.StringIO(run("rules", "--format", "csv").out)))) == 10
    assert run("rules", "--format", "xml").status == 2


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
        (["cel"], export.cel() + "\n"),
        (["cel", "--variable", "this", "--typed"], export.cel(variable="this", typed=True) + "\n"),
        (["cel", *question], export.cel("sign_key", **KIND) + "\n"),
        (
            ["generator_recipe", *question, "--target", "vault"],
            export.generator_recipe("sign_key", target="vault", **KIND),
        ),
        (
            ["generator_recipe", "--field", "name", "--target", "openssl", "--length", "9", "--alphabet", "full"],
            export.generator_recipe("name", target="openssl", length=9, alphabet="full"),
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
        (["openapi", "--field", "name"], "openapi does not take --field"),
        (["es_module", "--type", "aes", "--algorithm", "aes-128-cfb"], "es_module does not take --type or --algorithm"),
        (["html_attributes", "--field", "name", "--column", "x"], "html_attributes does not take --column"),
        (["sql_check", "--field", "name", "--variable", "x"], "sql_check does not take --variable"),
        (["terraform_validation", "--field", "name", "--variable", "1"], "variable must be letters, digits, _ and -"),
        (["cel", "--variable", "a-b"], "variable must be a name or a path of names"),
        (["cel", "--variable", "this", "--type", "aes"], "with these options, cel needs --field"),
        (["json_schema", "--typed"], "json_schema does not take --typed"),
        (["sql_check", "--field", "sign_key", "--algorithm", "aes-128-cfb"], "--algorithm goes with --type aes"),
        (["generator_recipe", "--field", "name"], "generator_recipe needs --target"),
        (["generator_recipe", "--target", "vault"], "with these options, generator_recipe needs --field"),
        (["generator_recipe", "--field", "name", "--target", "bao"], "argument --target: must be vault, terraform,"),
        (
            ["generator_recipe", "--field", "name", "--target", "vault", "--length", "65"],
            "length must be 3 to 64 for a",
        ),
        (
            ["generator_recipe", "--field", "name", "--target", "vault", "--length", "3"],
            "length must be 4 to 100 for t",
        ),
        (["markdown_table", "--target", "vault", "--length", "9"], "markdown_table does not take --target or --length"),
        (["sql_check", "--field", "name", "--dialect", "oracle"], "argument --dialect: must be postgresql, sqlite,"),
        (
            ["sql_check", "--field", "name", "--dialect", "translate", "--column", "a b"],
            "column must be a name that needs no quotes: ASCII letters, digits and _, and no word such as user or null",
        ),
    ],
)
def test_export_refuses_options_that_it_would_ignore(run: Terminal, arguments: list[str], reason: str) -> None:
    result = run("export", *arguments)
    assert (result.status, result.out) == (2, "")
    assert f"signrules export: error: {reason}" in result.err


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


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_no_unfinished_file(
    run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    number = getattr(signal, name)
    meant: Any = signal.default_int_handler if name == "SIGINT" else partial(pytest.fail, "the signal was not handled")
    before = signal.signal(number, meant)
    monkeypatch.setattr("signrules.cli._generate.json.dumps", lambda *_, **__: signal.raise_signal(number))
    try:
        assert run("generate", "hmac", "--output", str(tmp_path / "key.json")).status == 130
        assert signal.getsignal(number) is meant
    finally:
        signal.signal(number, before)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_says_why_and_no_name(run: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, reason in (
        (tmp_path / FOREIGN / "x", "No such file or directory"),
        (tmp_path / "file" / "x", "Not a directory"),
        (tmp_path, "Is a directory"),
        ("", "No such file or directory"),
        (f"{tmp_path}/file/", "Not a directory"),
        (f"{tmp_path}/new/", "No such file or directory"),
        (f"{tmp_path}/new/.", "No such file or directory"),
        (tmp_path / ("n" * 300), "File name too long"),
    ):
        result = run("rules", "--output", str(path))
        assert (result.status, result.out) == (2, "")
        assert result.err == f"signrules rules: error: --output: nothing is written: {reason}\n"
        assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_what_is_no_file_that_can_be_written_stays(run: Terminal, tmp_path: Path) -> None:
    loop, protected = tmp_path / "loop", tmp_path / "protected"
    loop.symlink_to(loop)
    result = run("rules", "--output", str(loop))
    assert (result.status, loop.is_symlink()) == (2, True)
    assert "--output: nothing is written: Too many levels of symbolic links" in result.err
    protected.write_text("before")
    protected.chmod(0o444)
    result = run("rules", "--output", str(protected))
    assert (result.status, result.out) == (2, "")
    assert result.err == "signrules rules: error: --output: nothing is written: the file is read-only\n"
    assert protected.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loop", "protected"]


def test_an_output_keeps_its_owner(run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    owners: list[tuple[int, int]] = []
    monkeypatch.setattr("os.chown", lambda _, *owner: owners.append(owner))
    assert run("rules", "--output", str(file)).status == 0
    assert owners == [(file.stat().st_uid, file.stat().st_gid)]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
@pytest.mark.parametrize("stream", ["/dev/stdout", "/dev/fd/1", "/dev/stderr"])
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_an_output_may_be_an_open_stream_and_what_it_holds_stays(tmp_path: Path, stream: str, kind: str) -> None:
    command = f"'{sys.executable}' -m signrules rules --output {stream}{' 2>&1' if 'err' in stream else ''}"
    sink = "> log" if kind == "file" else "| cat > log"
    subprocess.run(["bash", "-c", f"(echo before; {command}; echo after) {sink}"], cwd=tmp_path, check=True)
    assert (tmp_path / "log").read_text() == f"before\n{export.text_table()}after\n"


def test_an_output_may_be_a_pipe_that_is_open(run: Terminal) -> None:
    """As of `>(…)` in a shell."""
    reads, writes = os.pipe()
    assert run("rules", "--output", f"/dev/fd/{writes}").status == 0
    os.close(writes)
    with open(reads, encoding="utf-8") as pipe:
        assert pipe.read() == export.text_table()


def test_an_output_may_be_a_link_or_a_device(run: Terminal, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for _ in range(2):
        assert run("rules", "--output", str(tmp_path / "link")).status == 0
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "file").read_text() == run("rules").out
    assert run("rules", "--output", os.devnull).status == 0
    assert not Path(os.devnull).is_file()
