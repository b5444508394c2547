"""The page that `signrules form` writes, used in a real browser: typed, pasted, generated, by keyboard, on a phone."""

import json
import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from signrules import check, progress
from signrules.export import form

from .. import oracle
from ..labelled import QUESTIONS, a_valid_text, labelled_values
from ..needs import packages
from ..questions import ROW_QUESTIONS, Question
from .browser import InputMethod, expect, watched

# How a value comes in depends on its control alone: one for each control, of keys the kind with two lengths.
OF_EACH_CONTROL = [QUESTIONS[0], QUESTIONS[-1], ROW_QUESTIONS[8]]
DEMO = Path(__file__).parents[2] / "docs" / "demo" / "index.html"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(form(), encoding="utf-8")
    return path.as_uri()


def opened(context: BrowserContext, file: str) -> Page:
    """The page, opened from a file and without a network; a complaint on the console is an error."""
    context.set_offline(True)
    page = watched(context.new_page())
    page.goto(file)
    return page


@pytest.fixture
def page(chromium: Browser, file: str) -> Iterator[Page]:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield opened(context, file)
    context.close()


def choose(page: Page, question: Question) -> None:
    page.get_by_label(question.kind["sign_type"], exact=True).check()
    if question.kind["sign_type"] == "aes":
        page.get_by_label("sign_algorithm").select_option(question.kind["sign_algorithm"] or "")


def seen(page: Page, field: str) -> dict[str, Any]:
    """What the page says of a field."""
    answer: dict[str, Any] = page.evaluate(SEEN, field)
    return answer


# The field's value as it stands there now, its message and its mark, and the words beside it.
SEEN = """(field) => {
    const box = document.querySelector(`[data-field=${field}]`);
    const control = document.getElementById(field);
    const where = box.querySelector(".where");
    const [word, count, strength] = box.querySelector(".state").children;
    return {
        value: control.value,
        message: control.validationMessage,
        place: where.hidden ? null : where.querySelector("button").textContent,
        mark: where.hidden ? null : where.querySelector("mark").textContent,
        excerpt: where.hidden ? null : where.querySelector(".excerpt").textContent,
        verdict: word.textContent,
        count: count.textContent,
        strength: strength.hidden ? null : strength.textContent,
        invalid: control.getAttribute("aria-invalid"),
    };
}"""
# Typed as an input method or a paste does it: through the browser's editing, which may change a text.
TYPE_ALL = f"""([field, texts]) => {{
    const control = document.getElementById(field);
    const seen = {SEEN};
    return JSON.stringify(JSON.parse(texts).map((text) => {{
        control.focus();
        control.select();
        document.execCommand(text ? "insertText" : "delete", false, text);
        return seen(field);
    }}));
}}"""


def assert_right(question: Question, answer: dict[str, Any]) -> None:
    """The page says of the value what Python says of it, and marks the first offending character."""
    text = answer["value"]
    if not text:
        missing = question.field == "name"
        assert answer["message"] == ("must be given" if missing else "")
        return
    violations = check(question.field, text, **question.kind)
    assert [(found.code, found.position) for found in violations] == question.broken_by(text)
    assert answer["message"] == "; ".join(found.message for found in violations), answer
    positions = [position for _, position in question.broken_by(text) if position is not None]
    if positions:
        assert answer["place"] == f"Select character {min(positions) + 1} ({answer['mark']})", answer
        marked = text[min(positions)]
        assert marked in answer["mark"] or answer["mark"] in NAMED or f"U+{ord(marked):04X}" in answer["mark"], answer
    else:
        assert answer["place"] is answer["mark"] is None
    assert answer["verdict"] == progress(question.field, text, **question.kind), answer
    assert answer["count"].split()[0] == str(len(text))


