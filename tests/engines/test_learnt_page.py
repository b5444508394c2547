"""The page of a learnt table in a real browser."""

import pytest
from playwright.sync_api import Browser

from signrules.fuzz import Learned, learn
from signrules.fuzz._learnt_page import html
from signrules.fuzz.bugs import refused

from ..reports import URL, learnt
from .browser import expect
from .faces import LOOKS, look_over, opened


def page_of(learned: Learned) -> str:
    return html(learned, url=URL, judge="gateway", controls=False, begun=0.0, left={"left behind": ("srabc",)})


@pytest.mark.parametrize(("setting", "width"), LOOKS)
def test_nothing_annoys(chromium: Browser, setting: str, width: int) -> None:
    look_over(chromium, page_of(learnt()), setting, width)


def test_a_right_table_has_nothing_to_look_at_but_itself(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = opened(context, page_of(learn(lambda body: refused(body) is None)))
    assert page.locator("h1").inner_text().split("\n") == ["✓", "The table of the gateway is that of the page"]
    assert page.locator("ol").count() == page.locator("td.wrong, td.none").count() == 0
    context.close()


def test_what_differs_stands_out_without_colour(chromium: Browser) -> None:
    context = chromium.new_context()
    page = opened(context, page_of(learnt()))
    style = "(cell) => [getComputedStyle(cell).outlineStyle, getComputedStyle(cell).fontWeight, cell.textContent[0]]"
    assert page.locator("td.wrong").first.evaluate(style) == ["solid", "700", "✗"]
    assert page.locator("tbody th.none").evaluate(style)[0::2] == ["dashed", "?"]
    context.close()


def test_on_a_phone_the_table_scrolls_by_keyboard_and_its_rows_keep_their_names(chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = opened(context, page_of(learnt()))
    hint = page.get_by_text("the table scrolls sideways")
    assert hint.is_visible()
    place = "(row) => row.getBoundingClientRect().left"
    before = page.locator("tbody th").first.evaluate(place)
    page.get_by_role("region").focus()
    expect(page.locator("thead th").last).not_to_be_in_viewport()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator("thead th").last).to_be_in_viewport()
    assert page.locator("tbody th").first.evaluate(place) == before
    page.set_viewport_size({"width": 1280, "height": 700})
    assert not hint.is_visible()
    context.close()
