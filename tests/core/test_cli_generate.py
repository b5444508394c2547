"""`signrules generate`: bodies and values, their lengths, and the forms that other programs read."""

import json
import re
import string
import subprocess
from typing import Any

import pytest

from signrules import check, complete_request

from .. import oracle
from ..questions import FIELDS, TYPES
from ..terminal import PYTHON, Terminal


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


def test_generate_has_lengths_for_key_and_secret_apart(run: Terminal) -> None:
    for options, lengths in (
        (["--key-length", "8"], (8, 64)),
        (["--secret-length", "16"], (32, 16)),
        (["--key-length", "8", "--secret-length", "17"], (8, 17)),
    ):
        body = json.loads(run("generate", "hmac", *options).out)
        assert (len(body["sign_key"]), len(body["sign_secret"])) == lengths


@pytest.mark.parametrize("more", [[], ["--only", "sign_key"], ["-n", "3"], ["--format", "yaml"]])
def test_generate_prints_no_line_break_if_asked(run: Terminal, more: list[str]) -> None:
    with_it, without = (run("generate", "hmac", *more, *option).out for option in ([], ["--no-newline"]))
    assert (with_it[-1], without[-1] != "\n", len(with_it) - len(without)) == ("\n", True, 1)


def test_an_env_file_of_portable_values_has_no_quotes(run: Terminal) -> None:
    """`docker run --env-file` would take them for a part of the value."""
    for _ in range(20):
        assert re.fullmatch(r"(SIGN_[A-Z]+=[A-Za-z0-9_-]+\n){4}", run("generate", "hmac", "--format", "env").out)


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


def test_a_pipe_from_generate_to_check() -> None:
    made = subprocess.run([*PYTHON, "generate", "hmac", "-n", "50"], capture_output=True, check=True)
    done = subprocess.run([*PYTHON, "check", "--json"], input=made.stdout, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line)["valid"] for line in done.stdout.splitlines()] == [True] * 50
