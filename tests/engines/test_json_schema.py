"""The JSON Schema and the OpenAPI document, judged by ajv, jsonschema-rs and jsonschema."""

import json
import re
from collections.abc import Sequence
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from openapi_spec_validator import validate as validate_openapi

from signrules import check
from signrules.export import json_schema, openapi

from .. import oracle
from ..labelled import QUESTIONS, Value, is_unicode, labelled_bodies, labelled_values
from ..needs import JAVASCRIPT, node, packages
from .judged import judged

FIELD_SCHEMAS = [json_schema(question.field, **question.kind) for question in QUESTIONS]
OPENAPI_BODY = openapi()["components"]["schemas"]["SignatureKeyRequest"]


@judged(
    "json_schema",
    "jsonschema-rs",
    "pip jsonschema-rs",
    body="exactly",
    differences="cannot be given a text with a lone surrogate, which no rule allows",
)
@judged(
    "json_schema",
    "jsonschema",
    "pip jsonschema",
    body="exactly",
    differences="lets a line break at the end pass its `$`; the schema therefore forbids it by a keyword of its own",
)
@judged("openapi", "jsonschema-rs", "pip jsonschema-rs", body="exactly")
@judged("openapi", "jsonschema", "pip jsonschema", body="exactly")
@pytest.mark.parametrize("schema", [json_schema(), OPENAPI_BODY], ids=["JSON Schema", "OpenAPI"])
def test_bodies_in_rust_and_python(schema: dict[str, Any]) -> None:
    rust = jsonschema_rs.validator_for(schema)
    python = jsonschema.Draft202012Validator(schema)
    python.check_schema(schema)
    asked = 0
    for body, broken in labelled_bodies():
        assert python.is_valid(body) is (not broken), body
        if is_unicode(body):
            asked += 1
            assert rust.is_valid(body) is (not broken), body
        else:
            assert broken
    assert asked > 3000


@judged("json_schema", "jsonschema-rs", "pip jsonschema-rs", form="of a value")
@judged("json_schema", "jsonschema", "pip jsonschema", form="of a value")
def test_values_in_rust_and_python() -> None:
    judges = [
        (jsonschema_rs.validator_for(schema), jsonschema.Draft202012Validator(schema)) for schema in FIELD_SCHEMAS
    ]
    asked = 0
    for value in labelled_values():
        rust, python = judges[QUESTIONS.index(value.question)]
        assert python.is_valid(value.text) is value.is_valid, value
        if is_unicode(value.text):
            asked += 1
            assert rust.is_valid(value.text) is value.is_valid, value
    assert asked > 9000


def test_an_engine_difference_rust_refuses_lone_surrogates_before_it_judges() -> None:
    with pytest.raises(UnicodeEncodeError):
        jsonschema_rs.validator_for(FIELD_SCHEMAS[0]).is_valid("a\ud800c")


def test_an_engine_difference_the_dollar_of_python_lets_a_line_break_pass() -> None:
    """Hence the `not` beside the pattern."""
    schema = json_schema("sign_key")
    assert not jsonschema.Draft202012Validator(schema).is_valid("abcdefgh\n")
    del schema["not"]
    assert jsonschema.Draft202012Validator(schema).is_valid("abcdefgh\n")
    assert not jsonschema_rs.validator_for(schema).is_valid("abcdefgh\n")


def in_ajv(schema: dict[str, Any], bodies: list[Any], values: Sequence[Value] = ()) -> dict[str, Any]:
    packages()
    asked = [(QUESTIONS.index(value.question), value.text) for value in values]
    given = {"body": schema, "bodies": bodies, "schemas": FIELD_SCHEMAS, "values": asked}
    answer: dict[str, Any] = json.loads(node(JAVASCRIPT / "ajv.mjs", text=json.dumps(given)))
    return answer


@judged("json_schema", "ajv", "npm ajv", body="exactly")
@judged("openapi", "ajv", "npm ajv", body="exactly")
@pytest.mark.parametrize("schema", [json_schema(), OPENAPI_BODY], ids=["JSON Schema", "OpenAPI"])
def test_bodies_in_ajv_in_its_strictest_mode(schema: dict[str, Any]) -> None:
    answer = in_ajv(schema, [body for body, _ in labelled_bodies()])
    for (body, broken), errors in zip(labelled_bodies(), answer["bodies"], strict=True):
        assert (not errors) is (not broken), (body, errors)


