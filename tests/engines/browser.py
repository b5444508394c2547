"""A real browser: Debian's or any other Chromium, driven by Playwright. The fixtures are handed out by conftest.py."""

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ..needs import program

pytest.importorskip("playwright", reason="needs the extra dev: pip install -e '.[dev]'")

from playwright import async_api
from playwright.sync_api import Browser, Page

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

complaints: list[str] = []


class Synchronous:
    """An object of Playwright's asynchronous library, to be used like that of its synchronous one.

    That one works by greenlets, which coverage can follow, but not safely: on CPython 3.11, when a thread that had
    greenlets has ended, the main thread was seen to loop for ever within coverage's own bookkeeping.
    """

    def __init__(self, it: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.it, self._loop = it, loop

    def __getattr__(self, name: str) -> Any:
        return self._given(getattr(self.it, name))

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._given(self.it(*arguments, **named))

    def _given(self, value: Any) -> Any:
        if inspect.isawaitable(value):
            return self._given(self._loop.run_until_complete(value))
        if isinstance(value, list):
            return [self._given(each) for each in value]
        is_of_playwright = type(value).__module__.startswith("playwright.")
        return Synchronous(value, self._loop) if is_of_playwright or callable(value) else value


def expect(locator: Any) -> Any:
    """Playwright's own, which waits until it is so."""
    return locator._given(async_api.expect(locator.it))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = program("chromium", package="chromium")
    with asyncio.Runner() as runner:
        playwright = Synchronous(async_api.async_playwright(), runner.get_loop()).start()
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()
        playwright.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page."""
    context = chromium.new_context()
    yield watched(context.new_page())
    context.close()


def watched(page: Page) -> Page:
    """The page. Whatever it complains of on its console, or throws, fails the test."""
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.fixture(autouse=True)
def no_complaints() -> Iterator[None]:
    yield
    heard = complaints.copy()
    complaints.clear()
    assert not heard


class InputMethod:
    """Types as an input method does: what is composed stands in the control before it is finished."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page.it)

    def compose(self, text: str) -> None:
        place = {"selectionStart": len(text), "selectionEnd": len(text)}
        self._session.send("Input.imeSetComposition", {"text": text, **place})

    def finish(self, text: str) -> None:
        self._session.send("Input.insertText", {"text": text})


def serve(page: Page, folder: Path) -> None:
    """An origin for the page, http://signrules.test, that has the files of the folder and needs no socket."""
    page.route(
        "http://signrules.test/**",
        lambda route: route.fulfill(path=folder / urlsplit(route.request.url).path.removeprefix("/")),
    )
