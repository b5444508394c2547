"""The page of the stand-in, in Chromium."""

from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

from playwright.sync_api import Browser

from signrules.fuzz.bugs import bugs
from signrules.fuzz.gateway import gateway, serving

from ..needs import packages
from .browser import watched


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_and_nothing_overflows(chromium: Browser, scheme: Any, width: int) -> None:
    axe = (packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    planted = [bugs()["sign_key.hmac:dollar"], bugs()["sign_key-sign_secret:any-characters"]]
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    with serving(gateway(*planted)) as url:
        page = watched(context.new_page())
        page.goto(url)
        assert page.locator("li").count() == len(planted)
        page.evaluate(axe)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert [violation["id"] for violation in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_its_policy_lets_no_script_in(chromium: Browser) -> None:
    context = chromium.new_context()
    with serving(gateway()) as url:
        page = context.new_page()
        page.goto(url)
        page.evaluate("const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s)")
        assert page.evaluate("window.ran === undefined")
        assert page.locator("script").count() == 1
    context.close()
