"""The reports in the programs that read them: the page in a browser, JUnit XML in a reader, SARIF by its schema."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from signrules._version import version
from signrules.fuzz import FLAGS, cases
from signrules.fuzz._formats import junit
from signrules.fuzz._page import html
from signrules.fuzz._report import Report
from signrules.fuzz._resend import shell_line
from signrules.fuzz._sarif import sarif
from signrules.fuzz.bugs import bugs
from signrules.fuzz.gateway import gateway, serving

from .. import oracle
from ..needs import packages, program
from ..reports import URL, faulty, observed, report, run, several
from .browser import expect, watched
from .faces import LOOKS, look_over, opened

# The terminal


def test_a_reader_of_junit_xml_finds_every_case() -> None:
    reader = pytest.importorskip("junitparser", reason="needs the extra dev: pip install -e '.[dev]'")
    made = report((observed(each, bugs()["all:any-characters"]) for each in cases("full")), "full")
    (suite,) = reader.JUnitXml.fromstring(junit(made).encode())
    found = [*suite]
    assert (suite.tests, suite.failures, suite.errors) == (
        len(found),
        sum(o.is_wrong for o in made.observations),
        0,
    )
    rows = {"name", "body"} | {
        f"{field}.{kind}" for field in ("sign_key", "sign_secret") for kind in ("hmac", "basic", "public_key")
    }
    assert {each.classname for each in found} == rows | {
        "sign_key.aes.aes-128-cfb",
        "sign_key.aes.aes-256-cfb",
        "sign_secret.aes",
    }
    for each, o in zip(found, made.observations, strict=True):
        assert bool(each.result) == o.is_wrong
    (faults,) = reader.JUnitXml.fromstring(junit(faulty()).encode())
    assert (faults.tests, faults.failures, faults.errors) == (14, 3, 5)
    told = {each.name: each.value for each in faults.properties()}
    assert told == {
        "url": URL,
        "verdict": "gives 2 wrong answers that no bug model explains; gives no verdict on 3 cases; "
        "answers that a key is deleted, and keeps it (interrupted)",
        "version": version(),
        "left_behind": r"srabc x\u000ay",
        "perhaps_ours": "",
        "key_faults": "answers that a key is deleted, and keeps it",
        "stored": "",
        "readings": "",
    }


@pytest.mark.parametrize("made", [run, several, faulty, lambda: run("all:dollar")._replace(url="./my judge")])
def test_sarif_is_what_its_schema_says(made: Callable[[], Report]) -> None:
    """The schema is that of the standard, as the SDK of its editors has it."""
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra dev: pip install -e '.[dev]'")
    (schema,) = (packages() / "@microsoft" / "jest-sarif" / "lib" / "schemas").glob("sarif-2.1.0-*.json")
    check = jsonschema.Draft4Validator(json.loads(schema.read_text(encoding="utf-8")))
    log = json.loads(sarif(made()))
    assert [error.message for error in check.iter_errors(log)] == []
    del log["runs"][0]["tool"]
    assert not check.is_valid(log)


def test_a_shell_sends_the_case_that_a_report_shows() -> None:
    curl = program("curl", package="curl")
    made = run("name:max+1")
    case = made.diagnosis.findings[0].observations[0].case
    with serving(gateway(bugs()["name:max+1"])) as address:
        url = f"{address}/v2/p/apigw/instances/i/signs"
        answer = subprocess.run(
            ["sh", "-c", shell_line(case, made).replace("curl", f"{curl} -s", 1)],
            env={"URL": url, "TOKEN": "any"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert answer.startswith("HTTP/1.1 201 ")
    assert json.loads(answer.splitlines()[-1])["name"] == case.body["name"]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1200, "height": 700})
    yield opened(context, html(several()))
    context.close()


def test_the_picture_counts_every_case(page: Page) -> None:
    """Each case once under each of its flags, and under what else its right values ask of their rows."""
    expected: Counter[tuple[str, str, str]] = Counter()
    for o in several().observations:
        kind = "none" if o.accepted is None else "wrong" if o.is_wrong else "right"
        part = "the body as a whole" if o.case.row is None else o.case.id.split(":")[0]
        asked = {(part, flag, kind) for flag in o.case.flags}
        if o.accepted is not None and isinstance(o.case.body, dict):
            asked |= {
                (*cell, "right" if o.accepted else "wrong")
                for field, cell in right_values(o.case.body)
                if o.accepted or o.member == field
            }
        expected.update(asked)
    seen: Counter[tuple[str, str, str]] = Counter()
    flags = page.locator(".picture thead th").all_inner_texts()
    assert flags == [*FLAGS]
    rows = page.locator(".picture tbody tr").all()
    assert len(rows) == 11
    for each in rows:
        name = each.locator("th").inner_text().replace(" of ", ".").replace(" with ", ".")
        for flag, cell in zip(flags, each.locator("td").all_inner_texts(), strict=True):
            for mark, number, word in re.findall(r"([✗?✓])\u202f(\d+)\s+(wrong|without a verdict|right)", cell):
                kind = {"✗": "wrong", "?": "none", "✓": "right"}[mark]
                assert word == {"none": "without a verdict"}.get(kind, kind)
                seen[name, flag, kind] += int(number)
    assert seen == expected
    for name in {name for name, _, _ in seen} - {"the body as a whole"}:
        assert seen[name, "Right", "right"]
        assert seen[name, "Length", "right"]


def right_values(body: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The members with a right value, and what each asks: the row accepts it, and perhaps one of its bounds."""
    algorithm = body.get("sign_algorithm")
    algorithm = algorithm if isinstance(algorithm, str) and algorithm in oracle.ALGORITHMS else None
    for field in ("name", "sign_key", "sign_secret"):
        value = body.get(field)
        for fact in oracle.applying(field, body.get("sign_type", "hmac"), algorithm):
            if (
                isinstance(value, str)
                and fact.min_length <= len(value) <= fact.max_length
                and {*value} <= fact.charset
                and value[0] in fact.first
            ):
                row = ".".join(filter(None, (fact.field, fact.sign_type, fact.sign_algorithm)))
                yield field, (row, "Right")
                if len(value) in (fact.min_length, fact.max_length):
                    yield field, (row, "Length")


