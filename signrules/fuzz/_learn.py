"""Learns the table that a gateway really has: asks it for cases, and reads the ten rows out of the answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .._guard import guarded
from .._rule import Rule
from .._table import RULES
from .._traps import CONTROLS
from .._vocabulary import FIELDS_BY_TYPE, Kind
from ._case import Case, Observation
from ._dialogue import Dialogue, led
from ._learning_base import PRINTABLE, Trial, likeliest
from ._learning_cases import Probe, kind_in_words, verdicts_on
from ._learning_row import Evidence, trying
from ._learnt import Difference, Learned, differences, first_of, learnt_row
from ._rows import kinds_of, row_in_words


class Verdict(NamedTuple):
    """What a gateway makes of a body. `member` is the one that a refusal names, if it names any."""

    accepted: bool
    member: str | None = None


@guarded
def learn(answer: Callable[[dict[str, str]], bool | Verdict], *, controls: bool = False) -> Learned:
    """Learns the table of a gateway in process.

    `answer` is called with one request body after another, and says whether the gateway accepts it. With `controls`,
    the 33 control characters are learnt beside the 95 printable characters of ASCII.

    Raises `TypeError` if `answer` returns neither a `bool` nor a `Verdict`, and whatever `answer` raises.
    """

    def observed(case: Case) -> Observation:
        verdict = answer(dict(case.body))
        if isinstance(verdict, bool):
            verdict = Verdict(verdict)
        if not isinstance(verdict, Verdict):
            raise TypeError(f"answer must return a bool or a Verdict, not {type(verdict).__name__}")
        return Observation(case, verdict.accepted, verdict.member)

    return led(learning(controls=controls), observed)


def learning(*, controls: bool = False) -> Dialogue[Learned]:
    """Asks for cases until the table of the gateway is known, and returns it.

    The members that refusals name change nothing: a body that is refused is asked again with one value at a time. No
    two cases of a batch have the same name, so a gateway may be asked all of them at once, if the keys that it creates
    are deleted before the next batch.
    """
    # Passes the cases and the answers on, and counts the cases.
    dialogue = _learning(PRINTABLE + CONTROLS if controls else PRINTABLE)
    batch = next(dialogue)
    requests = 0
    while True:
        requests += len(batch)
        observations = yield batch
        try:
            batch = dialogue.send(observations)
        except StopIteration as end:
            found, more = end.value
            break
    return Learned(
        tuple(learnt_row(rule, found.get(rule)) for rule in RULES),
        tuple(
            each
            for rule in RULES
            for each in (*(differences(rule, found[rule]) if rule in found else ()), *more.get(rule, ()))
        ),
        requests,
    )


_Found = dict[Rule, Evidence | None]
_Differences = dict[Rule, list[Difference]]


def _learning(alphabet: str) -> Dialogue[tuple[_Found, _Differences]]:
    """The names come first, since every other body needs one."""
    names = [rule for rule in RULES if rule.field not in FIELDS_BY_TYPE]
    others = [rule for rule in RULES if rule.field in FIELDS_BY_TYPE]
    found, more = yield from _learn_name(names[0], alphabet)
    name = found[names[0]]
    if name is None:
        words = "not asked, because no name is accepted"
        return found, {rule: [_difference(rule, words, is_known=False)] for rule in others}
    of_others, only_alone = yield from _learn_rows({rule: kinds_of(rule)[0] for rule in others}, alphabet, name)
    alone, not_alone = yield from _ask_alone(of_others, name)
    together = _told_together(only_alone)
    more |= {rule: [*together.get(rule, ()), *alone.get(rule, ())] for rule in others}
    return found | {rule: evidence for rule, evidence in of_others.items() if rule not in not_alone}, more


def _learn_name(rule: Rule, alphabet: str) -> Dialogue[tuple[_Found, _Differences]]:
    """Learns the names with the first kind of key, or with another one if the gateway takes none of that kind."""
    first, *others = kinds_of(rule)
    found, _ = yield from _learn_rows({rule: first}, alphabet, None)
    if found[rule] is None:
        trial = likeliest(rule).trial._replace(slug="likeliest")
        verdicts = (yield from verdicts_on([Probe(rule, kind, trial) for kind in others], None)).of
        for kind in [probe.kind for probe, is_accepted in verdicts.items() if is_accepted][:1]:
            found, _ = yield from _learn_rows({rule: kind}, alphabet, None)
            words = f"a value is accepted with {kind_in_words(kind)} and refused with {kind_in_words(first)}"
            return found, {rule: [_difference(rule, words)]}
    return found, {}


def _learn_rows(
    kinds: Mapping[Rule, Kind], alphabet: str, name: Evidence | None
) -> Dialogue[tuple[_Found, list[tuple[Probe, ...]]]]:
    """Learns rows at the same time, each with a kind of key, so that one body can ask for a key and a secret.

    `name` is `None` for the names. Also returns the values that are refused together and accepted alone.
    """
    learners = {rule: trying(rule, alphabet) for rule in kinds}
    asked = {rule: next(learner) for rule, learner in learners.items()}
    found: _Found = {}
    only_alone: list[tuple[Probe, ...]] = []
    while asked:
        probes = {rule: [Probe(rule, kinds[rule], t) for t in trials] for rule, trials in asked.items()}
        verdicts = yield from verdicts_on([each for of_rule in probes.values() for each in of_rule], name)
        only_alone += verdicts.only_alone
        asked = {}
        for rule, of_rule in probes.items():
            try:
                asked[rule] = learners[rule].send([verdicts.of[probe] for probe in of_rule])
            except StopIteration as end:
                found[rule] = end.value
    return found, only_alone


def _told_together(only_alone: Iterable[tuple[Probe, ...]]) -> _Differences:
    """What no row can say: that a value depends on the one beside it."""
    found: dict[Rule, list[Trial]] = {}
    for first, *others in only_alone:
        beside = "; ".join(f"beside a {other.rule.field}: {other.trial.comment}" for other in others)
        found.setdefault(first.rule, []).append(first.trial._replace(comment=f"{first.trial.comment}; {beside}"))
    words = "a value is refused beside one of another member, although each is accepted alone ({})"
    return {rule: [_difference(rule, words.format(first_of(trials)))] for rule, trials in found.items()}


def _ask_alone(found: _Found, name: Evidence) -> Dialogue[tuple[_Differences, set[Rule]]]:
    """Asks whether a row accepts a value alone, with every kind of key to which the row applies.

    Also returns the rows that accept none alone. What was learnt of them is worth nothing: their values were refused
    since no other member stood beside them.
    """
    verdicts: dict[Probe, bool | None] = {}
    for field in FIELDS_BY_TYPE:  # one after the other, so that no body has a value of both
        probes = [
            Probe(rule, kind, Trial("alone", evidence.base.holding(), "alone"))
            for rule, evidence in found.items()
            if rule.field == field and evidence
            for kind in kinds_of(rule)
        ]
        verdicts |= (yield from verdicts_on(probes, name)).of
    differing: _Differences = {}
    not_alone = set[Rule]()
    for (rule, kind, _), is_accepted in verdicts.items():
        first = kinds_of(rule)[0]
        here = "alone" if kind == first else f"with {kind_in_words(kind)}"
        if is_accepted or rule in not_alone:
            continue
        if is_accepted is None:
            words = f"there is no verdict on a value {here}"
        elif kind == first:
            not_alone.add(rule)
            words = "a value that was accepted is refused alone, so this row is not known"
        else:
            words = f"a value is accepted with {kind_in_words(first)} and refused {here}"
        is_known = is_accepted is False and kind != first
        differing.setdefault(rule, []).append(_difference(rule, words, is_known=is_known))
    return differing, not_alone


def _difference(rule: Rule, words: str, *, is_known: bool = True) -> Difference:
    return Difference(rule, "", None, f"{row_in_words(rule)}: {words}", is_known)
