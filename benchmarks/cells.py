"""Gateways whose table differs from the page in one cell, drawn at random, and which of them each way finds."""

import random
from collections.abc import Iterator
from typing import Final

from signrules import RULES, Rule
from signrules.fuzz import cases, learn
from signrules.fuzz.bugs import Bug, refused

_SEED: Final = 1
# A bound is changed by so much at most.
_STEPS: Final = 3
_PRINTABLE: Final = tuple(map(chr, range(32, 127)))


def changes(count: int) -> Iterator[tuple[Rule, Rule]]:
    """Rows of the page, each with the row that a gateway has in its place."""
    drawn = random.Random(_SEED)
    for _ in range(count):
        rule = drawn.choice(RULES)
        yield rule, _changed(rule, drawn)


def _changed(rule: Rule, drawn: random.Random) -> Rule:
    step = drawn.choice([step for step in range(-_STEPS, _STEPS + 1) if step])
    # Such a row becomes wider, since it must accept something.
    is_of_one_length = rule.min_length == rule.max_length
    match drawn.choice(("min_length", "max_length", "charset", "first")):
        case "min_length":
            # An empty value has no first character, so no row with one accepts it.
            return rule._replace(min_length=max(1, rule.min_length + (-abs(step) if is_of_one_length else step)))
        case "max_length":
            return rule._replace(max_length=rule.max_length + (abs(step) if is_of_one_length else step))
        case "charset":
            changed = rule._replace(charset=_with_or_without(rule.charset, drawn.choice(_PRINTABLE)))
            return changed._replace(first="".join(c for c in rule.first if c in changed.charset))
        case _:
            return rule._replace(first=_with_or_without(rule.first, drawn.choice(rule.charset)))


def _with_or_without(characters: str, c: str) -> str:
    return characters.replace(c, "") if c in characters else characters + c


def found_of(count: int) -> dict[str, int]:
    """How many of so many changes each way finds; `learn`, how many it states exactly."""
    quick, full = ([case for case in cases(profile) if case.result != "acceptable"] for profile in ("quick", "full"))
    found = dict.fromkeys(("quick", "full", "learn"), 0)
    for rule, changed in changes(count):
        bug = Bug("changed", "", "", rule.field, {rule: changed.accepts})
        for name, some in (("quick", quick), ("full", full)):
            found[name] += any((refused(case.body, bug) is None) is not (case.result == "valid") for case in some)
        learned = learn(lambda body, bug=bug: refused(body, bug) is None)  # type: ignore[misc]  # mypy: a default
        found["learn"] += [*map(_as_sets, learned.rows)] == [_as_sets(changed if r == rule else r) for r in RULES]
    return found


def _as_sets(rule: Rule | None) -> tuple[object, ...] | None:
    return rule and (*rule[:5], frozenset(rule.charset), frozenset(rule.first))
