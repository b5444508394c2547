"""What is asked after a wrong answer, until one explanation is left or no case can tell."""

import json
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from signrules.fuzz import Case, Observation, cases, diagnose, follow_up
from signrules.fuzz._candidates import candidates
from signrules.fuzz._cases import by_id
from signrules.fuzz._diagnosis import Diagnosis
from signrules.fuzz._dialogue import led
from signrules.fuzz._finds import found_by
from signrules.fuzz._follow_up import reason_for_several
from signrules.fuzz._formats import as_json, text
from signrules.fuzz._fuzzing import MOST_FOLLOW_UPS, fuzzing
from signrules.fuzz._page import html
from signrules.fuzz.bugs import bugs, refused

from ..reports import observed, refused_rightly, report
from ..sampled import sampled

QUICK = tuple(cases("quick"))
PLANTED = sampled([*bugs()], 75)  # all of them take two minutes
Answer = Callable[[Case], Observation]


def planted(*names: str) -> Answer:
    def answer(case: Case) -> Observation:
        right = refused_rightly(case.id)
        member = next((m for name in names if (m := refused(case.body, bugs()[name])) != right), right)
        return Observation(case, member is None, member)

    return answer


def fuzzed(*names: str) -> tuple[Observation, ...]:
    return led(fuzzing(QUICK, follow_up=True), planted(*names))


def remaining(diagnosis: Diagnosis) -> list[set[str]]:
    return [{bug.name for bug in finding.explanations} for finding in diagnosis.findings]


@cache
def found_in_what() -> dict[str, frozenset[str]]:
    """For each bug model, the ids of all cases that show it. Where the page is silent, a case shows nothing."""
    shown: dict[str, set[str]] = {name: set() for name in bugs()}
    for case in candidates():
        if case.result != "acceptable":
            for name in found_by(case.body):
                shown[name].add(case.id)
    return {name: frozenset(ids) for name, ids in shown.items()}


def alike(name: str) -> set[str]:
    """The bug models that no case tells apart from this one."""
    return {other for other, ids in found_in_what().items() if ids == found_in_what()[name]}


def assert_told_apart(name: str) -> None:
    seen = fuzzed(name)
    assert len(seen) <= len(QUICK) + MOST_FOLLOW_UPS
    assert follow_up(seen) is None
    left = remaining(diagnose(seen))
    assert len(left) == bool(found_in_what()[name])
    # A refusal names a member, and so may tell apart what no verdict does.
    assert all(name in explanations <= alike(name) for explanations in left)


def test_what_remains_is_what_no_case_tells_apart() -> None:
    for name in PLANTED:
        assert_told_apart(name)


def test_without_the_member_that_a_refusal_names_exactly_these_remain() -> None:
    for name in PLANTED[::4]:
        answer = planted(name)
        seen = led(fuzzing(QUICK, follow_up=True), lambda case: answer(case)._replace(member=None))  # noqa: B023  at once
        assert remaining(diagnose(seen)) == ([alike(name)] if found_in_what()[name] else []), name


def test_most_bug_models_have_a_set_of_cases_of_their_own() -> None:
    shown = [name for name, ids in found_in_what().items() if ids]
    assert sum(alike(name) == {name} for name in shown) > 0.85 * len(shown)


def test_several_bugs_at_once_are_told_apart() -> None:
    names = ("sign_secret.hmac:dollar", "sign_key.basic:with-2e", "name:without-q")
    seen = fuzzed(*names)
    left = remaining(diagnose(seen))
    assert len(left) == len(names)
    for name in names:
        assert alike(name) in left
    assert len(seen) <= len(QUICK) + MOST_FOLLOW_UPS * len(names)


@pytest.mark.parametrize(
    ("member", "elsewhere", "explained"),
    [
        ("sign_key", None, True),
        (None, None, True),
        ("", None, True),
        ("sign_secret", None, False),
        ("sign_secret", "sign_secret", True),
    ],
    ids=["named", "not named", "the body", "another", "a gateway that always names the same"],
)
def test_a_refusal_for_another_member_is_not_explained_by_a_key(
    member: str | None, elsewhere: str | None, explained: bool
) -> None:
    """A body with a right key and a right secret is refused. Only models of keys would explain the verdict."""
    case = by_id()["body.aes.aes-256-cfb:begins-4"]
    right = [o._replace(member=o.member and (elsewhere or o.member)) for o in map(planted(), QUICK) if o.case != case]
    (finding,) = diagnose([*right, Observation(case, accepted=False, member=member)]).findings
    assert bool(finding.explanations) is explained
    assert all(bug.field == "sign_key" for bug in finding.explanations)


