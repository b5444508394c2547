"""Changes the core in one place at a time, and lists the changes that no test notices.

Each mutant lives in a process of its own, forked after all but signrules has been imported, so most die within a
second. `python -m benchmarks.mutation` judges the whole core, `python -m benchmarks.mutation _check _rule` two modules.
"""

import argparse
import ast
import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from math import ceil
from operator import delitem, setitem
from pathlib import Path
from resource import RLIMIT_AS, RLIMIT_CPU, setrlimit
from types import ModuleType
from typing import Final, NamedTuple

import hypothesis
import pytest

ROOT: Final = Path(__file__).parent.parent
# The tests of a module, those that notice most in the shortest time first.
TESTS: Final[dict[str, tuple[str, ...]]] = {
    "_guard": ("core.test_leaks",),
    "_violation": ("core.test_violation", "core.test_table"),
    "_spelling": ("core.test_table", "core.test_check"),
    "_marks": ("core.test_table", "core.test_request", "core.test_check", "core.test_leaks"),
    "_rule": ("core.test_table", "core.test_request", "core.test_check", "core.test_leaks"),
    "_endpoint": (
        "core.test_table",
        "core.test_bindings",
        "core.test_gateway",
        "engines.test_sdk",
        "core.test_fuzz_commands",
    ),
    "_vocabulary": ("core.test_table", "core.test_request", "core.test_check", "core.test_export", "core.test_leaks"),
    "_requirement": ("core.test_table", "core.test_request", "core.test_check", "core.test_export", "core.test_leaks"),
    "_check": ("core.test_table", "core.test_request", "core.test_check", "core.test_leaks"),
    "_generate": ("core.test_generate", "core.test_leaks"),
    "_request_types": ("engines.test_pydantic", "core.test_request"),
    "_request": ("core.test_request", "core.test_table", "core.test_leaks", "engines.test_pydantic"),
    "cli._body": ("core.test_bodies",),
    "cli._bodies": ("core.test_bodies",),
}
# Every code point costs seconds, and tells nothing that the other tests do not.
_NOT_THESE: Final = "not code_point and not published and not fuzz and (typed_dicts or not pydantic)"
_QUICKLY: Final = ("-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin")
_SECONDS: Final = 300  # of a processor, for the tests of a module without any change
_MEMORY: Final = 2 << 30

_EACH_OTHER: Final[tuple[tuple[type[ast.AST], type[ast.AST]], ...]] = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv),
    (ast.LShift, ast.RShift),
    (ast.BitOr, ast.BitAnd),
)
_SWAPS: Final = {ast.Mod: ast.Mult} | {old: new for pair in _EACH_OTHER for old, new in (pair, pair[::-1])}
_FOR_TYPES: Final = {"annotation", "returns", "bases"}
_STATEMENTS: Final = (ast.Assign, ast.AugAssign, ast.Delete, ast.Expr, ast.Raise, ast.Continue, ast.Break)


class Mutant(NamedTuple):
    """A change of one place; `apply` makes it in the tree that it was read from."""

    line: int
    change: str
    apply: Callable[[], None]


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    """Every change of a module that is tried."""
    for node in _run(tree):
        for name, value in ast.iter_fields(node):
            if name in _FOR_TYPES:
                continue
            for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.AST) and not _is_for_types(child):
                    line = getattr(child, "lineno", getattr(node, "lineno", 0))
                    for new in _changes(child):
                        apply = partial(setattr, node, name) if place is None else partial(setitem, value, place)
                        yield Mutant(line, _told(child, new), partial(apply, new))
                    if name == "decorator_list" or (name == "values" and isinstance(node, ast.BoolOp)):
                        yield Mutant(line, f"drop {ast.unparse(child)}", partial(delitem, value, place))
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple):
            for place, one in enumerate(node.type.elts):
                yield Mutant(node.lineno, f"drop {ast.unparse(one)}", partial(delitem, node.type.elts, place))


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all in it, but for what only type checkers read."""
    yield node
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in _FOR_TYPES and not _is_for_types(child):
                yield from _run(child)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(f"{value}~")
        case ast.Constant(value=bytes() as value):
            yield ast.Constant(value + b"~")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.If(body=body, orelse=orelse):
            yield from (ast.If(ast.Constant(value), body, orelse) for value in (True, False))
        case ast.Return(value=ast.AST() as value) if ast.unparse(value) != "None":
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case _ if type(node) in _SWAPS:
            yield _SWAPS[type(node)]()
        case _ if isinstance(node, _STATEMENTS):
            yield ast.Pass()


def _is_for_types(node: object) -> bool:
    """Nothing that is run, or no more than a name for it."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Import() | ast.ImportFrom():
            return True
        case (
            ast.Call(func=ast.Name(id="cast" | "ParamSpec" | "TypeVar"))
            | ast.Assign(value=ast.Subscript(value=ast.Name(id="Literal")))
        ):
            return True
    return False


