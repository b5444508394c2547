"""The attributes of an `<input>`, and `attach`, in a real browser."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from signrules import check
from signrules.export import attributes_text, es_module, html_attributes

from ..labelled import QUESTIONS, labelled_values
from ..needs import JAVASCRIPT, node
from ..questions import ALGORITHMS, Question
from .browser import InputMethod, expect, serve
from .judged import judged


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


@judged("html_attributes", "Node", "program node", form="the pattern alone")
def test_the_patterns_in_node_with_every_flag() -> None:
    cases = [(of(value.question)["pattern"], value.text) for value in labelled_values()]
    answer = json.loads(node(JAVASCRIPT / "patterns.mjs", text=json.dumps(cases)))
    for flag in ("none", "u", "v"):
        for value, matched in zip(labelled_values(), answer[flag], strict=True):
            assert matched is value.is_valid, (flag, value)


def after_input(text: str) -> str:
    """What an `<input>` makes of a text: it drops line breaks."""
    return text.replace("\n", "").replace("\r", "")


@judged(
    "html_attributes",
    "Chromium",
    "program chromium",
    differences="drops line breaks from an `<input>` before it judges; lets a blank one pass that is not `required`",
)
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
    page.evaluate(
        "() => { f.sign_key.value = 'abcdefgh'; f.sign_key.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    page.evaluate("f.requestSubmit()")
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


TYPES = """<select name="sign_type"><option value="">hmac</option><option value="aes">aes</option></select>"""
# A custom element that is a control, one that only adds to what is sent, and the scripts that make them.
ELEMENTS = """<script>
customElements.define("x-control", class extends HTMLElement {
    static formAssociated = true;
    internals = this.attachInternals();
    set secret(text) { this.internals.setFormValue(text) }
});
customElements.define("x-adder", class extends HTMLElement {
    connectedCallback() { this.closest("form").addEventListener("formdata", ({ formData }) => {
        if (this.secret) formData.append("sign_secret", this.secret);
    }) }
});
</script>"""
RIGHT_FOR_HMAC = "abcdefgh" * 3


def stays(page: Page) -> bool:
    """Whether a press on Go sends nothing: what sends a form is a task of its own, and comes before the timer."""
    page.get_by_role("button", name="Go").click()
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    return page.url.endswith("/some.html")


def goes(page: Page) -> dict[str, list[str]]:
    """What a press on Go sends."""
    page.get_by_role("button", name="Go").click()
    page.wait_for_url("**/sent.html?*")
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def focused(page: Page) -> str:
    answer: str = page.evaluate("document.activeElement.id || document.activeElement.getAttribute('name')")
    return answer


@pytest.mark.parametrize(
    ("attributes", "secret"),
    [
        ("", '<textarea readonly name="sign_secret" class="secret"></textarea>'),
        ("", '<input readonly name="sign_secret" class="secret">'),
        ("", '<input type="hidden" name="sign_secret" class="secret">'),
        ("novalidate", '<input name="sign_secret" class="secret">'),
        ("novalidate", '<textarea readonly name="sign_secret" class="secret"></textarea>'),
        (
            "",
            '<fieldset name="sign_secret"><textarea readonly name="sign_secret" class="secret"></textarea></fieldset>',
        ),
        ("", '<output name="sign_secret">-</output><textarea readonly name="sign_secret" class="secret"></textarea>'),
        (
            "",
            '<button type="button" name="sign_secret">Make</button><input readonly name="sign_secret" class="secret">',
        ),
        ("", '<x-control name="sign_secret" class="secret"></x-control>'),
    ],
)
def test_what_the_browser_does_not_validate_is_judged(page: Page, tmp_path: Path, attributes: str, secret: str) -> None:
    """As where a script fills in a secret, and the type is changed afterwards."""
    fields = f'<input name="name" value="orders">{TYPES}{secret}<button>Go</button>'
    opened(page, tmp_path, f'{ELEMENTS}<form action="/sent.html" {attributes}>{fields}</form>')
    is_element = "x-control" in secret
    page.evaluate(
        f"document.querySelector('.secret').{'secret' if is_element else 'value'} = 'abcdefghabcdefghabcdefgh'"
    )
    page.locator("[name=sign_type]").select_option("aes")
    control = page.locator(".secret")
    note = page.locator(f"#{(control.get_attribute('aria-describedby') or '').split()[-1]}")
    assert note.inner_text() == "must be 16 characters long"
    assert stays(page)
    assert note.inner_text() == "must be 16 characters long"
    assert note.is_visible()
    assert control.get_attribute("aria-invalid") == "true"
    takes_focus = not is_element and "hidden" not in secret
    assert focused(page) == ("sign_secret" if takes_focus else note.get_attribute("id"))
    page.locator("[name=sign_type]").select_option("")
    assert note.inner_text() == ""
    assert control.get_attribute("aria-invalid") is None
    assert goes(page)["sign_secret"] == ["abcdefgh" * 3]


@pytest.mark.parametrize(
    "secret",
    [
        "<x-adder></x-adder>",
        '<div hidden><input name="sign_secret" readonly></div>',
        '<details><summary>More</summary><input type="hidden" name="sign_secret"></details>',
        '<div style="visibility: hidden"><textarea name="sign_secret" readonly></textarea></div>',
    ],
)
def test_what_is_wrong_out_of_sight_is_told_at_the_end_of_the_form(page: Page, tmp_path: Path, secret: str) -> None:
    opened(
        page,
        tmp_path,
        f'{ELEMENTS}<form action="/sent.html"><input name="name" value="orders">{secret}<button>Go</button></form>',
    )
    where = "x-adder" if "x-adder" in secret else "[name=sign_secret]"
    member = "secret" if "x-adder" in secret else "value"
    page.evaluate(f"document.querySelector('{where}').{member} = 'abc'")
    assert stays(page)
    alert = page.get_by_role("alert")
    assert alert.inner_text() == "sign_secret must be 16 to 64 characters long"
    assert alert.evaluate("(alert) => alert === document.activeElement && alert === f.lastElementChild")
    page.evaluate(f"document.querySelector('{where}').{member} = 'abcdefghabcdefgh'")
    assert goes(page)["sign_secret"] == ["abcdefghabcdefgh"]


def test_a_note_may_be_taken_away_with_the_focus_in_it(page: Page, tmp_path: Path) -> None:
    """Chromium tells of the lost focus before the note is gone."""
    fields = (
        '<input name="name" value="orders"><input name="sign_key" type="hidden"><input name="sign_algorithm" readonly>'
    )
    opened(page, tmp_path, f'<form action="/sent.html"><div hidden>{fields}</div><button>Go</button></form>')
    page.evaluate("f.elements.sign_key.value = '-'")
    assert stays(page)
    assert page.get_by_role("alert").evaluate("(alert) => alert === document.activeElement")
    page.evaluate("""() => {
        document.querySelector("div").hidden = false;
        f.elements.sign_key.value = "";
        f.elements.sign_algorithm.value = "AES";
        f.requestSubmit();
    }""")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert page.url.endswith("/some.html")
    assert focused(page) == "sign_algorithm"


def test_a_disabled_control_is_not_sent_and_not_judged(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        """<form action="/sent.html"><input name="name" disabled><input name="sign_key" value="-" disabled>
        <fieldset disabled><input name="sign_secret" value="-"></fieldset><button>Go</button></form>""",
    )
    page.evaluate("f.elements.sign_key.disabled = false")
    assert stays(page)
    assert Control(page, "sign_key").told().startswith("must be 8 to 32 characters long")
    page.evaluate("f.elements.sign_key.disabled = true")
    page.evaluate("f.addEventListener('submit', () => f.append(Object.assign(new Image(), { alt: '' })))")
    page.get_by_role("button", name="Go").click()
    page.wait_for_url("**/sent.html?")


def test_a_control_that_was_disabled_keeps_nothing_of_ours(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><input name="sign_key" value="-" pattern="[a-z]+"></form>')
    assert Control(page, "sign_key").message()
    page.evaluate(
        "() => { f.elements.sign_key.disabled = true; f.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    assert page.locator("[name=sign_key]").get_attribute("pattern") == "[a-z]+"
    page.evaluate("() => { detach(); f.elements.sign_key.disabled = false; f.elements.sign_key.value = 'a' }")
    assert Control(page, "sign_key").message() == ""


def test_a_button_that_says_so_sends_the_form_as_it_is(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        '<form action="/sent.html"><input name="name" value="1"><button formnovalidate>Go</button></form>',
    )
    assert goes(page) == {"name": ["1"]}


# What `attach` uses, and what it used to use.
HIDING = """
    elements submit addEventListener reset checkValidity reportValidity requestSubmit length getRootNode isConnected
    append contains noValidate"""


def test_no_name_of_a_control_hides_what_the_form_has(page: Page, tmp_path: Path) -> None:
    others = "".join(f'<input name="{name}" id="{name}">' for name in HIDING.split())
    opened(
        page,
        tmp_path,
        f'<form action="/sent.html"><input name="name">{others}<input name="sign_key"><button>Go</button>'
        '<button type="reset">Clear</button></form>',
    )
    key = page.locator("[name=sign_key]")
    page.locator("[name=name]").nth(0).fill("orders")
    key.fill("-")
    assert Control(page, "sign_key").told() == "must be 8 to 32 characters long; must start with a letter or digit"
    page.get_by_role("button", name="Clear").click()
    expect(key).to_have_value("")
    page.wait_for_function("!document.querySelector('[name=sign_key]').hasAttribute('aria-invalid')")
    page.locator("[name=name]").nth(0).fill("orders")
    page.evaluate("document.querySelector('[name=sign_key]').value = 'abc'")
    page.get_by_role("button", name="Go").focus()
    page.evaluate("HTMLFormElement.prototype.requestSubmit.call(f)")
    assert Control(page, "sign_key").told() == "must be 8 to 32 characters long"
    key.fill("abcdefgh")
    assert goes(page)["sign_key"] == ["abcdefgh"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ('<input name="sign_key" value="abcdefgh"><input name="sign_key" value="abcdefgi">', "must be given once"),
        ('<input name="sign_key" value="abcdefgh"><input name="sign_key" value="-">', "must be given once"),
        ('<input name="sign_key"><input name="sign_key" value="abc">', "must be 8 to 32 characters long"),
        (
            '<select name="sign_type" multiple><option selected>hmac<option selected>basic</select>',
            "must be given once",
        ),
        ('<input type="checkbox" name="sign_type" value="HMAC" checked>', "must be hmac, basic, public_key or aes"),
        ('<button name="sign_type" value="HMAC">Go</button>', "must be hmac, basic, public_key or aes"),
        (
            '<textarea name="sign_key" wrap="hard" cols="4">abcd efgh ijkl</textarea>',
            "may contain only letters, digits and _ -",
        ),
    ],
)
def test_what_is_judged_is_what_is_sent(page: Page, tmp_path: Path, fields: str, told: str) -> None:
    opened(
        page,
        tmp_path,
        f'<form action="/sent.html"><input name="name" value="orders">{fields}<button>Go</button></form>',
    )
    page.get_by_role("button", name="Go").first.click()
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert page.url.endswith("/some.html")
    assert [note for note in page.locator(".signrules-note").all_inner_texts() if note] == [told]


def test_several_controls_that_say_the_same_are_right(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        """<form action="/sent.html"><input name="name" value="orders"><input name="name" value="orders">
        <input name="name"><input type="file" name="sign_secret"><button>Go</button></form>""",
    )
    assert goes(page)["name"] == ["orders", "orders", ""]


def test_the_value_of_the_pressed_button_counts(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        """<form action="/sent.html"><input name="name" value="orders"><input name="sign_key" value="+bcdefghijklmnop">
        <button name="sign_type" value="hmac"><b>As hmac</b></button><button name="sign_type" value="aes">Go</button>
        <button type="button">Nothing</button></form>""",
    )
    key = Control(page, "sign_key")
    page.get_by_role("button", name="As hmac").click()
    assert key.told() == "may contain only letters, digits and _ -; must start with a letter or digit"
    page.get_by_role("button", name="Nothing").click()
    assert goes(page)["sign_type"] == ["aes"]


def test_what_a_script_has_mended_is_sent_at_once(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form action="/sent.html"><input name="name" value="1st"><button>Go</button></form>')
    page.evaluate("f.elements.name.value = 'first'")
    page.get_by_role("button", name="Go").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent.html?name=first")


def test_listeners_of_the_form_see_no_wrong_one_and_change_none(page: Page, tmp_path: Path) -> None:
    opened(
        page,
        tmp_path,
        """<form action="/sent.html"><input name="name" value="orders"><input name="sign_key" readonly>
        <button>Go</button></form>
        <script>
        var seen = [], change = "abc";
        document.forms[0].addEventListener("submit", ({ target }) => {
            seen.push(target.elements.sign_key.value);
            target.elements.sign_key.value = change;
        });
        </script>""",
    )
    page.evaluate("f.elements.sign_key.value = '-'")
    assert stays(page)
    assert page.evaluate("seen") == []
    page.evaluate("f.elements.sign_key.value = ''")
    assert stays(page)
    assert page.evaluate("seen") == [""]
    assert Control(page, "sign_key").told() == "must be 8 to 32 characters long"
    page.evaluate("f.elements.sign_key.value = change = 'abcdefgh'")
    assert goes(page)["sign_key"] == ["abcdefgh"]


def test_a_form_that_a_listener_has_sent_itself_is_left_alone(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form><input name="name"><button>Go</button></form>')
    page.evaluate("f.addEventListener('submit', (event) => (event.preventDefault(), f.reset()))")
    page.locator("[name=name]").fill("orders")
    assert stays(page)
    assert Control(page, "name").told() == ""


def test_the_custom_validity_of_others_stays(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, '<form action="/sent.html"><input name="name" value="orders"><button>Go</button></form>')
    name = Control(page, "name")
    page.evaluate("f.elements.name.setCustomValidity('is taken')")
    name.box.fill("orders_2")
    assert name.message() == "is taken"
    assert stays(page)
    assert name.told() == "is taken"
    name.box.fill("2")
    assert (name.message(), name.told()) == ("is taken", "must be 3 to 64 characters long; must start with a letter")
    page.evaluate("detach()")
    assert name.message() == "is taken"
    page.evaluate("() => { f.elements.name.setCustomValidity(''); attach(f) }")
    assert name.message() == "must be 3 to 64 characters long; must start with a letter"
    name.box.fill("orders_2")
    assert name.message() == ""


def test_controls_that_come_and_go(page: Page, tmp_path: Path) -> None:
    opened(
        page, tmp_path, '<form action="/sent.html"><input name="name" value="orders"><i></i><button>Go</button></form>'
    )
    page.evaluate("document.querySelector('i').innerHTML = '<input name=sign_key readonly pattern=x value=abc>'")
    assert stays(page)
    assert Control(page, "sign_key").told() == "must be 8 to 32 characters long"
    page.evaluate("document.querySelector('[name=sign_key]').remove()")
    page.locator("[name=name]").fill("orders_2")
    assert page.locator(".signrules-note").all_inner_texts() == [""]
    assert goes(page) == {"name": ["orders_2"]}


def test_a_form_that_is_attached_before_it_is_in_the_page(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "<form></form>")
    page.evaluate("""() => {
        const template = document.createElement("template");
        template.innerHTML = '<form action="/sent.html"><input name="name" value="1"><button>Go</button></form>';
        const form = template.content.firstChild;
        attach(form);
        document.body.append(form);
    }""")
    assert stays(page)
    name = Control(page, "name")
    assert name.told() == "must be 3 to 64 characters long; must start with a letter"
    name.box.fill("orders")
    assert name.told() == ""
    assert goes(page) == {"name": ["orders"]}


def test_a_form_in_a_shadow_tree(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "<form></form><div></div>")
    page.evaluate("""() => {
        const root = document.querySelector("div").attachShadow({ mode: "open" });
        root.innerHTML = '<form action="/sent.html"><input name="name" readonly value="1"><button>Go</button></form>';
        attach(root.firstChild);
    }""")
    assert stays(page)
    assert page.evaluate("document.querySelector('div').shadowRoot.activeElement.name") == "name"


def test_a_composition_is_judged_when_it_ends(page: Page, tmp_path: Path) -> None:
    opened(
        page, tmp_path, '<form action="/sent.html"><input name="name"><input name="sign_key"><button>Go</button></form>'
    )
    name, typist = Control(page, "name"), InputMethod(page)
    name.box.focus()
    for text in ("\uff4f", "\uff4f\uff52", "\u304a\u308b"):
        typist.compose(text)
        assert (name.told(), name.message()) == ("", "must be given"), "as it was before"
    typist.finish("\u304a\u308b")
    assert (
        name.told()
        == "must be 3 to 64 characters long; may contain only letters, digits and _; must start with a letter"
    )
    name.box.fill("orders")
    typist.compose("\uff4f")
    assert (name.told(), name.message()) == ("", "")
    page.keyboard.press("Enter")
    page.evaluate("f.requestSubmit()")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert page.url.endswith("/some.html")
    assert (name.told(), name.message()) == ("", "")
    typist.finish("_2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent.html?name=orders_2&sign_key=")


def test_a_composition_that_is_left_or_taken_away_is_over(page: Page, tmp_path: Path) -> None:
    opened(
        page, tmp_path, '<form action="/sent.html"><input name="name"><input name="sign_key"><button>Go</button></form>'
    )
    name, typist = Control(page, "name"), InputMethod(page)
    name.box.focus()
    typist.compose("\uff4f")
    page.locator("[name=sign_key]").focus()
    assert "may contain only" in name.told()
    name.box.fill("orders")
    page.locator("[name=sign_key]").focus()
    typist.compose("\uff4f")
    page.evaluate("f.elements.sign_key.remove()")
    assert goes(page) == {"name": ["orders"]}
