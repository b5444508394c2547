"""The pictures of the page that `signrules form` writes, light and dark, as the README shows them.

`python -m benchmarks.pictures_form` takes them anew and writes them to docs/. It needs the extras dev and bench, and
Chromium. Each picture holds the digest of the page that it shows, so that a test can prove it fresh.
"""

import io
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser, sync_playwright

from signrules.export import form

Scheme = Literal["light", "dark"]
DOCS: Final = Path(__file__).parent.parent / "docs"
_COLOURS: Final = 256  # enough for a page of few colours, and a third of the bytes


def main() -> None:
    """Runs the program."""
    schemes: tuple[Scheme, ...] = ("light", "dark")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in schemes:
            file = DOCS / f"form-{scheme}.png"
            file.write_bytes(_picture(browser, scheme))
            print(f"{file}: {file.stat().st_size / 1000:.0f} kB")
        browser.close()


def _picture(browser: Browser, scheme: Scheme) -> bytes:
    """The page with a right key, a wrong name and a secret that could be stronger, as a PNG."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1160, "height": 800})
    page = context.new_page()
    page.set_content(form())
    page.locator("#name").fill("2nd orders")
    page.locator("#sign_key").fill("orders-service")
    page.locator("#sign_secret").fill("correct-horse-battery")
    page.locator("#sign_secret").blur()
    page.evaluate("scrollTo(0, 0)")
    page.locator("details").evaluate("(details) => details.remove()")
    shot = Image.open(io.BytesIO(page.locator("body").screenshot())).convert("RGB")
    context.close()
    info = PngInfo()
    info.add_text("Source", sha256(form().encode()).hexdigest())
    out = io.BytesIO()
    shot.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True, pnginfo=info
    )
    return out.getvalue()


if __name__ == "__main__":
    main()
