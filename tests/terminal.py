"""The command line in this process and in others, with what it prints and its exit status."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signrules.cli import main

PYTHON = [sys.executable, "-m", "signrules"]


class Result:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


class Terminal:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str, stdin: str | bytes = b"", tty: bool = False) -> Result:
        data = stdin.encode("utf-8", "surrogatepass") if isinstance(stdin, str) else stdin
        stream = io.BytesIO(data)
        stream.isatty = lambda: tty  # type: ignore[method-assign]  # a terminal, or none
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
        status = main(arguments)
        out, err = self._capsys.readouterr()
        return Result(status, out, err)


class Clock:
    """A time that goes on by itself, as often as it is asked for."""

    def __init__(self, step: float) -> None:
        self._now, self._step = 0.0, step

    def __call__(self) -> float:
        self._now += self._step
        return self._now


def in_bash(words: str, streams: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What Python does with these words and streams, in a folder with a right and a wrong body."""
    (folder / "right.json").write_text('{"name": "abc"}')
    (folder / "wrong.json").write_text('{"name": "1"}')
    return subprocess.run(
        ["bash", "-c", f"exec '{sys.executable}' {words} {streams}"],
        input=b'{"name": "1"}',
        capture_output=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | environment,
        check=False,
    )


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(capsys, monkeypatch)