def test_by_keyboard_from_the_picture_to_the_request(page: Page) -> None:
    page.locator(".picture a").first.focus()
    page.keyboard.press("Enter")
    target = page.locator("tr:target")
    assert target.is_visible()
    assert target.locator("td").first.inner_text() == "✗ accepted (201), must be refused"
    assert target.get_attribute("class") == "wrong"
    page.locator("summary", has_text="sign_key of basic").focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 2
    page.get_by_label("all", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("wrong answers").is_checked()
    assert page.locator(".cases tbody tr:visible").count() == page.locator("tr.wrong").count() > 0


@pytest.mark.parametrize(
    ("label", "kind"),
    [("wrong answers", "wrong"), ("without a verdict", "none"), ("where the page is silent", "silent")],
)
def test_the_cases_are_filtered(page: Page, label: str, kind: str) -> None:
    """A filter opens what it leaves, and "all" closes it again."""
    assert page.locator(".cases tbody tr:visible").count() == 0
    page.get_by_label(label).check()
    assert page.locator(".cases tbody tr:visible").count() == page.locator(f"tr.{kind}").count() > 0
    assert page.locator(f".cases:visible:not(:has(tr.{kind}))").count() == 0
    page.get_by_label("all", exact=True).check()
    assert page.locator(".cases tbody tr:visible").count() == 0
    page.locator(".cases").evaluate_all("(all) => all.forEach((details) => { details.open = true })")
    assert page.locator(".cases tbody tr:visible").count() == 320


def test_wrong_answers_stand_out_without_colour(page: Page) -> None:
    style = "(cell) => [getComputedStyle(cell).outlineStyle, getComputedStyle(cell).fontWeight, cell.textContent[0]]"
    assert page.locator(".picture td.wrong").first.evaluate(style) == ["solid", "700", "✗"]
    assert page.locator(".picture td.none").first.evaluate(style) == ["dashed", "700", "?"]
    assert page.locator(".picture td.right").first.evaluate(style) == ["none", "400", "✓"]


@pytest.mark.parametrize(("setting", "width"), LOOKS)
def test_nothing_annoys(chromium: Browser, setting: str, width: int) -> None:
    for made in (several(), faulty()):
        look_over(chromium, html(made), setting, width)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "shift_jis"])
def test_no_encoding_garbles_the_page(chromium: Browser, charset: str) -> None:
    """What a server says of the encoding counts for more than what the page says."""
    context = chromium.new_context()
    page = watched(context.new_page())
    answer = {"body": html(several()).encode(charset), "content_type": f"text/html; charset={charset}"}
    page.route("**/*", lambda route: route.fulfill(**answer))
    page.goto(URL)
    assert page.evaluate("document.characterSet").lower() == charset
    assert {*page.locator("tr.wrong td span").all_text_contents()} == {"✗"}
    assert {*page.locator("tr.right td span").all_text_contents()} == {"✓"}
    assert {*"✗✓"} < {*page.locator(".key").inner_text()}
    context.close()


def test_light_and_dark_differ(chromium: Browser) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        colours.add(opened(context, html(faulty())).evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert colours == {"rgb(245, 246, 248)", "rgb(20, 22, 26)"}


def test_without_scripts_the_case_can_be_copied_and_the_filter_works(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = opened(context, html(faulty()))
    page.locator("summary", has_text="Send it again").first.focus()
    page.keyboard.press("Enter")
    assert page.get_by_text('--data-raw \'{"name": ').first.is_visible()
    page.get_by_label("without a verdict").check()
    assert page.locator(".cases tbody tr:visible").count() == 3
    assert page.get_by_text("the table scrolls sideways").is_visible()
    assert page.get_by_text("The run was interrupted.").is_visible()
    context.close()


def test_on_a_phone_the_rows_of_the_picture_keep_their_names(chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 700})
    page = opened(context, html(several()))
    last = page.locator(".picture thead th").last
    place = "(name) => [name.getBoundingClientRect().left, name.getBoundingClientRect().right]"
    name = page.locator(".picture tbody th").first
    left, right = name.evaluate(place)
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert name.evaluate(place) == [left, right]
    assert right - left < 390 / 2
    context.close()