@judged("json_schema", "ajv", "npm ajv", form="of a value")
def test_values_in_ajv_in_its_strictest_mode() -> None:
    answer = in_ajv(json_schema(), [], labelled_values())
    for value, errors in zip(labelled_values(), answer["values"], strict=True):
        assert (not errors) is value.is_valid, (value, errors)
        facts = value.question.facts()
        if not facts[0].min_length <= len(value.text) <= facts[-1].max_length:
            assert len([keyword for _, keyword, _ in errors if keyword not in ("pattern", "not")]) == 1, (value, errors)


def test_ajv_has_few_errors_and_they_name_the_member() -> None:
    branch = ("", "if")
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"name": "abc", "sign_key": "short"}, [("/sign_key", "minLength"), branch]),
        ({"name": "abc", "sign_type": "aes", "sign_key": "short"}, [("/sign_key", "minLength"), branch]),
        ({"name": "abc", "sign_key": "has spaces"}, [("/sign_key", "pattern"), branch]),
        ({"name": "1bc"}, [("/name", "pattern")]),
        ({}, [("", "required")]),
        ({"name": "abc", "sign_secert": "x"}, [("", "additionalProperties")]),
        ({"name": "abc", "sign_type": "HMAC"}, [("/sign_type", "enum")]),
        ({"name": "abc", "sign_type": "basic", "sign_algorithm": "aes-128-cfb"}, [("/sign_type", "enum")]),
        ({"name": "abc", "sign_algorithm": "aes-128-cfb"}, [("", "required")]),
    ]
    answer = in_ajv(json_schema(), [body for body, _ in cases])
    for (body, expected), errors in zip(cases, answer["bodies"], strict=True):
        assert [(path, keyword) for path, keyword, _ in errors] == expected, body
    assert answer["bodies"][0][0][2] == "must NOT have fewer than 8 characters"


