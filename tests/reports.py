"""Reports of runs that never took place, as the bug models make them."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from signrules.fuzz import Case, Learned, Observation, cases, diagnose, learn
from signrules.fuzz._cases import Profile, by_id
from signrules.fuzz._remains import KeyFault
from signrules.fuzz._report import Report
from signrules.fuzz.bugs import Bug, bugs, refused

URL = "https://gateway.test/v2/p/apigw/instances/i/signs"
BEGUN = 1_795_615_200.0  # 2026-11-25 14:00 UTC


@cache
def refused_rightly(case_id: str) -> str | None:
    """The member that the right gateway refuses."""
    return refused(by_id()[case_id].body)


def observed(case: Case, *has: Bug) -> Observation:
    """What a gateway with these bugs makes of a case."""
    right = refused_rightly(case.id)
    member = next((member for bug in has if (member := refused(case.body, bug)) != right), right)
    if member is None:
        return Observation(case, accepted=True, status=201)
    return Observation(case, accepted=False, member=member, status=400, code="APIG.2011")


def report(observations: Iterable[Observation], profile: Profile | Literal["only"] = "quick", **more: Any) -> Report:
    seen = tuple(observations)
    return Report(URL, profile, seen, diagnose(seen), 281, 3.21, BEGUN, **more)


def run(*names: str, profile: Profile = "quick") -> Report:
    return report((observed(case, *(bugs()[name] for name in names)) for case in cases(profile)), profile)


def case(case_id: str) -> Case:
    return by_id()[case_id]


@cache
def faulty() -> Report:
    """All that can go wrong at once."""
    return report(
        [
            observed(case("body:no-type-sign_key-8")),
            observed(case("body:type-aes")),
            observed(case("body.hmac:right-6")),
            observed(case("body:null.sign_type"), bugs()["body:null"]),
            Observation(case("body:name-alone"), accepted=False, member="name", status=400, code="APIG.2011"),
            Observation(case("body:an-empty-list"), accepted=True, status=201),
            observed(case("body:a-number")),
            observed(case("body:true.sign_type")),
            Observation(case("sign_secret.public_key:full-star"), None, None, 502, "the answer is \x1b[2J<html>"),
            Observation(case("body:null"), None),
            Observation(case("body:true"), None, note="timed out"),
        ],
        "full",
        left_behind=("srabc", "x\ny"),
        interrupted=True,
        key_faults=(KeyFault("kept though deleted", ("srabc", "x\ny")),),
    )


@cache
def several() -> Report:
    """Two bugs, and answers that are missing."""
    has = bugs()["all:not-ascii"], bugs()["sign_key.public_key:max-1"]
    seen = [
        Observation(each, None, None, 502, "the answer is HTML") if number % 40 == 7 else observed(each, *has)
        for number, each in enumerate(cases())
    ]
    return report(seen, left_behind=("srabc",))


@cache
def learnt() -> Learned:
    """A longer row, a row with one more character, a row with a hole, and a row of which nothing is known."""
    has = bugs()["sign_key.hmac:max+1"], bugs()["sign_secret.basic:with-2e"], bugs()["name:first-with-5f"]

    def answer(body: dict[str, str]) -> bool:
        is_of_aes_128 = body.get("sign_type") == "aes" and len(body.get("sign_key", "")) == 16
        return len(body["name"]) != 5 and not is_of_aes_128 and any(refused(body, bug) is None for bug in has)

    return learn(answer)
