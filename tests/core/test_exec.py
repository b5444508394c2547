"""Judges over a pipe: right ones, wrong ones, and all that a program may do instead of judging."""

import inspect
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from signrules.cli._judge import name_of
from signrules.fuzz import Case, Observation, _exec, cases, diagnose
from signrules.fuzz._dialogue import Dialogue
from signrules.fuzz._exec import Judged, JudgeError, OutOfStepError, judged_by
from signrules.fuzz.bugs import bugs

from ..terminal import Clock, Terminal, run  # noqa: F401  run: a fixture

# A judge whose `refused` is the model of a bug.
PLANTED = """
import json, sys
from signrules.fuzz.bugs import RIGHT, bugs, refused
bug = bugs().get(sys.argv[1], RIGHT)
for line in sys.stdin:
    member = refused(json.loads(line), bug)
    print(json.dumps({"accepted": member is None, "member": member}), flush=True)
"""
FIRST, SECOND, THIRD = (Case(f"case-{n}", {"name": "abc"}, "valid", "name", (), (), "") for n in (1, 2, 3))
YES = 'print("""{"accepted": true}""", flush=True)\n'


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def each_once(*todo: Case) -> Dialogue[tuple[Observation, ...]]:
    return tuple((yield todo))


def judged(code: str, timeout: float = 10.0) -> Judged[tuple[Observation, ...]]:
    """What a program says about three cases."""
    return judged_by(python(code), each_once(FIRST, SECOND, THIRD), timeout=timeout)


@pytest.mark.parametrize("name", ["none", "sign_secret.hmac:dollar", "sign_key:strip", "body:optional.name"])
def test_a_bug_is_named_as_over_http(name: str) -> None:
    todo = tuple(cases())
    done: list[int] = []
    found = judged_by(python(PLANTED, name), each_once(*todo), timeout=60, progress=done.append)
    assert found.result == found.observations
    assert [observation.case for observation in found.observations] == list(todo)
    assert (found.interrupted, found.stopped, done) == (False, "", list(range(1, len(todo) + 1)))
    findings = diagnose(found.observations).findings
    expected = [] if name == "none" else [bugs()[name]]
    assert [bug for finding in findings for bug in finding.explanations if bug in expected] == expected
    assert len(findings) == len(expected)


def test_a_dialogue_may_ask_by_what_was_answered() -> None:
    def asks() -> Dialogue[list[bool | None]]:
        (first,) = yield [FIRST]
        nothing = yield []
        second, third = yield [SECOND, THIRD]
        return [first.accepted, *(o.accepted for o in nothing), second.accepted, third.accepted]

    no = YES.replace("true", "false")
    code = f"import sys\nfor _ in sys.stdin:\n {YES} next(sys.stdin)\n {no}"
    assert judged_by(python(code), asks(), timeout=60).result == [True, False, True]


def test_what_a_judge_reads() -> None:
    """One line for each case, in ASCII, and exactly the body."""
    code = f"import sys\nfor line in sys.stdin.buffer:\n sys.stderr.buffer.write(line)\n sys.stderr.flush()\n {YES}"
    todo = [case for case in cases("full") if not str(case.body).isascii()][:50]
    driver = (
        "import sys\nfrom signrules.fuzz import cases\nfrom signrules.fuzz._exec import judged_by\n"
        "def each_once(todo):\n yield todo\n"
        'todo = [case for case in cases("full") if not str(case.body).isascii()][:50]\n'
        "judged_by([sys.executable, '-c', sys.argv[1]], each_once(todo), timeout=60)"
    )
    done = subprocess.run(python(driver, code), capture_output=True, check=True)
    assert done.stderr == b"".join(case.wire + b"\n" for case in todo)
    assert done.stderr.isascii()
    assert [json.loads(line) for line in done.stderr.splitlines()] == [case.body for case in todo]


