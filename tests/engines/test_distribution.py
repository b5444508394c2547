"""What is published: the package, and nothing that merely lies beside or in it."""

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
PACKAGE = {path for path in (ROOT / "signrules").rglob("*") if path.is_file() and path.suffix != ".pyc"}
NAMES = {path.relative_to(ROOT).as_posix() for path in PACKAGE}
BESIDE = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
STRAYS = [
    "token.txt",
    ".env",
    "key.pem",
    "new/token.py",
    "tests/token.py",
    "signrules/token.txt",
    "signrules/fuzz/a.jsonl",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what is built of a clone without version control, in which other things lie about."""
    pytest.importorskip("hatchling", reason="needs hatchling: in a clone, pip install '.[dev]'")
    clone, target = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("target")
    for name in NAMES | BESIDE:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    for name in STRAYS:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("secret")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(target)]
    subprocess.run(command, cwd=clone, check=True, capture_output=True)
    return target


def test_the_source_distribution_holds_the_package_alone(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert names == NAMES | BESIDE | {"PKG-INFO"}


def test_the_wheel_holds_the_package_alone(built: Path) -> None:
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == NAMES


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
