"""What is true of every page that is made here: it needs no network, and axe-core finds nothing in it."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from ..needs import packages
from .browser import watched

# What a reader may have set.
_SETTINGS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
# Each setting, and the widths of a small phone, a phone and a desk, in CSS pixels.
LOOKS = (("light", 320), ("dark", 390), ("forced colours", 320), ("light", 1280), ("dark", 1280))


def opened(context: BrowserContext, html: str) -> Page:
    """The page without a network; a complaint on the console is an error."""
    context.set_offline(True)
    page = watched(context.new_page())
    page.set_content(html)
    return page


def look_over(chromium: Browser, html: str, setting: str, width: int) -> None:
    """Opens the page and a few of its details, and looks for what axe-core and a narrow screen find."""
    context = chromium.new_context(viewport={"width": width, "height": 700}, **_SETTINGS[setting])
    page = opened(context, html)
    page.locator("details").evaluate_all("(all) => all.slice(0, 3).forEach((each) => { each.open = true })")
    page.evaluate((packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    assert [violation["id"] for violation in found["violations"]] == []
    assert len(found["passes"]) > 15
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