def test_a_right_gateway_is_asked_nothing_more() -> None:
    assert fuzzed() == tuple(map(planted(), QUICK))


def test_without_follow_up_all_cases_are_asked_at_once() -> None:
    dialogue = fuzzing(iter(QUICK), follow_up=False)
    assert next(dialogue) == QUICK
    answer = planted("sign_secret.hmac:dollar")
    assert len(led(fuzzing(QUICK, follow_up=False), answer)) == len(QUICK)
    assert len(led(fuzzing(QUICK, follow_up=True), answer)) > len(QUICK)


def test_a_case_is_asked_once_though_it_gets_no_verdict() -> None:
    answer = planted("sign_secret.hmac:dollar")
    quick = {case.id for case in QUICK}
    seen = led(
        fuzzing(QUICK, follow_up=True),
        lambda case: answer(case) if case.id in quick else Observation(case, None, note="answered 500"),
    )
    assert len({o.case.id for o in seen}) == len(seen) == len(QUICK) + MOST_FOLLOW_UPS


def test_a_wrong_answer_that_no_model_explains_leads_to_no_question() -> None:
    strange = by_id()["body:an-empty-list"]
    others = [observed(case) for case in candidates() if case is not strange]
    assert follow_up([Observation(strange, accepted=True), *others]) is None


def test_a_bug_without_a_model_is_not_told_as_one_that_answers_otherwise() -> None:
    """The length is one off in several rows: that looks as if no length were checked, until a longer value is asked."""
    names = [f"sign_secret.{sign_type}:max+1" for sign_type in ("hmac", "basic", "public_key", "aes")]
    assert sorted(map(sorted, remaining(diagnose(fuzzed(*names))))) == sorted([name] for name in names)


# What a report says of it


def reports(seen: Iterable[Observation]) -> tuple[str, str, str]:
    made = report(seen)
    return text(made), as_json(made), html(made)


def test_a_report_says_that_nothing_else_explains_it() -> None:
    seen = fuzzed("sign_secret.hmac:dollar")
    (finding,) = diagnose(seen).findings
    assert finding.is_certain
    assert reason_for_several(finding, seen) is None
    written, told, page = reports(seen)
    assert "    this, and nothing else that we know of\n" in written
    assert f"{len(QUICK)} cases of quick, {len(seen) - len(QUICK)} follow-ups, 281 requests" in written
    (entry,) = json.loads(told)["findings"]
    assert (entry["certain"], entry["reason"]) == (True, None)
    assert "<p>This, and nothing else that we know of.</p>" in page


def unanswered(name: str) -> tuple[Observation, ...]:
    """No case after those of `quick`, however many, gets a verdict."""
    answer = planted(name)
    seen = tuple(map(answer, QUICK))
    while case := follow_up(seen):
        seen += (Observation(case, None, note="answered 500"),)
    return seen


ALIKE = next(name for name, ids in found_in_what().items() if ids and len(alike(name)) == 2)


@pytest.mark.parametrize(
    ("seen", "reason", "words"),
    [
        (lambda: fuzzed(ALIKE), "alike", "no case that we know of tells them apart"),
        (
            lambda: unanswered("sign_secret.hmac:dollar"),
            "unanswered",
            "a case that would tell them apart got no verdict",
        ),
        (
            lambda: tuple(map(planted("sign_secret.hmac:dollar"), QUICK)),
            "unasked",
            "a case that would tell them apart was not sent",
        ),
    ],
)
def test_a_report_says_why_more_than_one_explains_it(
    seen: Callable[[], tuple[Observation, ...]], reason: str, words: str
) -> None:
    (finding,) = diagnose(seen()).findings
    assert not finding.is_certain
    assert reason_for_several(finding, seen()) == reason
    written, told, page = reports(seen())
    assert f"    also explained by what follows; {words}\n        " in written
    (entry,) = json.loads(told)["findings"]
    assert (entry["certain"], entry["reason"]) == (False, reason)
    assert f"<p>Also explained by what follows; {words}.</p>\n<ul><li>" in page
