"""The hook of .pre-commit-hooks.yaml, as pre-commit installs and runs it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ..needs import package_index, program
from ..pages import ROOT
from ..silence import FOREIGN, assert_silent

Hook = Callable[..., "subprocess.CompletedProcess[str]"]

WRONG = {
    "signature_key.json": f'{{\n  "name": "orders",\n  "sign_key": "{FOREIGN}"\n}}\n',
    # A name that looks like an option, one that looks like a pattern, and one with a space.
    "-signature-key.json": '{"name": "2nd"}\n',
    "keys[1]/signature_keys.jsonl": '{"name": "orders"}\n{"name": "2nd"}\n',
    "a b/orders.signature_keys.ndjson": '{"name": "2nd"}\n',
}
RIGHT = {"right/signature_keys.json": '[{"name": "orders"}, {"name": "billing"}]\n'}
FOREIGN_TO_IT = {"package.json": "{}\n", "signature_keys/package.json": "{}\n", "signature_key.schema.json": "{}\n"}


def git(folder: Path, *arguments: str | Path) -> None:
    names = {f"GIT_{role}_{part}": "test" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    command = [program("git", package="git"), "-C", folder, *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **names})


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Hook:
    """Runs the hook of this checkout in a repository of somebody else."""
    pre_commit = program("pre-commit", package="pre-commit")
    folder = tmp_path_factory.mktemp("pre-commit")
    if not (ROOT / ".git").exists():
        pytest.skip("needs a clone of the repository of signrules")
    git(folder, "clone", "--quiet", ROOT, folder / "signrules")
    other = folder / "other"
    git(folder, "init", "--quiet", other)
    for name, text in {**WRONG, **RIGHT, **FOREIGN_TO_IT}.items():
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_text(text)
    git(other, "add", ".")

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        # Without a compiler, which would only make it slower to install.
        environment = {**os.environ, "PRE_COMMIT_HOME": str(folder / "home"), "SIGNRULES_PURE": "1"}
        done = subprocess.run(
            [pre_commit, "try-repo", folder / "signrules", "signrules-check", "--color=never", *arguments],
            cwd=other,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        package_index(done.stdout)
        return done

    return run


def test_the_hook_names_the_file_and_the_place_of_what_is_wrong(hook: Hook) -> None:
    done = hook("--all-files")
    assert done.returncode == 1, done.stdout
    report = [line for line in done.stdout.splitlines() if ": line " in line]
    assert sorted(report) == [
        "-signature-key.json: line 1, body 1: name must start with a letter (first, position 0)",
        "a b/orders.signature_keys.ndjson: line 1, body 1: name must start with a letter (first, position 0)",
        "keys[1]/signature_keys.jsonl: line 2, body 2: name must start with a letter (first, position 0)",
        "signature_key.json: line 3, body 1: sign_key must be 8 to 32 characters long (length)",
        "signature_key.json: line 3, body 1: sign_key may contain only letters, digits and _ - (charset, position 0)",
        "signature_key.json: line 3, body 1: sign_key must start with a letter or digit (first, position 0)",
    ]
    assert "7 bodies in 5 of 5 files checked, 4 wrong" in done.stdout
    assert_silent(done.stdout + done.stderr)


def test_the_hook_names_a_single_file(hook: Hook) -> None:
    done = hook("--files", "a b/orders.signature_keys.ndjson")
    assert done.returncode == 1
    assert "a b/orders.signature_keys.ndjson: line 1, body 1: name must start" in done.stdout


def test_the_hook_lets_right_files_pass_and_leaves_other_files_alone(hook: Hook) -> None:
    done = hook("--files", *RIGHT, *FOREIGN_TO_IT)
    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout
    done = hook("--files", *FOREIGN_TO_IT)
    assert done.returncode == 0
    assert "(no files to check)Skipped" in done.stdout
