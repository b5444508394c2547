"""The standard streams of real processes: pipes, full disks, closed streams, locales."""

import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest

from signrules.cli import main

from .. import oracle
from ..terminal import PYTHON, in_bash


@pytest.mark.parametrize("command", ["generate hmac -n 20000", "check --json", "rules"])
def test_a_closed_pipe_is_no_traceback(command: str, tmp_path: Path) -> None:
    (tmp_path / "bodies").write_text("{}\n" * 20_000)
    with (tmp_path / "bodies").open() as bodies:
        process = subprocess.Popen(
            [*PYTHON, *command.split()], stdin=bodies, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.close()
        _, err = process.communicate()
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("command", ["generate hmac -n 20000", "check", "rules"])
def test_a_full_disk_is_no_traceback(command: str) -> None:
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [*PYTHON, *command.split()], input=b"{}\n" * 20_000, stdout=full, stderr=subprocess.PIPE, check=False
        )
    name = command.split(maxsplit=1)[0].encode()
    *talk, error = process.stderr.splitlines()
    assert error == b"signrules %s: error: reading or writing failed: No space left on device" % name
    assert all(line == b"20000 bodies checked, 20000 wrong" for line in talk)
    assert process.returncode == 2


# Several commands in one process. Before each, the streams are as they were when the process began. After each, a NUL
# goes to standard output and standard error. Their exit statuses go to a file.
SEVERAL = """
import contextlib, fcntl, json, os, sys
from signrules.cli import main

def kept(number):
    try:
        return fcntl.fcntl(number, fcntl.F_DUPFD, 10)
    except OSError:
        return None

file, *words = sys.argv[1:]
descriptors = [(number, kept(number)) for number in range(3)]
streams = sys.stdin, sys.stdout, sys.stderr
encoding, errors = (sys.stdout.encoding, sys.stdout.errors) if sys.stdout else (None, None)
commands, statuses = [[]], []
for word in words:
    if word == ";":
        commands.append([])
    else:
        commands[-1].append(word)
for command in commands:
    for number, copy in descriptors:
        with contextlib.suppress(OSError):
            os.close(number) if copy is None else os.dup2(copy, number)
    sys.stdin, sys.stdout, sys.stderr = streams
    if sys.stdout:
        sys.stdout.reconfigure(encoding=encoding, errors=errors)
    statuses.append(main(command))
    for stream, number in (sys.stdout, 1), (sys.stderr, 2):
        with contextlib.suppress(OSError):
            stream.flush()
            os.write(number, bytes(1))
with open(file, "w") as out:
    json.dump(statuses, out)
"""


class Done(NamedTuple):
    """What a command did."""

    status: int
    out: bytes
    err: bytes


def several(commands: Iterable[str], streams: str, folder: Path, **environment: str) -> list[Done]:
    """What the commands do, one after the other in one process, with these streams."""
    words = " \\; ".join(commands)
    done = in_bash(f'-c "$SEVERAL" statuses {words}', streams, folder, SEVERAL=SEVERAL, **environment)
    statuses = json.loads((folder / "statuses").read_text())
    outs, errs = (text.split(b"\0")[: len(statuses)] for text in (done.stdout, done.stderr))
    assert not {b"Traceback", b"Exception"} & set(re.findall(rb"\w+", done.stderr)), streams
    return [*map(Done._make, zip_longest(statuses, outs, errs, fillvalue=b""))]


