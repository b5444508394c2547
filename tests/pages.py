"""The examples of the README and of docs/, as they are run."""

import doctest
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.typing import Parser

from .unmeasured import unmeasured

ROOT = Path(__file__).parents[1]


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


# The ports of the examples; each run takes free ones, since several Pythons may run them at once.
PORT = re.compile(r"\b864\d\b")


# Generated values differ from run to run; that they are right is tested elsewhere.
RANDOM = re.compile(r'("(?:name|sign_key|sign_secret)": )"[^"]*"')


def run_console(example: Example) -> str:
    """Runs the lines that begin with `$ ` by bash, in the page's own folder; the lines after are what it prints."""
    expected, printed = [], []
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # Other tests measure what the examples run.
    environment = {**unmeasured(), "PATH": path, **example.namespace["environment"]}
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
FILE = re.compile(r"(?:#|//|<!--) ([\w./]+\.\w+)(?: -->)?\n")


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
    *(
        CodeBlockParser(language=language, evaluator=save)
        for language in ("c", "html", "js", "hcl", "sh", "sql", "ts", "yaml")
    ),
]


def run_examples(page: Path, folder: Path, environment: dict[str, str]) -> None:
    document = Sybil(PARSERS).parse(page)
    document.namespace.update(folder=folder, environment=environment)
    for example in document.examples():
        example.evaluate()


# Another program than signrules and Python, or a package that is not needed by the core.
_ENGINES = re.compile(
    r"^\$ (?:bao|curl|datamodel-codegen|dbt|gcc|node|psql|signrules audit|terraform|uvicorn)\b"
    r"|^(?:>>> |\.\.\. )?(?:from|import) (?:signrules\.integrations|celpy|huaweicloudsdk|psycopg)",
    re.MULTILINE,
)


def needs_engines(page: Path) -> bool:
    return _ENGINES.search(page.read_text(encoding="utf-8")) is not None
