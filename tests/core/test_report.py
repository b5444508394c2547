"""The four reports: each text as a whole once, every kind of bug, hostile answers, and the page in a real browser."""

import json
import re
import shlex
import subprocess
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from signrules._table import SOURCE_URL
from signrules._version import version
from signrules.fuzz import Observation, cases, diagnose
from signrules.fuzz._alterations import Alteration
from signrules.fuzz._formats import as_json, junit, text
from signrules.fuzz._page import html
from signrules.fuzz._remains import KeyFault
from signrules.fuzz._report import Report, answer, body_in_ascii, choice_in_words, heading, reason
from signrules.fuzz._resend import command_line, shell_line
from signrules.fuzz._sarif import sarif
from signrules.fuzz.bugs import bugs

from ..reports import URL, case, faulty, observed, report, run
from ..sampled import sampled

# The terminal


CLEAN = """\
The gateway keeps every rule
https://gateway.test/v2/p/apigw/instances/i/signs: 320 cases of quick, 281 requests, 3.2 s

Where the page, "Creating a Signature Key", is silent:
    """
ABOUT_QUICK = "quick finds every bug model that we know of"
DOLLAR = r"""The gateway gets 1 rule wrong
https://gateway.test/v2/p/apigw/instances/i/signs: 5 cases of full, 281 requests, 3.2 s

sign_secret of hmac: probably accepts a line break at the end (a `$` anchor)
    lets wrong keys in
    sign_secret.hmac:after-full-line-break  accepted (201), must be refused: sign_secret: line-break after the longest right value
    {"name": "srmtuputvccvqk", "sign_type": "hmac", "sign_secret": "kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0kEy0\n"}
    the same cause: sign_secret.hmac:last-0a
    also explained by what follows; a case that would tell them apart was not sent
        strips a line break at the end
        removes control characters
        sign_secret of every type: accepts a line break at the end (a `$` anchor)
        sign_secret of every type: strips a line break at the end
        sign_secret of every type: removes control characters
        and 6 more bug models

Where the page, "Creating a Signature Key", is silent:
    null as sign_type: refused

2026-11-25 14:00 UTC, signrules VERSION; full goes on from quick, for bugs that no model has
"""  # noqa: E501  a line of the report
_FAULTS_VERDICT = (
    "gives 2 wrong answers that no bug model explains; gives no verdict on 3 cases; "
    "answers that a key is deleted, and keeps it (interrupted)"
)
FAULTS = rf"""The gateway {_FAULTS_VERDICT}
https://gateway.test/v2/p/apigw/instances/i/signs: 11 cases of full, 281 requests, 3.2 s

The run was interrupted. It has a verdict on 8 of 3000 cases, and the others may show more.

the name alone: refused
    locks right keys out
    body:name-alone  refused for name (400, APIG.2011), must be accepted: the name alone
    {{"name": "srirkiazomdhrt"}}
    no bug model explains it

the body is an empty list: accepted
    lets wrong keys in
    body:an-empty-list  accepted (201), must be refused: the body is an empty list
    []
    no bug model explains it

Wrong with keys:
    answers that a key is deleted, and keeps it (srabc, x\u000ay)

Where the page, "Creating a Signature Key", is silent:
    null as sign_type: accepted (probably takes null for a member that is left out; or accepts null as sign_type)

Without a verdict:
    sign_secret.public_key:full-star: status 502, the answer is \u001b[2J<html>
    body:null: no verdict
    body:true: timed out

Left behind, to be deleted:
    srabc
    x\u000ay

2026-11-25 14:00 UTC, signrules VERSION; full goes on from quick, for bugs that no model has
"""


def test_a_clean_gateway() -> None:
    written = text(run())
    assert written.startswith(CLEAN)
    assert written.endswith(f"\n\n2026-11-25 14:00 UTC, signrules {version()}; {ABOUT_QUICK}\n")
    assert "wrong" not in written


