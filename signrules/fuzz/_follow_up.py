"""Tells the explanations of wrong answers apart: the case to ask next, or why no case is left to ask."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Literal

from .._guard import guarded
from ._candidates import candidates
from ._case import Case, Observation
from ._diagnosis import Finding, diagnose
from ._finds import found_by

# Why more than one bug model explains a finding: no case tells them apart, or one would, but got no verdict, or was
# not asked.
Reason = Literal["alike", "unanswered", "unasked"]


@guarded
def follow_up(observations: Collection[Observation]) -> Case | None:
    """The case to ask next, so that fewer bug models explain the wrong answers.

    It is the one that comes nearest to halving the explanations of a finding. `None` means that no case can tell more:
    each finding has one explanation, or its explanations answer alike whatever is left to ask.
    """
    findings = diagnose(observations).findings
    asked = {observation.case.id for observation in observations}
    for finding in findings:
        others = {bug.name for other in findings if other is not finding for bug in other.explanations}
        names = {bug.name for bug in finding.explanations}
        if len(names) < 2:
            continue
        telling = [
            (abs(2 * len(found & names) - len(names)), case)
            for case, found in _cases_that_tell_apart(names)
            # Another finding could be the cause of a wrong answer to it.
            if case.id not in asked and found.isdisjoint(others)
        ]
        if telling:
            return min(telling, key=lambda each: each[0])[1]
    return None


def reason_for_several(finding: Finding, observations: Collection[Observation]) -> Reason | None:
    """Why more than one bug model explains the finding, if these are all observations; `None` if no more than one."""
    if len(finding.explanations) < 2:
        return None
    unanswered = {observation.case.id for observation in observations if observation.accepted is None}
    telling = {case.id for case, _ in _cases_that_tell_apart({bug.name for bug in finding.explanations})}
    return "alike" if not telling else "unanswered" if telling <= unanswered else "unasked"


def _cases_that_tell_apart(names: Collection[str]) -> Iterator[tuple[Case, frozenset[str]]]:
    """The cases to which some of these bug models give the right answer and others do not; and all that each finds."""
    for case, found in _table():
        if 0 < len(found.intersection(names)) < len(names):
            yield case, found


@cache
def _table() -> tuple[tuple[Case, frozenset[str]], ...]:
    """What each candidate finds. It takes seconds, so nobody asks for it before there is a wrong answer.

    A case where the page is silent is not among them: neither answer to it is wrong.
    """
    return tuple((case, found_by(case.body)) for case in candidates() if case.result != "acceptable")
