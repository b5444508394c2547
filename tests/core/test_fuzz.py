"""The cases, the bug models and the diagnosis, without a network."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest

from benchmarks import quick
from signrules import RULES, Rule
from signrules.fuzz import FLAGS, Case, Observation, cases, diagnose
from signrules.fuzz._finds import found_by
from signrules.fuzz._flags import flag_of
from signrules.fuzz._rows import row_name
from signrules.fuzz._values import values_for
from signrules.fuzz.bugs import RIGHT, Bug, bugs, refused

from .. import oracle
from ..labelled import labelled_bodies
from ..sampled import sampled

QUICK = list(cases("quick"))
FULL = list(cases("full"))


def answers(bug: Bug = RIGHT, sent: list[Case] = QUICK) -> list[Observation]:
    """What a gateway with this bug makes of the cases."""
    return [Observation(case, refused(case.body, bug) is None) for case in sent]


# Cases


def test_quick_and_full_are_as_many_as_promised_and_always_the_same() -> None:
    assert 200 < len(QUICK) <= 320
    assert 2000 < len(FULL) <= 3000
    assert FULL[: len(QUICK)] == QUICK == list(cases())
    assert len({case.id for case in FULL}) == len(FULL)
    assert len({case.wire for case in FULL}) == len(FULL)


def test_a_case_says_what_the_oracle_says() -> None:
    for case in FULL:
        assert_right(case)


def assert_right(case: Case) -> None:
    broken = oracle.broken_members(case.body)
    assert case.codes == tuple(dict.fromkeys(code for _, code, _ in broken))
    if case.result != "acceptable":
        assert (case.result == "invalid") is bool(broken)
    # One respect: all that is wrong is wrong with the member in question.
    assert {field for field, _, _ in broken} <= {case.field} or case.result == "acceptable"
    assert set(case.flags) <= set(FLAGS)
    assert ("Silent" in case.flags) is (case.result == "acceptable")
    assert "Right" not in case.flags or case.result == "valid"
    assert json.loads(case.wire) == case.body
    assert case.wire.isascii()
    assert re.fullmatch(r"[\w.:-]+ ?", case.id, re.ASCII)


def test_what_the_page_is_silent_of_is_acceptable() -> None:
    acceptable = {case.id for case in FULL if case.result == "acceptable"}
    for expected in (
        "body:null.sign_key",
        "body:empty.sign_secret",
        "body:null.sign_algorithm",
        "body:no-algorithm-16",
        "body:no-algorithm-32",
        "body:hmac-with-aes-128-cfb",
        "body:default-with-aes-256-cfb",
        "body:member-Sign_Secret",
    ):
        assert expected in acceptable
    assert not {"body:null.name", "body:empty.name", "body:no-algorithm-24"} & acceptable


def test_names_differ_wherever_they_are_not_what_is_tested() -> None:
    named = [case for case in FULL if isinstance(case.body, dict) and "name" in case.body and case.field != "name"]
    names = Counter(case.body["name"] for case in named if not case.id.startswith("body."))
    assert max(names.values()) == 1
    assert all(name.isalpha() and name.islower() for name in names)


def test_every_flag_is_used_and_every_row_is_tested() -> None:
    assert {flag for case in FULL for flag in case.flags} == set(FLAGS)
    rows = {".".join(filter(None, fact[:3])) for fact in oracle.FACTS}
    assert rows <= {case.id.partition(":")[0] for case in QUICK}


# Bug models


def test_the_right_gateway_judges_as_the_oracle_does() -> None:
    for body, _ in labelled_bodies():
        assert refused(body) == oracle.first_refused(body), body


def test_there_are_hundreds_of_bug_models_of_every_kind() -> None:
    assert len(bugs()) > 900
    expected = """name:min-1 sign_key.basic:max+1 sign_secret.public_key:no-max sign_key.aes.aes-128-cfb:first-with-5f
        sign_secret.hmac:without-25 name:with-5b sign_key.public_key:range-2b-2d-2f sign_secret.hmac:range-21-2d-25
        sign_key.hmac:range-A-2d-z sign_secret.hmac:dollar name:no-end name:no-start name:search name:lines
        name:ignore-case name:unicode-digits name:unicode-letters name:nfkc name:casefold name:strip name:cut name:nul
        all:percent name:ends sign_secret.public_key:first-255 sign_key.hmac:as-sign_key.basic body:default-basic
        rows:algorithm-ignored rows:algorithm-swapped body:null body:number body:empty body:case.sign_type"""
    assert set(expected.split()) <= set(bugs())
    for bug in bugs().values():
        assert re.fullmatch(r"[a-z_]+[\w.-]*:[\w.+-]+", bug.name), bug.name
        assert bug.words


def test_words_say_what_it_does() -> None:
    assert bugs()["sign_secret.hmac:dollar"].words == (
        "sign_secret of hmac: accepts a line break at the end (a `$` anchor)"
    )
    assert bugs()["sign_key.aes.aes-256-cfb:first-with-5f"].words == (
        "sign_key of aes with aes-256-cfb: accepts '_' as the first character"
    )
    assert bugs()["name:min-1"].words == "name: accepts one character too few"
    assert bugs()["sign_secret:strip"].words == "sign_secret of every type: strips white space"


def body_of(name: str, value: str, **more: str) -> dict[str, str]:
    return {"name": "abc", name: value, **more} if name != "name" else {"name": value}


@pytest.mark.parametrize(
    ("bug", "body", "accepted"),
    [
        ("name:min-1", body_of("name", "ab"), True),
        ("name:min-1", body_of("name", "a"), False),
        ("name:max+1", body_of("name", "a" * 65), True),
        ("name:max-1", body_of("name", "a" * 64), False),
        ("name:no-max", body_of("name", "a" * 9000), True),
        ("sign_key.hmac:first-any", body_of("sign_key", "-abcdefg"), True),
        ("sign_key.hmac:first-without-digits", body_of("sign_key", "1abcdefg"), False),
        ("sign_key.hmac:without-2d", body_of("sign_key", "a-bcdefg"), False),
        ("name:range-A-2d-z", body_of("name", "a^b"), True),
        ("sign_key.hmac:dollar", body_of("sign_key", "abcdefgh\n"), True),
        ("sign_key.hmac:dollar", body_of("sign_key", "abcdefgh\n\n"), False),
        ("sign_key.hmac:lines", body_of("sign_key", "!!\nabcdefgh"), True),
        ("sign_key.hmac:no-end", body_of("sign_key", "abcdefgh!!"), True),
        ("sign_key.hmac:no-end", body_of("sign_key", "abcdefg!!"), False),
        ("sign_key.hmac:no-start", body_of("sign_key", "!!abcdefgh"), True),
        ("sign_key.hmac:search-apart", body_of("sign_key", "!a!!!!!!"), True),
        ("sign_key.hmac:unicode-digits", body_of("sign_key", "\u0663abcdefg"), True),
        ("sign_key.hmac:ignore-case", body_of("sign_key", "\u212aabcdefg"), True),
        ("sign_key.hmac:nfkc", body_of("sign_key", "\uff21abcdefg"), True),
        ("sign_key.hmac:strip", body_of("sign_key", " abcdefgh\t"), True),
        ("sign_key.hmac:rstrip", body_of("sign_key", " abcdefgh"), False),
        ("sign_key.hmac:nul", body_of("sign_key", "abcdefgh\0!!"), True),
        ("sign_key.hmac:cut", body_of("sign_key", "a" * 99), True),
        ("sign_key.hmac:ends", body_of("sign_key", "a!!!!!!b"), True),
        ("sign_key.hmac:last", body_of("sign_key", "abcdefg!"), True),
        ("sign_key.hmac:first-denied", body_of("sign_key", "\x01abcdefg"), True),
        ("sign_key.hmac:first-denied", body_of("sign_key", "-abcdefg"), False),
        ("sign_key.hmac:first-8", body_of("sign_key", "abcdefgh!!"), True),
        ("sign_key.hmac:as-sign_key.basic", body_of("sign_key", "abcd"), True),
        ("all:percent", body_of("sign_key", "abcdefg%41"), True),
        ("body:default-basic", body_of("sign_key", "abcd"), True),
        ("body:case.sign_type", {"name": "abc", "sign_type": "HMAC"}, True),
        ("body:prefix.sign_type", {"name": "abc", "sign_type": "hmac2"}, True),
        ("body:any.sign_type", {"name": "abc", "sign_type": "rsa"}, True),
        ("body:optional.name", {"sign_key": "abcdefgh"}, True),
        ("body:mandatory.sign_key", {"name": "abc"}, False),
        ("body:no-aes", {"name": "abc", "sign_type": "aes"}, False),
        ("body:unknown-members", {"name": "abc", "id": "x"}, False),
        ("rows:algorithm-swapped", body_of("sign_key", "a" * 32, sign_type="aes", sign_algorithm="aes-128-cfb"), True),
        ("rows:secret-as-key", body_of("sign_secret", "a" * 32, sign_type="aes", sign_algorithm="aes-256-cfb"), True),
        ("rows:type-ignored.sign_key", body_of("sign_key", "a" * 512), True),
    ],
)  # fmt: skip
def test_a_bug_does_what_its_words_say(bug: str, body: dict[str, str], accepted: bool) -> None:
    assert (refused(body, bugs()[bug]) is None) is accepted
    if accepted:
        assert refused(body) is not None, "the right gateway does not"


def test_what_finds_a_bug_is_counted_rightly() -> None:
    """`found_by` takes a short cut; here is the long way, for every thirteenth case and every seventh bug."""
    some = list(bugs().values())[::7]
    for case in FULL[::13]:
        right = refused(case.body)
        expected = {bug.name for bug in some if (refused(case.body, bug) is None) is not (right is None)}
        assert expected == found_by(case.body) & {bug.name for bug in some}, case.id


def test_quick_finds_every_bug_model() -> None:
    """The mutation score is 100 %."""
    assert set(bugs()) - {name for case in QUICK for name in found_by(case.body)} == set()


def test_the_order_of_quick_is_what_its_command_writes() -> None:
    assert quick.FILE.read_text(encoding="ascii").splitlines() == quick.quick(quick.counted_by_case())


def test_quick_has_at_most_one_case_more_than_are_needed() -> None:
    """No case finds two of these bug models. So no fewer cases than they are find every bug model."""
    counted = quick.counted_by_case()
    alone = set(quick.fooling_set(counted))
    assert len(QUICK) - 1 <= len(alone) <= len(QUICK)
    assert all(len(alone & names) <= 1 for names in counted.values())


def single_changes(fact: oracle.Fact) -> Iterator[oracle.Fact]:
    """The row with one cell changed: a bound by up to three, one ASCII character more or less."""
    for step in (-3, -2, -1, 1, 2, 3):
        yield fact._replace(min_length=max(fact.min_length + step, 0))
        yield fact._replace(max_length=fact.max_length + step)
    for c in map(chr, range(128)):
        yield fact._replace(charset=fact.charset ^ {c})
        yield fact._replace(first=fact.first ^ {c})


def matches(fact: oracle.Fact, value: str) -> bool:
    """As `Rule.pattern` has it: the first character, and then the others."""
    return (
        fact.min_length <= len(value) <= fact.max_length
        and value[:1] in fact.first
        and fact.charset.issuperset(value[1:])
    )


@pytest.mark.parametrize("fact", oracle.FACTS, ids=lambda fact: ".".join(filter(None, fact[:3])))
def test_full_finds_every_change_of_one_cell(fact: oracle.Fact) -> None:
    values = {
        case.body[fact.field]
        for case in FULL
        if case.result == "valid" or (case.result == "invalid" and case.field == fact.field)
        if isinstance(case.body, dict) and isinstance(case.body.get(fact.field), str)
        if fact in oracle.applying(fact.field, case.body.get("sign_type", "hmac"), case.body.get("sign_algorithm"))
    }
    for changed in single_changes(fact):
        assert any(matches(changed, value) is not matches(fact, value) for value in values), changed


def test_the_most_telling_cases_come_first() -> None:
    found: set[str] = set()
    for case in QUICK[:50]:
        found |= found_by(case.body)
    assert len(found) > 0.7 * len(bugs())


# Near misses


def is_right(fact: oracle.Fact, value: str) -> bool:
    return (
        fact.min_length <= len(value) <= fact.max_length and fact.charset.issuperset(value) and value[0] in fact.first
    )


# What an engine makes of the near misses of this kind before it judges.
LEFT: dict[str, Callable[[str], str]] = {
    "first-.*": lambda value: value[1:],
    "around-.*": lambda value: value.strip("\"'`,;\\\ufeff\u00e9 \t\r\n!*"),
    "before-.*": lambda value: value.lstrip("\"'`,;\\\ufeff\u00e9 \t\r\n!*"),
    "after-.*": lambda value: value.rstrip("\"'`,;\\\ufeff\u00e9 \t\r\n!*\0"),
    "last-.*": lambda value: value[:-1],
    "(middle-00|nul-.*)": lambda value: value.partition("\0")[0],
    "(middle-0a|line-then|two-lines)": lambda value: value.partition("\n")[0],
    "line-before": lambda value: value.rpartition("\n")[2],
    "lines": lambda value: value.split("\n")[1],
    "behind-(\\d+)": lambda value: value[:-1],
    "(html|escape)": lambda value: re.sub(r"\\u0041$", "A", unescape(value)),
    "percent-41": unquote,
    "percent-00": lambda value: value.removesuffix("%00"),
    "masked": lambda value: value.replace("*", "k"),
}
# Of a row with one length alone, the whole value has that length, and what is left has not.
WHOLE = "(first|middle|last)-.*|nul-within"


@pytest.mark.parametrize("rule", RULES, ids=row_name)
def test_what_an_engine_leaves_of_a_near_miss_is_right(rule: Rule) -> None:
    (fact,) = (fact for fact in oracle.FACTS if fact[:3] == rule[:3])
    tried = set()
    for value in values_for(rule):
        assert (flag_of(rule, value.text) == "Right") is is_right(fact, value.text), value.slug
        for kind, left in LEFT.items():
            if not re.fullmatch(kind, value.slug) or is_right(fact, value.text):
                continue
            if fact.min_length == fact.max_length and re.fullmatch(WHOLE, value.slug):
                assert len(value.text) == fact.max_length, value.slug
            else:
                assert is_right(fact, left(value.text)), value.slug
                tried.add(kind)
    rest = set(LEFT) - tried
    assert all(
        "percent" in kind or (kind.startswith(("first", "last", "(middle-", "behind")) and rule.sign_type == "aes")
        for kind in rest
    )


def test_a_masked_key_and_a_masked_secret_stand_among_the_first_cases() -> None:
    for fact in oracle.FACTS:
        where = ".".join(filter(None, fact[:3]))
        (masked,) = (case for case in QUICK if case.id == f"{where}:masked")
        assert "******" in masked.body[fact.field]
        assert (masked.result, masked.codes, masked.flags) == ("invalid", ("charset",), ("Masked",))


# Diagnosis


def test_a_gateway_that_keeps_every_rule_is_clean() -> None:
    for sent in (QUICK, FULL):
        diagnosis = diagnose(answers(sent=sent))
        assert diagnosis.is_clean
        assert diagnosis.findings == ()
        assert all(choice.explanations == () for choice in diagnosis.choices)
        assert {choice.observation.case.result for choice in diagnosis.choices} == {"acceptable"}


def test_every_bug_model_is_named_by_its_diagnosis() -> None:
    right = [(case, refused(case.body) is None, found_by(case.body)) for case in QUICK]
    for bug in sampled([*bugs().values()], 750):
        # As `answers` does, but read off the table.
        diagnosis = diagnose(
            [Observation(case, accepted is not (bug.name in found)) for case, accepted, found in right]
        )
        assert len(diagnosis.findings) <= 1, bug.name
        named = [each for finding in diagnosis.findings for each in finding.explanations]
        chosen = [each for choice in diagnosis.choices for each in choice.explanations]
        assert bug in (named or chosen), bug.name


def test_the_finding_begins_with_the_request_that_tells_most() -> None:
    (finding,) = diagnose(answers(bugs()["sign_secret.hmac:dollar"])).findings
    assert finding.words == "sign_secret of hmac: accepts a line break at the end (a `$` anchor)"
    assert finding.observations[0].case.body["sign_secret"].endswith("\n")


def test_the_member_that_a_refusal_names_tells_models_apart() -> None:
    bug = bugs()["sign_secret.public_key:max-1"]
    members = {case.id: refused(case.body, bug) for case in QUICK}
    told = [Observation(case, members[case.id] is None, members[case.id]) for case in QUICK]
    (without,), (finding,) = diagnose(answers(bug)).findings, diagnose(told).findings
    assert bug in finding.explanations
    assert {each.field for each in finding.explanations} == {"sign_secret"} < {e.field for e in without.explanations}
    silly = [observation._replace(member="name") for observation in told]
    assert diagnose(silly).findings[0].explanations == without.explanations


def test_two_bugs_are_two_findings() -> None:
    one, other = bugs()["sign_secret.hmac:dollar"], bugs()["sign_key.basic:min-1"]
    seen = [Observation(case, refused(case.body, one) is None or refused(case.body, other) is None) for case in QUICK]
    findings = diagnose(seen).findings
    assert len(findings) == 2
    assert other in findings[0].explanations
    assert one in findings[1].explanations


def test_what_no_model_explains_is_told_as_it_is() -> None:
    by_id = {case.id: case for case in FULL}
    strange = {"body:object.sign_key", "body:an-empty-list"}
    bug = bugs()["sign_key.hmac:dollar"]
    seen = [Observation(case, case.id in strange or refused(case.body, bug) is None) for case in FULL]
    findings = diagnose(seen).findings
    assert [finding.explanations[0] for finding in findings if finding.explanations] == [bug]
    unexplained = [finding for finding in findings if not finding.explanations]
    assert {finding.words for finding in unexplained} == {f"{by_id[case_id].comment}: accepted" for case_id in strange}
    assert [len(finding.observations) for finding in unexplained] == [1, 1]
    refusing = [Observation(case, case.result == "valid" and case.id != "body:name-alone") for case in FULL]
    (finding,) = diagnose(refusing).findings
    assert (finding.explanations, finding.words) == ((), "the name alone: refused")


def test_an_answer_without_a_verdict_is_no_finding_but_not_clean() -> None:
    seen = [
        Observation(case, None, note="answered 500") if n == 3 else o
        for n, (case, o) in enumerate(zip(QUICK, answers(), strict=True))
    ]
    diagnosis = diagnose(seen)
    assert not diagnosis.findings
    assert diagnosis.without_verdict == (seen[3],)
    assert not diagnosis.is_clean


def test_which_way_a_gateway_goes_where_the_page_is_silent() -> None:
    diagnosis = diagnose(answers(bugs()["body:null"]))
    assert diagnosis.is_clean
    chosen = {choice.observation.case.id: choice for choice in diagnosis.choices if choice.explanations}
    optional = ("sign_type", "sign_key", "sign_secret", "sign_algorithm")
    assert set(chosen) == {f"body:null.{member}" for member in optional}
    for member in optional:
        choice = chosen[f"body:null.{member}"]
        assert choice.observation.accepted
        assert choice.explanations == (bugs()["body:null"], bugs()[f"body:null.{member}"])


# Gateways of our own, which judge by the oracle what they look at, and what must be said of each first.


def keeps(body: Any) -> bool:
    broken = oracle.broken_members(body)
    return all(code == "unknown" and field not in oracle.MEMBERS for field, code, _ in broken)


def looks_at_all_but(*members: str, unless: Callable[[Any], bool] = lambda _: False) -> Callable[[Any], bool]:
    """All of the members, or only such values of theirs as are not strings or the like."""
    return lambda body: (
        isinstance(body, dict)
        and keeps({member: value for member, value in body.items() if member not in members or unless(value)})
    )


def is_no_string(value: object) -> bool:
    return not isinstance(value, str)


def is_no_string_or_empty(value: object) -> bool:
    return not isinstance(value, str) or not value


def judged_after(change: Callable[[str], str], *members: str) -> Callable[[Any], bool]:
    return lambda body: (
        isinstance(body, dict)
        and keeps({m: change(value) if m in members and isinstance(value, str) else value for m, value in body.items()})
    )


def of_type(sign_type: str, accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda body: (accepts if isinstance(body, dict) and body.get("sign_type", "hmac") == sign_type else keeps)(
        body
    )


KEY, SECRET, BOTH = "sign_key", "sign_secret", "sign_key and sign_secret"
UNCHECKED = "not checked at all (accepts every string)"
NOT_EVEN_A_STRING = "not checked at all, not even whether it is a string"


@pytest.mark.parametrize(
    ("accepts", "words"),
    [
        (lambda _: False, "refuses everything"),
        (lambda _: True, "accepts everything, even what is no object"),
        (lambda body: isinstance(body, dict), "accepts every object, whatever its members are"),
        (lambda body: isinstance(body, dict) and "name" in body, "checks only that there is a name"),
        (lambda body: isinstance(body, dict) and bool(body.get("name")), "checks only that there is a name"),
        (
            lambda body: isinstance(body, dict) and "name" in body and all(map(str.__instancecheck__, body.values())),
            "checks only that there is a name, and that members are strings",
        ),
        (looks_at_all_but(*oracle.MEMBERS[1:]), "checks name alone"),
        (looks_at_all_but(KEY, SECRET), f"{BOTH}: {NOT_EVEN_A_STRING}"),
        (looks_at_all_but(KEY, SECRET, unless=is_no_string), f"{BOTH} of every type: {UNCHECKED}"),
        (looks_at_all_but(KEY, SECRET, unless=is_no_string_or_empty), f"{BOTH} of every type: {UNCHECKED}"),
        (looks_at_all_but(KEY), f"{KEY}: {NOT_EVEN_A_STRING}"),
        (looks_at_all_but(SECRET, unless=is_no_string), f"{SECRET} of every type: {UNCHECKED}"),
        (of_type("hmac", looks_at_all_but(KEY, SECRET)), f"{BOTH} of hmac: {NOT_EVEN_A_STRING}"),
        (of_type("hmac", looks_at_all_but(KEY, SECRET, unless=is_no_string)), f"{BOTH} of hmac: {UNCHECKED}"),
        (of_type("aes", looks_at_all_but(KEY, unless=is_no_string)), f"{KEY} of aes: {UNCHECKED}"),
        (of_type("basic", looks_at_all_but(SECRET)), f"{SECRET} of basic: {UNCHECKED}"),
        (looks_at_all_but("sign_type"), "does not look at sign_type"),
        (
            judged_after(lambda value: "k" * len(value), "name", KEY, SECRET),
            "every value: checks the length alone",
        ),
        (
            judged_after(lambda value: "k" * len(value), KEY, SECRET),
            f"{BOTH} of every type: checks the length alone",
        ),
        (
            judged_after(lambda value: value[:1] + "k" * len(value[1:]), KEY, SECRET),
            f"{BOTH} of every type: does not check the characters",
        ),
        (judged_after(lambda value: "k" + value[1:], SECRET), f"{SECRET} of every type: does not check the first"),
        (judged_after(lambda value: value.replace("*", "k"), KEY, SECRET), f"{BOTH} of every type: accepts '*'"),
        (lambda body: keeps(body) and SECRET not in body, f"{SECRET} of every type: refuses every value"),
    ],
)  # fmt: skip
def test_one_cause_is_told_as_one(accepts: Callable[[Any], bool], words: str) -> None:
    (finding,) = diagnose([Observation(case, accepts(case.body)) for case in QUICK]).findings
    assert finding.words.startswith(words)


def test_one_that_refuses_everything_may_name_any_member() -> None:
    for member in (None, "name"):
        (finding,) = diagnose([Observation(case, accepted=False, member=member) for case in QUICK]).findings
        assert finding.words == "refuses everything"


def test_where_little_is_known_the_narrow_cause_comes_first() -> None:
    (case,) = (case for case in QUICK if case.id == "name:masked")
    (finding,) = diagnose([Observation(case, accepted=True)]).findings
    assert finding.words.startswith("name: ")
    assert bugs()["body:unchecked"] in finding.explanations