# The status of each command, and the streams to which it prints.
DOES: dict[str, tuple[int, str]] = {
    "--version": (0, "out"),
    "check --help": (0, "out"),
    "": (2, "err"),
    "chek": (2, "err"),
    "generate hmac": (0, "out"),
    "generate hmac --length 1": (2, "err"),
    "check": (1, "out err"),
    "check right.json": (0, "err"),
    "check none.json wrong.json": (2, "out err"),
    "fuzz": (2, "err"),
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize(
    ("streams", "fails"),
    [
        ("", ""),
        ("<&-", "in"),
        (">&-", "always"),
        (">/dev/full", "out"),
        ("2>&-", ""),  # whoever closes it does not want to be told
        ("2>/dev/full", "err"),
        (">&- 2>&-", "always"),
        (">/dev/full 2>/dev/full", "out err"),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_traceback(tmp_path: Path, streams: str, fails: str) -> None:
    for (command, (status, prints)), done in zip(DOES.items(), several(DOES, streams, tmp_path), strict=True):
        uses = {"always", *prints.split(), *(["in"] if command == "check" else [])}
        assert done.status == (2 if uses & {*fails.split()} else status), command
        if "<" not in streams and not streams.startswith(">"):
            assert bool(done.out) is ("out" in prints), command
        if "2>" not in streams and done.status == 2:
            assert re.search(rb"(?m)^signrules.*: error: ", done.err) or not command, command


def test_a_closed_stream_is_named(tmp_path: Path) -> None:
    for command, streams, name in (
        ("check", "<&-", "standard input"),
        ("check right.json -", "<&-", "standard input"),
        ("check", ">&-", "standard output"),
        ("generate hmac", ">&-", "standard output"),
    ):
        done = in_bash(f"-m signrules {command}", streams, tmp_path)
        word = command.split()[0]
        assert done.stderr == f"signrules {word}: error: {name} is closed\n".encode()
        assert (done.returncode, done.stdout) == (2, b"")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """The next file that is opened gets the number of the closed one."""
    for streams in ("2>&-", "<&- 2>&-", "<&- >&- 2>&-"):
        done = in_bash("-m signrules generate hmac --output key.json", streams, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert oracle.broken_members(json.loads((tmp_path / "key.json").read_text())) == []
        done = in_bash("-m signrules generate rsa", f"> key.txt {streams}".replace(">&- ", ""), tmp_path)
        assert (done.returncode, (tmp_path / "key.txt").read_bytes()) == (2, b"")
        in_bash("-m signrules check right.json wrong.json", streams, tmp_path)
        assert (tmp_path / "right.json").read_text() == '{"name": "abc"}'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("command", ["check right.json 2>/dev/full", "--help >/dev/full", "rules >/dev/full"])
def test_unbuffered_streams_may_be_full_too(tmp_path: Path, command: str) -> None:
    done = in_bash(f"-m signrules {command}", "", tmp_path, PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stdout, b"Traceback" in done.stderr) == (2, b"", False)


def test_what_a_program_prints_to_may_be_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["rules"]) == 0
    assert out.getvalue().startswith("field ")
    assert capsys.readouterr() == ("", "")


def test_standard_error_is_still_the_file_that_it_was() -> None:
    code = (
        "import sys; from signrules.cli import main; main(['rules']); print(sys.stderr.fileno(), sys.stderr.isatty())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "2 False"


LOCALES: list[dict[str, str]] = [
    {},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "utf-16"},
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


# The command that is not the same everywhere prints the name of a file, or escapes it where the locale cannot spell it.
IN_EVERY_LOCALE = {
    "form": 1,
    "export es_module": 1,
    "rules --format csv": 1,
    "check *.json": 2,
    "form --output form": 1,
    "rules --format csv --output rules": 1,
}
COLUMN = "export sql_check --field name --column größe"


def test_the_output_is_the_same_bytes_in_every_locale(tmp_path: Path) -> None:
    (tmp_path / "größe.json").write_text('{"name": 1}')
    seen: dict[str, set[object]] = {command: set() for command in [*IN_EVERY_LOCALE, COLUMN]}
    for locale in LOCALES:
        # Where Python cannot read the word, the command says so.
        commands = [*IN_EVERY_LOCALE, *([] if "PYTHONUTF8" in locale else [COLUMN])]
        made = dict(zip(commands, several(commands, "", tmp_path, **locale), strict=True))
        for command, done in made.items():
            seen[command].add(done)
        assert (tmp_path / "form").read_bytes() == made["form"].out
        assert (tmp_path / "rules").read_bytes() == made["rules --format csv"].out
    assert {command: len(outputs) for command, outputs in seen.items()} == {**IN_EVERY_LOCALE, COLUMN: 1}


def test_no_stream_is_in_the_encoding_of_the_locale(tmp_path: Path) -> None:
    for streams in "", ">&-", "2>&-":
        done = in_bash(
            "-X warn_default_encoding -W error::EncodingWarning -m signrules generate hmac", streams, tmp_path
        )
        assert done.returncode == (2 if streams == ">&-" else 0)
        assert b"unexpected" not in done.stderr
        assert b"Traceback" not in done.stderr


def test_an_argument_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    done = in_bash("-m signrules export sql_check --field name --column $'a\\xff'", "", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"signrules export: error: argument --column: must be UTF-8\n")
