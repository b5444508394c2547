"""The attributes of an `<input>`, and `attach`, in a real browser."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from signrules import check
from signrules.export import attributes_text, es_module, html_attributes

from .browser import expect, serve
from .labelled import QUESTIONS, labelled_values
from .needs import JAVASCRIPT, node
from .questions import ALGORITHMS, Question


def of(question: Question) -> dict[str, str]:
    return html_attributes(question.field, **question.kind)


def test_the_attributes() -> None:
    assert html_attributes("name") == {
        "required": "",
        "minlength": "3",
        "pattern": "[A-Za-z][A-Za-z0-9_]{2,63}",
        "title": "must be 3 to 64 characters long; may contain only letters, digits and _; must start with a letter",
        "autocomplete": "off",
        "autocapitalize": "none",
        "autocorrect": "off",
        "spellcheck": "false",
    }
    assert [name for question in QUESTIONS for name in of(question) if name in ("maxlength", "value")] == []
    assert [question.field for question in QUESTIONS if "required" in of(question)] == ["name"]
    with pytest.raises(LookupError):
        html_attributes("key")  # type: ignore[arg-type]  # what this test is about


def test_the_attributes_as_text() -> None:
    assert (
        attributes_text({"required": "", "title": 'a "b" & <c>'}) == 'required title="a &quot;b&quot; &amp; &lt;c&gt;"'
    )


def test_the_patterns_in_node_with_every_flag() -> None:
    cases = [(of(value.question)["pattern"], value.text) for value in labelled_values()]
    answer = json.loads(node(JAVASCRIPT / "patterns.mjs", text=json.dumps(cases)))
    for flag in ("none", "u", "v"):
        for value, matched in zip(labelled_values(), answer[flag], strict=True):
            assert matched is value.is_valid, (flag, value)


def after_input(text: str) -> str:
    """What an `<input>` makes of a text: it drops line breaks."""
    return text.replace("\n", "").replace("\r", "")


def test_every_value_in_an_input(page: Page) -> None:
    """`pattern` is applied to a value that a script has set, `minlength` is not."""
    inputs = "".join(f'<input id="i{n}" {attributes_text(of(question))}>' for n, question in enumerate(QUESTIONS))
    page.set_content(inputs)
    texts = [[QUESTIONS.index(value.question), value.text] for value in labelled_values()]
    answers = page.evaluate(
        """(text) => JSON.stringify(JSON.parse(text).map(([index, value]) => {
            const input = document.getElementById(`i${index}`);
            input.value = value;
            return [input.value, input.checkValidity()];
        }))""",
        json.dumps(texts),
    )
    intact = 0
    for value, (held, is_valid) in zip(labelled_values(), json.loads(answers), strict=True):
        assert held == after_input(value.text), value
        # A blank optional input is valid: it leaves the member out.
        expected = not value.question.broken_by(held) or (held == "" and value.question.field != "name")
        assert is_valid is expected, value
        intact += held == value.text
    assert intact > 9000


def test_an_engine_difference_an_input_drops_line_breaks(page: Page) -> None:
    page.set_content(f"<input {attributes_text(html_attributes('sign_key'))}>")
    page.locator("input").evaluate("(input) => { input.value = 'abcd\\nefgh\\n' }")
    assert page.locator("input").input_value() == "abcdefgh"
    assert [found.position for found in check("sign_key", "abcd\nefgh\n")] == [4]


def test_an_engine_difference_a_pattern_that_is_none_accepts_everything(chromium: Any) -> None:
    """As here, a bare hyphen at the end: the reason for the one spelling in `_rule.py`."""
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.set_content("<input pattern='[A-Za-z0-9_-]{8,32}' value='not right at all, and too long for it'>")
    assert page.locator("input").evaluate("(input) => input.checkValidity()") is True
    assert "Invalid regular expression" in complaints[0]
    page.close()


FORM = """<!doctype html><html lang="en"><title>test</title><body>
<form action="/created" method="post">
  <label>Name <input name="name" NAME></label>
  <label>Type <select name="sign_type">
    <option value="">default</option><option>hmac</option><option>basic</option><option>public_key</option>
    <option>aes</option>
  </select></label>
  <label>Algorithm <select name="sign_algorithm">
    <option value="">none</option><option>aes-128-cfb</option><option>aes-256-cfb</option>
  </select></label>
  <p id="hint">From the console.</p>
  <label>Key <input name="sign_key" aria-describedby="hint" KEY maxlength="40"></label>
  <label>Secret <textarea name="sign_secret"></textarea></label>
  <button>Create</button><button type="reset">Reset</button>
