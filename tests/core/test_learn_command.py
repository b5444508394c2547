"""`signrules learn`: over a real socket, from a program, and when it ends early."""

import csv
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs the extra fuzz: in a clone, pip install '.[fuzz]'")
pytest.importorskip("starlette", reason="needs the extra gateway: in a clone, pip install '.[gateway]'")

from signrules import cli
from signrules.fuzz import Learned, _runner, learn
from signrules.fuzz._learnt_page import html
from signrules.fuzz._remains import KeyFault
from signrules.fuzz.bugs import bugs, refused
from signrules.fuzz.gateway import gateway, serving

from .. import oracle
from ..reports import learnt
from ..threads import in_a_thread

WHERE = "/v2/project/apigw/instances/instance/signs"
LONGER = bugs()["sign_key.hmac:max+1"]
SENTENCE = "sign_key of hmac: the longest length is 33, not 32"

Captured = pytest.CaptureFixture[str]


def main(*arguments: str) -> int:
    return in_a_thread(lambda: cli.main(["learn", *arguments]))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text("any", encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(gateway(LONGER)) as address:
        yield f"{address}{WHERE}"


def test_the_table_of_a_gateway_with_a_bug(url: str, capsys: Captured, folder: Path) -> None:
    assert main(url, "--token-file", "token.txt") == 1
    out, err = capsys.readouterr()
    (row,) = re.findall("^sign_key +hmac .*", out, re.MULTILINE)
    assert re.fullmatch(r"sign_key +hmac +8 +> 33 +letters, digits and _ - +letter or digit", row)
    assert SENTENCE in out
    assert err == "signrules learn: control characters were not asked for; --controls asks for them too\n"
    assert [path.name for path in folder.iterdir()] == ["token.txt"]


@cache
def longer_learned() -> Learned:
    return learn(lambda body: refused(body, LONGER) is None)


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_the_other_forms(form: str, capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_runner, "run", ended(interrupted=False, result=longer_learned()))
    assert main(f"http://127.0.0.1{WHERE}", "--format", form, "--output", "table") == 1
    assert capsys.readouterr().out == ""
    text = (folder / "table").read_text(encoding="utf-8")
    match form:
        case "markdown":
            assert "**33**" in text
        case "json":
            longest = [row["max_length"] for row in json.loads(text)["rows"]]
            assert longest == [64, 33, 32, 512, 16, 32, 64, 64, 2048, 16]
        case _:
            rows = list(csv.DictReader(text.splitlines()))
            assert [row["max_length"] for row in rows][:2] == ["64", "33"]


JUDGE = """
import json, sys
from signrules.fuzz.bugs import refused
for line in sys.stdin:
    print(json.dumps({"accepted": refused(json.loads(line)) is None}), flush=True)
"""


def test_a_program_that_keeps_every_rule(capsys: Captured, folder: Path) -> None:
    (folder / "judge.py").write_text(JUDGE, encoding="utf-8")
    assert main("--controls", "--exec", f"{sys.executable} judge.py") == 0
    out, err = capsys.readouterr()
    assert "Every row is as on the page." in out
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "a URL or --exec is needed"),
        (("http://127.0.0.1/", "--exec", "cat"), "there is a URL and --exec"),
        (("--exec", "cat", "--fresh"), "--fresh cannot be used with --exec"),
        (("no-url",), "the URL must be https://HOST/PATH"),
        (("--exec", "true"), "ended with exit status 0"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], words: str, capsys: Captured) -> None:
    assert main(*arguments) == 2
    assert words in capsys.readouterr().err


def ended(**settings: Any) -> Any:
    """A runner that leads no dialogue."""
    return lambda *_, **__: _runner.Run((), 3, settings.pop("left_behind", ()), **settings)


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        ({"interrupted": True}, 130, "interrupted; the same command goes on from here"),
        (
            {"interrupted": False, "stopped": "the gateway answered 404"},
            2,
            "the gateway answered 404; the same command",
        ),
        (
            {"interrupted": True, "left_behind": ("srabc",), "perhaps_ours": ("kEy (0b0e)",)},
            130,
            "left behind, to be deleted: srabc\nsignrules learn: new since the run began, perhaps ours: kEy (0b0e)\n",
        ),
    ],
)
def test_a_run_that_ends_early(
    found: dict[str, Any], status: int, words: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_runner, "run", ended(**found))
    assert main(f"http://127.0.0.1{WHERE}") == status
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