NAMED = {"space", "line break", "tab"}
# What the browser's editing changes: it drops NUL, and makes line feeds of other line breaks.
CHANGED = re.compile("[\0\r\ud800-\udfff]")


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_every_value_typed(page: Page, question: Question) -> None:
    choose(page, question)
    values = [value for value in labelled_values() if value.question is question]
    answers = page.evaluate(TYPE_ALL, [question.field, json.dumps([value.text for value in values])])
    for value, answer in zip(values, json.loads(answers), strict=True):
        assert_right(question, answer)
        if question.field == "name":
            assert answer["value"] == value.text.replace("\n", "") or CHANGED.search(value.text) or "\n" in value.text
        else:
            assert answer["value"] == value.text or CHANGED.search(value.text), value


@pytest.mark.parametrize("question", OF_EACH_CONTROL, ids=str)
def test_values_pasted_from_the_clipboard(page: Page, question: Question) -> None:
    choose(page, question)
    values = [value for value in labelled_values() if value.question is question and value.text][::29]
    for value in values:
        if CHANGED.search(value.text):
            continue
        page.evaluate("(text) => navigator.clipboard.writeText(text)", value.text)
        page.locator(f"#{question.field}").select_text()
        page.keyboard.press("Control+V")
        answer = seen(page, question.field)
        assert answer["value"] == value.text or question.field == "name"
        assert_right(question, answer)


@pytest.mark.parametrize("question", OF_EACH_CONTROL, ids=str)
def test_values_typed_key_by_key(page: Page, question: Question) -> None:
    choose(page, question)
    text = a_valid_text(question, 12)
    control = page.locator(f"#{question.field}")
    for typed in (text, text[:5] + "!*" + text[5:], "-_=" + text):
        control.clear()
        control.press_sequentially(typed)
        assert seen(page, question.field)["value"] == typed
        assert_right(question, seen(page, question.field))


def test_the_offending_character_is_marked_and_can_be_selected(page: Page) -> None:
    page.locator("#sign_secret").fill("abcdefghijklmnop😀 rstuvw\nyz")
    answer = seen(page, "sign_secret")
    assert (answer["mark"], answer["excerpt"]) == ("😀 U+1F600", "…efghijklmnop😀 U+1F600 rstuvw\nyz")
    page.get_by_role("button", name="Select character 17 (😀 U+1F600)").click()
    assert page.evaluate("getSelection().toString()") == "😀"
    page.keyboard.press("Delete")
    assert seen(page, "sign_secret")["mark"] == "space"
    page.keyboard.press("Delete")
    assert seen(page, "sign_secret")["mark"] == "line break"
    page.locator("#sign_secret").fill("abcdefgh\u200bijklmnop")
    assert seen(page, "sign_secret")["mark"] == "U+200B"
    page.locator("#sign_secret").fill("\u0441ecret")
    assert seen(page, "sign_secret")["mark"] == "\u0441 U+0441", "a Cyrillic letter that looks like ours"


def test_generated_values_are_valid_and_their_bits_are_exact(page: Page) -> None:
    for question in ROW_QUESTIONS[1:]:
        choose(page, question)
        page.get_by_role("button", name=f"Generate {question.field}").click()
        answer = seen(page, question.field)
        assert_right(question, answer)
        assert answer["verdict"] == "valid", question
        (fact,) = question.facts()
        portable = [c for c in fact.charset if c.isalnum() or c in "_-"]
        first = [c for c in portable if c in fact.first]
        bits = math.floor(math.log2(len(first)) + (len(answer["value"]) - 1) * math.log2(len(portable)))
        assert answer["strength"].startswith(f"{bits} bits, drawn at random"), question


def test_a_generated_value_that_is_changed_is_a_typed_one(page: Page) -> None:
    page.get_by_role("button", name="Generate sign_secret").click()
    page.locator("#sign_secret").press("Backspace")
    assert seen(page, "sign_secret")["strength"].startswith("at most ")


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("a" * 20, "at most 0 bits, if drawn at random: less than 128"),
        ("abcdefgh12345678", "at most 82 bits, if drawn at random: less than 128"),
        ("abababababababab", "at most 16 bits, if drawn at random: less than 128"),
        ("aB3-" + "xyzuvwqrstklmnop" * 2, "at most 219 bits, if drawn at random"),
    ],
)
def test_how_strong_a_typed_value_can_be_at_most(page: Page, text: str, bits: str) -> None:
    page.locator("#sign_secret").fill(text)
    assert seen(page, "sign_secret")["strength"] == bits


