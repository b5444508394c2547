"""What is published: the package, and nothing that merely lies beside or in it."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ..needs import program

ROOT = Path(__file__).parents[2]
BUILT = {".pyc", ".pyd", ".so"}
PACKAGE = {path for path in (ROOT / "signrules").rglob("*") if path.is_file() and path.suffix not in BUILT}
NAMES = {path.relative_to(ROOT).as_posix() for path in PACKAGE}
SOURCE = {"signrules/_speedups.c"}
BESIDE = {"pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md"}
STRAYS = [
    "token.txt",
    ".env",
    "key.pem",
    "new/token.py",
    "tests/token.py",
    "tests/test_token.py",
    "signrules/token.txt",
    "signrules/fuzz/a.jsonl",
]


class Build:
    """Builds in a copy of the project without version control, in which other things lie about."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.target = folder / "clone", folder / "target"
        for name in NAMES | BESIDE:
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.clone / name)
        for name in STRAYS:
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / name).write_text("secret")

    def __call__(self, what: str, **environment: str) -> Path:
        shutil.rmtree(self.clone / "build", ignore_errors=True)
        self.target.mkdir(exist_ok=True)
        code = f"from setuptools.build_meta import build_{what} as build; print(build({str(self.target)!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.clone,
            env={**os.environ, "SIGNRULES_PURE": "", **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return self.target / done.stdout.splitlines()[-1]


@pytest.fixture(name="build", scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Build:
    pytest.importorskip("setuptools", "77", reason="needs setuptools: in a clone, pip install '.[dev]'")
    return Build(tmp_path_factory.mktemp("build"))


def names_in_wheel(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.mark.parametrize("pure", ["", "1"])
def test_the_source_distribution_holds_the_package_alone(build: Build, pure: str) -> None:
    with tarfile.open(build("sdist", SIGNRULES_PURE=pure)) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    made = {name for name in names if name.startswith("signrules.egg-info/")}
    assert names - made == NAMES | BESIDE | {"PKG-INFO", "setup.cfg"}


def test_the_wheel_with_the_accelerator_is_for_one_platform_and_every_later_python(build: Build) -> None:
    program("gcc", package="gcc")
    path = build("wheel")
    assert re.fullmatch(r"signrules-[\d.]+-cp311-abi3-\w+\.whl", path.name)
    (library,) = names_in_wheel(path) - NAMES
    assert library.startswith("signrules/_speedups.")
    assert names_in_wheel(path) == NAMES - SOURCE | {library}


@pytest.mark.parametrize("environment", [{"SIGNRULES_PURE": "1"}, {"CC": "false"}], ids=["asked", "no compiler"])
def test_the_wheel_without_it_is_for_all_and_holds_the_same_python(build: Build, environment: dict[str, str]) -> None:
    path = build("wheel", **environment)
    assert re.fullmatch(r"signrules-[\d.]+-py3-none-any\.whl", path.name)
    assert names_in_wheel(path) == NAMES - SOURCE


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a clone")
def test_git_ignores_what_the_documentation_writes() -> None:
    """Some of it is secret."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    commands = re.findall(r"^\$ .*", text, re.MULTILINE)
    written = {name for line in commands for name in re.findall(r"(?:>|--html|--junit|--sarif) ([\w.-]+\.\w+)", line)}
    written |= set(re.findall(r"^(?:#|//|<!--) ([\w.]+\.\w+)(?: -->)?$", text, re.MULTILINE))
    assert written >= {"token.txt", "key.json", "log.txt", "pid.txt", "corpus.json", "test_gateway.py"}
    names = [*written, "report.html", "report.xml", "report.sarif", ".env", ".signrules-fuzz-0123abcd.jsonl"]
    git = program("git", package="git")
    done = subprocess.run(
        [git, "check-ignore", "--no-index", *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert set(names) - set(done.stdout.split()) == set()
