"""Tells the explanations of wrong answers apart and proves them: the case to ask next, or why none is left to ask."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Final, Literal

from .._guard import guarded
from ._candidates import candidates
from ._case import Case, Observation
from ._diagnosis import Finding, diagnose
from ._finds import found_by

# Why more than one bug model explains a finding: no case tells them apart, or one would, but got no verdict, or was
# not asked.
Reason = Literal["alike", "unanswered", "unasked"]

# How many cases are asked for each finding to prove it. A bug without a model looks like one with a model, until a case
# is asked to which that one gives a wrong answer.
_PROOFS: Final = 2


@guarded
def follow_up(observations: Collection[Observation]) -> Case | None:
    """The case to ask next, so that fewer bug models explain the wrong answers.

    It is the one that comes nearest to halving the explanations of a finding. If no case tells them apart, it is one of
    the two whose wrong answers prove them best. `None` means that no case can tell more: each finding has one
    explanation, or its explanations answer alike whatever is left to ask, and the proofs of each were asked.
    """
    findings = diagnose(observations).findings
    asked = {observation.case.id for observation in observations}
    proofs: list[Case] = []
    for finding in findings:
        others = {bug.name for other in findings if other is not finding for bug in other.explanations}
        names = {bug.name for bug in finding.explanations}
        # Another finding could be the cause of a wrong answer to any other case.
        shown = [(case, found) for case, found in _cases_that_show(names) if found.isdisjoint(others)]
        telling = [
            (abs(2 * len(found & names) - len(names)), case)
            for case, found in shown
            if case.id not in asked and not found >= names
        ]
        if telling:
            return min(telling, key=lambda each: each[0])[1]
        # The best proof is a wrong answer that the fewest bug models give.
        best = sorted(shown, key=lambda each: len(each[1]))[:_PROOFS]
        proofs += [case for case, _ in best if case.id not in asked]
    return proofs[0] if proofs else None


def reason_for_several(finding: Finding, observations: Collection[Observation]) -> Reason | None:
    """Why more than one bug model explains the finding, if these are all observations; `None` if no more than one."""
    if len(finding.explanations) < 2:
        return None
    unanswered = {observation.case.id for observation in observations if observation.accepted is None}
    telling = {case.id for case, _ in _cases_that_tell_apart({bug.name for bug in finding.explanations})}
    return "alike" if not telling else "unanswered" if telling <= unanswered else "unasked"


def _cases_that_tell_apart(names: Collection[str]) -> Iterator[tuple[Case, frozenset[str]]]:
    """The cases to which some of these bug models give the right answer and others do not; and all that each finds."""
    return ((case, found) for case, found in _cases_that_show(names) if not found.issuperset(names))


def _cases_that_show(names: Collection[str]) -> Iterator[tuple[Case, frozenset[str]]]:
    """The cases to which any of these bug models gives a wrong answer, and all that each finds."""
    return ((case, found) for case, found in _table() if not found.isdisjoint(names))


@cache
def _table() -> tuple[tuple[Case, frozenset[str]], ...]:
    """What each candidate finds. It takes seconds, so nobody asks for it before there is a wrong answer.

    A case where the page is silent is not among them: neither answer to it is wrong.
    """
    return tuple((case, found_by(case.body)) for case in candidates() if case.result != "acceptable")
