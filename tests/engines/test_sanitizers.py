"""The accelerator under AddressSanitizer and UndefinedBehaviorSanitizer, with all that its tests try."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from ..needs import header, program
from ..unmeasured import unmeasured

ROOT = Path(__file__).parents[2]
SANITIZED = "-fsanitize=address,undefined", "-fno-sanitize-recover=all"
# The sanitizers must be there, or they would find nothing. The tests that are left out try nothing else, and take time.
CODE = """
import ctypes, sys, pytest, signrules._speedups
assert ctypes.CDLL(None).__asan_init and signrules._speedups.__file__.startswith(sys.argv[1])
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "tests/core/test_accelerator.py", "-k", sys.argv[2]]))
"""
TRIED = "not code_point and not any_body and not interpreter and not left_out and not threads and not counted"


def test_nothing_is_read_or_written_out_of_place(tmp_path: Path) -> None:
    gcc = program("gcc", package="gcc")
    headers = header("Python.h", package="python3-dev", folder=Path(sysconfig.get_path("include"))).parent
    for folder in ("signrules", "tests"):
        ignored = shutil.ignore_patterns("node_modules", "__pycache__", "*.so")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    source, built = tmp_path / "signrules" / "_speedups.c", tmp_path / "signrules" / "_speedups.abi3.so"
    flags = "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-cast-function-type", "-fPIC", "-shared", *SANITIZED
    subprocess.run([gcc, *flags, f"-I{headers}", source, "-o", built], check=True)
    library = subprocess.run([gcc, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout
    environment = {
        **unmeasured(),
        "LD_PRELOAD": library.strip(),
        "ASAN_OPTIONS": "detect_leaks=0",  # Python itself never frees all
        "PYTHONMALLOC": "malloc",  # the sanitizer sees each block
        "SIGNRULES_PURE": "",
    }
    command = [sys.executable, "-c", CODE, str(tmp_path), TRIED]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
