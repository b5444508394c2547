"""Makes docs/what-checks-what.md of the marks in the tests: `python -m tests.engines.what_checks_what`."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from glob import glob
from importlib import import_module, metadata
from pathlib import Path
from typing import Final

from .judged import JUDGEMENTS, Judgement

_TESTS: Final = Path(__file__).parents[1]
PAGE: Final = _TESTS.parent / "docs" / "what-checks-what.md"

# The targets in the order of the page, and the page of each.
EXPORTS: Final = {
    "json_schema": "how-to-ajv.md",
    "openapi": "how-to-openapi.md",
    "html_attributes": "how-to-html-form.md",
    "es_module": "how-to-html-form.md",
    "form": "how-to-html-form.md",
    "sql_check": "how-to-postgresql.md",
    "terraform_validation": "how-to-terraform.md",
    "cel": "how-to-cel.md",
    "generator_recipe": "how-to-generator-recipes.md",
}
INTEGRATIONS: Final = {
    "pydantic": "how-to-fastapi.md",
    "fastapi": "how-to-fastapi.md",
    "django": "how-to-django.md",
    "rest_framework": "how-to-rest-framework.md",
    "wtforms": "how-to-wtforms.md",
    "spark": "how-to-spark.md",
    "polars": "how-to-spark.md",
    "schemathesis": "how-to-fuzz-schemathesis.md",
}
COMMANDS: Final = {"audit": "how-to-audit.md"}
# A form of a target that has a page of its own.
_OF_A_FORM: Final = {("es_module", "as a Standard Schema"): "how-to-form-libraries.md"}

_NO_VERSION: Final = "(was not there)"

_HEAD: Final = """\
# What checks what

signrules states each rule once, and many engines keep it. This page says how much of the rule each of them is asked to
keep, and which version has proved that it does. Each has judged one list of [some 10,000 values and 4,000
bodies](design.md#how-the-exports-are-proven), whose verdicts are known without signrules. Where brackets
follow a version, the engine has judged only what they say. An engine that makes values has made hundreds for each row.
No engine was wrong, apart from [what an engine does on its own account](#what-an-engine-does-on-its-own-account).

The tests make this page: `python -m tests.engines.what_checks_what` writes it from their marks. Do not edit it.

| column | is about |
| --- | --- |
| length | how many characters a value has |
| charset | which characters it may have |
| first | which of them may come first |
| body | which members there are, which must be there, and what one of them demands of another |

"Exactly" means that the target allows what the rule allows, no more and no less. "By a subset" means that it allows
less: what passes or is made is right, but something right does not pass or is never made. "Not" means that it states
nothing of this, and leaves it to another target or to you.
The rows of `generator_recipe` are about the alphabet `full`. The default, `portable`, has fewer characters.
"""

_FOOT: Final = """\

## What no engine has judged

* The recipes of `generator_recipe` for Terraform and External Secrets make no value in a test, because neither the
  provider nor a Kubernetes is there. The tests compare their texts with the documentation of both.
* No Vault has made a value. OpenBao, which comes from it, reads the same policies.
* No server of Kubernetes has run the two files of [the page on CEL](how-to-cel.md). The engines above have judged the
  expressions in them.

## What an engine does on its own account

In all else, the engines agree with the list.

"""


def judgements() -> list[Judgement]:
    """The marks of all tests, whose modules are loaded for it."""
    for path in sorted(_TESTS.glob("*/test_*.py")):
        if "\n@judged(" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(_TESTS.parent).with_suffix("").parts))
    return sorted(set(JUDGEMENTS), key=lambda mark: (mark.target, mark.form, mark.engine.lower()))


def version(package: str) -> str:
    """The version that is installed here."""
    kind, its_name, *arguments = package.split()
    if kind == "pip":
        return metadata.version(its_name)
    if kind == "npm":
        lock = json.loads((Path(__file__).parent / "js" / "package-lock.json").read_text(encoding="utf-8"))
        return str(lock["packages"][f"node_modules/{its_name}"]["version"])
    if kind == "python":
        return sqlite3.sqlite_version
    folders = [Path(sys.executable).parent, os.environ["PATH"], "/usr/sbin", *glob("/usr/lib/postgresql/*/bin")]
    program = shutil.which(its_name, path=os.pathsep.join(map(str, folders)))
    if program is None:
        return _NO_VERSION
    command = [program, *(arguments or ["--version"])]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+\.\d[\w.]*", printed)
    assert found, printed
    return found[0]


def without_versions(text: str) -> str:
    """The page, as it stays when an engine has a new release."""
    return re.sub(rf" (?:\d+\.\d[\w.+-]*|{re.escape(_NO_VERSION)})", "", text)


def page(marks: list[Judgement], version_of: Callable[[str], str]) -> str:
    """The text of the page."""
    sections = {
        "The rules in other languages": EXPORTS,
        "In frameworks and data frames": INTEGRATIONS,
        "On the command line": COMMANDS,
    }
    tables = [f"\n## {title}\n\n{''.join(_table(marks, pages, version_of))}" for title, pages in sections.items()]
    return "".join([_HEAD, *tables, _FOOT, *_differences(marks)])


def _table(marks: list[Judgement], pages: Mapping[str, str], version_of: Callable[[str], str]) -> Iterator[str]:
    """A row for each target and what is stated of it; its engines share the row."""
    yield "| target | length | charset | first | body | proved by |\n| --- | --- | --- | --- | --- | --- |\n"
    for each in pages:
        rows: dict[tuple[str, ...], list[str]] = {}
        for mark in marks:
            if mark.target == each:
                row = (mark.form, mark.length, mark.charset, mark.first, mark.body)
                share = f" ({mark.share})" if mark.share else ""
                rows.setdefault(row, []).append(f"{mark.engine} {version_of(mark.package)}{share}")
        for (form, *extents), engines in rows.items():
            its_page = _OF_A_FORM.get((each, form), pages[each])
            name = f"[`{each}`]({its_page}), {form}" if form else f"[`{each}`]({its_page})"
            yield f"| {name} | {' | '.join(extents)} | {', '.join(engines)} |\n"


def _differences(marks: list[Judgement]) -> Iterator[str]:
    """A line for each thing that an engine does, and the targets where it matters."""
    found: dict[tuple[str, str], list[str]] = {}
    for mark in sorted(marks, key=lambda mark: mark.engine.lower()):
        if mark.differences:
            found.setdefault((mark.engine, mark.differences), []).append(f"`{mark.target}`")
    for (engine, differences), names in found.items():
        yield f"* {engine} ({', '.join(dict.fromkeys(names))}) {differences}.\n"


if __name__ == "__main__":
    PAGE.write_text(page(judgements(), version), encoding="utf-8")
