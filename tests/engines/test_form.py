"""The page that `signrules form` writes, used in a real browser: typed, pasted, generated, by keyboard, on a phone."""

import json
import math
import os
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from signrules import RULES, check, progress
from signrules.export import form

from .. import oracle
from ..labelled import QUESTIONS, a_valid_text, labelled_values
from ..needs import packages, program
from ..questions import ROW_QUESTIONS, Question
from .browser import InputMethod, expect, serve, watched
from .judged import judged

# How a value comes in depends on its control alone: one for each control, of keys the kind with two lengths.
OF_EACH_CONTROL = [QUESTIONS[0], QUESTIONS[-1], ROW_QUESTIONS[8]]
DOCS = Path(__file__).parents[2] / "docs"


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


# The field's value as it stands there now, its message, the lines of its rule and their marks, and the words beside it.
SEEN = """(field) => {
    const box = document.querySelector(`[data-field=${field}]`);
    const control = document.getElementById(field);
    const shown = (element) => (element && !element.closest("[hidden]") ? element.textContent : null);
    const lines = [...box.querySelectorAll("li")].map((line) => [line.dataset.code, {
        state: line.className,
        marks: [...line.querySelectorAll("mark")].map((mark) => mark.textContent),
        excerpt: shown(line.querySelector(".excerpt")),
        place: shown(line.querySelector("button")),
        more: shown(line.querySelector(".where > :last-child")),
    }]);
    return {
        value: control.value,
        message: control.validationMessage,
        lines: Object.fromEntries(lines),
        count: box.querySelector("small:not(label *)").textContent,
        hint: box.querySelector(".hint").textContent,
        strength: shown(box.querySelector(".strength span")),
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
    """The page says of the value what Python says of it, and marks every offending character."""
    text = answer["value"]
    lines = answer["lines"]
    assert list(lines) == ["length", "charset", "first"]
    if not text:
        missing = question.field == "name"
        assert answer["message"] == ("must be given" if missing else "")
        assert [line["state"] for line in lines.values()] == ["", "", ""]
        return
    violations = check(question.field, text, **question.kind)
    codes = [found.code for found in violations]
    assert [(found.code, found.position) for found in violations] == question.broken_by(text)
    assert answer["message"] == "; ".join(found.message for found in violations), answer
    assert [code for code, line in lines.items() if line["state"] == "broken"] == codes, answer
    assert [code for code, line in lines.items() if line["state"] == "met"] == [c for c in lines if c not in codes]
    charset = question.facts()[0].charset
    offending = [position for position, character in enumerate(text) if character not in charset]
    assert_marked(text, offending, lines["charset"])
    assert_marked(text, [0] if "first" in codes else [], lines["first"])
    assert_marked(text, [], lines["length"])
    assert (answer["invalid"] == "true") == (progress(question.field, text, **question.kind) == "invalid"), answer
    assert answer["count"] == f", now {len(text)}"


def assert_marked(text: str, positions: list[int], line: dict[str, Any]) -> None:
    """The line of the rule marks these characters, the first six of them, and offers to select the first."""
    assert len(line["marks"]) == min(len(positions), 6), line
    for position, mark in zip(positions, line["marks"], strict=False):
        marked = text[position]
        assert marked in mark or mark in NAMED or f"U+{ord(marked):04X}" in mark, line
    if positions:
        assert line["place"] == f"Select character {positions[0] + 1} ({line['marks'][0]})", line
        assert line["more"] == (f"and {len(positions) - 6} more" if len(positions) > 6 else ""), line
    else:
        assert line["place"] is line["excerpt"] is None, line


NAMED = {"space", "line break", "tab"}
# What the browser's editing changes: it drops NUL, and makes line feeds of other line breaks.
CHANGED = re.compile("[\0\r\ud800-\udfff]")


@judged(
    "form",
    "Chromium",
    "program chromium",
    differences="drops NUL from what is typed, and makes a line feed of any other line break",
)
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


def test_every_offending_character_is_marked_and_can_be_selected(page: Page) -> None:
    page.locator("#sign_secret").fill("abcdefghijklmnop😀 rstuvw\nyz")
    line = seen(page, "sign_secret")["lines"]["charset"]
    assert line["marks"] == ["😀 U+1F600", "space", "line break"]
    assert line["excerpt"] == "…efghijklmnop😀 U+1F600spacerstuvwline breakyz"
    page.get_by_role("button", name="Select character 17 (😀 U+1F600)").click()
    assert page.evaluate("getSelection().toString()") == "😀"
    page.keyboard.press("Delete")
    assert seen(page, "sign_secret")["lines"]["charset"]["marks"] == ["space", "line break"]
    page.locator("#sign_secret").fill("abcdefgh\u200bijklmnop")
    assert seen(page, "sign_secret")["lines"]["charset"]["marks"] == ["U+200B"]
    page.locator("#sign_secret").fill("\u0441ecret")
    marks = seen(page, "sign_secret")["lines"]["charset"]["marks"]
    assert marks == ["\u0441 U+0441"], "a Cyrillic letter that looks like ours"
    page.locator("#sign_secret").fill("\u05d0\u05d1\u05d2 12")
    places = page.evaluate(PLACES, "\u05d0\u05d1\u05d2 12")
    assert places == sorted(places), "the body stands in the order in which it is sent"


# Where the characters of a text in the request body stand on the screen, in pixels from the left.
PLACES = """(text) => {
    const node = document.getElementById("json").firstChild;
    const range = document.createRange();
    const begin = node.data.indexOf(text);
    return [...text].map((_, index) => {
        range.setStart(node, begin + index);
        range.setEnd(node, begin + index + 1);
        return range.getBoundingClientRect().left;
    });
}"""


def test_each_line_of_a_rule_has_its_own_marks(page: Page) -> None:
    page.locator("#name").fill("2nd orders")
    lines = seen(page, "name")["lines"]
    assert (lines["charset"]["excerpt"], lines["first"]["excerpt"]) == ("2ndspaceorders", "2nd…")
    assert (lines["charset"]["marks"], lines["first"]["marks"]) == (["space"], ["2"])
    assert page.locator("#name-rule li").first.inner_text().split("\n") == ["Met:", "3 to 64 characters, now 10"]
    expect(page.locator("#name")).to_have_accessible_description(
        re.compile("^may contain only [^;]+; must [^;]+$", re.I)
    )
    page.get_by_role("button", name="Select character 1 (2)").click()
    page.keyboard.press("Delete")
    assert [line["state"] for line in seen(page, "name")["lines"].values()] == ["met", "broken", "met"]
    page.locator("#name").fill("a" + " " * 20 + "b" * 40 + "é")
    line = seen(page, "name")["lines"]["charset"]
    assert (line["excerpt"], line["more"]) == ("a" + "space" * 6 + "…", "and 15 more")
    page.locator("#name").fill("é" + "b" * 40 + "é" + "b" * 20)
    assert seen(page, "name")["lines"]["charset"]["excerpt"] == (
        "é U+00E9" + "b" * 12 + "…" + "b" * 12 + "é U+00E9" + "b" * 12 + "…"
    )


def test_the_rule_of_each_question_stands_in_three_lines_with_single_characters(page: Page) -> None:
    for question in [*ROW_QUESTIONS, QUESTIONS[-1]]:
        choose(page, question)
        length, charset, first = page.locator(f"#{question.field}-rule li").all()
        facts = question.facts()
        numbers = {number for fact in facts for number in fact[3:5]}
        assert {int(number) for number in re.findall(r"\d+", length.inner_text())} == numbers, question
        for line, characters in ((charset, facts[0].charset), (first, facts[0].first)):
            chips = line.locator("kbd").all_inner_texts()
            assert sorted(chips) == sorted(c for c in characters if not c.isalnum()), question
            assert "letter" in line.inner_text()
            assert ("digit" in line.inner_text()) == ("0" in characters), question


def test_a_masked_value_and_a_pem_file_are_told(page: Page) -> None:
    page.get_by_label("public_key", exact=True).check()
    page.locator("#sign_secret").fill("sig************ret")
    assert seen(page, "sign_secret")["hint"] == "This looks masked. Give the real value."
    assert seen(page, "sign_secret")["message"].endswith("the value looks masked: give the real one")
    hint = page.locator("[data-field=sign_secret] .hint")
    assert hint.get_attribute("aria-hidden") == "true", "it is not read twice"
    page.locator("#sign_secret").fill("é sig************ret")
    assert hint.get_attribute("aria-hidden") == "false", "only the hint says it"
    page.locator("#sign_key").fill("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\n-----END PUBLIC KEY-----\n")
    answer = seen(page, "sign_key")
    assert answer["hint"].startswith("This looks like a PEM file. Give only the text between ")
    assert answer["lines"]["charset"]["marks"] == [*["space"] * 2, *["line break"] * 2, *["space"] * 2]
    page.locator("#sign_key").fill("MIIBIjANBgkqhkiG9w0B")
    assert seen(page, "sign_key")["hint"] == ""


def test_generated_values_are_valid_and_their_bits_are_exact(page: Page) -> None:
    for question in ROW_QUESTIONS[1:]:
        choose(page, question)
        page.get_by_role("button", name=f"Generate {question.field}").click()
        answer = seen(page, question.field)
        assert_right(question, answer)
        assert [line["state"] for line in answer["lines"].values()] == ["met"] * 3, question
        (fact,) = question.facts()
        portable = [c for c in fact.charset if c.isalnum() or c in "_-"]
        first = [c for c in portable if c in fact.first]
        bits = math.floor(math.log2(len(first)) + (len(answer["value"]) - 1) * math.log2(len(portable)))
        words = "Strong" if bits >= 128 else "As strong as this rule allows"
        is_secret = question.field == "sign_secret"
        assert answer["strength"] == (f"{words}: drawn at random, {bits} bits." if is_secret else None), question
        assert page.locator("#no-pair").is_visible() == (question.kind["sign_type"] == "public_key")


def test_a_generated_value_that_is_changed_is_a_typed_one_until_that_is_undone(page: Page) -> None:
    page.get_by_role("button", name="Generate sign_secret").click()
    page.locator("#sign_secret").press("Backspace")
    assert seen(page, "sign_secret")["strength"] == "Strong, if it was drawn at random."
    page.locator("#sign_secret").press("Control+Z")
    assert seen(page, "sign_secret")["strength"] == "Strong: drawn at random, 383 bits."


# The colour of a meter follows from where its value stands between its bounds: green is only above `high`.
METER = "({ value, low, high, optimum }) => value < low ? 'red' : value < high && high < optimum ? 'yellow' : 'green'"


@pytest.mark.parametrize(
    ("text", "words", "colour"),
    [
        ("a" * 20, "Weak: it is easy to guess.", "red"),
        ("abababababababab", "Weak: it is easy to guess.", "red"),
        ("abcdefgh12345678", "Fair at best: a generated one is stronger.", "yellow"),
        ("aB3-" + "xyzuvwqrstklmnop" * 2, "Strong, if it was drawn at random.", "green"),
    ],
)
def test_how_strong_a_typed_secret_can_be_at_most(page: Page, text: str, words: str, colour: str) -> None:
    page.locator("#sign_secret").fill(text)
    assert seen(page, "sign_secret")["strength"] == words
    assert page.locator("meter").evaluate(METER) == colour
    page.locator("#sign_key").fill(text[:20])
    assert page.locator("meter").count() == 1, "none on a key, which need not be hard to guess"


def test_another_type_draws_a_generated_value_anew_and_never_changes_a_typed_one(page: Page) -> None:
    for field in ("sign_key", "sign_secret"):
        page.get_by_role("button", name=f"Generate {field}").click()
    page.locator("#sign_secret").fill("my-own-secret-12")
    drawn = seen(page, "sign_key")["value"]
    page.get_by_label("hmac", exact=True).focus()
    for kind in ("basic", "public_key"):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.value") == kind
        answer = seen(page, "sign_key")
        assert answer["value"] != drawn
        assert [line["state"] for line in answer["lines"].values()] == ["met"] * 3
        drawn = answer["value"]
    page.keyboard.press("ArrowRight")
    assert seen(page, "sign_key")["value"] == drawn, "of two lengths, nobody knows which"
    assert page.locator("#algorithm-note").inner_text() == "Choose one first: it decides how long the key is."
    for algorithm, length in (("aes-128-cfb", 16), ("aes-256-cfb", 32)):
        page.get_by_label("sign_algorithm").select_option(algorithm)
        assert len(seen(page, "sign_key")["value"]) == length
    assert seen(page, "sign_secret")["value"] == "my-own-secret-12"
    page.locator("#sign_key").press("Control+Z")
    assert len(seen(page, "sign_key")["value"]) == 16


def test_an_aes_key_is_not_generated_before_the_algorithm_is_known(page: Page) -> None:
    page.get_by_role("button", name="Generate sign_key").click()
    page.get_by_label("aes", exact=True).check()
    assert page.locator("#algorithm-note").inner_text() == "", "a key of 32 characters is right without one"
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
        assert page.evaluate(FOCUSED) == f"Generate {field}"
        press("Enter")
        press("Tab")
        assert page.evaluate(FOCUSED) == f"Copy {field}"
        press("Tab")
        assert page.evaluate("document.activeElement.id") == field
    assert page.locator("#summary").inner_text() == "Ready to send."
    press("Enter")
    expect(page.locator("#json + .told")).to_have_text(
        "Copied as JSON: the clipboard holds what stands here, key and secret too."
    )
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#json").text_content()
    body = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert oracle.broken_members(body) == []
    assert {**body, "sign_key": "", "sign_secret": ""} == {
        "name": "orders",
        "sign_type": "aes",
        "sign_key": "",
        "sign_secret": "",
        "sign_algorithm": "aes-128-cfb",
    }
    press("Tab")
    press("Enter")
    expect(page.locator("#sign_secret")).to_have_value("")
    for expected in ("Copy the request body", "Request body", "Copy as cURL", "The same as cURL"):
        press("Tab")
        assert page.evaluate(FOCUSED) == expected
    press("Tab")
    press("Enter")
    assert page.locator("table").is_visible()


FOCUSED = "document.activeElement.getAttribute('aria-label')"


def test_enter_in_a_wrong_form_leads_to_what_is_wrong(page: Page) -> None:
    page.locator("#sign_key").fill("short")
    expect(page.locator("#sign_key")).to_have_accessible_description(re.compile("8 to 32 characters, now 5 Met: Only "))
    page.keyboard.press("Enter")
    assert seen(page, "sign_key")["value"] == "short", "no line break"
    page.locator("#sign_key").focus()
    expect(page.locator("#sign_key")).to_have_accessible_description("must be 8 to 32 characters long")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "name"
    assert page.locator("#summary").inner_text() == "Not yet right: sign_key. Still to be given: name."
    assert page.locator("#json + .told").inner_text() == ""
    assert page.locator("[data-field=name] .signrules-note").inner_text() == "Must be given"
    assert page.evaluate("document.querySelector('form').noValidate"), "the browser shows no bubble of its own"
    page.locator("#name").hover()
    assert page.locator("#name").get_attribute("title") is None, "nor over the rule"
    assert seen(page, "name")["invalid"] == seen(page, "sign_key")["invalid"] == "true"
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#sign_key")).to_have_value("")
    assert page.locator("#summary").inner_text() == "Still to be given: name."
    assert seen(page, "sign_key")["invalid"] is None
    page.locator("#sign_key").press("Control+Z")
    assert seen(page, "sign_key")["value"] == "short", "what was cleared can be had back"


def test_a_composition_is_shown_and_judged_when_it_ends(page: Page) -> None:
    page.locator("#name").fill("orders")
    page.locator("#sign_key").focus()
    page.evaluate("() => { window.submits = 0; addEventListener('submit', () => submits++, true) }")
    typist = InputMethod(page)
    typist.compose("\uff4b\uff45")
    answer = seen(page, "sign_key")
    assert (answer["value"], answer["message"]) == ("\uff4b\uff45", "")
    assert [line["state"] for line in answer["lines"].values()] == ["", "", ""]
    page.locator("#sign_key").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    page.locator("#sign_key").dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    assert page.evaluate("submits") == 0
    assert page.locator("#summary").inner_text() == "Ready to send. The gateway generates sign_key and sign_secret."
    typist.finish("\u6728\u6728")
    assert_right(QUESTIONS[1], seen(page, "sign_key"))
    assert seen(page, "sign_key")["lines"]["charset"]["marks"] == ["\u6728 U+6728"] * 2


def test_a_translator_gets_no_words_of_the_api_and_no_value(page: Page) -> None:
    """It translates what has no `translate="no"`; and of an `<option>` without a value, what is sent."""
    page.locator("#sign_secret").fill("abc~def")
    texts = page.evaluate(TRANSLATED)
    assert "All rules" in texts
    words = ("hmac", "sign_key", "aes-128-cfb")
    assert [text for text in texts if text in words or re.search("abc|~|def", text)] == []
    assert page.locator("option:not([value])").count() == 0


TRANSLATED = """() => {
    const all = document.createNodeIterator(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = all.nextNode(); node; node = all.nextNode()) {
        if (!node.parentElement.closest("script, [translate=no]")) texts.push(node.textContent.trim());
    }
    return texts;
}"""


REFUSED = "The browser refuses to copy. The text is selected: press Ctrl+C."


def test_a_clipboard_that_is_refused_selects_the_text_and_looks_like_an_error(chromium: Browser, file: str) -> None:
    context = chromium.new_context()
    page = opened(context, file)
    page.evaluate(
        """() => {
            navigator.clipboard.writeText = () => Promise.reject(new Error());
            const command = document.execCommand.bind(document);
            document.execCommand = (name, ...more) => name !== "copy" && command(name, ...more);
        }"""
    )
    page.locator("#name").fill("orders")
    page.get_by_role("button", name="Generate sign_secret").click()
    for button, source, told in (
        ("Copy name", "#name", "[data-field=name] .told"),
        ("Copy sign_secret", "#sign_secret", "[data-field=sign_secret] .told"),
        ("Copy the request body", "#json", "#json + .told"),
        ("Copy as cURL", "#curl", "#curl + .told"),
    ):
        page.get_by_role("button", name=button).click()
        expect(page.locator(told)).to_have_text(REFUSED)
        box = page.locator(told).bounding_box()
        assert box is not None
        assert box["height"] > 20, "it can be seen"
        assert page.locator(told).evaluate("(told) => getComputedStyle(told).borderLeftColor") == "rgb(179, 22, 31)"
        text = page.locator(source).evaluate("(source) => source.value ?? source.textContent")
        assert page.evaluate("getSelection().toString()") == text, button
        assert page.locator(".copied").count() == 0
    page.locator("#name").press("a")
    assert page.locator(".told").all_inner_texts() == [""] * 5
    context.close()


def test_over_plain_http_all_is_copied_in_the_old_way(chromium: Browser, file: str) -> None:
    """A browser gives no clipboard to a page that came without encryption."""
    context = chromium.new_context()
    page = watched(context.new_page())
    serve(page, Path(unquote(urlsplit(file).path)).parent)
    page.goto("http://signrules.test/page.html")
    assert page.evaluate("[isSecureContext, navigator.clipboard ?? null]") == [False, None]
    page.locator("#name").fill("orders")
    page.get_by_role("button", name="Generate sign_key").click()
    sources = {
        "Copy name": "#name",
        "Copy sign_key": "#sign_key",
        "Copy the request body": "#json",
        "Copy as cURL": "#curl",
    }
    for button, source in sources.items():
        text = page.locator(source).evaluate("(source) => source.value ?? source.textContent")
        page.get_by_role("button", name=button).click()
        expect(page.locator(".copied")).to_have_accessible_name(button)
        assert page.evaluate(FOCUSED) == button
        page.locator("#sign_secret").select_text()
        page.keyboard.press("Control+V")
        assert page.locator("#sign_secret").input_value() == text
        page.locator("#sign_secret").fill("")
    context.close()


CURL_STAND_IN = """#!/bin/sh
printf '%s\\0' "$@"
cat
printf '\\0'
"""
SET = {"ENDPOINT": "https://apig.example", "PROJECT_ID": "p", "INSTANCE_ID": "i", "TOKEN": "t$o'k\"en!"}


@pytest.mark.parametrize("shell", [["bash"], ["bash", "--norc", "--noprofile", "-i"], ["dash"]], ids=" ".join)
def test_the_curl_command_sends_the_body_from_a_shell(page: Page, tmp_path: Path, shell: list[str]) -> None:
    """Of a typed `!`, an interactive bash would make an earlier command."""
    program(shell[0], package=shell[0])
    (tmp_path / "curl").write_text(CURL_STAND_IN, encoding="utf-8")
    (tmp_path / "curl").chmod(0o755)
    environment = {**os.environ, **SET, "PATH": f"{tmp_path}:{os.environ['PATH']}", "HISTFILE": ""}
    page.locator("#name").fill("orders")
    secrets = ["aB3-!$%#@_!!0$HOME", 'it\'s `id` $(id) \\ "!x" !! * ~', "a\nb\tc\r", "\u00e9\u2028\U0001f600\x7f\u202e"]
    commands = []
    for secret in secrets:
        page.locator("#sign_secret").fill(secret)
        commands.append(page.locator("#curl").text_content() or "")
    text = "set +o history\n" * (shell == ["bash"]) + "echo first\n" + "\n".join(commands) + "\n"
    done = subprocess.run(shell, input=text, env=environment, capture_output=True, text=True, check=True)
    _, said = done.stdout.split("first\n")
    arguments = said.split("\0")[:-1]
    assert len(arguments) == 8 * len(secrets)
    for index, secret in enumerate(secrets):
        *sent, body = arguments[8 * index : 8 * index + 8]
        assert sent == [
            "https://apig.example/v2/p/apigw/instances/i/signs",
            "--header",
            f"X-Auth-Token: {SET['TOKEN']}",
            "--header",
            "Content-Type: application/json",
            "--data",
            "@-",
        ]
        kept = secret.replace("\r", "\n")  # the browser's doing
        assert json.loads(body) == {"name": "orders", "sign_type": "hmac", "sign_secret": kept}
        assert body.isascii()
        assert "!" not in body, "zsh would make an earlier command of it"
    del environment["TOKEN"]
    done = subprocess.run(shell, input=text, env=environment, capture_output=True, text=True, check=False)
    assert "\0" not in done.stdout, "nothing is sent as long as a variable is not set"
    assert "TOKEN" in done.stderr


def test_without_javascript_the_rules_can_be_read(chromium: Browser, file: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = opened(context, file)
    assert page.locator("noscript p").is_visible()
    assert page.locator("form").is_hidden()
    assert page.get_by_role("button", name="Copy the request body").is_hidden()
    page.locator("summary").click()
    assert page.locator("tbody tr").count() == len(RULES) + 3
    assert page.locator("table").is_visible()
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


BACKGROUNDS = {"light": "rgb(245, 246, 248)", "dark": "rgb(20, 22, 26)"}


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
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

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == BACKGROUNDS[scheme]
    judge("empty")
    page.get_by_role("button", name="Copy the request body").click()
    page.get_by_label("aes", exact=True).check()
    page.get_by_role("button", name="Generate sign_key").click()
    page.locator("#sign_secret").fill("sig************ret")
    judge("nothing given, a choice to make, a masked value")
    page.locator("#name").fill("1 order")
    page.locator("#sign_key").fill("-----BEGIN PUBLIC KEY-----\n" + "abc\u00a0def" * 400)
    page.get_by_role("button", name="Generate sign_secret").click()
    page.locator("details").evaluate("(details) => { details.open = true }")
    judge("several errors")
    page.locator("#name").fill("orders")
    page.get_by_label("public_key", exact=True).check()
    page.get_by_role("button", name="Generate sign_key").click()
    page.locator("#sign_secret").fill("a" * 20)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()) }")
    page.evaluate("() => { document.execCommand = () => false }")
    page.get_by_role("button", name="Copy sign_key").click()
    expect(page.locator("[data-field=sign_key] .told")).to_have_text(REFUSED)
    judge("a weak secret, a clipboard that is refused")
    context.close()


def test_forced_colours_keep_what_colours_say(chromium: Browser, file: str) -> None:
    context = chromium.new_context(forced_colors="active")
    page = opened(context, file)
    page.locator("#name").fill("2nd orders")
    labels = page.locator(".types label")
    backgrounds = [label.evaluate("(label) => getComputedStyle(label).backgroundColor") for label in labels.all()]
    assert backgrounds[0] not in backgrounds[1:]
    assert page.locator("#name").evaluate("(control) => getComputedStyle(control).borderStyle") == "double"
    marks = page.locator("#name-rule li").evaluate_all(
        "(lines) => lines.map((line) => getComputedStyle(line, '::before').content.slice(1, 2))"
    )
    assert marks == ["\u2713", "\u2717", "\u2717"]
    assert page.locator("mark").first.evaluate("(mark) => getComputedStyle(mark).outlineStyle") == "solid"
    context.close()


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
    assert (DOCS / "demo" / "index.html").read_text(encoding="utf-8") == form()
