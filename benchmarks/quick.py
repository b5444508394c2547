"""Which cases `quick` has, in which order: as few as find every bug model, those first that find the most.

`python -m benchmarks.quick` finds it anew and writes it to signrules/fuzz/quick.txt, an id a line.
"""

from collections import Counter
from collections.abc import Mapping
from math import fsum
from pathlib import Path
from typing import Final

import signrules.fuzz
from signrules.fuzz._candidates import candidates
from signrules.fuzz._finds import found_by
from signrules.fuzz.bugs import bugs

FILE: Final = Path(signrules.fuzz.__file__).with_name("quick.txt")


def main() -> None:
    """Runs the program."""
    counted = counted_by_case()
    ordered = quick(counted)
    FILE.write_text("".join(f"{case_id}\n" for case_id in ordered), encoding="ascii")
    print(f"{len(ordered)} cases in {FILE}; no {len(fooling_set(counted)) - 1} cases find every bug model")


def counted_by_case() -> dict[str, frozenset[str]]:
    """For each candidate, by its id, the bug models that count for it.

    A case where the page is silent cannot show a bug by itself, since neither answer is wrong. So it counts only for
    the bug models that no other case finds.
    """
    found = {case.id: found_by(case.body) for case in candidates()}
    silent = {case.id for case in candidates() if case.result == "acceptable"}
    told = frozenset().union(*(names for case_id, names in found.items() if case_id not in silent))
    return {case_id: names - told if case_id in silent else names for case_id, names in found.items()}


def quick(counted: Mapping[str, frozenset[str]]) -> list[str]:
    """The ids of the cases in their order: the next is the one that finds the most bug models that are left."""
    chosen = dict.fromkeys(_cover(counted))
    ordered = []
    missing = frozenset().union(*counted.values())
    while chosen:
        best = max(chosen, key=lambda case_id: len(counted[case_id] & missing))
        del chosen[best]
        ordered.append(best)
        missing -= counted[best]
    return ordered


def fooling_set(counted: Mapping[str, frozenset[str]]) -> list[str]:
    """Bug models of which no two are found by the same case: so many cases are needed to find them all."""
    chosen, used = [], set[str]()
    for name, case_ids in _rarest_first(counted):
        if used.isdisjoint(case_ids):
            chosen.append(name)
            used.update(case_ids)
    return chosen


def _cover(counted: Mapping[str, frozenset[str]]) -> list[str]:
    """Cases that find every bug model.

    The model that the fewest cases find has the least choice, so its case is chosen first: the one that finds the most
    other models that are left, where a model counts the more, the fewer cases find it. A greedy choice of the case that
    finds the most models needs some more cases.
    """
    by_model = _rarest_first(counted)
    weights = {name: len(case_ids) ** -2 for name, case_ids in by_model}
    missing = set(weights)
    chosen: list[str] = []
    for name, case_ids in by_model:
        if name in missing:
            # `sum` would depend on the order of a set, which changes from run to run.
            best = max(case_ids, key=lambda case_id: fsum(weights[each] for each in counted[case_id] & missing))
            chosen.append(best)
            missing -= counted[best]
    times = Counter(name for case_id in chosen for name in counted[case_id])
    for case_id in sorted(chosen, key=lambda case_id: len(counted[case_id])):
        if all(times[name] > 1 for name in counted[case_id]):
            chosen.remove(case_id)
            times.subtract(counted[case_id])
    return chosen


def _rarest_first(counted: Mapping[str, frozenset[str]]) -> list[tuple[str, list[str]]]:
    """The bug models, each with the cases that find it; first those that the fewest find."""
    by_model: dict[str, list[str]] = {name: [] for name in bugs()}
    for case_id, names in counted.items():
        for name in names:
            by_model[name].append(case_id)
    return sorted(by_model.items(), key=lambda item: len(item[1]))


if __name__ == "__main__":
    main()
