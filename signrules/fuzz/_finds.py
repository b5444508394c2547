"""Which bug models a body finds: those whose answer to it is not the right one."""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from .._rule import Rule
from ._row_choice import judged_values, rows_that_apply
from ._variations import variations
from .bugs import RIGHT, Bug, Scope, bugs, misjudged, misshapen, scopes


def found_by(body: Any) -> frozenset[str]:
    """The names of the bug models that the body finds."""
    return _found_by(json.dumps(body))


@cache
def _found_by(wire: str) -> frozenset[str]:
    body = json.loads(wire)
    right = _is_accepted(body, RIGHT)
    found = {bug.name for bug, read in _read_otherwise(body) if _is_accepted(read, bug) is not right}
    if isinstance(body, dict) and not _misshapen(wire):
        found.update(_bugs_of_rows(body))
    return frozenset(found)


def _read_otherwise(body: Any) -> Iterator[tuple[Bug, Any]]:
    """The bugs that take other rows for this body or read another body in its place, and what they read."""
    for bug in _bugs_of_bodies():
        read = bug.read(body)
        if bug.rows is not rows_that_apply or read != body:
            yield bug, read


@cache
def _bugs_of_bodies() -> tuple[Bug, ...]:
    return tuple(bug for bug in bugs().values() if not bug.accepts)


def _is_accepted(read: Any, bug: Bug) -> bool:
    """Whether a gateway with this bug accepts what it has read; `refused` would check the same shape many times."""
    return isinstance(read, dict) and not misjudged(read, bug) and not _misshapen(json.dumps(read))


@lru_cache(maxsize=1 << 12)
def _misshapen(wire: str) -> bool:
    return bool(misshapen(json.loads(wire)))


def _bugs_of_rows(body: dict[str, Any]) -> Iterator[str]:
    """The bugs of rows that the body finds.

    `refused` would judge each value by each of more than a thousand bugs. Here, each variation of a row judges it once,
    and the bugs are told by sets of their names.
    """
    values = [
        [(rule, rule.accepts(value), _varied(rule, value)) for rule in rules] for _, value, rules in judged_values(body)
    ]
    is_right = all(any(accepts for _, accepts, _ in rules) for rules in values)
    for scope in scopes():
        changed = [
            [(accepts, varied if rule in scope.rules else frozenset()) for rule, accepts, varied in rules]
            for rules in values
        ]
        touching = frozenset().union(*(varied for rules in changed for _, varied in rules)) & _variations(scope)
        # A value is accepted if any of its rows accepts it, and the body if all its values are.
        accepting = touching
        for rules in changed:
            of_rows = (touching - varied if accepts else touching & varied for accepts, varied in rules)
            accepting = accepting.intersection(frozenset().union(*of_rows))
        for name in touching - accepting if is_right else accepting:
            yield f"{scope.name}:{name}"


@cache
def _variations(scope: Scope) -> frozenset[str]:
    return frozenset(scope.variations)


@lru_cache(maxsize=1 << 14)
def _varied(rule: Rule, value: str) -> frozenset[str]:
    """The variations of the row that judge the value otherwise than the row."""
    right = rule.accepts(value)
    return frozenset(name for name, variation in variations()[rule].items() if variation.accepts(value) is not right)
