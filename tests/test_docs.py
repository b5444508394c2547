"""Every example in the README and in docs/ is run, and every table that is made from the rules is fresh."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.typing import Parser

from signrules.export import markdown_table

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Generated values differ from run to run; that they are right is tested elsewhere.
RANDOM = re.compile(r'("(?:name|sign_key|sign_secret)": )"[^"]*"')


def run_console(example: Example) -> str:
    """Runs the lines that begin with `$ ` by bash, in the page's own folder; the lines after are what it prints."""
    expected, printed = [], []
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for block in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, output = block.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=example.namespace["folder"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        expected.append(f"$ {command}\n{output}")
        printed.append(f"$ {command}\n{done.stdout}")
    return difference(RANDOM.sub(r'\1"…"', "".join(expected)), RANDOM.sub(r'\1"…"', "".join(printed)))


def difference(expected: str, printed: str) -> str:
    return "" if expected == printed else f"expected:\n{expected}\nprinted:\n{printed}"


PARSERS: list[Parser] = [
    PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
    CodeBlockParser(language="console", evaluator=run_console),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of(page: Path, tmp_path: Path) -> None:
    document = Sybil(PARSERS).parse(page)
    document.namespace["folder"] = tmp_path
    for example in document.examples():
        example.evaluate()


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
