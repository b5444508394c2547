"""One request body: accepted, and explained."""

from typing import Annotated, Literal

import fastjsonschema
import jsonschema
import jsonschema_rs
import msgspec
import pydantic

import signrules

from ._peers import calling, constraints, listing, longest, ours, reporting
from ._schema import request_schema
from ._timing import Candidate, Case, Group

OK = "accept hmac"
WITHOUT_TYPE = "accept without sign_type"
WITHOUT_KEY = "accept without sign_key"
REPORT = "report of 3 wrong fields"

(_NAME,) = signrules.rules_for("name")
(_KEY,) = signrules.rules_for("sign_key", sign_type="hmac")
(_SECRET,) = signrules.rules_for("sign_secret", sign_type="hmac")


class _PydanticBody(pydantic.BaseModel, extra="forbid"):
    name: Annotated[str, pydantic.StringConstraints(**constraints(_NAME))]
    sign_type: Literal["hmac"] = "hmac"
    sign_key: Annotated[str, pydantic.StringConstraints(**constraints(_KEY))] = ""
    sign_secret: Annotated[str, pydantic.StringConstraints(**constraints(_SECRET))] = ""


class _MsgspecBody(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(**constraints(_NAME))]
    sign_type: Literal["hmac"] = "hmac"
    sign_key: Annotated[str, msgspec.Meta(**constraints(_KEY))] = ""
    sign_secret: Annotated[str, msgspec.Meta(**constraints(_SECRET))] = ""


def group() -> Group:
    """The cases: right bodies of two types, as long as they may be, and a body with three wrong fields."""
    name = "signature_key"
    hmac = {"name": name, "sign_type": "hmac", "sign_key": longest(_KEY), "sign_secret": longest(_SECRET)}
    (key,) = signrules.rules_for("sign_key", sign_type="aes", sign_algorithm="aes-256-cfb")
    (secret,) = signrules.rules_for("sign_secret", sign_type="aes", sign_algorithm="aes-256-cfb")
    aes = {"name": name, "sign_type": "aes", "sign_key": longest(key), "sign_secret": longest(secret)}
    aes["sign_algorithm"] = "aes-256-cfb"
    without_type = {member: value for member, value in hmac.items() if member != "sign_type"}
    without_key = {member: value for member, value in hmac.items() if member != "sign_key"}
    wrong = {"name": "1st", "sign_type": "hmac", "sign_key": "!a", "sign_secret": "short"}
    return Group(
        "One request body",
        "Verdicts: time relative to `is_valid` of jsonschema-rs. The JSON Schema demands all that `check_request` "
        "does; its `if` for each type stands in the `else` of the one before, which is faster than side by side in "
        "`allOf`. One model of pydantic or msgspec cannot say how the rules depend on `sign_type`: theirs is a plain "
        "one for hmac alone, and they have no part in aes. Report: time relative to `iter_errors` of jsonschema-rs; in "
        "brackets, how many errors the peer tells of the body.",
        [
            _verdict(OK, hmac, _models(hmac)),
            _verdict(WITHOUT_TYPE, without_type, _models(without_type)),
            _verdict(WITHOUT_KEY, without_key, _models(without_key)),
            _verdict("accept aes", aes, []),
            _report(wrong),
        ],
        "times as long",
    )


def _verdict(title: str, body: dict[str, str], models: list[Candidate]) -> Case:
    schema = request_schema(nested=True)
    side_by_side = request_schema(nested=False)
    candidates = [
        calling("jsonschema-rs", jsonschema_rs.validator_for(schema).is_valid, body),
        calling("jsonschema-rs, allOf", jsonschema_rs.validator_for(side_by_side).is_valid, body),
        *(
            Candidate(peer, "not check_request(body)", {"check_request": package.check_request, "body": body})
            for peer, package in ours()
        ),
        calling("jsonschema", jsonschema.Draft7Validator(schema).is_valid, body),
        _fastjsonschema(body),
        *models,
    ]
    assert all(candidate.accepts() for candidate in candidates), title
    return Case(title, candidates)


def _report(body: dict[str, str]) -> Case:
    schema = request_schema(nested=True)
    candidates = [
        listing("jsonschema-rs", jsonschema_rs.validator_for(schema).iter_errors, body),
        *(calling(peer, package.check_request, body) for peer, package in ours()),
        listing("jsonschema", jsonschema.Draft7Validator(schema).iter_errors, body),
        _fastjsonschema(body),
        *_models(body),
    ]
    return Case(REPORT, [reporting(candidate) for candidate in candidates])


def _fastjsonschema(body: dict[str, str]) -> Candidate:
    validate = fastjsonschema.compile(request_schema(nested=True))
    return calling("fastjsonschema", validate, body, fastjsonschema.JsonSchemaValueException)


def _models(body: dict[str, str]) -> list[Candidate]:
    return [
        calling("pydantic", _PydanticBody.__pydantic_validator__.validate_python, body, pydantic.ValidationError),
        Candidate(
            "msgspec",
            "convert(body, Body)",
            {"convert": msgspec.convert, "body": body, "Body": _MsgspecBody},
            (msgspec.ValidationError,),
        ),
    ]
