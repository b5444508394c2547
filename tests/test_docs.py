"""Every example in the README and in docs/ is run, and every table that is made from the rules is fresh."""

import doctest
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.typing import Parser

from signrules.export import markdown_table

from .browser import serve
from .needs import packages, program
from .servers import postgresql, psql_environment

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# The ports of the examples; each run takes free ones, since several Pythons may run them at once.
PORT = re.compile(r"\b864\d\b")
# Generated values differ from run to run; that they are right is tested elsewhere.
RANDOM = re.compile(r'("(?:name|sign_key|sign_secret)": )"[^"]*"')


def run_console(example: Example) -> str:
    """Runs the lines that begin with `$ ` by bash, in the page's own folder; the lines after are what it prints."""
    expected, printed = [], []
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **example.namespace["environment"]}
    for block in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, output = block.partition("\n")
        done = subprocess.run(
            ["bash", "-c", PORT.sub(lambda found: str(free_port(found[0])), command)],
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


@cache
def free_port(_: str) -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def difference(expected: str, printed: str) -> str:
    return "" if expected == printed else f"expected:\n{expected}\nprinted:\n{printed}"


# A block that begins with a comment which is a file's name is that file.
FILE = re.compile(r"(?:#|//|<!--) ([\w.]+\.\w+)(?: -->)?\n")


def save(example: Example) -> None:
    found = FILE.match(example.parsed)
    if found:
        text = example.parsed[found.end() :] if found[1].endswith(".html") else example.parsed
        (example.namespace["folder"] / found[1]).write_text(text, encoding="utf-8")


def python_or_file(document: Document) -> Iterator[Region]:
    for region in PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)(document):
        if isinstance(region.parsed, str) and FILE.match(region.parsed):
            region.evaluator = save
        yield region


PARSERS: list[Parser] = [
    python_or_file,
    CodeBlockParser(language="console", evaluator=run_console),
    *(CodeBlockParser(language=language, evaluator=save) for language in ("html", "js", "hcl", "sql")),
]


@contextmanager
def what_it_needs(page: Path, folder: Path) -> Iterator[dict[str, str]]:
    """What the examples of a page find on the machine, as variables of their environment."""
    text = page.read_text(encoding="utf-8")
    if "ajv" in page.name:
        (folder / "node_modules").symlink_to(packages())
    if "$ node" in text:
        program("node", package="nodejs")
    if "$ curl" in text:
        program("curl", package="curl")
    if "$ terraform" in text:
        program("terraform", package="terraform (from its makers; Debian has none)")
        yield {"TF_CLI_CONFIG_FILE": os.devnull}  # none of this machine's own settings
    elif "$ psql" in text:
        with postgresql() as url:
            yield psql_environment(url)
    else:
        yield {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of(page: Path, tmp_path: Path) -> None:
    with what_it_needs(page, tmp_path) as environment:
        run_examples(page, tmp_path, environment)


def run_examples(page: Path, folder: Path, environment: dict[str, str]) -> None:
    document = Sybil(PARSERS).parse(page)
    document.namespace.update(folder=folder, environment=environment)
    for example in document.examples():
        example.evaluate()


def test_the_form_of_the_how_to_in_chromium(page: Page, tmp_path: Path) -> None:
    """As a reader of docs/how-to-html-form.md has it at the end."""
    run_examples(ROOT / "docs" / "how-to-html-form.md", tmp_path, {})
    serve(page, tmp_path)
    page.goto("http://signrules.test/form.html")
    page.get_by_label("Type").select_option("aes")
    page.get_by_label("Key").fill("kR3/vW8+tY1=zB6-!")
    page.get_by_label("Secret").fill("sig************ret")
    page.get_by_role("button", name="Create").click()
    assert page.locator(".signrules-note").all_inner_texts() == [
        "must be given",
        "",
        "",
        "must be 16 or 32 characters long",
        "must be 16 characters long; may contain only letters, digits and _ - ! @ # $ % + / =; the value looks masked: "
        "give the real one",
    ]
    assert page.evaluate("document.activeElement.name") == "name"


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