def test_an_aes_key_is_not_generated_before_the_algorithm_is_known(page: Page) -> None:
    page.get_by_label("aes", exact=True).check()
    page.get_by_role("button", name="Generate sign_key").click()
    assert page.locator("#algorithm-note").inner_text() == "Choose one first: it decides how long the key is."
    assert page.evaluate("document.activeElement.id") == "sign_algorithm"
    page.get_by_label("sign_algorithm").select_option("aes-256-cfb")
    page.get_by_role("button", name="Generate sign_key").click()
    assert len(seen(page, "sign_key")["value"]) == 32
    assert page.locator("#algorithm-note").inner_text() == ""


def test_what_generate_replaces_can_be_had_back(page: Page) -> None:
    page.locator("#sign_key").press_sequentially("my_own_key")
    page.get_by_role("button", name="Generate sign_key").click()
    assert page.evaluate("document.activeElement.textContent") == "Generate"
    page.locator("#sign_key").press("Control+Z")
    assert seen(page, "sign_key")["value"] == "my_own_key"


def test_the_most_that_a_rule_allows_is_not_called_weak(page: Page) -> None:
    page.get_by_label("aes", exact=True).check()
    page.get_by_role("button", name="Generate sign_secret").click()
    assert seen(page, "sign_secret")["strength"] == "95 bits, drawn at random"


def test_by_keyboard_alone(page: Page) -> None:
    """From the top to a copied body, without a mouse."""
    press = page.keyboard.press
    press("Tab")
    for expected in ("basic", "public_key", "aes"):
        press("ArrowRight")
        assert page.evaluate("document.activeElement.value") == expected
    press("Tab")
    press("ArrowDown")
    assert page.evaluate("document.activeElement.value") == "aes-128-cfb"
    press("Tab")
    page.keyboard.type("orders")
    for field in ("sign_key", "sign_secret"):
        press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Generate {field}"
        press("Enter")
        press("Tab")
        assert page.evaluate("document.activeElement.id") == field
    assert page.locator("#summary").inner_text() == "Ready to send."
    press("Enter")
    expect(page.locator("#summary")).to_have_text("Copied as JSON: the clipboard holds the key and the secret.")
    body = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert oracle.broken_members(body) == []
    assert {**body, "sign_key": "", "sign_secret": ""} == {
        "name": "orders",
        "sign_type": "aes",
        "sign_key": "",
        "sign_secret": "",
        "sign_algorithm": "aes-128-cfb",
    }


def test_enter_in_a_wrong_form_leads_to_what_is_wrong(page: Page) -> None:
    page.locator("#sign_key").fill("short")
    page.keyboard.press("Enter")
    assert seen(page, "sign_key")["value"] == "short", "no line break"
    assert page.evaluate("document.activeElement.id") == "name"
    assert page.locator("#summary").inner_text() == "Not yet right: name, sign_key."
    assert seen(page, "name")["invalid"] == seen(page, "sign_key")["invalid"] == "true"
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#sign_key")).to_have_value("")
    assert page.locator("#summary").inner_text() == ""
    assert seen(page, "sign_key")["invalid"] is None


def test_a_composition_is_shown_and_judged_when_it_ends(page: Page) -> None:
    page.locator("#name").fill("orders")
    page.locator("#sign_key").focus()
    page.evaluate("() => { window.submits = 0; addEventListener('submit', () => submits++, true) }")
    typist = InputMethod(page)
    typist.compose("\uff4b\uff45")
    answer = seen(page, "sign_key")
    assert (answer["value"], answer["place"], answer["message"]) == ("\uff4b\uff45", None, "")
    assert page.locator("[data-field=sign_key] .state").is_hidden()
    page.locator("#sign_key").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    page.locator("#sign_key").dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    assert page.evaluate("submits") == 0
    assert page.locator("#summary").inner_text() == "Ready to send. The gateway generates sign_key and sign_secret."
    typist.finish("\u6728\u6728")
    assert_right(QUESTIONS[1], seen(page, "sign_key"))
    assert seen(page, "sign_key")["mark"] == "\u6728 U+6728"


