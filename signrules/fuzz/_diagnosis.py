"""Tells from the answers of a gateway which rule it gets wrong."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from .._guard import guarded
from ._alterations import HIDDEN, WORDS, Alteration
from ._case import Observation
from ._finds import found_by
from ._wire_readers import WireReading, readings
from .bugs import Bug, bugs, refused


class Finding(NamedTuple):
    """Wrong answers with one cause.

    `explanations` are the bug models that explain all of these answers, the most likely one first; it is empty if no
    bug model does.
    """

    observations: tuple[Observation, ...]
    explanations: tuple[Bug, ...]

    @property
    def words(self) -> str:
        """The finding in one sentence."""
        if self.explanations:
            return self.explanations[0].words
        return f"{self.observations[0].case.comment}: {'accepted' if self.observations[0].accepted else 'refused'}"

    @property
    def is_certain(self) -> bool:
        """Whether one bug model explains the answers, and no other that we know of."""
        return len(self.explanations) == 1


class Choice(NamedTuple):
    """Which way the gateway went where the page is silent.

    `explanations` are the bug models that go the same way; there is none if signrules decides so, too.
    """

    observation: Observation
    explanations: tuple[Bug, ...]


class Stored(NamedTuple):
    """A member that the gateway has stored otherwise than it was sent, in the same way after each of these answers."""

    member: str
    alteration: Alteration
    observations: tuple[Observation, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether something else is stored, and not only hidden in the answer."""
        return self.alteration not in HIDDEN

    @property
    def words(self) -> str:
        """The alteration in one sentence."""
        return f"{self.member}: {WORDS[self.alteration]}"


class Diagnosis(NamedTuple):
    """What the answers tell. `readings` is how the wire is read, if cases of the profile `wire` were asked."""

    findings: tuple[Finding, ...]
    choices: tuple[Choice, ...]
    without_verdict: tuple[Observation, ...]
    stored: tuple[Stored, ...] = ()
    readings: tuple[WireReading, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether every answer was right, there was one to every case, and what was sent was stored."""
        return not self.findings and not self.without_verdict and not any(each.is_wrong for each in self.stored)


@guarded
def diagnose(observations: Collection[Observation]) -> Diagnosis:
    """Which bug models explain what was observed.

    Each finding takes the model that explains the most of the wrong answers that are left, and all models that explain
    the same ones: first those of the member that these answers are about, if it is one alone; otherwise the broadest.
    If right refusals name the right member, no model of one field explains a refusal that names another member.
    A wrong answer that no model explains is a finding of its own.
    """
    seen = [observation for observation in observations if observation.accepted is not None]
    wrong = {o.case.id: o for o in seen if o.is_wrong}
    judged = [o for o in seen if o.case.result != "acceptable"]
    # For each model, the answers that it would make wrong, if it makes none wrong that was right.
    ruled_out = frozenset().union(*(found_by(o.case.body) for o in judged if not o.is_wrong))
    names_rightly = all(o.member in (None, "", refused(o.case.body)) for o in judged if not o.is_wrong)
    possible: dict[str, set[str]] = {name: set() for name in bugs() if name not in ruled_out}
    for o in wrong.values():
        for name in found_by(o.case.body) - ruled_out:
            if not names_rightly or _may_name(bugs()[name], o.member):
                possible[name].add(o.case.id)
    return Diagnosis(
        tuple(_findings(wrong, possible)),
        tuple(_choice(o, possible) for o in seen if o.case.result == "acceptable" and not o.case.raw),
        tuple(o for o in observations if o.accepted is None),
        tuple(_stored(seen)),
        tuple(readings(seen)),
    )


def _stored(seen: Collection[Observation]) -> Iterator[Stored]:
    found: dict[tuple[str, Alteration], list[Observation]] = {}
    for o in seen:
        for member, alteration in o.stored:
            found.setdefault((member, alteration), []).append(o)
    for (member, alteration), observations in found.items():
        yield Stored(member, alteration, tuple(observations))


def _findings(wrong: Mapping[str, Observation], possible: Mapping[str, set[str]]) -> Iterator[Finding]:
    left = set(wrong)
    while left:
        most = max((len(ids & left) for ids in possible.values()), default=0)
        if not most:
            yield from (Finding((wrong[case_id],), ()) for case_id in wrong if case_id in left)
            return
        # All models that would make these answers wrong, and no others. No case that tells them apart was asked.
        best = next(ids for ids in possible.values() if len(ids & left) == most)
        alike = [bugs()[name] for name, ids in possible.items() if ids == best]
        observed = [wrong[case_id] for case_id in wrong if case_id in best]
        observed.sort(key=lambda o: (o.case.id not in left, len(found_by(o.case.body))))
        about = {o.case.field for o in observed}
        if len(about) == 1 and "" not in about:
            alike.sort(key=lambda bug: bug.field not in about)
        yield Finding(tuple(observed), tuple(bug for bug in alike if _names_alike(bug, observed)) or tuple(alike))
        left -= best


def _may_name(bug: Bug, member: str | None) -> bool:
    """Whether a refusal for this member may be due to the bug. What is wrong with a row shows to its field alone."""
    return not member or not bug.accepts or bug.field in ("", member)


def _names_alike(bug: Bug, observed: Collection[Observation]) -> bool:
    """Whether a gateway with this bug refuses for the same members, as far as they were named.

    If it refuses the body itself, it may name any.
    """
    return all(o.member is None or refused(o.case.body, bug) in ("", o.member) for o in observed)


def _choice(observation: Observation, possible: Mapping[str, set[str]]) -> Choice:
    case = observation.case
    if observation.accepted is (refused(case.body) is None):
        return Choice(observation, ())
    found = found_by(case.body)
    return Choice(observation, tuple(bugs()[name] for name in possible if name in found))