@pytest.mark.parametrize(
    ("answer", "accepted", "member"),
    [
        ('{"accepted": true}', True, None),
        ('{"accepted": true, "member": "name"}', True, None),
        ('{"accepted": false}', False, None),
        ('{"accepted": false, "member": null}', False, None),
        ('{"accepted": false, "member": "sign_key", "why": "short"}\r', False, "sign_key"),
        ('{"accepted": false, "member": "sign_secert"}', False, None),
        ('{"accepted": false, "member": ""}', False, None),
        ('{"accepted": false, "member": ["name"]}', False, None),
    ],
)
def test_a_verdict(answer: str, accepted: bool, member: str | None) -> None:
    found = judged_by(python(f"input(); print({answer!r})"), each_once(FIRST), timeout=60)
    assert found.observations == (Observation(FIRST, accepted, member),)


# What a judge does after it has read a line, and how that is told.
FAILURES = {
    "ends": ("raise SystemExit(3)", "ended with exit status 3"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9 (Killed)"),
    "says no JSON": ('print("yes")', "printed no JSON"),
    "says no UTF-8": ('import sys; sys.stdout.buffer.write(b"\\xff\\n")', "printed no JSON"),
    "nests too deep": ('print("[" * 60000)', "printed no JSON"),
    "says an empty line": ("print()", "printed no JSON"),
    "says a list": ("print([])", 'did not print {"accepted": true} or {"accepted": false}'),
    "says something else": ("print({})", 'did not print {"accepted": true} or {"accepted": false}'),
    "says 1": ("""print('{"accepted": 1}')""", 'did not print {"accepted": true} or {"accepted": false}'),
    "says null": ("""print('{"accepted": null}')""", 'did not print {"accepted": true} or {"accepted": false}'),
    "prints no end": ('print("{", end="")', "printed a line without an end, and ended with exit status 0"),
    "prints megabytes": ('print("1" * 5_000_000)', "printed a line of more than 65536 bytes"),
    "prints for ever": ('while True: print("1" * 1000, end="")', "printed a line of more than 65536 bytes"),
}
# The same, with the seconds that an answer may take.
QUIET = {
    "hangs": ("import time; time.sleep(60)", 0.5, "gave no answer within 0.5 s (does it flush each line?)"),
    "does not flush": (
        "import time; out = open(1, 'w'); print({}, file=out); time.sleep(60)",
        0.5,
        "gave no answer within 0.5 s (does it flush each line?)",
    ),
    "stops in a line": (
        'import time; print("{", end="", flush=True); time.sleep(60)',
        2,
        "printed a line without an end, and gave no answer within 2 s (does it flush each line?)",
    ),
    "closes its input": (
        "import os, time; os.close(0); time.sleep(60)",
        0.5,
        "gave no answer within 0.5 s (does it flush each line?)",
    ),
    "closes its output": ("import os, time; os.close(1); time.sleep(60)", 60, "closed its output"),
    "leaves another process behind": (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); sys.exit(3)",
        2,
        "ended with exit status 3",
    ),
    "fills its standard error": (
        "import os, sys\nos.dup2(os.pipe()[1], 2)\nprint('1' * 1_000_000, file=sys.stderr)",
        0.5,
        "gave no answer within 0.5 s (does it flush each line?)",
    ),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that does not end by itself is killed soon."""
    monkeypatch.setattr("signrules.fuzz._exec._PATIENCE", 0.1)


@pytest.mark.parametrize(("code", "words"), FAILURES.values(), ids=list(FAILURES))
def test_a_judge_that_fails_at_once(code: str, words: str) -> None:
    with pytest.raises(JudgeError) as caught:
        judged(f"input()\n{code}", 60)
    assert str(caught.value) == f"the judge {words} at case case-1"


@pytest.mark.parametrize(("code", "words"), [FAILURES["ends"], FAILURES["says no JSON"], FAILURES["prints no end"]])
def test_a_judge_that_fails_later(code: str, words: str) -> None:
    """What was seen until then is kept."""
    found = judged(f"input()\n{YES}input()\n{code}", 60)
    assert found == (None, (Observation(FIRST, accepted=True),), False, f"the judge {words} at case case-2")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("code", "timeout", "words"), QUIET.values(), ids=list(QUIET))
def test_a_judge_that_says_nothing(code: str, timeout: float, words: str) -> None:
    begin = time.monotonic()
    with pytest.raises(JudgeError) as caught:
        judged(f"input()\n{code}", timeout)
    assert str(caught.value) == f"the judge {words} at case case-1"
    assert time.monotonic() - begin < 30


def test_a_judge_that_does_not_read() -> None:
    """More than a pipe holds is written to it."""
    long = Case("long", {"name": "a" * 1_000_000}, "invalid", "name", ("length",), (), "")
    with pytest.raises(JudgeError) as caught:
        judged_by(python("import time; time.sleep(60)"), each_once(long), timeout=0.5)
    assert str(caught.value) == "the judge gave no answer within 0.5 s (does it flush each line?) at case long"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            """input(); print('{"accepted": true}\\n{"accepted": true}', flush=True); input()""",
            "the judge printed a line that nobody asked for, before case case-2",
        ),
        (f"for n in range(3): input(); {YES}print('x')", "the judge printed more lines than it was asked for"),
        (f"for n in range(3): input(); {YES}print('x', end='')", "the judge printed more lines than it was asked for"),
    ],
)
def test_no_verdict_counts_if_nobody_can_say_for_which_case_it_is(code: str, words: str) -> None:
    with pytest.raises(OutOfStepError) as caught:
        judged(code)
    assert str(caught.value) == words


def test_a_judge_that_cannot_be_started(tmp_path: Path) -> None:
    (tmp_path / "judge").write_text("no program")
    for program, reason in ("no-such-program", "No such file or directory"), ("judge", "Permission denied"):
        with pytest.raises(JudgeError) as caught:
            judged_by([str(tmp_path / program), "hunter2"], each_once(FIRST), timeout=1)
        assert str(caught.value) == f"the judge cannot be started: {reason}"


def test_the_judge_is_ended_with_all_its_processes(tmp_path: Path) -> None:
    """If the judge comes to its end by itself, nobody is in a hurry; one that does not is killed."""
    path = tmp_path / "held"
    os.mkfifo(path)
    held = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    code = f"""
import signal, subprocess, sys, time
for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, signal.SIG_IGN)
held = open({str(path)!r}, "w")
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=held)
for line in sys.stdin:
    {YES}
