"""Every example in the README and in docs/ is run, and every table that is made from the rules is fresh."""

import re
from pathlib import Path

import pytest
from sybil import Sybil

import signrules
from signrules.export import markdown_table

from ..pages import PAGES, PARSERS, ROOT, difference, needs_engines, run_examples


@pytest.mark.parametrize("page", [page for page in PAGES if not needs_engines(page)], ids=lambda page: page.name)
def test_the_examples_of(page: Path, tmp_path: Path) -> None:
    run_examples(page, tmp_path, {})


def test_the_pages_have_examples() -> None:
    with_examples = {page.name for page in PAGES if list(Sybil(PARSERS).parse(page).examples())}
    assert with_examples >= {"README.md", "tutorial.md", "codes.md", "functions.md", "command-line.md"}
    assert {page.name for page in PAGES if page.name.startswith("how-to")} <= with_examples
    assert difference("a", "b")


@pytest.mark.parametrize("page", ["README.md", "docs/rules.md"])
def test_the_rule_table_is_fresh(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    (table,) = re.findall(r"signrules rules --format markdown -->\n(.*?)<!-- end of the table -->", text, re.DOTALL)
    assert table == markdown_table()


def test_every_code_is_documented_with_an_example() -> None:
    text = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    shown = set(re.findall(r"^'\w*' (\w+) (?:None|\d+): ", text, re.MULTILINE))
    assert table == ["length", "charset", "first", "type", "missing", "unknown", "forbidden"]
    assert shown == set(table)


def anchors(text: str) -> set[str]:
    """The ends of links to the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            there = (page.parent / target).resolve() if target else page
            if there.is_relative_to(ROOT / "signrules"):  # which may be installed elsewhere
                there = Path(signrules.__file__).parents[1] / there.relative_to(ROOT)
            assert there.exists(), target
            assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), anchor


def test_a_page_that_runs_the_stand_in_names_its_extra() -> None:
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    running = [
        name for name, text in texts.items() if re.search(r"^\$ (?:.*; )?signrules gateway ", text, re.MULTILINE)
    ]
    assert "how-to-gateway.md" in running
    extra = r"pip install '\.\[[\w,]*\bgateway\b|extras? .*`gateway`"
    assert [name for name in running if not re.search(extra, texts[name])] == []


@pytest.mark.parametrize("start", ["README.md", "docs/index.md"])
def test_every_page_is_one_step_away(start: str) -> None:
    page = ROOT / start
    linked = {(page.parent / target).resolve() for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))}
    assert linked >= set(PAGES) - {page, ROOT / "README.md", ROOT / "docs" / "index.md"}


def test_the_code_links_to_each_decision_where_the_page_is_silent() -> None:
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    (silences,) = re.findall(r"^## Where the page is silent\n(.*?)^## ", decisions, re.DOTALL | re.MULTILINE)
    linked = {
        anchor
        for path in Path(signrules.__file__).parent.rglob("*.py")
        for link in re.findall(r"docs/decisions\.md(.*)", path.read_text(encoding="utf-8"))
        for anchor in re.findall(r"#([\w-]+)", link)
    }
    assert len(anchors(silences)) >= 16
    assert anchors(silences) <= linked <= anchors(decisions)