def test_a_key_that_is_left_is_no_success(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    learned = learn(lambda body: refused(body) is None)
    faults = (
        KeyFault("kept though deleted", ("srabc",)),
        KeyFault("made though refused", ("case",) * 8),
    )
    many = "the gateway refuses a request, and makes its key all the same: case, case, case, case, case, and 3 more\n"
    for words, found in (
        ("left behind, to be deleted: srabc", {"left_behind": ("srabc",)}),
        ("the gateway answers that a key is deleted, and keeps it: srabc", {"key_faults": faults}),
        (many, {"key_faults": faults}),
        ("perhaps ours: \\u001b[2J (0b0e)\n", {"perhaps_ours": ("\x1b[2J (0b0e)",)}),
        ("answered 401; the same command finds out whether a key is left\n", {"stopped": "the gateway answered 401"}),
    ):
        monkeypatch.setattr(_runner, "run", ended(interrupted=False, result=learned, **found))
        assert main(f"http://127.0.0.1{WHERE}") == 1
        out, err = capsys.readouterr()
        assert "Every row is as on the page." in out
        assert words in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_loses_no_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_runner, "run", ended(interrupted=False, result=learnt()))
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(f"http://127.0.0.1{WHERE}", "--html", "r.html") == 2
    assert "<table" in (folder / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [(f"http://127.0.0.1{WHERE}",), ("--exec", "cat")])
def test_a_second_ctrl_c(arguments: tuple[str, ...], capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_runner, "run", interrupted)
    monkeypatch.setattr("signrules.fuzz._exec.judged_by", interrupted)
    assert main(*arguments) == 130
    assert capsys.readouterr().err.startswith("signrules learn: ended at once")


def test_the_page_is_what_the_facts_say() -> None:
    learned = learn(lambda body: oracle.first_refused(body) is None, controls=True)
    assert learned.differences == ()
    assert [(row.min_length, row.max_length) for row in learned.rows if row] == [
        (fact.min_length, fact.max_length) for fact in oracle.FACTS
    ]


def test_the_page(capsys: Captured, folder: Path) -> None:
    (folder / "judge.py").write_text(
        JUDGE.replace('accepted": refused', 'accepted": "Q" not in line and refused'), "utf-8"
    )
    assert main("--html", "table.html", "--exec", f"{sys.executable} judge.py") == 1
    page = (folder / "table.html").read_text(encoding="ascii")
    assert capsys.readouterr().out.splitlines()[12] in unescape(page)
    assert "</span> <span>The table of the judge differs from the page in 10 rows</span></h1>" in page
    assert re.search(
        r"<br>\d+ requests; printable ASCII, no control characters<br>20\d\d-\d\d-\d\d \d\d:\d\d UTC, ", page
    )
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'", policy)


def test_the_page_says_what_differs_and_what_is_not_known() -> None:
    page = unescape(html(learnt(), url="x\x1b<b>", judge="gateway", controls=True, begun=0.0, left={"left": ("s\n",)}))
    assert "The table of the gateway differs from the page in 3 rows and is not wholly known in 1 row" in page
    differs, unknown, left, table = page.split("<h2>")[1:]
    assert differs.startswith("What differs from the page</h2>")
    assert [each.words for each in learnt().differences if each.is_known] == re.findall("<li>(.*)</li>", differs)
    assert re.findall("<li>(.*)</li>", unknown) == [
        "sign_key of aes with aes-128-cfb: none of the many values that were tried is accepted, "
        "so this row is not known"
    ]
    assert left.startswith("Left</h2>\n<ul>\n<li>s\\u000a</li>")
    assert "1970-01-01 00:00 UTC" in page
    assert "<code>x\\u001b<b></code>" in page
    assert "no control characters" not in page
    rows = dict(re.findall('<tr><th scope="row" class="[a-z]*">(.*?)</th>(.*?)</tr>', table))
    assert len(rows) == len(oracle.FACTS)
    mark = '<td class="wrong"><span class="wrong" aria-hidden="true">\u2717</span> '
    assert f"{mark}33 <small>on the page: 32</small></td>" in rows["sign_key of hmac"]
    assert f"{mark}64 <small>not all: see above</small></td>" in rows["name"]
    assert f"{mark}letters, digits and _ - ! @ # $ %, also '.'</td>" in rows["sign_secret of basic"]
    assert '<span class="none" aria-hidden="true">?</span> sign_key of aes with aes-128-cfb' in rows


def test_no_page_is_written_if_nothing_was_learnt(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    assert main("--html", "no/such/table.html", "--exec", "cat") == 2
    assert "--html: nothing is written" in capsys.readouterr().err
    monkeypatch.setattr(_runner, "run", ended(interrupted=True))
    assert main(f"http://127.0.0.1{WHERE}", "--html", "table.html") == 130
    assert [path.name for path in folder.iterdir()] == ["token.txt"]
