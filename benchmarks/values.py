"""One value: accepted, rejected, and explained."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import attrs
import fastjsonschema
import jsonschema
import jsonschema_rs
import msgspec
import pydantic
import regex

import signrules

from ._peers import calling, constraints, listing, longest, ours, reporting, string_schema
from ._timing import Candidate, Case, Group

SHORT = "accept 32 characters"
LONG = "accept 2,048 characters"
REPORT = "report of 3 violations"
ACCEPTS = "Rule.accepts"
CHECK = "check"


def group() -> Group:
    """The cases: a sign_key of type hmac, and the longest sign_secret there is."""
    (key,) = signrules.rules_for("sign_key", sign_type="hmac")
    (secret,) = signrules.rules_for("sign_secret", sign_type="public_key")
    short, long = longest(key), longest(secret)
    return Group(
        "One value",
        "Verdicts: time relative to the bound `fullmatch` of a compiled `re` pattern with counts. Refusals that peers "
        "raise are caught. signrules judges by `is_valid`, and in rows of their own by `Rule.accepts` and `check`. "
        "pydantic is its core validator, without the adapter around it. msgspec converts a struct of one field, which "
        "it does faster than a bare string. Report: time relative to pydantic's `ValidationError.errors()`, for a "
        "value that is too short, has a foreign character and starts with it; in brackets, how many errors the peer "
        "tells of it.",
        [
            _verdict(SHORT, key, short, accepted=True),
            _verdict(LONG, secret, long, accepted=True),
            _verdict("reject the first of 32", key, "!" + short[1:], accepted=False),
            _verdict("reject the last of 32", key, short[:-1] + "!", accepted=False),
            _report(key, "!a"),
        ],
        "times as long",
    )


def _verdict(title: str, rule: signrules.Rule, value: str, *, accepted: bool) -> Case:
    schema = string_schema(rule)
    counted = f"{rule.pattern.removesuffix('*')}{{{rule.min_length - 1},{rule.max_length - 1}}}"
    candidates = [
        calling("re", re.compile(counted).fullmatch, value),
        *_verdicts(rule, value, accepted=accepted),
        calling("regex", regex.compile(counted).fullmatch, value),
        calling("jsonschema-rs", jsonschema_rs.validator_for(schema).is_valid, value),
        calling("jsonschema", jsonschema.Draft7Validator(schema).is_valid, value),
        *_raising(rule, value),
    ]
    assert all(candidate.accepts() is accepted for candidate in candidates), title
    return Case(title, candidates if accepted else [candidate.caught() for candidate in candidates])


def _report(rule: signrules.Rule, value: str) -> Case:
    schema = string_schema(rule)
    pydantic_, *others = _raising(rule, value)
    candidates = [
        pydantic_,
        *(_asking(peer, package.check, rule, value) for peer, package in ours()),
        listing("jsonschema-rs", jsonschema_rs.validator_for(schema).iter_errors, value),
        listing("jsonschema", jsonschema.Draft7Validator(schema).iter_errors, value),
        *others,
    ]
    return Case(REPORT, [reporting(candidate) for candidate in candidates])


def _verdicts(rule: signrules.Rule, value: str, *, accepted: bool) -> Iterator[Candidate]:
    """All functions of both implementations that say yes; `check` is no way to say no, since it explains."""
    for peer, package in ours():
        (row,) = package.rules_for(rule.field, sign_type=rule.sign_type)
        yield _asking(peer, package.is_valid, rule, value)
        yield calling(f"{peer}, {ACCEPTS}", row.accepts, value)
        if accepted:
            yes = _asking(f"{peer}, {CHECK}", package.check, rule, value)
            yield yes._replace(statement=f"not {yes.statement}")


def _asking(peer: str, function: object, rule: signrules.Rule, value: str) -> Candidate:
    statement = f"judge({rule.field!r}, value, sign_type={rule.sign_type!r})"
    return Candidate(peer, statement, {"judge": function, "value": value})


def _raising(rule: signrules.Rule, value: str) -> list[Candidate]:
    """The peers that refuse by raising, pydantic first."""
    adapter = pydantic.TypeAdapter[str](Annotated[str, pydantic.StringConstraints(**constraints(rule))])
    struct = msgspec.defstruct("Value", [("value", Annotated[str, msgspec.Meta(**constraints(rule))])])
    validators: list[Any] = [
        attrs.validators.min_len(rule.min_length),
        attrs.validators.max_len(rule.max_length),
        attrs.validators.matches_re(rule.pattern, func=re.fullmatch),
    ]
    attrs_class = attrs.make_class("Value", {"value": attrs.field(validator=validators)}, slots=True)
    return [
        calling("pydantic", adapter.validator.validate_python, value, pydantic.ValidationError),
        Candidate(
            "msgspec",
            "convert(value, Value)",
            {"convert": msgspec.convert, "value": {"value": value}, "Value": struct},
            (msgspec.ValidationError,),
        ),
        calling(
            "fastjsonschema",
            fastjsonschema.compile(string_schema(rule)),
            value,
            fastjsonschema.JsonSchemaValueException,
        ),
        calling("attrs", attrs_class, value, ValueError),
    ]
