"""The pictures of the pages in docs/ are those that the program takes today."""

import sys
from pathlib import Path

import pytest

from ..needs import program

pytest.importorskip("PIL", reason="needs the extra bench: pip install -e '.[bench]'")

from PIL import Image, ImageChops, ImageStat

from benchmarks import pictures

DOCS = Path(pictures.__file__).parent.parent / "docs"
# Bytes.
LARGEST = 60_000
# The pictures are compared so coarsely that neither a time nor a font counts. 255 is the difference of black and white.
COARSE = (45, 36)
MOST_DIFFERENT = 3


def test_the_pictures_are_fresh_and_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program("chromium", package="chromium")
    monkeypatch.setattr(sys, "argv", ["pictures", "--folder", str(tmp_path)])
    pictures.main()
    names = {f"{name}-{scheme}.png" for name in pictures.PAGES for scheme in ("light", "dark")}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names:
        assert (DOCS / name).stat().st_size < LARGEST
        assert different(DOCS / name, tmp_path / name) < MOST_DIFFERENT
    light, dark = (tmp_path / f"report-{scheme}.png" for scheme in ("light", "dark"))
    assert different(light, dark) > 100


def different(one: Path, other: Path) -> float:
    """How much two pictures of the same size differ on average."""
    images = [Image.open(path).convert("L") for path in (one, other)]
    assert images[0].size == images[1].size
    coarse = [image.resize(COARSE) for image in images]
    return float(ImageStat.Stat(ImageChops.difference(*coarse)).mean[0])
