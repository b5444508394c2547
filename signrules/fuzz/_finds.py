"""Which bug models a body finds: those whose answer to it is not the right one."""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from .._rule import Rule
from ._judging import judged, rows_that_apply
from ._variations import variations
from .bugs import Bug, bugs, misshapen, refused, scopes


def found_by(body: Any) -> frozenset[str]:
    """The names of the bug models that the body finds."""
    return _found_by(json.dumps(body))


@cache
def _found_by(wire: str) -> frozenset[str]:
    body = json.loads(wire)
    right = refused(body) is None
    found = {name for name, bug in _bugs_of_bodies(body) if (refused(body, bug) is None) is not right}
    if isinstance(body, dict) and not misshapen(body):
        found.update(_bugs_of_rows(body))
    return frozenset(found)


def _bugs_of_bodies(body: Any) -> Iterator[tuple[str, Bug]]:
    """The bugs that take other rows for this body or read another body in its place."""
    for name, bug in bugs().items():
        if not bug.accepts and (bug.rows is not rows_that_apply or bug.read(body) != body):
            yield name, bug


def _bugs_of_rows(body: dict[str, Any]) -> Iterator[str]:
    """The bugs of rows that the body finds.

    `refused` would judge each value by each of more than a thousand bugs. Here, each variation of a row judges it once.
    """
    values = [(rules, {rule: _varied(rule, value) for rule in rules}, value) for _, value, rules in judged(body)]

    def is_accepted(name: str, touched: tuple[Rule, ...]) -> bool:
        """Whether the body is accepted if these rows are varied so."""

        def accepts(rule: Rule, value: str, differing: frozenset[str]) -> bool:
            is_varied = rule in touched and name in differing
            return rule.accepts(value) is not is_varied

        return all(any(accepts(rule, value, varied[rule]) for rule in rules) for rules, varied, value in values)

    right = is_accepted("", ())
    for scope in scopes():
        differing = [varied[rule] for rules, varied, _ in values for rule in rules if rule in scope.rules]
        for name in frozenset().union(*differing).intersection(scope.variations):
            if is_accepted(name, scope.rules) is not right:
                yield f"{scope.name}:{name}"


@lru_cache(maxsize=1 << 14)
def _varied(rule: Rule, value: str) -> frozenset[str]:
    """The variations of the row that judge the value otherwise than the row."""
    right = rule.accepts(value)
    return frozenset(name for name, variation in variations()[rule].items() if variation.accepts(value) is not right)
