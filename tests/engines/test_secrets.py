"""What generate prints for other programs, read by these."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from .. import oracle
from ..needs import program
from ..terminal import Terminal


def secrets_of_every_kind() -> list[list[str]]:
    """Of these, each holds every character that its rule allows, nearly always."""
    aes = ["aes", "--algorithm", "aes-256-cfb"]
    return [
        ["public_key", "--full", "--key-length", "512", "--secret-length", "2048"],
        ["hmac", "--full"],
        ["hmac"],
        [*aes, "--full"],
    ]


def variables(output: str) -> dict[str, str]:
    """What a program printed of its environment, each ended by NUL."""
    found = dict(entry.split("=", 1) for entry in output.split("\0") if "=" in entry)
    return {name: value for name, value in found.items() if name.startswith("SIGN_")}


def body_of(found: dict[str, str]) -> dict[str, str]:
    """The body that stands in the variables, which are all there."""
    names = {"SIGN_NAME": "name"} | {member.upper(): member for member in oracle.MEMBERS[1:]}
    return {names[name]: value for name, value in found.items()}


@pytest.mark.parametrize("arguments", secrets_of_every_kind(), ids=" ".join)
@pytest.mark.parametrize("form", ["env", "shell"])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_shell_reads_what_is_made_for_it(
    run: Terminal, tmp_path: Path, arguments: list[str], form: str, shell: str
) -> None:
    program(shell, package=shell)
    for number in range(3):
        (tmp_path / "key").write_text(run("generate", *arguments, "--format", form, "--name", f"orders_{number}").out)
        script = f"set -eu; {'set -a; ' if form == 'env' else ''}. ./key; exec env -0"
        done = subprocess.run([shell, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        body = body_of(variables(done.stdout))
        assert (done.stderr, body["name"], body["sign_type"]) == ("", f"orders_{number}", arguments[0])
        assert oracle.broken_members(body) == []
        assert {"sign_key", "sign_secret"} <= set(body)


@pytest.mark.parametrize("arguments", secrets_of_every_kind(), ids=" ".join)
def test_other_readers_of_an_env_file_agree(run: Terminal, tmp_path: Path, arguments: list[str]) -> None:
    dotenv = pytest.importorskip("dotenv", reason="needs python-dotenv")
    node = program("node", package="nodejs")
    file = tmp_path / ".env"
    for _ in range(3):
        file.write_text(run("generate", *arguments, "--format", "env").out)
        by_python = dotenv.dotenv_values(file)
        code = "console.log(JSON.stringify(require('util').parseEnv(require('fs').readFileSync('.env', 'utf8'))))"
        by_node = subprocess.run([node, "-e", code], cwd=tmp_path, capture_output=True, check=True).stdout
        assert json.loads(by_node) == by_python
        assert oracle.broken_members(body_of(by_python)) == []
        assert set(by_python) >= {"SIGN_NAME", "SIGN_TYPE", "SIGN_KEY", "SIGN_SECRET"}


@pytest.mark.parametrize("arguments", secrets_of_every_kind(), ids=" ".join)
def test_yaml_reads_what_is_made_for_it(run: Terminal, arguments: list[str]) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    for _ in range(5):
        assert oracle.broken_members(yaml.safe_load(run("generate", *arguments, "--format", "yaml").out)) == []
    bodies = list(yaml.safe_load_all(run("generate", *arguments, "--format", "yaml", "-n", "3").out))
    assert [oracle.broken_members(body) for body in bodies] == [[]] * 3
    named = run("generate", "basic", "--format", "yaml", "--name", "null", "--key-length", "4").out
    assert yaml.safe_load(named)["name"] == "null"


@pytest.mark.parametrize(
    ("name", "object_name"), [("orders", "orders"), ("A_b__", "a-b"), ("a_" * 32, "a-" * 31 + "a"), ("No1", "no1")]
)
def test_a_kubernetes_secret_holds_the_body(run: Terminal, name: str, object_name: str) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    (secret,) = yaml.safe_load_all(run("generate", "hmac", "--full", "--format", "kubernetes", "--name", name).out)
    body = secret.pop("stringData")
    metadata = {"name": object_name}
    assert secret == {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?", object_name)  # RFC 1123, as Kubernetes asks
    assert oracle.broken_members(body) == []
    assert (body["name"], list(body)) == (name, ["name", "sign_type", "sign_key", "sign_secret"])


def test_generate_many_secrets_for_kubernetes(run: Terminal) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    text = run("generate", "hmac", "--format", "kubernetes", "--name", "load", "-n", "3").out
    assert [secret["metadata"]["name"] for secret in yaml.safe_load_all(text)] == ["load-1", "load-2", "load-3"]


def test_kubectl_reads_the_secret(run: Terminal, tmp_path: Path) -> None:
    kubectl = program("kubectl", package="kubernetes-client")
    text = run("generate", "public_key", "--full", "--secret-length", "2048", "--format", "kubernetes").out
    (tmp_path / "key.yaml").write_text(text)
    command = [kubectl, "label", "--local", "-f", "key.yaml", "app=orders", "-o", "json"]
    done = subprocess.run(command, cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, check=True)
    assert oracle.broken_members(json.loads(done.stdout)["stringData"]) == []
