"""Takes the pictures for the README, light and dark, and writes them to docs/.

Run `python -m benchmarks.pictures`; it needs Chromium and the extras dev and bench. Each picture holds a digest of the
page that it shows, so that a test can prove it fresh.
"""

import io
import shutil
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, NamedTuple

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser, Page, sync_playwright

from signrules._endpoint import INVALID_PARAMETER
from signrules.export import form
from signrules.fuzz import Case, Observation, cases, diagnose
from signrules.fuzz._dialogue import led
from signrules.fuzz._fuzzing import fuzzing
from signrules.fuzz._page import html
from signrules.fuzz._report import Report
from signrules.fuzz.bugs import bugs, refused

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
DOCS: Final = Path(__file__).parent.parent / "docs"
# Where a picture holds the digest.
SOURCE: Final = "Source"
_URL: Final = "https://apig.eu-de.otc.t-systems.com/v2/PROJECT_ID/apigw/instances/INSTANCE_ID/signs"


class Subject(NamedTuple):
    """A page that is shown. `prepare` is done to it before. `size` is in CSS pixels; `colours` keep the file small."""

    html: Callable[[], str]
    size: tuple[int, int]
    colours: int
    whole: bool = False
    prepare: Callable[[Page], None] = lambda _page: None

    @property
    def digest(self) -> str:
        """The digest of the page."""
        return sha256(self.html().encode()).hexdigest()


def report() -> str:
    """The page of a run against a gateway with two bugs, in 1970 and in no time; a picture says when it was."""
    has = bugs()["all:dollar"], bugs()["sign_key.basic:max-1"]

    def observed(case: Case) -> Observation:
        right = refused(case.body)
        member = next((member for bug in has if (member := refused(case.body, bug)) != right), right)
        if member is None:
            return Observation(case, accepted=True, status=201)
        return Observation(case, accepted=False, member=member, status=400, code=INVALID_PARAMETER.code)

    seen = led(fuzzing(cases(), follow_up=True), observed)
    return html(Report(_URL, "quick", seen, diagnose(seen), len(seen), 0.0, 0.0))


def _filled(page: Page) -> None:
    """A right key, a wrong name, and a secret that could be stronger."""
    page.locator("#name").fill("2nd orders")
    page.locator("#sign_key").fill("orders-service")
    page.locator("#sign_secret").fill("correct-horse-battery")
    page.locator("#sign_secret").blur()
    page.evaluate("scrollTo(0, 0)")
    page.locator("details").evaluate("(details) => details.remove()")


SUBJECTS: Final = {
    "form": Subject(form, (1160, 800), 256, whole=True, prepare=_filled),
    "report": Subject(report, (900, 720), 32),
}


def main() -> None:
    """Runs the program."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, subject in SUBJECTS.items():
            for scheme in SCHEMES:
                file = DOCS / f"{name}-{scheme}.png"
                file.write_bytes(_picture(browser, subject, scheme))
                print(f"{file}: {file.stat().st_size / 1000:.0f} kB")
        browser.close()


def _picture(browser: Browser, subject: Subject, scheme: Scheme) -> bytes:
    """The page as a PNG."""
    width, height = subject.size
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
    page = context.new_page()
    begin, now = time.monotonic(), time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    text = subject.html().replace("1970-01-01 00:00", now)
    page.set_content(text.replace(" 0.0 s;", f" {time.monotonic() - begin:.1f} s;"))
    subject.prepare(page)
    taken = page.locator("body").screenshot() if subject.whole else page.screenshot()
    context.close()
    shot = Image.open(io.BytesIO(taken)).convert("RGB")
    info = PngInfo()
    info.add_text(SOURCE, subject.digest)
    out = io.BytesIO()
    shot.quantize(subject.colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True, pnginfo=info
    )
    return out.getvalue()


if __name__ == "__main__":
    main()
