"""What stands at the head of a report besides the verdict: how much was asked, what that is, when, and why it ended."""

import time
from typing import Final, Literal

from .._version import version
from ._case import Observation
from ._cases import Profile, cases
from ._report import Report, in_ascii, number

# What a profile is; "only" stands for the cases that a user has named.
_ABOUT: Final[dict[Profile | Literal["only"], str]] = {
    "quick": "quick finds every bug model that we know of",
    "full": "full goes on from quick, for bugs that no model has",
    "wire": "wire sends raw bytes, and tells how the gateway reads them",
    "only": "single cases, which were asked for by their ids",
}


def made_by(begun: float) -> str:
    """When a run began, in seconds since 1970, and what tells of it: "2026-11-25 14:02 UTC, signrules 0.1.0"."""
    return f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(begun))}, signrules {version()}"


def utc(moment: float) -> str:
    """A moment, given in seconds since 1970, for programs (RFC 3339)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def size(report: Report) -> str:
    """For example "320 cases of quick, 3 follow-ups, 345 requests, 3.2 s"."""
    asked = len(_of_profile(report))
    follow_ups = len(report.observations) - asked
    parts = [
        number(asked, "case") + ("" if report.profile == "only" else f" of {report.profile}"),
        *([number(follow_ups, "follow-up")] if follow_ups else []),
        number(report.requests, "request"),
        f"{report.seconds:.1f} s",
    ]
    return ", ".join(parts)


def _of_profile(report: Report) -> list[Observation]:
    """The observations of all cases but follow-ups."""
    if report.profile == "only":
        return [*report.observations]
    ids = {case.id for case in cases(report.profile)}
    return [observation for observation in report.observations if observation.case.id in ids]


def about(report: Report) -> str:
    """What the profile is, in one sentence without a full stop."""
    return _ABOUT[report.profile]


def incomplete(report: Report) -> str:
    """Why the run has ended before its end, and what that means, in two sentences; `""` if it has not."""
    if not (report.interrupted or report.stopped):
        return ""
    reason = "was interrupted" if report.interrupted else f"ended early: {in_ascii(report.stopped)}"
    answered = sum(observation.accepted is not None for observation in _of_profile(report))
    if report.profile == "only":
        return f"The run {reason}. It has a verdict on {number(answered, 'case')}."
    whole = len(tuple(cases(report.profile)))
    others = ", and the others may show more" if answered < whole else ""
    return f"The run {reason}. It has a verdict on {answered} of {whole} cases{others}."