def test_a_schema_can_be_embedded_and_changed() -> None:
    text = json.dumps(json_schema())
    assert "$ref" not in text
    assert "$defs" not in text
    json_schema()["properties"].clear()
    assert json.dumps(json_schema()) == text
    assert json_schema()["$schema"] == json_schema("name")["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_descriptions_state_the_rule() -> None:
    for question, schema in zip(QUESTIONS, FIELD_SCHEMAS, strict=True):
        for violation in check(question.field, "\0", **question.kind):
            assert violation.message in schema["description"]


def test_a_wrong_question_is_refused() -> None:
    with pytest.raises(LookupError):
        json_schema("key")  # type: ignore[arg-type]  # what this test is about


def test_the_openapi_document_is_one() -> None:
    document = openapi()
    validate_openapi(document)
    assert document["openapi"] == "3.1.0"
    (path,) = document["paths"]
    assert path == "/v2/{project_id}/apigw/instances/{instance_id}/signs"
    operation = document["paths"][path]["post"]
    assert {(p["name"], p["in"], p["required"]) for p in operation["parameters"]} == {
        ("project_id", "path", True),
        ("instance_id", "path", True),
    }
    (scheme,) = document["security"]
    (token,) = (document["components"]["securitySchemes"][name] for name in scheme)
    assert (token["type"], token["in"], token["name"]) == ("apiKey", "header", "X-Auth-Token")
    assert set(operation["responses"]) == {"201", "400", "401", "403", "404", "412", "500"}
    codes = {
        code
        for status, response in operation["responses"].items()
        if status != "201"
        for code in response["content"]["application/json"]["examples"]
    }
    assert codes == {f"APIG.{n}" for n in ("2011", "3207", "1002", "1005", "3105", "3030", "3548", "9999")}


def examples_of(part: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The examples of a request or an answer by name; each is of its schema."""
    content = part["content"]["application/json"]
    judge = jsonschema.Draft202012Validator({**content["schema"], "components": document["components"]})
    examples = {name: example["value"] for name, example in content["examples"].items()}
    for example in examples.values():
        judge.validate(example)
    return examples


def test_the_openapi_document_has_an_example_of_each_right_body_and_of_its_answer() -> None:
    document = openapi()
    ((_, methods),) = document["paths"].items()
    requests = examples_of(methods["post"]["requestBody"], document)
    answers = examples_of(methods["post"]["responses"]["201"], document)
    assert list(requests) == list(answers) == [branch["title"] for branch in OPENAPI_BODY["anyOf"]]
    branches = [jsonschema.Draft202012Validator(branch) for branch in OPENAPI_BODY["anyOf"]]
    for n, (body, answer) in enumerate(zip(requests.values(), answers.values(), strict=True)):
        assert oracle.broken_members(body) == []
        assert [branch.is_valid(body) for branch in branches].index(True) == n
        assert answer.items() > body.items()
        assert ("signkey" * 5).startswith(body["sign_key"])
        assert ("signsecret" * 5).startswith(body["sign_secret"])
    # A gateway refuses a name that exists.
    assert len({body["name"] for body in requests.values()}) == len(requests) == 6


def test_the_openapi_examples_of_errors_are_filled_in() -> None:
    document = openapi()
    ((path, methods),) = document["paths"].items()
    told = []
    for status, response in methods["post"]["responses"].items():
        if status != "201":
            for code, example in examples_of(response, document).items():
                assert example["error_code"] == code
                assert example["error_msg"] in response["description"]
                told.append(example["error_msg"])
    assert told[0] == "Invalid parameter value,parameterName:sign_key. Please refer to the support documentation"
    (instance,) = {found for text in told for found in re.findall("[0-9a-f]{32}", text)}
    assert told[5] == f"The instance does not exist;id:{instance}"
    assert len(told) == 8
    braces = re.findall(r"\{[a-z_]+\}", json.dumps({"paths": methods, "components": document["components"]}))
    assert braces == []
    assert path.count("{") == 2


def test_the_openapi_body_has_one_branch_for_each_kind_and_counts_in_its_patterns() -> None:
    others = [(sign_type, None) for sign_type in oracle.TYPES if sign_type != "aes"]
    kinds = [*others, *(("aes", word) for word in oracle.ALGORITHMS), ("aes", None)]
    assert [branch["title"] for branch in OPENAPI_BODY["anyOf"]] == [word or sign_type for sign_type, word in kinds]
    for (sign_type, algorithm), branch in zip(kinds, OPENAPI_BODY["anyOf"], strict=True):
        for field in ("name", "sign_key", "sign_secret"):
            schema = branch["properties"][field]
            facts = oracle.applying(field, sign_type, algorithm)
            assert schema["minLength"] == facts[0].min_length
            assert schema["maxLength"] == facts[-1].max_length
            for fact in facts:
                assert f"{{{fact.min_length - 1},{fact.max_length - 1}}}" in schema["pattern"]


def test_no_body_is_right_by_two_branches() -> None:
    """So `oneOf` would say the same as `anyOf`."""
    branches = [jsonschema_rs.validator_for(branch) for branch in OPENAPI_BODY["anyOf"]]
    for body, broken in labelled_bodies():
        if not broken:
            assert [branch.is_valid(body) for branch in branches].count(True) == 1


def test_the_first_branch_that_fits_has_every_member_of_a_right_body() -> None:
    """Readers that openapi-generator and generators of zod make drop every other member."""
    branches = [
        (branch["properties"], jsonschema_rs.validator_for({**branch, "additionalProperties": True}))
        for branch in OPENAPI_BODY["anyOf"]
    ]
    for body, broken in labelled_bodies():
        if not broken:
            known = next(properties for properties, branch in branches if branch.is_valid(body))
            assert body.keys() <= known.keys(), body


def test_each_alternative_of_a_value_says_that_it_is_a_text() -> None:
    """Without, json-schema-to-typescript makes a type of objects that are texts too, which nothing is."""
    alternatives = [branch for schema in FIELD_SCHEMAS for branch in schema.get("anyOf", [])]
    assert len(alternatives) == 2
    assert all(branch["type"] == "string" for branch in alternatives)
