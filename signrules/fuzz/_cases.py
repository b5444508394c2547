"""Which cases to send, in which order.

`quick` is the order that finds the most bug models soonest; `full` goes on from there with every other candidate.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Final, Literal

from .._guard import guarded
from .._rule import Rule
from ._candidates import Case, candidates
from ._variations import variations
from .bugs import bugs, judged, misshapen, refused, scopes

Profile = Literal["quick", "full"]

QUICK: Final = 261
FULL: Final = 3000


@cache
def found_by() -> dict[str, frozenset[str]]:
    """For each case, by its id, the names of the bug models whose answer to it is not the right one."""
    return {case.id: frozenset(_found_by(case.body)) for case in candidates()}


def _found_by(body: Any) -> Iterator[str]:
    right = refused(body) is None
    for bug in bugs().values():
        if not bug.accepts and (refused(body, bug) is None) is not right:
            yield bug.name
    if isinstance(body, dict) and not misshapen(body):
        yield from _found_by_rows(body)


def _found_by_rows(body: dict[str, Any]) -> Iterator[str]:
    """The same for the thousand bugs of rows, each of which is asked once for each value."""
    fields = list(judged(body))

    def accepted(name: str, scope: tuple[Rule, ...]) -> bool:
        return all(
            any(rule.accepts(value) is not (rule in scope and name in _varied(rule, value)) for rule in rules)
            for _, value, rules in fields
        )

    right = accepted("", ())
    for where, (_, scope, names) in scopes().items():
        varied = [_varied(rule, value) for _, value, rules in fields for rule in rules if rule in scope]
        if varied:
            for name in frozenset().union(*varied).intersection(names):
                if accepted(name, scope) is not right:
                    yield f"{where}:{name}"


@lru_cache(maxsize=1 << 14)
def _varied(rule: Rule, value: str) -> frozenset[str]:
    """The variations of the row that judge the value otherwise than the row."""
    right = rule.accepts(value)
    return frozenset(name for name, (_, accepts) in variations()[rule].items() if accepts(value) is not right)


@cache
def _ordered() -> tuple[Case, ...]:
    """Those first that find the most bug models which the ones before have not found; then all others."""
    left = {case.id: case for case in candidates()}
    first = _telling(_telling(left))
    return (*(left.pop(case_id) for case_id in first), *left.values())


def _telling(ids: Iterable[str]) -> list[str]:
    """As few of the cases as find every bug model, greedily, without those that the later ones made needless.

    Where the page is silent, no answer is wrong: such a case is for the models that no other finds.
    """
    found = found_by()
    silent = {case.id for case in candidates() if case.result == "acceptable"}
    told = frozenset().union(*(found[case_id] for case_id in ids if case_id not in silent))
    found = {case_id: found[case_id] - told if case_id in silent else found[case_id] for case_id in ids}
    chosen: list[str] = []
    left = dict.fromkeys(ids)
    missing = frozenset().union(*found.values())
    while missing:
        best = max(left, key=lambda case_id: len(found[case_id] & missing))
        del left[best]
        chosen.append(best)
        missing -= found[best]
    times = Counter(name for case_id in chosen for name in found[case_id])
    for case_id in sorted(chosen, key=lambda case_id: len(found[case_id])):
        if all(times[name] > 1 for name in found[case_id]):
            chosen.remove(case_id)
            times.subtract(found[case_id])
    return chosen


@guarded
def cases(profile: Profile = "quick") -> Iterator[Case]:
    """The cases of a profile: "quick", at most 261, in the order that finds the most soonest, or "full", at most 3,000,
    which begins with them. The same ones every time, by the same ids.
    """
    return iter(_ordered()[: QUICK if profile == "quick" else FULL])
