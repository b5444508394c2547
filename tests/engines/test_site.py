"""docs/ as a site: Sphinx builds it without a warning, every page and public name is there, and it asks nobody else."""

import re
import subprocess
import sys
from html import unescape
from importlib import import_module
from pathlib import Path
from runpy import run_path

import pytest

pytest.importorskip("furo", reason="needs the extra docs: pip install -e '.[docs]'")

from playwright.sync_api import Page

import signrules

from ..pages import PAGES, ROOT
from ..unmeasured import unmeasured
from .browser import serve

INTEGRATIONS = [
    f"signrules.integrations.{path.stem}"
    for path in (Path(signrules.__file__).parent / "integrations").glob("[a-z]*.py")
]
MODULES = ["signrules", "signrules.export", "signrules.fuzz", "signrules.fuzz.gateway", "signrules.strategies"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = folder / "built"
    options = ["-W", "-n", "--keep-going", "-q", "-d", str(folder / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(built)]
    done = subprocess.run(command, capture_output=True, text=True, env=unmeasured(), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return built


def test_every_page_is_in_the_sidebar(site: Path) -> None:
    pages = [f"{page.stem}.html" for page in PAGES if page.parent == ROOT / "docs"]
    sidebar = (site / "index.html").read_text(encoding="utf-8").partition('class="sidebar-tree"')[2]
    linked = set(re.findall(r'class="reference internal" href="([\w/.-]+)"', sidebar))
    assert linked >= {*pages, "reference/signrules.html"} - {"index.html"}
    assert all((site / page).exists() for page in {*pages, *linked})


def test_the_sidebar_takes_any_list_of_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """With either bullet, with lines that go on, and with a link that comes again."""
    monkeypatch.setenv("SIGNRULES_PURE", "1")  # or conf.py would, for good
    groups = run_path(str(ROOT / "docs" / "conf.py"))["_groups"]
    index = "## To learn\n\n- [A](a.md), then\n  [B](b.md), unlike [A](a.md)\n\nMake values:\n\n* [C](c.md)\n"
    assert list(groups(index)) == [("To learn", ["a", "b"]), ("Make values", ["c"])]


def described(site: Path) -> set[str]:
    """The names that have an entry of their own in the reference."""
    pages = (site / "reference").glob("*.html")
    entry = re.compile(r'<dt class="sig sig-object py" id="([\w.]+)"')
    return {name for page in pages for name in entry.findall(page.read_text(encoding="utf-8"))}


def test_the_reference_has_every_public_name(site: Path) -> None:
    entries = described(site)
    for name in [*MODULES, *INTEGRATIONS]:
        module = import_module(name)
        own = [each for each, it in vars(module).items() if getattr(it, "__module__", "") == name and each[0] != "_"]
        public = {f"{name}.{each}" for each in getattr(module, "__all__", own)}
        assert public
        assert {entry for entry in entries if entry.rpartition(".")[0] == name} == public


def test_every_signature_can_be_read(site: Path) -> None:
    """It has no address in memory, no prefix that only Sphinx understands, and not "anything" as its arguments."""
    entries = re.compile(r'<dt class="sig sig-object py".*?</dt>', re.DOTALL)
    pages = [path.read_text(encoding="utf-8") for path in (site / "reference").glob("*.html")]
    texts = [unescape(re.sub("<.*?>", "", entry)) for page in pages for entry in entries.findall(page)]
    assert [text for text in texts if re.search(r"<|~|\(\*args", text)] == []
    assert sum("sign_type: Literal[" in text for text in texts) > 20


def test_no_code_ends_with_a_blank_line(site: Path) -> None:
    blocks = [path for path in site.glob("*.html") if "\n\n</pre>" in path.read_text(encoding="utf-8")]
    assert blocks == []


def test_the_demo_is_a_page_and_the_table_a_file(site: Path) -> None:
    assert (site / "demo" / "index.html").read_bytes() == (ROOT / "docs" / "demo" / "index.html").read_bytes()
    assert 'href="demo/index.html"' in (site / "index.html").read_text(encoding="utf-8")
    (table,) = re.findall(r'download="" href="([^"]*_table\.py)"', (site / "rules.html").read_text(encoding="utf-8"))
    assert (site / table).exists()


def test_no_file_names_another_host_to_load_from(site: Path) -> None:
    loads = re.compile(
        r"""<(?!a\b)[^>]*?\b(?:src|srcset|href|data)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import"""
    )
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css", ".svg")]
    assert [path.name for path in files if loads.search(path.read_text(encoding="utf-8"))] == []
    assert len(files) > len(PAGES)


def test_a_browser_asks_no_other_host_and_shows_no_page_wider_than_a_telephone(site: Path, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    serve(page, site)
    page.set_viewport_size({"width": 390, "height": 800})
    for name in ("index", "benchmarks", "functions", "reference/fuzz", "search"):
        page.goto(f"http://signrules.test/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert {url.split("/")[2] for url in asked} == {"signrules.test"}
