"""What a test needs from the machine. Where it is missing, the test is skipped and says how to get it."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HEADERS = Path("/usr/include")
JAVASCRIPT = Path(__file__).parent / "engines" / "js"


def program(name: str, *, package: str, folders: str = "") -> str:
    """The path of a program: beside this Python, in PATH, or in `folders`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], folders])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"needs {name}: apt-get install {package}")
    return found


def header(name: str, *, package: str, folder: Path | None = None) -> Path:
    """The header of a C library, in the folder of the machine's headers if no other is given."""
    path = (folder or HEADERS) / name
    if not path.exists():
        pytest.skip(f"needs {name}: apt-get install {package}")
    return path


def accelerator(name: str = "signrules._speedups") -> None:
    """The accelerator of the package, whether or not it is loaded."""
    if find_spec(name) is None:
        pytest.skip("needs the accelerator: apt-get install gcc python3-dev, and install signrules again")


def package_index(output: str) -> None:
    """The index from which pip takes what it needs to install signrules; `output` is what pip has said."""
    if "No matching distribution found" in output:
        pytest.skip("needs the package index of pip, with regex and setuptools")


def packages() -> Path:
    """The folder with the npm packages of package-lock.json."""
    folder = JAVASCRIPT / "node_modules"
    if not folder.exists():
        pytest.skip("needs the npm packages of tests/engines/js: npm ci --prefix tests/engines/js")
    return folder


def node(*arguments: str | Path, text: str = "") -> str:
    """What Node prints."""
    command = [program("node", package="nodejs"), *arguments]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What one of the npm packages' programs does."""
    script = (packages() / ".bin" / name).resolve()
    command = [program("node", package="nodejs"), script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
