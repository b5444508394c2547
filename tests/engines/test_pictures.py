"""The pictures in docs/ show the pages of today."""

import pytest

pytest.importorskip("PIL", reason="needs the extra bench: pip install -e '.[bench]'")
pytest.importorskip("playwright", reason="needs the extra dev: pip install -e '.[dev]'")

from PIL import Image

from benchmarks import pictures

# Bytes.
LARGEST = 60_000


@pytest.mark.parametrize("scheme", pictures.SCHEMES)
@pytest.mark.parametrize("name", pictures.SUBJECTS)
def test_a_picture_is_fresh_and_small(name: str, scheme: pictures.Scheme) -> None:
    """`python -m benchmarks.pictures` takes it anew."""
    file = pictures.DOCS / f"{name}-{scheme}.png"
    assert file.stat().st_size < LARGEST
    with Image.open(file) as picture:
        assert picture.info[pictures.SOURCE] == pictures.SUBJECTS[name].digest
    assert f'"docs/{file.name}"' in (pictures.DOCS.parent / "README.md").read_text(encoding="utf-8")