</form>
<script type="module">
import { attach } from "./signrules.js";
// Without the order of attributes, which means nothing.
window.shape = () => [...document.querySelectorAll("body *")].map((element) => [
  element.tagName, element.textContent, ...[...element.attributes].map(({ name, value }) => `${name}=${value}`).sort(),
].join("|")).join("|");
window.before = shape();
window.detach = attach(document.querySelector("form"));
</script>
""".replace("NAME", attributes_text(html_attributes("name"))).replace(
    "KEY", attributes_text(html_attributes("sign_key"))
)


@pytest.fixture
def form(page: Page, tmp_path: Path) -> Page:
    (tmp_path / "form.html").write_text(FORM, encoding="utf-8")
    (tmp_path / "signrules.js").write_text(es_module(), encoding="utf-8")
    serve(page, tmp_path)
    page.goto("http://signrules.test/form.html")
    return page


class Control:
    """One control of the form, and what is told of it."""

    def __init__(self, page: Page, name: str) -> None:
        self.box = page.locator(f"[name={name}]")

    def told(self) -> str:
        """The message that the user sees and a screen reader announces; only then is the control marked."""
        described = self.box.get_attribute("aria-describedby") or ""
        note = self.box.page.locator(f"#{described.split()[-1]}")
        assert note.get_attribute("aria-live") == "polite"
        text = note.inner_text()
        assert self.box.get_attribute("aria-invalid") == ("true" if text else None)
        return text

    def message(self) -> str:
        """What keeps the form from being sent."""
        message: str = self.box.evaluate("(control) => control.validationMessage")
        return message


def test_attach_tells_what_is_wrong_while_one_types(form: Page) -> None:
    key = Control(form, "sign_key")
    assert key.told() == key.message() == ""
    key.box.press_sequentially("ab")
    assert key.told() == "", "it may still become right"
    assert key.message() == "must be 8 to 32 characters long"
    key.box.press_sequentially("!")
    assert key.told() == key.message() == "must be 8 to 32 characters long; may contain only letters, digits and _ -"
    key.box.press("Backspace")
    assert key.told() == ""
    key.box.blur()
    assert key.told() == "must be 8 to 32 characters long"
    key.box.press_sequentially("cdefgh")
    assert key.told() == key.message() == ""


def test_attach_judges_anew_when_type_or_algorithm_change(form: Page) -> None:
    key, algorithm, kind = Control(form, "sign_key"), Control(form, "sign_algorithm"), Control(form, "sign_type")
    key.box.fill("1abcdefg")
    key.box.blur()
    assert key.told() == ""
    kind.box.select_option("basic")
    assert key.told() == "must start with a letter"
    assert "must start with a letter" in (key.box.get_attribute("title") or "")
    kind.box.select_option("aes")
    assert key.told() == "must be 16 or 32 characters long"
    algorithm.box.select_option("aes-256-cfb")
    assert key.told() == "must be 32 characters long"
    kind.box.select_option("public_key")
    assert key.told() == ""
    assert algorithm.told() == algorithm.message() == "may be given only with sign_type aes"
    algorithm.box.select_option("")
    assert algorithm.told() == ""


def test_attach_judges_a_textarea_and_sees_its_line_breaks(form: Page) -> None:
    secret = Control(form, "sign_secret")
    secret.box.fill("abcdefgh\nabcdefgh")
    assert secret.told() == "may contain only letters, digits and _ - ! @ # $ %"
    secret.box.fill("sig************ret")
    assert "looks masked" in secret.told()


def test_attach_lets_no_static_attribute_judge_or_cut(form: Page) -> None:
    key, kind = Control(form, "sign_key"), Control(form, "sign_type")
    kind.box.select_option("public_key")
    key.box.focus()
    form.keyboard.insert_text("k" * 512)
    assert (len(key.box.input_value()), key.message()) == (512, "")


def test_attach_can_be_taken_off_without_a_trace(form: Page) -> None:
    Control(form, "sign_key").box.fill("!")
    form.evaluate("detach()")
    assert form.evaluate("shape() === before")
    assert form.evaluate("document.forms[0].elements.sign_secret.checkValidity()")
    Control(form, "sign_key").box.fill("?")
    assert form.evaluate("shape() === before")


def test_attach_starts_over_after_a_reset(form: Page) -> None:
    key = Control(form, "sign_key")
    key.box.fill("short")
    key.box.blur()
    assert key.told()
    form.get_by_role("button", name="Reset").click()
    form.wait_for_function("!document.forms[0].elements.sign_key.hasAttribute('aria-invalid')")
    assert key.told() == key.message() == ""


def test_a_wrong_form_is_not_sent_and_a_right_one_is(form: Page) -> None:
    sent: list[dict[str, list[str]]] = []

    def created(route: Any) -> Any:
        sent.append(parse_qs(route.request.post_data, keep_blank_values=True))
        return route.fulfill(body="created")

    form.route("http://signrules.test/created", created)
    name, key = Control(form, "name"), Control(form, "sign_key")
    key.box.fill("abc")
    form.get_by_role("button", name="Create").click()
    assert name.told() == "must be given"
    assert key.told() == "must be 8 to 32 characters long"
    assert form.evaluate("document.activeElement.name") == "name"
    name.box.fill("orders")
    key.box.fill("abcdefgh")
    form.get_by_role("button", name="Create").click()
    form.wait_for_url("**/created")
    assert sent == [
        {"name": ["orders"], "sign_type": [""], "sign_algorithm": [""], "sign_key": ["abcdefgh"], "sign_secret": [""]}
    ]


def test_no_value_reaches_an_attribute(form: Page) -> None:
    for canary in ("Zq7KJWxYVuZq7KJW", "Zq~7ßWx€Vu"):
        for name in ("name", "sign_key", "sign_secret"):
            Control(form, name).box.fill(canary)
            Control(form, name).box.blur()
        assert canary not in form.evaluate("document.documentElement.outerHTML")
        assert form.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def opened(page: Page, folder: Path, markup: str) -> None:
    """A page with this markup, in which the first form is attached and `detach`, `requestBody` and `f` are global."""
    script = """<script type="module">
        import { attach, requestBody } from "./signrules.js";
        Object.assign(window, { attach, requestBody, f: document.forms[0], detach: attach(document.forms[0]) });
        </script>"""
    (folder / "signrules.js").write_text(es_module(), encoding="utf-8")
    (folder / "some.html").write_text(f"<!doctype html><title>t</title>{markup}{script}", encoding="utf-8")
    (folder / "sent.html").write_text("sent", encoding="utf-8")
    serve(page, folder)
    page.goto("http://signrules.test/some.html")


RADIOS = """<form>
  <label><input type="radio" name="sign_type" value="hmac" checked>hmac</label>
  <label><input type="radio" name="sign_type" value="aes">aes</label>
  <select name="sign_algorithm" disabled><option>aes-128-cfb</option></select>
  <input name="sign_key"></form>"""


def test_attach_with_radio_buttons_and_without_a_name(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, RADIOS)
    key = Control(page, "sign_key")
    key.box.fill("abcdefgh")
    assert page.evaluate("requestBody(f)") == {"sign_type": "hmac", "sign_key": "abcdefgh"}
    page.get_by_label("aes").check()
    assert key.message() == "must be 16 or 32 characters long"
    assert page.evaluate("requestBody(f)") == {"sign_type": "aes", "sign_key": "abcdefgh"}


def test_attach_finds_radio_buttons_that_are_wrong_together(page: Page, tmp_path: Path) -> None:
    words = "".join(
        f'<label><input type="radio" name="sign_algorithm" value="{word}">{word}</label>' for word in ALGORITHMS
    )
    opened(page, tmp_path, f'<form><input name="name" value="orders">{words}</form>')
    page.get_by_label(ALGORITHMS[0]).check()
    assert page.evaluate("f.checkValidity()") is False
    assert page.locator(".signrules-note").all_inner_texts() == ["", "may be given only with sign_type aes"]
    assert page.evaluate("f.lastElementChild.className") == "signrules-note"


def test_the_body_of_a_form_is_what_a_browser_would_send(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        """<form id="f"><input id="name" name="title" value="x"><input name="name" value="orders">
        <input type="checkbox" name="sign_key"><input type="radio" name="sign_type" value="aes">
        <fieldset disabled><input name="sign_algorithm" value="aes-128-cfb"></fieldset></form>
        <textarea name="sign_secret" form="f">abcdefghabcdefgh</textarea>""",
    )
    assert page.evaluate("requestBody(f)") == {"name": "orders", "sign_secret": "abcdefghabcdefgh"}
    assert page.evaluate("f.checkValidity()")


def test_attach_judges_controls_that_stand_outside_the_form(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form id="f"></form><input name="name" form="f"><input name="name" id="other">')
    name = page.locator("[form=f]")
    name.fill("1st")
    assert page.locator(".signrules-note").inner_text() == "must start with a letter"
    name.fill("first")
    assert page.locator(".signrules-note").inner_text() == ""
    page.locator("#other").fill("1st")
    assert page.evaluate("f.checkValidity()")


def test_attach_judges_what_the_browser_puts_back(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        '<form><input name="name"><select name="sign_type"><option>hmac</option><option>aes</option></select></form>',
    )
    page.locator("[name=name]").fill("orders")
    page.locator("[name=sign_type]").select_option("aes")
    page.goto("about:blank")
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("orders")
    assert page.evaluate("f.checkValidity()")


def test_attach_judges_what_a_script_has_set(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        '<form action="/sent.html"><input name="name" value="orders"><input name="sign_key"><button>Go</button></form>',
    )
    page.evaluate("() => { f.sign_key.value = '!!'; f.requestSubmit() }")
    assert page.url.endswith("/some.html")
    assert Control(page, "sign_key").told().startswith("must be 8 to 32 characters long; may contain only")
    page.evaluate("() => { f.noValidate = true; f.requestSubmit() }")
    page.wait_for_url("**/sent.html?*")


def test_attach_can_be_taken_off_by_a_button(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        '<form><input name="name"><button type="button" onclick="detach()">Off</button></form>',
    )
    page.evaluate("() => { f.reset(); }")
    page.get_by_role("button", name="Off").click()
    page.evaluate("() => new Promise((done) => setTimeout(done, 20))")
    assert Control(page, "name").message() == ""
    assert page.locator("[name=name]").get_attribute("title") is None


def test_attach_twice_is_attach_once(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><input name="name" pattern="[a-z]+"></form>')
    assert page.evaluate("attach(f) === detach")
    assert page.locator(".signrules-note").count() == 1
    page.evaluate("detach()")
    assert page.locator("[name=name]").get_attribute("pattern") == "[a-z]+"
    assert page.evaluate("attach(f) !== detach")


def test_the_note_is_not_a_part_of_the_name_of_its_control(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><label>Name <input name="name"></label></form>')
    page.get_by_label("Name").fill("1")
    assert page.get_by_role("textbox", name="Name", exact=True).count() == 1


def test_a_mark_of_the_server_stays_until_its_control_is_changed(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><input name="name" value="orders" aria-invalid="true"><input name="sign_key"></form>')
    name = page.locator("[name=name]")
    page.locator("[name=sign_key]").fill("abcdefgh")
    assert name.get_attribute("aria-invalid") == "true"
    name.fill("orders2")
    assert name.get_attribute("aria-invalid") is None


def test_a_blank_that_the_form_demands_is_told(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><input name="name" value="orders"><input name="sign_key" required></form>')
    key = Control(page, "sign_key")
    key.box.focus()
    key.box.blur()
    assert key.told() == key.message() != ""


def test_a_press_beside_all_elements_does_no_harm(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><input name="name"></form>')
    page.evaluate("document.dispatchEvent(new Event('pointerdown', { bubbles: true }))")
    page.locator("[name=name]").fill("1")
    assert Control(page, "name").told()
