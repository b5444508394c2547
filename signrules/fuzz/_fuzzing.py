"""The dialogue of `signrules fuzz`: all cases of a profile, then those that tell explanations apart or prove them."""

from collections.abc import Iterable
from typing import Final

from . import _follow_up
from ._case import Case, Observation
from ._diagnosis import diagnose
from ._dialogue import Dialogue, all_at_once

# For each finding. Each case halves the explanations, as far as the candidates allow it; the last ones prove them.
MOST_FOLLOW_UPS: Final = 8


def fuzzing(cases: Iterable[Case], *, follow_up: bool) -> Dialogue[tuple[Observation, ...]]:
    """Asks all cases at once; then, with `follow_up`, one case at a time, as long as a case can tell more.

    Returns what was observed, in the order asked.
    """
    observed = yield from all_at_once(cases)
    if follow_up:
        left = MOST_FOLLOW_UPS * len(diagnose(observed).findings)
        while left and (case := _follow_up.follow_up(observed)):
            observed += tuple((yield (case,)))
            left -= 1
    return observed
