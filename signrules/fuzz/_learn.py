"""Learns the table that a gateway really has: asks it for cases, and reads the ten rows out of the answers."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .._guard import guarded
from .._requirement import REQUIREMENTS
from .._rule import Rule
from .._table import RULES
from .._traps import CONTROLS
from .._vocabulary import FIELDS_BY_TYPE, KINDS, Kind
from ._case import Case, Observation
from ._dialogue import Dialogue, led
from ._learning_cases import Question, verdicts_on
from ._learning_row import PRINTABLE, Evidence, Trial, trying
from ._learnt import Difference, Learned, differences, learnt_row
from ._rows import row_in_words


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
        return found, {rule: [_difference(rule, words, is_known=False)] for rule in others}
    found |= yield from _rows(others, alphabet, name)
    return found, (yield from _with_other_kinds(found, name))


def _kinds(rule: Rule) -> list[Kind]:
    return [kind for kind in KINDS if rule in REQUIREMENTS[rule.field, *kind].rules]


def _rows(rules: Iterable[Rule], alphabet: str, name: Evidence | None) -> Dialogue[_Found]:
    """Learns rows at the same time, so that one body can ask for a key and a secret. `name` is `None` for the names."""
    learners = {rule: trying(rule, alphabet) for rule in rules}
    asked = {rule: next(learner) for rule, learner in learners.items()}
    found: _Found = {}
    while asked:
        questions = {rule: [Question(rule, _kinds(rule)[0], t) for t in trials] for rule, trials in asked.items()}
        verdicts = yield from verdicts_on([each for of_rule in questions.values() for each in of_rule], name)
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
        Question(rule, kind, Trial(f"with-{_words(kind)}", evidence.base.holding(), f"with {_words(kind)}"))
        for rule, evidence in found.items()
        if rule.field in FIELDS_BY_TYPE and evidence
        for kind in _kinds(rule)[1:]
    ]
    verdicts = yield from verdicts_on(questions, name)
    differing: dict[Rule, list[Difference]] = {}
    for (rule, kind, _), is_accepted in verdicts.items():
        if not is_accepted:
            here, first = _words(kind), _words(_kinds(rule)[0])
            if is_accepted is None:
                words = f"there is no verdict on a value with {here}"
            else:
                words = f"a value is accepted with {first} and refused with {here}"
            differing.setdefault(rule, []).append(_difference(rule, words, is_known=is_accepted is not None))
    return differing


def _difference(rule: Rule, words: str, *, is_known: bool) -> Difference:
    return Difference(rule, "", None, f"{row_in_words(rule)}: {words}", is_known)


def _words(kind: Kind) -> str:
    return kind.sign_algorithm or kind.sign_type