def test_a_finding_in_words_with_the_request_that_decides_it() -> None:
    asked = ("last-0a", "after-full-line-break", "after-full-space", "line-then")
    seen = [observed(case(f"sign_secret.hmac:{each}"), bugs()["sign_secret.hmac:dollar"]) for each in asked]
    assert text(report([*seen, observed(case("body:null.sign_type"))], "full")) == DOLLAR.replace("VERSION", version())


def test_faults_and_what_no_model_explains() -> None:
    assert text(faulty()) == FAULTS.replace("VERSION", version())


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (lambda: run("sign_key.public_key:max-1", "sign_secret.hmac:dollar"), "gets 2 rules wrong"),
        (lambda: report([]), "keeps every rule"),
        (
            lambda: report([observed(case("name:length-3"))], interrupted=True),
            "gets no rule wrong so far (interrupted)",
        ),
        (lambda: report([], stopped="no answer\x1b"), r"gets no rule wrong so far (no answer\u001b)"),
        (
            lambda: report([Observation(case("body:true"), None)]),
            "gets no rule wrong so far; gives no verdict on 1 case",
        ),
        (
            lambda: report(
                [
                    observed(case("name:last-0a"), bugs()["name:dollar"]),
                    Observation(case("body:an-empty-list"), accepted=True),
                    observed(case("body:a-number")),
                    observed(case("body:true.sign_type")),
                ]
            ),
            "gets 1 rule wrong; gives 1 wrong answer that no bug model explains",
        ),
    ],
)
def test_the_verdict_in_one_line(made: Callable[[], Report], verdict: str) -> None:
    assert text(made()).splitlines()[0] == f"The gateway {verdict}"
    assert f"</span> <span>The gateway {verdict}</span></h1>" in html(made())


def test_a_gateway_that_answers_nothing_is_not_told_a_hundred_times() -> None:
    """A terminal and a page have the first twenty of a kind, and say how many more there are."""
    nothing = report(Observation(each, None, note="no answer") for each in cases())
    assert "no answer\n\nand 300 more cases\n" in text(nothing)
    assert "<li>and 300 more cases</li>" in html(nothing)
    once = run("name:dollar")
    much = once._replace(diagnosis=once.diagnosis._replace(findings=once.diagnosis.findings * 21))
    assert text(much).count("\n    name:last-0a  ") == html(much).count("<h3>") == 20
    assert "\n\nand 1 more finding\n" in text(much)
    assert "<li>and 1 more finding</li>" in html(much)


def test_a_long_value_is_shown_without_its_middle() -> None:
    written = text(run("sign_secret.public_key:max+1"))
    assert '"sign_secret": "kEy0kEy0kEy0kEy0 (2017 more) Ey0kEy0kEy0kEy0k"}' in written
    assert "sign_secret of public_key: probably accepts one character too many" in written


# All of them


def kinds() -> list[str]:
    """A bug of each kind: of those that differ in a row or a character alone, the first."""
    found: dict[str, str] = {}
    for name in bugs():
        where, _, what = name.partition(":")
        found.setdefault(name if where in ("rows", "body") else re.sub("(with|without|as)-.*", r"\1", what), name)
    return [*found.values()]


def test_every_kind_of_bug_is_told_in_every_report() -> None:
    assert len(kinds()) > 100
    for name in sampled(kinds(), 35):
        made = run(name)
        told = json.loads(as_json(made))
        named = [bug["name"] for entry in [*told["findings"], *told["choices"]] for bug in entry["bugs"]]
        assert name in named, name
        wrong = sum(o.is_wrong for o in made.observations)
        assert bool(wrong) == bool(told["findings"])
        lines = text(made)
        assert lines.startswith(f"The gateway {'gets 1 rule wrong' if wrong else 'keeps every rule'}\n")
        likely = bugs()[told["findings"][0]["bugs"][0]["name"]] if wrong else bugs()[name]
        page = html(made)
        for written in (lines, unescape(page)):
            assert written_in_ascii(likely.does) in written, name
        assert junit(made).count("<failure ") == wrong
        assert len(re.findall('<tr id="case-[0-9]+" class="wrong">', page)) == wrong