time.sleep(60)
"""
    assert judged(code).observations == tuple(Observation(case, accepted=True) for case in (FIRST, SECOND, THIRD))
    os.set_blocking(held, True)
    begin = time.monotonic()
    assert os.read(held, 1) == b""  # the end of the last process that holds it
    assert time.monotonic() - begin < 30
    os.close(held)
    end = tmp_path / "end"
    code = f"import sys\nfor line in sys.stdin: {YES}\nopen({str(end)!r}, 'w').write('tidy')"
    assert judged(code).stopped == ""
    assert end.read_text() == "tidy"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_the_run(number: signal.Signals) -> None:
    handler = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL  # nohup may run the tests
    usual = signal.signal(number, handler)
    code = f"import sys, time\nfor line in sys.stdin:\n {YES} time.sleep(0.2)"
    dialogue = each_once(FIRST, SECOND, THIRD)

    found = judged_by(python(code), dialogue, timeout=60, progress=lambda _: os.kill(os.getpid(), number))
    assert found == (None, (Observation(FIRST, accepted=True),), True, "")
    assert inspect.getgeneratorstate(dialogue) == inspect.GEN_CLOSED
    assert signal.signal(number, usual) is handler


def test_a_second_signal_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it comes while the judge is given its time to end."""
    monkeypatch.setattr("signrules.fuzz._exec._PATIENCE", 60)
    second = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM])

    def send(_: int) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        second.start()

    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        judged_by(python(f"import time; input(); {YES}time.sleep(60)"), each_once(FIRST), timeout=60, progress=send)
    assert time.monotonic() - begin < 30


def words(command: list[str]) -> str:
    return shlex.join(command)


