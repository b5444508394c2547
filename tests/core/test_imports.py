"""Imports run one way, and `import signrules` is light."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import signrules
from signrules.cli._fuzz import PROFILES, TEXTS
from signrules.fuzz._cases import Profile, TextProfile

from ..pages import ROOT

PACKAGE = Path(signrules.__file__).parent

# A module may import those that stand before it.
ORDER = [
    "_accelerator",
    "_guard",
    "_violation",
    "_spelling",
    "_marks",
    "_rule",
    "_table",
    "_endpoint",
    "_vocabulary",
    "_requirement",
    "_check",
    "_generate",
    "_request_types",
    "_request",
    "_version",
    "_signals",
    "_traps",
    "export.assets",
    "export._arguments",
    "export._tables",
    "export._html",
    "export._json_schema",
    "export._openapi",
    "export._sql",
    "export._re2",
    "export._terraform",
    "export._cel",
    "export._recipe_texts",
    "export._recipe",
    "export._es_module",
    "export._form",
    "export",
    "audit._columns",
    "audit._engine",
    "audit._query",
    "audit._tally",
    "audit._csv",
    "audit._json",
    "audit._tables",
    "audit._audit",
    "audit",
    "strategies",
    "fuzz._alterations",
    "fuzz._case",
    "fuzz._dialogue",
    "fuzz._rows",
    "fuzz._silent",
    "fuzz._flags",
    "fuzz._values",
    "fuzz._candidates",
    "fuzz._decoder",
    "fuzz._writing",
    "fuzz._wire",
    "fuzz._cases",
    "fuzz._corpus",
    "fuzz._variation",
    "fuzz._engine",
    "fuzz._variations",
    "fuzz._row_choice",
    "fuzz._misreadings",
    "fuzz.bugs",
    "fuzz._wire_readers",
    "fuzz._finds",
    "fuzz._diagnosis",
    "fuzz._follow_up",
    "fuzz._fuzzing",
    "fuzz._learning_base",
    "fuzz._learning_row",
    "fuzz._learning_cases",
    "fuzz._learnt",
    "fuzz._learn",
    "fuzz._learnt_table",
    "fuzz._remains",
    "fuzz._report",
    "fuzz._head",
    "fuzz._resend",
    "fuzz._formats",
    "fuzz._sarif",
    "fuzz._markup",
    "fuzz._picture",
    "fuzz._page",
    "fuzz._learnt_page",
    "fuzz._signals",
    "fuzz._exec",
    "fuzz._token",
    "fuzz._file",
    "fuzz._trace",
    "fuzz._state",
    "fuzz._answer",
    "fuzz._http",
    "fuzz._key_list",
    "fuzz._keys",
    "fuzz._asking",
    "fuzz._runner",
    "fuzz._stand_in_answers",
    "fuzz._stand_in_bindings",
    "fuzz._stand_in_store",
    "fuzz._stand_in_introduction",
    "fuzz._stand_in_serving",
    "fuzz._stand_in_making",
    "fuzz._stand_in_seeds",
    "fuzz._stand_in_front",
    "fuzz.gateway",
    "fuzz",
    "integrations",
    "integrations._blank",
    "integrations._places",
    "integrations._redacted",
    "integrations._question",
    "integrations._rows",
    "integrations._django_blank",
    "integrations.pydantic",
    "integrations.fastapi",
    "integrations.django",
    "integrations.rest_framework",
    "integrations.wtforms",
    "integrations.schemathesis",
    "integrations.polars",
    "integrations.spark",
    "cli._status",
    "cli._streams",
    "cli._output",
    "cli._bar",
    "cli._token",
    "cli._body",
    "cli._bodies",
    "cli._parser",
    "cli._conversation",
    "cli._judge",
    "cli._files",
    "cli._generate",
    "cli._check",
    "cli._audit",
    "cli._export",
    "cli._form",
    "cli._fuzz",
    "cli._learn",
    "cli._keys",
    "cli._gateway",
    "cli._rules",
    "cli._main",
    "cli",
]
# Nothing imports these, except Python itself.
ENTRANCES = {"__init__", "__main__"}


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


def imported(path: Path) -> set[str]:
    """Our own modules that a file imports, by their names below the package."""
    package = path.relative_to(PACKAGE).parent.parts
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            if node.module:
                names.add(".".join([*above, *node.module.split(".")]))
            else:
                names |= {".".join([*above, alias.name]) for alias in node.names}
    return names


def test_every_module_has_its_place() -> None:
    assert sorted(modules()) == sorted([*ORDER, *ENTRANCES])


def test_the_map_of_the_fuzzer_has_every_module_in_this_order() -> None:
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    section = page.partition("\n## The modules of the fuzzer\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `(\w+)\.py` \|", section, re.MULTILINE)
    assert named == [module.removeprefix("fuzz.") for module in ORDER if module.startswith("fuzz.")]


@pytest.mark.parametrize("module", ORDER)
def test_imports_run_one_way(module: str) -> None:
    allowed = {*ORDER[: ORDER.index(module)], "_speedups"}  # in C, it imports nothing
    assert imported(modules()[module]) <= allowed


def test_nobody_imports_the_command_line_or_the_strategies() -> None:
    for module, path in modules().items():
        if module not in {*ENTRANCES, "integrations.schemathesis"}:  # which is for Hypothesis as well
            assert "strategies" not in imported(path), module
        if module not in ENTRANCES and module.partition(".")[0] != "cli":
            assert "cli" not in {name.partition(".")[0] for name in imported(path)}, module


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_signrules_loads_nothing_foreign_and_nothing_heavy() -> None:
    loaded = {name.partition(".")[0] for name in loaded_by("import re, typing; from signrules import *")}
    assert loaded <= {"signrules"} | set(sys.stdlib_module_names)
    assert not loaded & {"argparse", "json", "dataclasses", "sqlite3", "http", "secrets", "random", "inspect", "string"}


def test_a_name_loads_what_it_needs_and_no_export_and_no_integration() -> None:
    def ours(names: str) -> set[str]:
        loaded = loaded_by(f"from signrules import {names}") - {"signrules._speedups"}
        return {name for name in loaded if name.startswith("signrules.")}

    def until(module: str) -> set[str]:
        return {f"signrules.{name}" for name in ORDER[: ORDER.index(module) + 1]}

    assert not {name for name in loaded_by("import signrules") if name.startswith("signrules.")}
    assert ours("Violation") == {"signrules._violation"}
    assert ours("check") == until("_check") - {"signrules._endpoint"}
    assert ours("*") == until("_request") - {"signrules._endpoint"}


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match="module 'signrules' has no attribute 'REQUIREMENTS'"):
        signrules.REQUIREMENTS  # type: ignore[attr-defined]  # noqa: B018  what this test is about
    assert set(signrules.__all__) < set(dir(signrules))


def test_exports_need_the_standard_library_alone() -> None:
    everything = "import signrules.export as e; e.form(); e.openapi(); e.json_schema(); e.sql_check('name')"
    loaded = {name.partition(".")[0] for name in loaded_by(everything)}
    assert loaded <= {"signrules"} | set(sys.stdlib_module_names)


def test_integrations_are_leaves() -> None:
    for module, path in modules().items():
        used = {name for name in imported(path) if name.startswith("integrations")}
        shared = {
            "integrations._redacted": {"integrations._places"},
            "integrations.pydantic": {"integrations._redacted", "integrations._question"},
            "integrations.fastapi": {"integrations._redacted", "integrations._places"},
            "integrations._django_blank": {"integrations._blank"},
            "integrations.django": {"integrations._question", "integrations._django_blank"},
            # As the framework stands on Django.
            "integrations.rest_framework": {"integrations.django", "integrations._django_blank"},
            "integrations.wtforms": {"integrations._question", "integrations._blank"},
            "integrations.polars": {"integrations._rows"},
            "integrations.spark": {"integrations._rows"},
        }
        assert used == shared.get(module, set())


@pytest.mark.parametrize(
    ("statement", "loads"),
    [
        ("signrules.check('name', 'x'), signrules.is_valid('name', 'x'), signrules.check_request({})", set()),
        ("import signrules.export; signrules.export.es_module()", set()),
        ("signrules.progress('name', 'x')", {"regex"}),
        ("signrules.generate('name')", {"secrets"}),
    ],
)
def test_what_is_heavy_is_loaded_by_what_needs_it(statement: str, loads: set[str]) -> None:
    assert loaded_by(f"import signrules; {statement}") & {"regex", "secrets"} == loads


@pytest.mark.parametrize("command", ["rules", "form", "generate hmac", "export openapi", "fuzz --help", "--version"])
def test_a_command_loads_nothing_of_the_fuzzer_unless_it_needs_it(command: str) -> None:
    code = (
        "import sys\nfrom signrules.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command.split()], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "signrules.cli._main" in loaded
    assert not [name for name in loaded if name.startswith("signrules.fuzz")]


def test_the_profiles_are_stated_for_the_help_page_as_the_fuzzer_has_them() -> None:
    assert get_args(Profile) == PROFILES
    assert get_args(TextProfile) == TEXTS


def test_the_public_names_are_all_there_and_sorted() -> None:
    names = signrules.__all__
    assert len(names) == 22
    assert all(hasattr(signrules, name) for name in names)
    constants, classes, functions = (
        [name for name in names if kind(name)]
        for kind in (str.isupper, lambda n: n[0].isupper() and not n.isupper(), str.islower)
    )
    assert [*sorted(constants), *sorted(classes), *sorted(functions)] == names
    assert all(getattr(signrules, name).__doc__ for name in [*functions, "Rule", "Violation", "ViolationError"])


# The facts of the document are stated once.


def test_no_other_module_states_a_fact_of_the_endpoint() -> None:
    for module, path in modules().items():
        if module != "_endpoint":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"APIG\.\d|parameterName", text), module
            code = ast.unparse(_without_docstrings(ast.parse(text)))
            assert not re.search(r"X-Auth|/signs|/apigw", code), module


def test_no_other_module_states_a_fact() -> None:
    for module, path in modules().items():
        if module == "_table":
            continue
        for node in ast.walk(_without_docstrings(ast.parse(path.read_text(encoding="utf-8")))):
            if isinstance(node, ast.Constant):
                # The smaller lengths are also numbers of ours, each with its reason beside it.
                assert node.value not in {512, 2048, 511, 2047}, module
                if isinstance(node.value, str) and module != "_rule":
                    assert node.value not in {"hmac", "basic", "aes", "aes-128-cfb", "aes-256-cfb"}, module
                    assert not {"_-!@#$%", "_-+/="} & {node.value, node.value[:7], node.value[:5]}, module


@pytest.mark.parametrize(
    "file",
    [
        "module.js",
        "attach.js",
        "standard_schema.js",
        "module.d.ts",
        "head.html",
        "page.html",
        "page.js",
        "page_copy.js",
        "page_value.js",
    ],
)
def test_no_template_states_a_fact(file: str) -> None:
    """public_key stands in a sentence of the page, which says what its values are not."""
    words = set(re.findall(r"[\w-]+", (PACKAGE / "export" / file).read_text(encoding="utf-8")))
    assert not words & {"hmac", "basic", "aes", "aes-128-cfb", "aes-256-cfb", "512", "2048", "511", "2047", "128-cfb"}
    assert not re.search(r"_-[!+]|!@#", (PACKAGE / "export" / file).read_text(encoding="utf-8"))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return tree
