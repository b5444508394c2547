"""The program that changes the core in one place at a time."""

import ast
from pathlib import Path

import pytest

import signrules

pytest.importorskip("resource", reason="needs a system with fork")

from benchmarks.mutation import TESTS, mutants

SOURCE = """
def first(text: str = "a", *, many: bool = False) -> str | None:
    '''Not changed, as types are not.'''
    if len(text) < 1 and not many:
        return text[0]
    return None
"""


def test_each_place_is_changed_alone() -> None:
    changes = []
    for number in range(len(list(mutants(ast.parse(SOURCE))))):
        tree = ast.parse(SOURCE)
        mutant = list(mutants(tree))[number]
        mutant.apply()
        assert ast.unparse(ast.fix_missing_locations(tree)) != ast.unparse(ast.parse(SOURCE))
        changes.append((mutant.line, mutant.change))
    condition = "if len(text) < 1 and (not many):"
    assert sorted(changes) == sorted(
        [
            (2, "'a' -> 'a~'"),
            (2, "False -> True"),
            (4, f"{condition} -> if True:"),
            (4, f"{condition} -> if False:"),
            (4, "And -> Or"),
            (4, "drop len(text) < 1"),
            (4, "drop not many"),
            (4, "Lt -> LtE"),
            (4, "1 -> 2"),
            (4, "not many -> many"),
            (5, "return text[0] -> return None"),
            (5, "0 -> 1"),
        ]
    )


def test_each_module_of_the_core_is_judged() -> None:
    # The table holds the facts alone; the version, the traps and the accelerator are no part of the core.
    package = Path(signrules.__file__).parent
    core = {path.stem for path in package.glob("_[a-z]*.py")} - {
        "_table",
        "_version",
        "_traps",
        "_accelerator",
        "_signals",
    }
    assert set(TESTS) == core | {"cli._bodies", "cli._body"}
