"""Asks a gateway for values, in as few bodies as can be, and tells the verdict on each value."""

import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import shake_256
from itertools import zip_longest
from typing import Final, NamedTuple

from .._rule import Rule
from .._table import MEMBERS
from .._vocabulary import Kind
from ._case import Case, Observation, codes_of, named
from ._dialogue import Dialogue
from ._flags import flag_of
from ._learning_base import Trial
from ._learning_row import Evidence
from ._rows import kinds_of, row_name
from ._silent import result_of

# From the id of a case to the name in its body.
_NameOf = Callable[[str], str]
# How long a made name is, if the gateway accepts that.
_NAME_LENGTH: Final = 14


class Probe(NamedTuple):
    """A value of one row, and the kind of key that it is asked with: as a rule, the first to which the row applies."""

    rule: Rule
    kind: Kind
    trial: Trial


class _Request(NamedTuple):
    """One or more values that are asked in one body."""

    probes: tuple[Probe, ...]
    is_again: bool = False


class Verdicts(NamedTuple):
    """The verdict on each value, and the values that are refused in one body, although each is accepted alone."""

    of: dict[Probe, bool | None]
    only_alone: list[tuple[Probe, ...]]


def verdicts_on(probes: Sequence[Probe], name: Evidence | None) -> Dialogue[Verdicts]:
    """The verdict on each value. A body with several is asked again with one at a time, unless it is accepted.

    A body with one value is asked once more if there is no verdict.
    """
    verdicts: dict[Probe, bool | None] = {}
    refused: list[tuple[Probe, ...]] = []
    requests = list(_together(probes))
    name_of = _names(name) if name else None
    while requests:
        observations = yield from _observed([_case(request, name_of) for request in requests])
        again = []
        for request, observation in zip(requests, observations, strict=True):
            if observation.accepted:
                verdicts.update(dict.fromkeys(request.probes, True))
            elif len(request.probes) > 1:
                again += [_Request((probe,)) for probe in request.probes]
                refused += [request.probes] if observation.accepted is False else []
            elif observation.accepted is None and not request.is_again:
                again.append(request._replace(is_again=True))
            else:
                verdicts[request.probes[0]] = observation.accepted
        requests = again
    return Verdicts(verdicts, [together for together in refused if all(verdicts[each] for each in together)])


def kind_in_words(kind: Kind) -> str:
    """For example "aes-128-cfb", or "basic"."""
    return kind.sign_algorithm or kind.sign_type


def _together(probes: Iterable[Probe]) -> Iterator[_Request]:
    """One body for a value of each field if the page accepts them; any other value has a body of its own."""
    right: dict[Kind, dict[str, list[Probe]]] = {}
    for probe in probes:
        if probe.rule.accepts(probe.trial.text):
            right.setdefault(probe.kind, {}).setdefault(probe.rule.field, []).append(probe)
        else:
            yield _Request((probe,))
    for of_kind in right.values():
        for together in zip_longest(*of_kind.values()):
            yield _Request(tuple(probe for probe in together if probe))


def _observed(cases: Sequence[Case]) -> Dialogue[list[Observation]]:
    """What was observed of the cases, asked in as few batches as their names allow."""
    batches: list[list[Case]] = []
    counts: Counter[str] = Counter()
    for case in cases:
        name = case.body["name"]
        if counts[name] == len(batches):
            batches.append([])
        batches[counts[name]].append(case)
        counts[name] += 1
    observed: dict[str, Observation] = {}
    for batch in batches:
        observed.update((observation.case.id, observation) for observation in (yield tuple(batch)))
    return [observed[case.id] for case in cases]


def _case(request: _Request, name_of: _NameOf | None) -> Case:
    probes = request.probes
    asked = "+".join(f"{row_name(probe.rule)}:{probe.trial.slug}" for probe in probes)
    if probes[0].kind != kinds_of(probes[0].rule)[0]:
        asked += f":with-{kind_in_words(probes[0].kind)}"
    case_id = f"learn:{asked}:again" if request.is_again else f"learn:{asked}"
    members: dict[str, str] = {
        **probes[0].kind.members,
        **{probe.rule.field: probe.trial.text for probe in probes},
    }
    if name_of:
        members["name"] = name_of(case_id)
    body = {member: members[member] for member in MEMBERS if member in members}
    result = result_of(body)
    flags = dict.fromkeys(flag_of(probe.rule, probe.trial.text) for probe in probes)
    if result == "acceptable":
        flags["Silent"] = ""
    rule = probes[0].rule if len(probes) == 1 else None
    return Case(
        case_id,
        body,
        result,
        rule.field if rule else "",
        codes_of(body),
        tuple(flags),
        "; ".join(f"{probe.rule.field}: {probe.trial.comment}" for probe in probes),
        rule,
    )


def _takes_usual(name: Evidence) -> bool:
    """Whether the gateway accepts the usual names of cases.

    The runner puts a fresh name in their place, which proves that a key is ours.
    """
    usual = named("")
    later = (name.laters.get(c) for c in string.ascii_lowercase)
    return bool(name.lengths.get(len(usual)) and name.firsts.get(usual[0]) and all(later) and not name.unexplained)


def _names(name: Evidence) -> _NameOf:
    """The names of cases that test no name: usual ones, or else of letters and digits, if the gateway takes those."""
    if _takes_usual(name):
        return named
    length = min(
        (n for n, is_accepted in name.lengths.items() if is_accepted and n), key=lambda n: abs(n - _NAME_LENGTH)
    )
    places = [_plain(name.firsts), *[_plain(name.laters)] * (length - 1)]

    def made(case_id: str) -> str:
        bytes_of_id = shake_256(case_id.encode()).digest(length)
        return "".join(place[byte % len(place)] for place, byte in zip(places, bytes_of_id, strict=True))

    return made


def _plain(asked: Mapping[str, bool | None]) -> list[str]:
    accepted = [c for c, is_accepted in asked.items() if is_accepted]
    return [c for c in accepted if c.isalnum()] or accepted