def test_the_command_line(run: Terminal, tmp_path: Path) -> None:  # noqa: F811
    right = run("fuzz", "--exec", words(python(PLANTED, "none")))
    assert (right.status, right.err) == (0, "")
    lines = right.out.splitlines()
    number = len(list(cases()))
    assert lines[0] == "The judge keeps every rule"
    assert lines[1].startswith(f"{sys.executable}: {number} cases of quick, {number} requests, ")
    bug = bugs()["sign_secret.hmac:dollar"]
    files = ["--junit", str(tmp_path / "r.xml"), "--html", str(tmp_path / "r.html")]
    wrong = run("fuzz", "--exec", words(python(PLANTED, bug.name, "hunter2")), "--json", *files)
    assert (wrong.status, wrong.err) == (1, "")
    report = json.loads(wrong.out)
    assert report["url"] == sys.executable
    assert [finding["words"] for finding in report["findings"]] == [bug.words]
    xml, page = ((tmp_path / name).read_text(encoding="utf-8") for name in ("r.xml", "r.html"))
    assert ET.fromstring(xml).tag == "testsuites"
    assert "The judge gets 1 rule wrong" in page
    assert "Which rule does the judge get wrong?" in page
    assert not any("hunter2" in text for text in (wrong.out, xml, page))


def test_the_command_line_tells_what_a_judge_did(run: Terminal) -> None:  # noqa: F811
    first, second, *_ = cases()
    none = run("fuzz", "--exec", words(python("raise SystemExit(3)")))
    assert (none.status, none.out) == (2, "")
    assert none.err == f"signrules fuzz: error: the judge ended with exit status 3 at case {first.id}\n"
    one = run("fuzz", "--exec", words(python(f"input()\n{YES}input()\nraise SystemExit(3)")))
    assert (one.status, one.err) == (2, "")
    assert one.out.splitlines()[0].endswith(f" (the judge ended with exit status 3 at case {second.id})")
    missing = run("fuzz", "--exec", "/no/hunter2 --token hunter2")
    assert (missing.status, missing.out) == (2, "")
    assert missing.err == "signrules fuzz: error: the judge cannot be started: No such file or directory\n"
    assert name_of(["hunter2"]) == "the judge"


def test_a_signal_on_the_command_line(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    seen = Observation(next(cases()), accepted=True)
    monkeypatch.setattr(_exec, "judged_by", lambda *_, **__: Judged(None, (seen,), interrupted=True, stopped=""))
    ended = run("fuzz", "--exec", "cat")
    assert (ended.status, ended.err) == (130, "")
    assert "(interrupted)" in ended.out

    def at_once(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_exec, "judged_by", at_once)
    ended = run("fuzz", "--exec", "cat")
    assert (ended.status, ended.out, ended.err) == (130, "", "signrules fuzz: ended at once\n")


def test_a_terminal_sees_a_bar(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    def half(*_: object, progress: Callable[[int], object], **__: object) -> Judged[None]:
        progress(len(list(cases())) // 2)
        return Judged(None, (), interrupted=False, stopped="")

    monkeypatch.setattr(_exec, "judged_by", half)
    monkeypatch.setattr("time.monotonic", Clock(1))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert f"\r[{'#' * 15:<30}]  50%\r" in run("fuzz", "--exec", "cat").err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "a URL or --exec is needed, or --dry-run, --corpus, --corpus-schema or --dictionary"),
        (["--exec", "cat", "https://hunter2"], "there is a URL and --exec: give one of them, and put the command of"),
        (["--exec", ""], "argument --exec: must be a command, quoted as for a shell"),
        (["--exec", "cat 'hunter2"], "argument --exec: must be a command, quoted as for a shell"),
        *(
            (["--exec", "cat", option, *value], f"{option} cannot be used with --exec")
            for option, *value in (
                ["--token-file", "hunter2"],
                ["--ca", "hunter2"],
                ["--state", "hunter2"],
                ["--fresh"],
                ["--concurrency", "4"],
                ["--rate", "1"],
                ["--quota", "100"],
            )
        ),
        (
            ["--exec", "cat", "--fresh", "--quota", "9", "--rate", "1"],
            "--fresh, --rate and --quota cannot be used with",
        ),
    ],
)
def test_wrong_use(arguments: list[str], reason: str, run: Terminal) -> None:  # noqa: F811
    result = run("fuzz", *arguments)
    assert (result.status, result.out) == (2, "")
    assert f"signrules fuzz: error: {reason}" in result.err
    assert "hunter2" not in result.err


def test_a_judge_needs_no_extra() -> None:
    code = (
        "import sys\nsys.modules['httpx'] = None\nfrom signrules.cli import main\n"
        "raise SystemExit(main(['fuzz', '--exec', sys.argv[1]]))"
    )
    done = subprocess.run(python(code, words(python(PLANTED, "none"))), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
