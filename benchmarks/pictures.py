"""Takes the pictures of the pages for the README and writes them to docs/. It needs Chromium and the extra bench.

Run `python -m benchmarks.pictures`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image

from signrules._endpoint import INVALID_PARAMETER
from signrules.fuzz import Case, Observation, cases, diagnose
from signrules.fuzz._dialogue import led
from signrules.fuzz._fuzzing import asking
from signrules.fuzz._page import html
from signrules.fuzz._report import Report
from signrules.fuzz.bugs import bugs, refused

_DOCS: Final = Path(__file__).parent.parent / "docs"
_URL: Final = "https://apig.eu-de.otc.t-systems.com/v2/PROJECT_ID/apigw/instances/INSTANCE_ID/signs"
# CSS pixels.
_SIZE: Final = (900, 720)
# A page has few colours, so its picture is small with a palette.
_COLOURS: Final = 32
# What Chromium calls a reader's preference.
_SCHEMES: Final = {"dark": 0, "light": 1}


def report() -> str:
    """The page of a run against a gateway with two bugs."""
    has = bugs()["all:dollar"], bugs()["sign_key.basic:max-1"]

    def observed(case: Case) -> Observation:
        right = refused(case.body)
        member = next((member for bug in has if (member := refused(case.body, bug)) != right), right)
        if member is None:
            return Observation(case, accepted=True, status=201)
        return Observation(case, accepted=False, member=member, status=400, code=INVALID_PARAMETER.code)

    begun = time.time()
    seen = led(asking(cases(), follow_up=True), observed)
    return html(Report(_URL, "quick", seen, diagnose(seen), len(seen), time.time() - begun, begun))


# A picture for each page: its name in docs/, and what makes the page.
PAGES: Final[dict[str, Callable[[], str]]] = {"report": report}


def take(name: str, folder: Path) -> list[Path]:
    """Takes the pictures NAME-light.png and NAME-dark.png of a page, and returns where they are."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium")
    pictures = [folder / f"{name}-{scheme}.png" for scheme in _SCHEMES]
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "page.html"
        page.write_text(PAGES[name](), encoding="utf-8")
        for picture, preference in zip(pictures, _SCHEMES.values(), strict=True):
            command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
            command += [f"--user-data-dir={scratch}/profile", f"--window-size={_SIZE[0]},{_SIZE[1]}"]
            command += [f"--blink-settings=preferredColorScheme={preference}", f"--screenshot={picture}", page.as_uri()]
            subprocess.run(command, check=True, capture_output=True)
            Image.open(picture).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)
    return pictures


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=_DOCS, help="where to write the pictures; docs/ if left out")
    folder = parser.parse_args().folder
    for name in PAGES:
        for picture in take(name, folder):
            print(f"{picture}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