def test_a_translator_gets_no_words_of_the_api_and_no_value(page: Page) -> None:
    """It translates what has no `translate="no"`; and of an `<option>` without a value, what is sent."""
    page.locator("#sign_secret").fill("abc def")
    texts = page.evaluate(TRANSLATED)
    assert "All rules" in texts
    assert [
        text for text in texts if text in ("hmac", "sign_key", "aes-128-cfb") or "abc" in text or "def" in text
    ] == []
    assert page.locator("option:not([value])").count() == 0


TRANSLATED = """() => {
    const all = document.createNodeIterator(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = all.nextNode(); node; node = all.nextNode()) {
        if (!node.parentElement.closest("script, [translate=no]")) texts.push(node.textContent.trim());
    }
    return texts;
}"""


def test_a_clipboard_that_cannot_be_written_is_told(chromium: Browser, file: str) -> None:
    context = chromium.new_context()
    page = opened(context, file)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()) }")
    page.locator("#name").fill("orders")
    page.get_by_role("button", name="Copy").click()
    assert page.locator("#summary").inner_text() == "The browser does not let this page write to the clipboard."
    page.evaluate("() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }) }")
    page.locator("#summary").evaluate("(summary) => { summary.textContent = '' }")
    page.get_by_role("button", name="Copy").click()
    assert page.locator("#summary").inner_text() == "The browser does not let this page write to the clipboard."
    context.close()


def test_the_summary_says_what_the_gateway_will_generate(page: Page) -> None:
    page.locator("#name").fill("orders")
    assert page.locator("#summary").inner_text() == "Ready to send. The gateway generates sign_key and sign_secret."


def test_nothing_is_kept_sent_or_put_into_an_attribute(chromium: Browser, file: str) -> None:
    context = chromium.new_context()
    page = opened(context, file)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for canary in ("Zq7KJWxYVuZq7KJW", "Zq~7ßWx€Vu"):
        for field in ("sign_key", "sign_secret"):
            page.locator(f"#{field}").fill(canary)
        page.locator("#name").fill("orders")
        page.keyboard.press("Enter")
        attributes = page.evaluate(
            "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes].map((a) => a.value))"
        )
        assert not [value for value in attributes if canary[:4] in value or "ß" in value]
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, history.length]") == [
        0,
        0,
        "",
        1 + 1,
    ]
    assert requests == []
    assert "Zq" not in page.url
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_axe_finds_nothing(chromium: Browser, file: str, scheme: Any, width: int) -> None:
    axe = (packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 700})
    page = opened(context, file)
    page.evaluate(axe)

    def judge(state: str) -> None:
        found = page.evaluate("axe.run({ resultTypes: ['violations', 'incomplete'] })")
        assert [violation["id"] for violation in found["violations"]] == [], state
        assert len(found["passes"]) > 20
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

    judge("empty")
    page.get_by_label("aes", exact=True).check()
    page.locator("#name").fill("1 order")
    page.locator("#sign_key").fill("abc def" * 400)
    page.get_by_role("button", name="Generate sign_secret").click()
    page.locator("details").evaluate("(details) => { details.open = true }")
    judge("wrong")
    context.close()


def test_light_and_dark_differ(chromium: Browser, file: str) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        colours.add(opened(context, file).evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert colours == {"rgb(245, 246, 248)", "rgb(20, 22, 26)"}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(name, value) for name, value in attrs if name in ("src", "href", "action", "style", "onclick")]


def test_the_page_is_one_file_under_a_strict_policy() -> None:
    links = _Links()
    links.feed(form())
    assert links.found == []
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', form())
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not re.search(r"__[A-Z]", form())


def test_the_demo_is_fresh() -> None:
    assert DEMO.read_text(encoding="utf-8") == form()
