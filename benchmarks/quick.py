"""Which cases `quick` has, in which order: as few as find every bug model, those first that find the most.

`python -m benchmarks.quick` finds it anew and writes it to signrules/fuzz/quick.txt, an id a line.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import signrules.fuzz
from signrules.fuzz._candidates import candidates
from signrules.fuzz._finds import found_by

FILE: Final = Path(signrules.fuzz.__file__).with_name("quick.txt")


def main() -> None:
    """Runs the program."""
    FILE.write_text(quick(), encoding="ascii")
    print(f"{len(quick().splitlines())} cases in {FILE}")


def quick() -> str:
    """The ids of the cases, a line each.

    A case where the page is silent cannot show a bug by itself, since neither answer is wrong. So it counts only for
    the bug models that no other case finds.
    """
    found = {case.id: found_by(case.body) for case in candidates()}
    silent = {case.id for case in candidates() if case.result == "acceptable"}
    # The first cover chooses the cases. The second chooses among these alone, which brings them into a better order: it
    # finds more bug models with the first 50 (docs/fuzzing.md).
    chosen = _cover(_counted(found, silent), found)
    return "".join(f"{case_id}\n" for case_id in _cover(_counted({i: found[i] for i in chosen}, silent), chosen))


def _counted(found: dict[str, frozenset[str]], silent: set[str]) -> dict[str, frozenset[str]]:
    """What counts for each case."""
    told = frozenset().union(*(names for case_id, names in found.items() if case_id not in silent))
    return {case_id: names - told if case_id in silent else names for case_id, names in found.items()}


def _cover(found: dict[str, frozenset[str]], ids: Iterable[str]) -> list[str]:
    """A greedy cover of all that is found, without the cases whose bug models others find too."""
    left = dict.fromkeys(ids)
    missing = frozenset().union(*found.values())
    chosen: list[str] = []
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


if __name__ == "__main__":
    main()