def written_in_ascii(words: str) -> str:
    return "".join(c if " " <= c <= "~" else f"\\u{ord(c):04x}" for c in words)


REPORTS: list[Callable[[Report], str]] = [text, as_json, junit, sarif, html]


@cache
def hostile() -> list[Report]:
    """Whatever a case, a gateway or a name may hold."""
    everything = report((observed(each, bugs()["all:any-characters"]) for each in cases("full")), "full")
    url = "https://gateway.test/<b>\x1b\x85\u202e\ud800&\"'"
    note = "</style><script>alert(1)</script>&amp;]]>\0$url"
    seen = tuple(o._replace(note=note) if o.accepted is None else o for o in faulty().observations)
    told = faulty()._replace(
        url=url, left_behind=(note,), interrupted=False, observations=seen, diagnosis=diagnose(seen)
    )
    return [everything, told]


@pytest.mark.parametrize("write", REPORTS)
def test_nothing_hostile_gets_through(write: Callable[[Report], str]) -> None:
    """Every character is printable ASCII, and none of their mark-up is left."""
    for made in hostile():
        written = write(made)
        assert re.fullmatch(r"[\n -~]+", written)
        if write in (html, junit):
            assert "<script" not in written
            assert "<b>" not in written


@pytest.mark.parametrize("write", REPORTS)
def test_no_value_but_those_of_the_cases(write: Callable[[Report], str]) -> None:
    """What is left without the cases' own requests and words has no piece of a value."""
    made = run("all:dollar")
    rest = write(made)
    own = [each for o in made.observations for each in (body_in_ascii(o.case), o.case.wire.decode(), o.case.comment)]
    for each in sorted(own, key=len, reverse=True):
        for spelled in (each, json.dumps(each)[1:-1], markup(each, quotes=True), markup(each, quotes=False)):
            rest = rest.replace(spelled, "")
    assert "kEy0" not in rest
    assert "kEy0" in write(made)


def markup(words: str, *, quotes: bool) -> str:
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return words.replace('"', "&quot;").replace("'", "&#x27;") if quotes else words


# What is told of a finding


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("name:max+1", "lets wrong keys in"),
        ("name:max-1", "locks right keys out"),
        ("rows:algorithm-swapped", "lets wrong keys in and locks right keys out"),
    ],
)
def test_how_bad_a_finding_is(name: str, words: str) -> None:
    made = run(name)
    assert {entry["severity"] for entry in json.loads(as_json(made))["findings"]} == {words}
    for written in (text(made), html(made), junit(made), sarif(made)):
        assert words in written


def test_probably_is_said_where_another_bug_model_explains_the_same() -> None:
    made = run("name:dollar")
    (finding,) = made.diagnosis.findings
    assert heading(finding) == "name: probably accepts a line break at the end (a `$` anchor)"
    assert heading(finding._replace(explanations=(bugs()["body:null"], bugs()["name:dollar"]))).startswith("probably ")
    certain = finding._replace(explanations=finding.explanations[:1])
    assert heading(certain) == "name: accepts a line break at the end (a `$` anchor)"
    (choice,) = faulty().diagnosis.choices
    assert "(probably takes null" in choice_in_words(choice)
    many = choice._replace(explanations=tuple(bugs().values())[:6])
    assert choice_in_words(many).endswith("; and 1 more bug model)")
    one = choice._replace(explanations=choice.explanations[:1])
    assert choice_in_words(one) == "null as sign_type: accepted (takes null for a member that is left out)"


def test_an_answer_is_told_with_its_status_and_its_error_code() -> None:
    refused = Observation(case("name:last-0a"), accepted=False, member="name", status=400, code="APIG.2011")
    assert answer(refused) == "refused for name (400, APIG.2011)"
    assert answer(refused._replace(member="", code="")) == "refused for the body (400)"
    assert answer(refused._replace(accepted=True, status=201, code="")) == "accepted (201)"
    assert answer(refused._replace(status=None, code="", member=None)) == "refused"
    assert reason(refused._replace(accepted=None, status=500, code="APIG.9999")) == "status 500, APIG.9999"


