"""The documentation as a site, of the same pages: `python -m sphinx -W -n docs docs/_site`, which needs no network."""

import inspect
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.util.inspect import stringify_signature

os.environ["SIGNRULES_PURE"] = "1"  # the functions in C have no annotations

project = html_title = "signrules"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_site"]
root_doc = "index"
myst_heading_anchors = 4  # the anchors that GitHub makes
html_theme = "furo"
html_static_path = html_css_files = ["site.css"]
pygments_dark_style = "github-dark"  # furo's own puts boxes around what it cannot read, such as TSX
html_use_index = html_domain_indices = False  # no page links to them; the search finds each name
html_copy_source = html_show_copyright = html_show_sphinx = False
smartquotes = False  # the pages read as their files do

default_role = "code"  # single backticks in docstrings
autodoc_inherit_docstrings = False  # a framework's own say nothing of ours
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88

nitpicky = True
# The site is built without a network, so nothing knows where other packages describe their classes.
nitpick_ignore_regex = [("py:class", r"(?!signrules\.).*")]
# What public functions take and return, and nobody needs to make: these classes have no public name.
nitpick_ignore = [
    ("py:class", f"signrules.fuzz.{name}")
    for name in ("_case.Raw", "_decoder.Decoder", "_diagnosis.Stored", "_wire_readers.WireReader")
]
suppress_warnings = ["misc.highlighting_failure"]  # Pygments does not know the operators of Terraform

# The pages of directives, which say nothing outside the site.
_REFERENCE: Final = ("signrules", "export", "strategies", "fuzz", "integrations")


def _groups(index: str) -> Iterator[tuple[str, list[str]]]:
    """The lists of links in the index, each with the line above it."""
    for caption, items in re.findall(r"^(?:## )?([A-Z][^\n]*?):?\n\n((?:[-* ] [^\n]*\n)+)", index, re.MULTILINE):
        yield caption, list(dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md\)", items)))  # each page once


def _add_sidebar(_: Sphinx, name: str, source: list[str]) -> None:
    """A sidebar of the links in the index, which has no directives itself, so that it reads well as a plain file."""
    if name == root_doc:
        reference = ("The docstrings", [f"reference/{page}" for page in _REFERENCE])
        for caption, pages in (*_groups(source[0]), reference):
            listed = "\n".join(pages)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


def _open_pages(_: Sphinx, document: nodes.document) -> None:
    """A link to another file offers it for download; one to a web page shall open it."""
    for link in [*document.findall(download_reference)]:
        if link["reftarget"].endswith(".html"):
            link.replace_self(nodes.reference("", "", *link.children, refuri=link["reftarget"]))


def _end_code(_: Sphinx, document: nodes.document) -> None:
    """A test of examples needs a blank line after Python's output. A reader does not."""
    for block in document.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip("\n")
        block[:] = [nodes.Text(block.rawsource)]


def _copy_demo(app: Sphinx, _: Exception | None) -> None:
    shutil.copytree(Path(app.srcdir, "demo"), Path(app.outdir, "demo"), dirs_exist_ok=True)


def _state_signature(
    _: Sphinx, kind: str, _name: str, member: Any, _options: object, signature: str | None, returned: str | None
) -> tuple[str, str | None] | None:
    """A framework takes anything, and our `__init__` says what. A default that is a function or a class is its name."""
    if signature is None:
        return None
    if kind == "class" and signature == "(*args, **kwargs)":
        _self, *parameters = inspect.signature(member.__init__).parameters.values()
        signature = stringify_signature(inspect.Signature(parameters), unqualified_typehints=True)
    return re.sub(r"<(?:class '|function )([\w.]+)[^>]*>", r"\1", signature), returned


def _skip_alias(_: Sphinx, _kind: str, _name: str, member: Any, skip: bool, _options: object) -> bool:  # noqa: FBT001 - Sphinx calls it so
    """The members of a named tuple, whose docstrings Python makes, stand in the signature of its class."""
    return skip or str(member.__doc__).startswith("Alias for field number")


def setup(app: Sphinx) -> None:
    """Connects the functions above to the events of Sphinx."""
    app.connect("source-read", _add_sidebar)
    app.connect("doctree-read", _open_pages, priority=400)  # before files for download are collected
    app.connect("doctree-read", _end_code)
    app.connect("autodoc-process-signature", _state_signature)
    app.connect("autodoc-skip-member", _skip_alias)
    app.connect("build-finished", _copy_demo)