def _told(old: ast.AST, new: ast.AST) -> str:
    if isinstance(old, ast.operator | ast.cmpop | ast.boolop):
        return f"{type(old).__name__} -> {type(new).__name__}"
    first, second = (ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0] for node in (old, new))
    return f"{first} -> {second}"


class _Mutated(MetaPathFinder, Loader):
    """Imports the changed tree in the place of the module."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module, self.tree = module, tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """The module alone."""
        return ModuleSpec(name, self, origin=str(_file(self.module))) if name == f"signrules.{self.module}" else None

    def exec_module(self, module: ModuleType) -> None:
        """Runs it."""
        module.__file__ = str(_file(self.module))
        exec(compile(self.tree, module.__file__, "exec"), vars(module))  # noqa: S102  what this program is for


def _file(module: str) -> Path:
    return ROOT.joinpath("signrules", *module.split(".")).with_suffix(".py")


def _import_what_is_not_ours(module: str) -> None:
    """All that the tests of the module import but signrules and the tests, which each fork imports anew."""
    for name in TESTS[module]:
        import_module(f"tests.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("signrules", "tests")]:
        del sys.modules[name]
    gc.freeze()


def judged(module: str, tree: ast.Module, mutant: Mutant | None, seconds: int) -> tuple[bool, float]:
    """Whether the tests of the module pass within so many seconds of a processor, and how many they take."""
    child = os.fork()
    if child == 0:
        _judge(module, tree, mutant, seconds)
    _, status, used = os.wait4(child, 0)
    return status == 0, used.ru_utime + used.ru_stime


def _judge(module: str, tree: ast.Module, mutant: Mutant | None, seconds: int) -> None:
    """Ends the forked process, with the exit status of the tests."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    setrlimit(RLIMIT_CPU, (seconds, seconds))  # a mutant may never end, or fill the memory
    setrlimit(RLIMIT_AS, (_MEMORY, _MEMORY))
    status = 1
    try:
        if mutant:
            mutant.apply()
        sys.meta_path.insert(0, _Mutated(module, ast.fix_missing_locations(tree)))
        files = (
            f"tests/{name.replace('.', '/')}.py" for name in TESTS[module]
        )  # one after the other: most need but the first
        status = int(any(pytest.main([*_QUICKLY, "-k", _NOT_THESE, file]) for file in files))
    finally:
        os._exit(status)


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*TESTS, []], help="all, if none is given")
    os.chdir(ROOT)
    hypothesis.settings.register_profile("mutation", max_examples=10, derandomize=True, database=None, deadline=None)
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"  # tests/conftest.py loads it
    os.environ["SIGNRULES_PURE"] = "1"  # the mutants are of Python
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for module in parser.parse_args().modules or TESTS:
        _import_what_is_not_ours(module)
        tree = ast.parse(_file(module).read_text(encoding="utf-8"))
        passed, seconds = judged(module, tree, None, _SECONDS)
        assert passed, f"the tests of {module} fail without any change"
        survived = []
        for mutant in mutants(tree):
            survived.append(judged(module, tree, mutant, ceil(3 * seconds))[0])
            if survived[-1]:
                print(f"  survives, line {mutant.line}: {mutant.change}", flush=True)
        print(f"{module}: {len(survived)} mutants, {sum(survived)} survive", flush=True)


if __name__ == "__main__":
    main()
