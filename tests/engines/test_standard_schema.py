"""The Standard Schemas of the ES module, in react-hook-form's resolver; and their types, JSON Schemas and CommonJS."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from signrules import check, check_request
from signrules.export import es_module, es_module_types, form, json_schema

from ..labelled import labelled_bodies, labelled_values
from ..needs import JAVASCRIPT, node, packages, program, tool
from ..pages import ROOT
from ..questions import EVERY_QUESTION
from .judged import judged

HOW_TO = ROOT / "docs" / "how-to-form-libraries.md"
NO_OBJECT = {"issues": [{"message": "must be a JSON object"}]}
NO_STRING = {"issues": [{"message": "must be a string"}]}
# React-hook-form puts no error at these members, lest it change the prototype of its own object.
OF_PROTOTYPES = {"__proto__", "constructor"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module, its types and the npm packages."""
    folder = tmp_path_factory.mktemp("module")
    (folder / "signrules.mjs").write_text(es_module(), encoding="utf-8")
    (folder / "signrules.d.mts").write_text(es_module_types(), encoding="utf-8")
    (folder / "node_modules").symlink_to(packages())
    return folder


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, Any]:
    """What the schemas and the resolver say of the whole list, from one run of Node."""
    given = {
        "values": [(value.question.field, value.question.kind, value.text) for value in labelled_values()],
        "bodies": [body for body, _ in labelled_bodies()],
        "questions": EVERY_QUESTION,
    }
    answers: dict[str, Any] = json.loads(
        node(JAVASCRIPT / "standard_schema.mjs", folder / "signrules.mjs", text=json.dumps(given))
    )
    return answers


def test_every_value(answers: dict[str, Any]) -> None:
    assert len(labelled_values()) > 9000
    for value, issues in zip(labelled_values(), answers["values"], strict=True):
        violations = check(value.question.field, value.text, **value.question.kind)
        assert len(issues) == len(value.broken), value
        assert issues == [{"message": violation.message} for violation in violations], value


def test_every_body(answers: dict[str, Any]) -> None:
    assert len(labelled_bodies()) > 3000
    for (body, broken), issues in zip(labelled_bodies(), answers["bodies"], strict=True):
        paths = [[field] for field, _, _ in broken] if isinstance(body, dict) else [None]
        assert [issue.get("path") for issue in issues] == paths, body
        assert [issue["message"] for issue in issues] == [violation.message for violation in check_request(body)], body


@judged(
    "es_module",
    "react-hook-form's resolver",
    "npm @hookform/resolvers",
    form="as a Standard Schema",
    body="exactly",
    differences="has no error for an unknown member that is named `__proto__` or `constructor`; the form then sends {}",
)
def test_every_body_in_the_resolver_of_react_hook_form(answers: dict[str, Any]) -> None:
    for (body, broken), errors in zip(labelled_bodies(), answers["resolved"], strict=True):
        first: dict[str, str] = {}
        for violation in check_request(body):
            first.setdefault(violation.field or "root", violation.message)
        assert set(first) == {field or "root" for field, _, _ in broken}
        told = {member: message for member, message in first.items() if member not in OF_PROTOTYPES}
        assert errors == (told if broken else None), body


def test_an_engine_difference_react_hook_form_has_no_errors_for_members_of_prototypes(answers: dict[str, Any]) -> None:
    """Nor does it give the form that body: the values that come without an error are empty."""
    alone = [
        errors
        for (_, broken), errors in zip(labelled_bodies(), answers["resolved"], strict=True)
        if broken and {field for field, _, _ in broken} <= OF_PROTOTYPES
    ]
    assert alone
    assert all(errors == {} for errors in alone)


def test_the_json_schemas_are_those_of_python(answers: dict[str, Any]) -> None:
    wanted = [json_schema(question.field, **question.kind) for question in EVERY_QUESTION]
    for schema, made in zip([json_schema(), *wanted], [answers["bodySchemas"], *answers["valueSchemas"]], strict=True):
        assert made["draft-2020-12"] == [schema, schema]
        older = schema | {"$schema": "http://json-schema.org/draft-07/schema#"}
        if "dependentSchemas" in older:
            older["dependencies"] = older.pop("dependentSchemas")
        assert made["draft-07"] == [older, older]


def test_every_body_by_the_json_schema_of_draft_07(answers: dict[str, Any]) -> None:
    judge = jsonschema_rs.Draft7Validator(answers["bodySchemas"]["draft-07"][0])
    for body, broken in labelled_bodies():
        try:
            assert judge.is_valid(body) is (not broken), body
        except UnicodeEncodeError:  # Rust's strings have no lone surrogates
            assert broken


