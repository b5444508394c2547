"""Read by the type checker, never run: each `type: ignore` is a mistake that it must find, or the checker complains."""

from typing import assert_type

from hypothesis.strategies import SearchStrategy

import signrules
from signrules import (
    RULES,
    Code,
    CompleteSignatureKeyRequest,
    Field,
    Progress,
    Rule,
    SignAlgorithm,
    SignatureKeyRequest,
    SignType,
    Violation,
    ViolationError,
)
from signrules.strategies import invalid_requests, near_misses, requests, values


def what_comes_out(body: object, value: str) -> None:
    assert_type(RULES, tuple[Rule, ...])
    assert_type(signrules.rules_for("sign_key"), tuple[Rule, ...])
    assert_type(signrules.check("name", value), tuple[Violation, ...])
    assert_type(signrules.validate("name", value), str)
    assert_type(signrules.is_valid("name", value), bool)
    assert_type(signrules.progress("name", value), Progress)
    assert_type(signrules.generate("name"), str)
    assert_type(signrules.entropy_bits("name"), float)
    assert_type(signrules.check_request(body), tuple[Violation, ...])
    assert_type(signrules.validate_request(body), SignatureKeyRequest)
    assert_type(signrules.complete_request(body), CompleteSignatureKeyRequest)
    assert_type(values("name"), SearchStrategy[str])
    assert_type(near_misses("name"), SearchStrategy[tuple[str, tuple[Code, ...]]])
    assert_type(requests(), SearchStrategy[SignatureKeyRequest])
    assert_type(signrules.validate_request(body)["name"], str)
    assert_type(signrules.validate_request(body).get("sign_key"), str | None)
    complete = signrules.complete_request(body)
    assert_type((complete["sign_type"], complete["sign_key"], complete["sign_secret"]), tuple[SignType, str, str])
    assert_type(complete.get("sign_algorithm"), SignAlgorithm | None)


def what_a_row_and_a_violation_have(rule: Rule, violation: Violation, error: ViolationError) -> None:
    assert_type(rule.field, Field)
    assert_type(rule.sign_type, SignType | None)
    assert_type(rule.sign_algorithm, SignAlgorithm | None)
    assert_type(rule.accepts(""), bool)
    assert_type(rule.pattern, str)
    assert_type(violation.code, Code)
    assert_type(violation.position, int | None)
    assert_type(error.violations, tuple[Violation, ...])
    assert_type(signrules.gateway_error(violation), dict[str, str])
    # A row is a question, without a cast.
    signrules.check(rule.field, "", sign_type=rule.sign_type or "hmac", sign_algorithm=rule.sign_algorithm)


def mistakes(rule: Rule, violation: Violation, value: str) -> None:
    signrules.check("key", value)  # type: ignore[arg-type]
    signrules.check("name", value, sign_type="HMAC")  # type: ignore[arg-type]
    signrules.check("name", value, sign_algorithm="aes")  # type: ignore[arg-type]
    signrules.check("name", value, "hmac")  # type: ignore[call-arg]
    signrules.check("name", b"")  # type: ignore[arg-type]
    signrules.check(value, "name")  # type: ignore[arg-type]
    signrules.generate("name", length="8")  # type: ignore[arg-type]
    signrules.generate("name", alphabet="hex")  # type: ignore[arg-type]
    signrules.generate("name", seed=1)  # type: ignore[call-arg]
    rule.min_length = 1  # type: ignore[misc]
    violation.code = "first"  # type: ignore[misc]
    if violation.code == "lenght":  # type: ignore[comparison-overlap]
        pass
    request: SignatureKeyRequest = {"name": "abc", "sign_secert": value}  # type: ignore[typeddict-unknown-key]
    request["sign_type"] = "rsa"  # type: ignore[typeddict-item]
    values("key")  # type: ignore[arg-type]
    invalid_requests(1)  # type: ignore[call-arg]
