"""The hook of .pre-commit-hooks.yaml, as pre-commit installs and runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from ..needs import package_index, program
from ..pages import ROOT
from ..silence import FOREIGN, assert_silent
from ..terminal import Terminal

FILES = {
    "signature_key.json": f'{{\n  "name": "orders",\n  "sign_key": "{FOREIGN}"\n}}\n',
    # A name that looks like an option, one that looks like a pattern, and one with a space.
    "-signature-key.json": '{"name": "2nd"}\n',
    "keys[1]/signature_keys.jsonl": '{"name": "orders"}\n{"name": "2nd"}\n',
    "a b/orders.signature_keys.ndjson": '{"name": "2nd"}\n',
    "right/signature_keys.json": '[{"name": "orders"}, {"name": "billing"}]\n',
    # None of its files.
    "package.json": "{}\n",
    "signature_keys/package.json": "{}\n",
    "signature_key.schema.json": "{}\n",
}


def git(folder: Path, *arguments: str | Path) -> None:
    subprocess.run([program("git", package="git"), "-C", folder, *arguments], check=True, capture_output=True)


def test_the_hook_names_the_file_and_the_place_of_what_is_wrong(tmp_path: Path) -> None:
    """In a repository of somebody else. All in one run, since each run of `try-repo` installs signrules anew."""
    pre_commit = program("pre-commit", package="pre-commit")
    git(tmp_path, "clone", "--quiet", ROOT, tmp_path / "signrules")
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", other)
    for name, text in FILES.items():
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_text(text)
    git(other, "add", ".")
    done = subprocess.run(
        [pre_commit, "try-repo", tmp_path / "signrules", "signrules-check", "--all-files", "--color=never"],
        cwd=other,
        # The accelerator would only make it slower to install.
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home"), "SIGNRULES_PURE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    package_index(done.stdout)
    assert done.returncode == 1, done.stdout
    _, _, report = done.stdout.partition("exit code: 1\n\n")
    *found, summary, end = report.split("\n")[:-1]
    assert sorted(found) == [
        "-signature-key.json: line 1, body 1: name must start with a letter (first, position 0)",
        "a b/orders.signature_keys.ndjson: line 1, body 1: name must start with a letter (first, position 0)",
        "keys[1]/signature_keys.jsonl: line 2, body 2: name must start with a letter (first, position 0)",
        "signature_key.json: line 3, body 1: sign_key may contain only letters, digits and _ - (charset, position 2)",
    ]
    assert (summary, end) == ("7 bodies in 5 of 5 files checked, 4 wrong", "")
    assert_silent(done.stdout + done.stderr)


def test_the_report_names_the_file_whatever_arguments_are_set(run: Terminal, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    program_name, *entry = hook["entry"].split()
    assert program_name == "signrules"
    file = tmp_path / "signature_key.json"
    file.write_text('{"name": "2nd"}')
    assert json.loads(run(*entry, "--json", "--", str(file)).out)["file"] == str(file)