def test_nothing_is_thrown_whatever_the_value_is(folder: Path) -> None:
    """And no part of it is told, nor what an object throws that is read."""
    text = node(JAVASCRIPT / "exotic.mjs", folder / "signrules.mjs")
    assert "hunter2" not in text
    answers = json.loads(text)
    no_objects, empty, unread = answers["bodies"]
    assert no_objects == [NO_OBJECT] * 10
    assert empty == [{"issues": [{"message": "must be given", "path": ["name"]}]}] * 5
    assert unread == [{"issues": [{"message": "must be a string", "path": ["name"]}]}] * 3
    assert answers["same"] == [True, True]
    assert answers["values"] == [NO_STRING] * 19
    # By the question as it was when the schema was made.
    assert answers["asked"] == [{"value": "abcd"}, {"issues": [{"message": "must be 4 to 32 characters long"}]}]


def test_a_form_of_react_hook_form_and_its_blank_controls(folder: Path) -> None:
    """A blank control is a text without characters, which is too short. The how-to says how to leave it out."""

    def sent(**typed: str) -> list[dict[str, Any]]:
        script = JAVASCRIPT / "form_control.mjs"
        answers: list[dict[str, Any]] = json.loads(node(script, folder / "signrules.mjs", text=json.dumps(typed)))
        return answers

    as_it_is, without_blank = sent(name="orders", sign_type="hmac", sign_key="", sign_algorithm="")
    assert as_it_is["body"] is None
    assert set(as_it_is["errors"]) == {"sign_key", "sign_algorithm"}
    assert as_it_is["errors"]["sign_key"] == "must be 8 to 32 characters long"
    assert without_blank == {"body": {"name": "orders", "sign_type": "hmac"}, "errors": {}}
    _, without_blank = sent(name="", sign_type="basic", sign_key="1st", sign_secret="a" * 8)
    assert without_blank == {
        "body": None,
        "errors": {"name": "must be given", "sign_key": "must be 4 to 32 characters long"},
    }


CONSUMER = """
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Resolver } from "react-hook-form";
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { fieldSchema, requestSchema } from "./signrules.mjs";
import type { Issue, Schema, SchemaVerdict, SignatureKeyRequest } from "./signrules.mjs";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const request: StandardSchemaV1<SignatureKeyRequest, SignatureKeyRequest> = requestSchema;
const requestInJson: StandardJSONSchemaV1<SignatureKeyRequest> = requestSchema;
const key = fieldSchema("sign_key", { sign_type: "aes", sign_algorithm: "aes-128-cfb" });
const value: StandardSchemaV1<string, string> = key;
const valueInJson: StandardJSONSchemaV1<string> = key;
const output: Same<StandardSchemaV1.InferOutput<typeof requestSchema>, SignatureKeyRequest> = true;
const input: Same<StandardSchemaV1.InferInput<typeof requestSchema>, SignatureKeyRequest> = true;
const text: Same<StandardSchemaV1.InferOutput<typeof key>, string> = true;
const resolver: Resolver<SignatureKeyRequest, unknown, SignatureKeyRequest> = standardSchemaResolver(requestSchema);

const verdict: SchemaVerdict<string> = key["~standard"].validate(5);
const member: string | undefined = verdict.issues?.[0]?.path?.[0];
const right: string | undefined = verdict.issues ? undefined : verdict.value;
const schema: Schema<string> = key;
// @ts-expect-error an issue holds no value
const held = (issue: Issue) => issue.value;
// @ts-expect-error no such field
fieldSchema("key");
void [request, requestInJson, value, valueInJson, output, input, text, resolver, member, right, schema, held];
"""
# What @types/react would say of the elements.
ELEMENTS = "declare namespace JSX { interface IntrinsicElements { [element: string]: object } }"


def test_the_types_are_those_of_the_standard_and_of_the_how_to(folder: Path) -> None:
    (component,) = re.findall("```tsx\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "consumer.mts").write_text(CONSUMER, encoding="utf-8")
    (folder / "elements.d.ts").write_text(ELEMENTS, encoding="utf-8")
    (folder / "form.tsx").write_text(component, encoding="utf-8")
    options = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--skipLibCheck", "--noEmit"]
    modules = ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--jsx", "preserve"]
    files = [folder / name for name in ("consumer.mts", "elements.d.ts", "form.tsx")]
    done = tool("tsc", *options, *modules, *files)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_commonjs_requires_the_module_without_a_warning(folder: Path) -> None:
    (folder / "old.cjs").write_text('console.log(require("./signrules.mjs").check("name", "ab")[0].code);')
    done = subprocess.run(
        [program("node", package="nodejs"), folder / "old.cjs"], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("length\n", "")


def test_the_page_does_not_carry_the_schemas() -> None:
    assert "~standard" in es_module()
    assert "~standard" not in form()