def test_a_line_for_a_shell_sends_the_whole_body() -> None:
    by_gateway, by_judge = report([]), report([], judge="judge")
    for each in cases():
        words = shlex.split(shell_line(each, by_gateway))
        assert words[:3] == ["curl", "-i", "$URL"]
        assert "X-Auth-Token: $TOKEN" in words
        assert words[-2:] == ["--data-raw", each.wire.decode()]
        assert shlex.split(shell_line(each, by_judge))[2:] == [each.wire.decode(), "|", "$JUDGE"]
        assert shlex.split(command_line(each, by_gateway))[-2:] == ["--only", each.id]
        assert shlex.split(command_line(each, by_judge))[2:] == ["--exec", "$JUDGE", "--only", each.id]
    made = run("name:max+1")
    (finding,) = made.diagnosis.findings
    page = unescape(html(made))
    for line in (shell_line, command_line):
        assert f"<pre>{line(finding.observations[0].case, made)}</pre>" in page
    assert "URL is that of the keys, " in page, "it says what the reader must set"
    assert "which deletes the key that is made" in page
    page = unescape(html(made._replace(judge="judge")))
    assert "JUDGE is the command that judges." in page
    assert "which deletes" not in page, "a judge makes no key"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_line_for_a_shell_sends_raw_bytes(shell: str) -> None:
    raw = tuple(cases("wire"))
    made = report([], "wire")
    lines = [shell_line(each, made) for each in raw]
    assert all(line.isascii() and line.isprintable() for line in lines)
    script = "; echo; ".join(["curl() { cat; }", *lines])
    done = subprocess.run([shell, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"".join(b"\n" + each.wire for each in raw)
    for line, each in zip(lines, raw, strict=True):
        header = each.raw and each.raw.content_encoding
        assert (f'-H "Content-Encoding: {header}"' in line) is bool(header)
    assert shlex.split(command_line(raw[0], made))[-2:] == ["--only", raw[0].id]


def test_an_unfinished_run_is_a_banner() -> None:
    seen = [observed(case("name:last-0a"))]
    stopped = report(seen, "only", stopped="no answer\x1b")
    others = "and the others may show more."
    for made, words in (
        (run()._replace(stopped="x"), "The run ended early: x. It has a verdict on 320 of 320 cases."),
        (report(seen, interrupted=True), f"The run was interrupted. It has a verdict on 1 of 320 cases, {others}"),
        (stopped, r"The run ended early: no answer\u001b. It has a verdict on 1 case."),
    ):
        assert f'</header>\n\n<p class="banner">{words}' in html(made)
        assert f"\n\n{words}" in text(made)
        (invocation,) = json.loads(sarif(made))["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is False
        assert words in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert "banner" not in re.sub("<style>.*</style>", "", html(run()), flags=re.DOTALL)


def test_single_cases_are_told_as_such() -> None:
    written = text(report([observed(case("name:length-3"))], "only"))
    assert written.splitlines()[1:] == [
        f"{URL}: 1 case, 281 requests, 3.2 s",
        "",
        f"2026-11-25 14:00 UTC, signrules {version()}; single cases, which were asked for by their ids",
    ]


# JSON


def test_the_members_of_the_json_are_those_of_its_docstring() -> None:
    told = json.loads(as_json(faulty()))
    named = set(re.findall("`([a-z_0-9]+)`", as_json.__doc__ or ""))
    members = {*told, *told["findings"][0], *told["choices"][0], *told["choices"][0]["bugs"][0], *told["cases"][0]}
    members |= {*json.loads(as_json(stored_otherwise()))["stored"][0], *told["key_faults"][0]}
    raw = json.loads(as_json(report((Observation(each, accepted=True) for each in [*cases("wire")][:1]), "wire")))
    members |= {*raw["readings"][0], *raw["cases"][0]}
    assert members == named
    assert (told["url"], told["profile"], told["requests"], told["seconds"]) == (URL, "full", 281, 3.21)
    assert (told["clean"], told["interrupted"], told["left_behind"]) == (False, True, ["srabc", "x\ny"])
    assert [entry["cases"] for entry in told["findings"]] == [["body:name-alone"], ["body:an-empty-list"]]
    assert [(entry["case"], entry["accepted"]) for entry in told["choices"]] == [("body:null.sign_type", True)]
    assert json.loads(as_json(run()))["clean"] is True


def test_what_is_wrong_with_keys_is_told() -> None:
    made = run()._replace(key_faults=(KeyFault("made though refused", tuple(f"name:last-2{n}" for n in range(7))),))
    assert not made.is_clean
    words = "refuses a request, and makes its key all the same"
    lines = text(made).splitlines()
    assert lines[0] == f"The gateway keeps every rule; {words}"
    ids = "name:last-20, name:last-21, name:last-22, name:last-23, name:last-24, and 2 more"
    assert lines[lines.index("Wrong with keys:") + 1] == f"    {words} ({ids})"
    told = json.loads(as_json(made))
    assert (told["clean"], [fault["kind"] for fault in told["key_faults"]]) == (False, ["made though refused"])
    assert words in html(made)
    assert f'<failure message="{words} ({ids})" type="wrong with keys" />' in junit(made)
    (result,) = json.loads(sarif(made))["runs"][0]["results"]
    assert (result["ruleId"], result["level"], result["message"]["text"]) == (
        "wrong-with-keys",
        "error",
        f"{words} ({ids}).",
    )


def test_keys_that_may_be_left_are_told() -> None:
    made = run()._replace(left_behind=("srabc", "x\ny"), perhaps_ours=("kEy (0b0e)",))
    xml = junit(made)
    assert '<error message="srabc, x\\u000ay" type="left behind, to be deleted" />' in xml
    assert '<error message="kEy (0b0e)" type="new since the run began, perhaps ours" />' in xml
    assert ET.fromstring(xml.encode()).get("errors") == "2"
    told = json.loads(sarif(made))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in told] == [
        r"Left behind, to be deleted: srabc, x\u000ay",
        "New since the run began, perhaps ours: kEy (0b0e)",
    ]


def stored_otherwise() -> Report:
    """Every answer is right, but the secret is cut, and the key is hidden."""
    seen = map(observed, cases())
    kinds: tuple[tuple[str, Alteration], ...] = (("sign_key", "masked"), ("sign_secret", "shorter"))
    return report(
        o._replace(stored=tuple(kind for kind in kinds if kind[0] in o.case.body)) if o.accepted else o for o in seen
    )


def test_what_is_stored_otherwise_is_told_and_a_fault_unless_it_is_only_hidden() -> None:
    made = stored_otherwise()
    assert not made.is_clean
    lines = text(made).splitlines()
    assert lines[0] == "The gateway keeps every rule; stores sign_secret otherwise than sent"
    start = lines.index("Stored otherwise than sent:")
    hidden, cut = sorted(lines[start + 1 : start + 3])
    assert hidden.startswith("    sign_key: is starred out in the answer, so nothing is known of what is stored (body.")
    assert re.fullmatch(r"    sign_secret: stores a part of what was sent \(body\.\S+.*, and \d+ more cases\)", cut)
    page = html(made)
    assert '<h1><span class="wrong" aria-hidden="true">&#x2717;</span>' in page
    told = page[page.index("<h2>Stored otherwise than sent</h2>") : page.index("<h2>Hidden in the answers</h2>")]
    assert "<h3>sign_secret: stores a part of what was sent</h3>" in told
    assert '<strong class="severity">stores something else</strong>' in told
    assert re.search(r'Seen after <a href="#case-\d+">.*</a>, and \d+ more cases\.</p>', told)
    assert "curl -i" in told
    assert "<li>sign_key: is starred out in the answer" in page
    assert ET.fromstring(junit(made).encode()).get("failures") == "1"
    only_hidden = made.diagnosis._replace(stored=tuple(each for each in made.diagnosis.stored if not each.is_wrong))
    assert made._replace(diagnosis=only_hidden).is_clean


def test_the_json_has_every_case_as_it_was_sent() -> None:
    made = report((observed(each) for each in cases("full")), "full")
    for told, o in zip(json.loads(as_json(made))["cases"], made.observations, strict=True):
        assert json.loads(told["wire"]) == o.case.body
        assert (told["id"], told["accepted"], told["wrong"]) == (o.case.id, o.accepted, False)
        assert (told["flags"], told["codes"]) == ([*o.case.flags], [*o.case.codes])


# JUnit


FAILURE = r"""    <testcase classname="sign_secret.hmac" name="sign_secret.hmac:last-0a">
      <failure message="accepted (201), must be refused: sign_secret: U+000A as the last character" type="invalid">sign_secret of hmac: probably accepts a line break at the end (a `$` anchor); lets wrong keys in
{"name": "srboqqixthtyun", "sign_type": "hmac", "sign_secret": "kEy0kEy0kEy0kEy0k\n"}</failure>
    </testcase>
"""  # noqa: E501  a line of the report
ERROR = r"""    <testcase classname="body" name="body:true">
      <error message="timed out" type="no verdict">true</error>
    </testcase>
"""


def test_a_failure_and_an_error_as_a_whole() -> None:
    assert FAILURE in junit(run("sign_secret.hmac:dollar"))
    assert ERROR in junit(faulty())


def test_the_xml_is_xml_and_says_how_it_is_encoded() -> None:
    made = junit(run())
    assert made.startswith("<?xml version='1.0' encoding='us-ascii'?>\n<testsuites ")
    assert next(iter(ET.fromstring(made.encode()))).get("name") == "signrules fuzz quick"


# SARIF


def test_a_result_of_sarif_as_a_whole() -> None:
    made = run("sign_secret.hmac:dollar")
    (run_of,) = json.loads(sarif(made))["runs"]
    (result,) = run_of["results"]
    (finding,) = made.diagnosis.findings
    first, *others = finding.observations
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("sign_secret.hmac:dollar", 0, "error")
    assert result["message"]["text"] == (
        "sign_secret of hmac: probably accepts a line break at the end (a `$` anchor) (lets wrong keys in; "
        "also explained by what follows; a case that would tell them apart was not sent). The case "
        "sign_secret.hmac:last-0a was accepted (201), and must be refused: sign_secret: U+000A as the last character."
    )
    assert result["properties"]["cases"] == [o.case.id for o in (first, *others)]
    assert shlex.split(result["properties"]["shell"])[-1] == first.case.wire.decode()
    assert [rule["id"] for rule in run_of["tool"]["driver"]["rules"]] == ["sign_secret.hmac:dollar"]
    assert run_of["invocations"][0]["executionSuccessful"] is True
    assert run_of["invocations"][0]["startTimeUtc"] == "2026-11-25T14:00:00Z"


def test_what_is_no_finding_is_a_result_of_sarif_too() -> None:
    (of_faulty,), (of_stored,) = (json.loads(sarif(made))["runs"] for made in (faulty(), stored_otherwise()))
    assert [(each["ruleId"], each["level"]) for each in of_faulty["results"]] == [
        *[("unexplained", "error")] * 2,
        ("wrong-with-keys", "error"),
        *[("no-verdict", "warning")] * 3,
    ]
    assert [each["ruleId"] for each in of_stored["results"]] == ["stored-otherwise"]
    assert json.loads(sarif(run()))["runs"][0]["results"] == []


# The page


def test_the_page_is_one_file_under_a_strict_policy() -> None:
    page = html(faulty())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'", policy)
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\ssrc=|\sstyle=|\son[a-z]+=", page)
    targets = [target for target in re.findall(r'href="([^"]*)"', page) if not target.startswith("#case-")]
    assert targets == [SOURCE_URL]
    assert "$" not in re.sub(r"<(pre|code|h3|dd|td)>.*?</\1>", "", page), "every place is filled"
