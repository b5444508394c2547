"""The reports in the programs that read them: the page in a browser, JUnit XML in a reader."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from signrules.fuzz import cases
from signrules.fuzz._formats import junit
from signrules.fuzz._page import html
from signrules.fuzz._report import Report
from signrules.fuzz.bugs import bugs

from ..needs import packages
from ..reports import URL, faulty, observed, report, run, several
from .browser import watched

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
    assert (faults.tests, faults.failures, faults.errors) == (11, 2, 3)
    told = {each.name: each.value for each in faults.properties()}
    assert told == {
        "url": URL,
        "verdict": "gives 2 wrong answers that no bug model explains; gives no verdict on 3 cases; "
        "answers that a key is deleted, and keeps it (interrupted)",
        "left_behind": r"srabc x\u000ay",
        "perhaps_ours": "",
        "key_faults": "answers that a key is deleted, and keeps it",
        "stored": "",
        "readings": "",
    }


def opened(context: BrowserContext, made: Report) -> Page:
    """The page without a network; a complaint on the console is an error."""
    context.set_offline(True)
    page = watched(context.new_page())
    page.set_content(html(made))
    return page


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1200, "height": 700})
    yield opened(context, several())
    context.close()


def test_the_picture_counts_every_case(page: Page) -> None:
    """Each case once under each of its flags; rows that the table has, and the body."""
    expected = Counter(
        (o.case.id.split(":")[0], flag, "none" if o.accepted is None else "wrong" if o.is_wrong else "right")
        for o in several().observations
        for flag in o.case.flags
    )
    seen: Counter[tuple[str, str, str]] = Counter()
    flags = page.locator(".picture thead th").all_inner_texts()
    rows = page.locator(".picture tbody tr").all()
    assert len(rows) == 11
    for each in rows:
        name = each.locator("th").inner_text().replace(" of ", ".").replace(" with ", ".")
        for flag, cell in zip(flags, each.locator("td").all_inner_texts(), strict=True):
            for mark, number, word in re.findall(r"([✗?✓])\u202f(\d+)\s+(wrong|without a verdict|right)", cell):
                kind = {"✗": "wrong", "?": "none", "✓": "right"}[mark]
                assert word == {"none": "without a verdict"}.get(kind, kind)
                seen[name, flag, kind] += int(number)
    bodies = Counter[tuple[str, str, str]]()
    for (name, flag, kind), number in expected.items():
        bodies["the body as a whole" if name.startswith("body") else name, flag, kind] += number
    assert seen == bodies
    assert any(kind == "wrong" for _, _, kind in seen)


def test_by_keyboard_from_the_picture_to_the_request(page: Page) -> None:
    page.locator(".picture a").first.focus()
    page.keyboard.press("Enter")
    target = page.locator("tr:target")
    assert target.is_visible()
    assert target.locator("td").first.inner_text() == "✗ accepted, must be refused"
    assert target.get_attribute("class") == "wrong"
    page.locator("summary", has_text="sign_key of basic").focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 2
    page.get_by_label("all", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("wrong answers").is_checked()
    assert page.locator(".cases tbody tr:visible").count() == page.locator("details[open] tr.wrong").count() > 0


@pytest.mark.parametrize(
    ("label", "kind"),
    [("wrong answers", "wrong"), ("without a verdict", "none"), ("where the page is silent", "silent")],
)
def test_the_cases_are_filtered(page: Page, label: str, kind: str) -> None:
    page.locator(".cases").evaluate_all("(all) => all.forEach((details) => { details.open = true })")
    everything = page.locator(".cases tbody tr:visible").count()
    assert everything == 320
    page.get_by_label(label).check()
    assert page.locator(".cases tbody tr:visible").count() == page.locator(f"tr.{kind}").count() > 0
    assert page.locator(f".cases:visible:not(:has(tr.{kind}))").count() == 0
    page.get_by_label("all", exact=True).check()
    assert page.locator(".cases tbody tr:visible").count() == everything


def test_wrong_answers_stand_out_without_colour(page: Page) -> None:
    style = "(cell) => [getComputedStyle(cell).outlineStyle, getComputedStyle(cell).fontWeight, cell.textContent[0]]"
    assert page.locator(".picture td.wrong").first.evaluate(style) == ["solid", "700", "✗"]
    assert page.locator(".picture td.none").first.evaluate(style) == ["dashed", "700", "?"]
    assert page.locator(".picture td.right").first.evaluate(style) == ["none", "400", "✓"]


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, scheme: Any, width: int) -> None:
    axe = (packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 700})
    for made in (several(), faulty(), run()):
        page = opened(context, made)
        page.locator("details").evaluate_all("(all) => all.slice(0, 3).forEach((each) => { each.open = true })")
        page.evaluate(axe)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert [violation["id"] for violation in found["violations"]] == []
        assert len(found["passes"]) > 20
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
    context.close()


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
        colours.add(opened(context, faulty()).evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert colours == {"rgb(245, 246, 248)", "rgb(20, 22, 26)"}
