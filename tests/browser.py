"""A real browser: Debian's or any other Chromium, driven by Playwright. The fixtures are handed out by conftest.py."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .needs import program

pytest.importorskip("playwright", reason="needs the extra dev: pip install -e '.[dev]'")

from playwright.sync_api import Browser, Page, sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


# Not for the whole session: while it is open, no other test can run an event loop of its own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = program("chromium", package="chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page. Whatever it complains of on its console, or throws, fails the test."""
    context = chromium.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints


def serve(page: Page, folder: Path) -> None:
    """An origin for the page, http://signrules.test, that has the files of the folder and needs no socket."""
    page.route(
        "http://signrules.test/*",
        lambda route: route.fulfill(path=folder / urlsplit(route.request.url).path.removeprefix("/")),
    )
