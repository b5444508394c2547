"""Learns the table that a gateway really has: asks it for cases, and reads the ten rows out of the answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import shake_256
from itertools import zip_longest
from typing import Final, NamedTuple

from .._check import REQUIREMENTS
from .._guard import guarded
from .._request import check_request
from .._rule import Rule
from .._table import MEMBERS, RULES
from .._traps import CONTROLS
from .._vocabulary import FIELDS_BY_TYPE, KINDS, Kind
from ._case import Case, Observation
from ._dialogue import Dialogue
from ._learning_row import PRINTABLE, Evidence, Trial, trying
from ._learnt import Difference, Learned, differences, learnt_row
from ._rows import row_in_words, row_name
from ._silent import result_of
from ._values import flag_of

# How long a made name is, if the gateway accepts that.
_NAME_LENGTH: Final = 14


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
    dialogue = learning(controls=controls)
    batch = next(dialogue)
    while True:
        observations = []
        for case in batch:
            verdict = answer(dict(case.body))
            if isinstance(verdict, bool):
                verdict = Verdict(verdict)
            if not isinstance(verdict, Verdict):
                raise TypeError(f"answer must return a bool or a Verdict, not {type(verdict).__name__}")
            observations.append(Observation(case, verdict.accepted, verdict.member))
        try:
            batch = dialogue.send(observations)
        except StopIteration as end:
            learned: Learned = end.value
            break
    return learned


def learning(*, controls: bool = False) -> Dialogue[Learned]:
    """Asks for cases until the table of the gateway is known, and returns it.

    The members that refusals name change nothing: a body that is refused is asked again with one value at a time. No
    two cases of a batch have the same name, so a gateway may be asked all of them at once, if the keys that it creates
    are deleted before the next batch.
    """
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


def _learning(alphabet: str) -> Dialogue[tuple[_Found, dict[Rule, list[Difference]]]]:
    """The names come first, since every other body needs one."""
    names = [rule for rule in RULES if rule.field not in FIELDS_BY_TYPE]
    others = [rule for rule in RULES if rule.field in FIELDS_BY_TYPE]
    found = yield from _rows(names, alphabet, None)
    name = found[names[0]]
    if name is None:
        words = "not asked, because no name is accepted"
        unasked = {rule: [Difference(rule, "", None, f"{row_in_words(rule)}: {words}")] for rule in others}
        return found, unasked
    found |= yield from _rows(others, alphabet, name)
    return found, (yield from _with_other_kinds(found, name))


class _Question(NamedTuple):
    """A value of one row, and the kind of key that it is asked with."""

    rule: Rule
    kind: Kind
    trial: Trial


def _kinds(rule: Rule) -> list[Kind]:
    return [kind for kind in KINDS if rule in REQUIREMENTS[rule.field, *kind].rules]


def _rows(rules: Iterable[Rule], alphabet: str, name: Evidence | None) -> Dialogue[_Found]:
    """Learns rows at the same time, so that one body can ask for a key and a secret. `name` is `None` for the names."""
    learners = {rule: trying(rule, alphabet) for rule in rules}
    asked = {rule: next(learner) for rule, learner in learners.items()}
    found: _Found = {}
    while asked:
        questions = {rule: [_Question(rule, _kinds(rule)[0], t) for t in trials] for rule, trials in asked.items()}
        verdicts = yield from _verdicts([each for of_rule in questions.values() for each in of_rule], name)
        asked = {}
        for rule, of_rule in questions.items():
            try:
                asked[rule] = learners[rule].send([verdicts[question] for question in of_rule])
            except StopIteration as end:
                found[rule] = end.value
    return found


def _with_other_kinds(found: _Found, name: Evidence) -> Dialogue[dict[Rule, list[Difference]]]:
    """Asks whether a row accepts with every kind of key what it accepts with the first one."""
    questions = [
        _Question(rule, kind, Trial(f"with-{_words(kind)}", evidence.base.holding(), f"with {_words(kind)}"))
        for rule, evidence in found.items()
        if rule.field in FIELDS_BY_TYPE and evidence
        for kind in _kinds(rule)[1:]
    ]
    verdicts = yield from _verdicts(questions, name)
    differing: dict[Rule, list[Difference]] = {}
    for (rule, kind, _), is_accepted in verdicts.items():
        if not is_accepted:
            answered = "there is no verdict on" if is_accepted is None else "refused is"
            words = (
                f"{row_in_words(rule)}: with {_words(kind)}, {answered} what is accepted with {_words(_kinds(rule)[0])}"
            )
            differing.setdefault(rule, []).append(Difference(rule, "", None, words))
    return differing


def _words(kind: Kind) -> str:
    return kind.sign_algorithm or kind.sign_type


class _Request(NamedTuple):
    """One or more values that are asked in one body."""

    questions: tuple[_Question, ...]
    is_again: bool = False


def _verdicts(questions: Sequence[_Question], name: Evidence | None) -> Dialogue[dict[_Question, bool | None]]:
    """The verdict on each value. A body with several is asked again with one at a time, unless it is accepted.

    A body with one value is asked once more if there is no verdict.
    """
    verdicts: dict[_Question, bool | None] = {}
    requests = list(_together(questions))
    while requests:
        observations = yield from _observed([_case(request, name) for request in requests])
        again = []
        for request, observation in zip(requests, observations, strict=True):
            if observation.accepted:
                verdicts.update(dict.fromkeys(request.questions, True))
            elif len(request.questions) > 1:
                again += [_Request((question,)) for question in request.questions]
            elif observation.accepted is None and not request.is_again:
                again.append(request._replace(is_again=True))
            else:
                verdicts[request.questions[0]] = observation.accepted
        requests = again
    return verdicts


def _together(questions: Iterable[_Question]) -> Iterator[_Request]:
    """One body for a value of each field if the page accepts them; any other value has a body of its own."""
    right: dict[Kind, dict[str, list[_Question]]] = {}
    for question in questions:
        if question.rule.accepts(question.trial.text):
            right.setdefault(question.kind, {}).setdefault(question.rule.field, []).append(question)
        else:
            yield _Request((question,))
    for of_kind in right.values():
        for together in zip_longest(*of_kind.values()):
            yield _Request(tuple(question for question in together if question))


def _observed(cases: Sequence[Case]) -> Dialogue[list[Observation]]:
    """What was observed of the cases, asked in as few batches as their names allow."""
    observed: dict[str, Observation] = {}
    waiting = cases
    while waiting:
        batch: dict[str, Case] = {}
        for case in waiting:
            batch.setdefault(case.body["name"], case)
        observed.update((observation.case.id, observation) for observation in (yield tuple(batch.values())))
        waiting = [case for case in waiting if case.id not in observed]
    return [observed[case.id] for case in cases]


def _case(request: _Request, name: Evidence | None) -> Case:
    questions = request.questions
    asked = "+".join(f"{row_name(question.rule)}:{question.trial.slug}" for question in questions)
    case_id = f"learn:{asked}:again" if request.is_again else f"learn:{asked}"
    members: dict[str, str] = {
        **questions[0].kind.members,
        **{question.rule.field: question.trial.text for question in questions},
    }
    if name:
        members["name"] = _made_name(case_id, name)
    body = {member: members[member] for member in MEMBERS if member in members}
    result = result_of(body)
    flags = dict.fromkeys(flag_of(question.rule, question.trial.text) for question in questions)
    if result == "acceptable":
        flags["Silent"] = ""
    rule = questions[0].rule if len(questions) == 1 else None
    return Case(
        case_id,
        body,
        result,
        rule.field if rule else "",
        tuple(dict.fromkeys(violation.code for violation in check_request(body))),
        tuple(flags),
        "; ".join(f"{question.rule.field}: {question.trial.comment}" for question in questions),
        rule,
    )


def _made_name(case_id: str, name: Evidence) -> str:
    """A name for a case that tests no name, of what the gateway accepts: of letters and digits, if it can be."""
    length = min(
        (n for n, is_accepted in name.lengths.items() if is_accepted and n), key=lambda n: abs(n - _NAME_LENGTH)
    )
    bytes_of_id = shake_256(case_id.encode()).digest(length)
    places = [_plain(name.firsts), *[_plain(name.laters)] * (length - 1)]
    return "".join(place[byte % len(place)] for place, byte in zip(places, bytes_of_id, strict=True))


def _plain(asked: Mapping[str, bool | None]) -> list[str]:
    accepted = [c for c, is_accepted in asked.items() if is_accepted]
    return [c for c in accepted if c.isalnum()] or accepted
