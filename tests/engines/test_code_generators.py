"""The OpenAPI document and the JSON Schema, as generators of code and linters read them.

datamodel-code-generator makes pydantic models of them, openapi-typescript makes types; redocly and spectral lint.
"""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from signrules import check_request
from signrules.export import SCHEMA_DIALECT, json_schema, openapi

from .. import oracle
from ..labelled import QUESTIONS, labelled_bodies, labelled_values
from ..needs import tool
from ..unmeasured import unmeasured
from .judged import judged

# As docs/how-to-openapi.md recommends it.
EXACT = ("--use-annotated", "--use-title-as-name", "--use-missing-sentinel", "--target-pydantic-version=2.14")
SIGNS = "/v2/{project_id}/apigw/instances/{instance_id}/signs"

Generate = Callable[..., ModuleType]
Broken = list[tuple[str, str, int | None]]


@pytest.fixture(scope="module")
def generate(tmp_path_factory: pytest.TempPathFactory) -> Generate:
    """Makes a module of models from a document."""

    def made(document: dict[str, Any], *options: str) -> ModuleType:
        folder = tmp_path_factory.mktemp("generated")
        (folder / "document.json").write_text(json.dumps(document))
        module = folder / "models.py"
        places = ["--input=document.json", f"--output={module}", "--formatters=builtin"]
        subprocess.run(
            [sys.executable, "-m", "datamodel_code_generator", *places, *options],
            cwd=folder,
            env=unmeasured(),
            capture_output=True,
            check=True,
        )
        spec = importlib.util.spec_from_file_location(folder.name, module)
        assert spec
        assert spec.loader
        models = sys.modules[folder.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(models)
        return models

    return made


@pytest.fixture(scope="module")
def exact(generate: Generate) -> ModuleType:
    return generate(openapi(), *EXACT)


def accepts(model: type[BaseModel], value: object) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


def wrongly_judged(model: type[BaseModel]) -> list[tuple[Any, Broken]]:
    """The wrong bodies that the model accepts. It refuses no right one."""
    accepted = []
    for body, broken in labelled_bodies():
        if accepts(model, body):
            accepted += [(body, broken)] if broken else []
        else:
            assert broken, body
    return accepted


# pydantic models


@judged(
    "openapi",
    "datamodel-code-generator's pydantic models",
    "pip datamodel-code-generator",
    body="exactly",
    differences="take null for left out, and write it, without `--use-missing-sentinel`",
)
def test_the_models_of_the_openapi_document_judge_every_body(exact: ModuleType) -> None:
    assert wrongly_judged(exact.SignatureKeyRequest) == []
    for body, broken in labelled_bodies():
        try:
            exact.SignatureKeyRequest.model_validate_json(json.dumps(body))
        except ValidationError:
            assert broken, body
        else:
            assert not broken, body


def test_the_models_are_named_and_write_what_was_given(exact: ModuleType) -> None:
    names = ["Hmac", "Basic", "PublicKey", "Aes128Cfb", "Aes256Cfb", "Aes"]
    content = openapi()["paths"][SIGNS]["post"]["requestBody"]["content"]["application/json"]
    bodies = [example["value"] for example in content["examples"].values()]
    for name, body in zip(names, bodies, strict=True):
        read = exact.SignatureKeyRequest.model_validate(body)
        assert type(read.root) is getattr(exact, name)
        assert read.model_dump(mode="json") == body
    assert exact.Hmac(name="orders").model_dump(mode="json") == {"name": "orders"}


def test_a_model_reads_the_answer(exact: ModuleType) -> None:
    content = openapi()["paths"][SIGNS]["post"]["responses"]["201"]["content"]["application/json"]
    for example in content["examples"].values():
        key = exact.SignatureKey.model_validate_json(json.dumps(example["value"]))
        assert key.id == example["value"]["id"]
        assert key.create_time.isoformat() == "2020-08-03T03:39:38.119032+00:00"


def test_an_engine_difference_models_without_the_sentinel_take_null_and_write_it(generate: Generate) -> None:
    """So what they write of a body that leaves something out is wrong."""
    models = generate(openapi(), "--use-annotated", "--use-title-as-name")
    found = wrongly_judged(models.SignatureKeyRequest)
    assert found
    for body, broken in found:
        assert {code for _, code, _ in broken} == {"type"}
        assert oracle.broken_members({member: value for member, value in body.items() if value is not None}) == []
    key = models.Aes(name="orders", sign_type="aes")
    assert [(each.field, each.code) for each in check_request(key.model_dump())] == [
        ("sign_key", "type"),
        ("sign_secret", "type"),
    ]
    assert check_request(key.model_dump(exclude_unset=True)) == ()


def test_an_engine_difference_datamodel_code_generator_ignores_if_and_then(generate: Generate) -> None:
    """So the models of the JSON Schema do not know what depends on the type."""
    models = generate(json_schema(), *EXACT, "--strict-nullable", "--input-file-type=jsonschema")
    found = wrongly_judged(models.SignatureKeyRequest)
    ignored = {
        *((field, code) for field in ("sign_key", "sign_secret") for code in ("length", "charset", "first")),
        ("sign_algorithm", "forbidden"),
    }
    expected = [
        (body, broken)
        for body, broken in labelled_bodies()
        if broken and {(field, code) for field, code, _ in broken} <= ignored
    ]
    assert found == expected
    assert {(field, code) for _, broken in found for field, code, _ in broken} == ignored


@judged(
    "json_schema",
    "datamodel-code-generator's pydantic models",
    "pip datamodel-code-generator",
    form="of a value",
    differences="ignore `if` and `then`, by which the schema of a body says what depends on the type",
)
def test_the_models_of_the_schema_of_a_value_judge_every_value(generate: Generate) -> None:
    """All of them in one document, for one run of the generator."""
    schemas = {f"Value{n}": json_schema(question.field, **question.kind) for n, question in enumerate(QUESTIONS)}
    models = generate({"$schema": SCHEMA_DIALECT, "$defs": schemas}, "--input-file-type=jsonschema")
    judges = [getattr(models, name) for name in schemas]
    for value in labelled_values():
        assert accepts(judges[QUESTIONS.index(value.question)], value.text) is value.is_valid, value


# Types of TypeScript

CONSUMER = """
import type { components, operations } from "./exact";
import type { components as Embedded } from "./embedded";

type Body = components["schemas"]["SignatureKeyRequest"];

export const right: Body[] = [
  { name: "orders" },
  { name: "orders", sign_type: "hmac", sign_key: "signkeysignkey" },
  { name: "orders", sign_type: "basic", sign_secret: "signsecret" },
  { name: "orders", sign_type: "public_key" },
  { name: "orders", sign_type: "aes", sign_key: "signkeysignkeysi" },
  { name: "orders", sign_type: "aes", sign_algorithm: "aes-128-cfb" },
  { name: "orders", sign_type: "aes", sign_algorithm: "aes-256-cfb", sign_secret: "signsecretsignse" },
];

export const wrong: Body[] = [
  // @ts-expect-error: missing
  { sign_type: "basic" },
  // @ts-expect-error: unknown
  { name: "orders", sign_secert: "signsecretsignse" },
  // @ts-expect-error: unknown in a request
  { name: "orders", sign_type: "aes", id: "1" },
  // @ts-expect-error: unknown
  { name: "orders", sign_type: "HMAC" },
  // @ts-expect-error: unknown
  { name: "orders", sign_type: "aes", sign_algorithm: "aes-192-cfb" },
  // @ts-expect-error: forbidden
  { name: "orders", sign_algorithm: "aes-128-cfb" },
  // @ts-expect-error: forbidden
  { name: "orders", sign_type: "hmac", sign_algorithm: "aes-128-cfb" },
  // @ts-expect-error: forbidden
  { name: "orders", sign_type: "basic", sign_algorithm: "aes-128-cfb" },
  // @ts-expect-error: forbidden
  { name: "orders", sign_type: "public_key", sign_algorithm: "aes-128-cfb" },
  // @ts-expect-error: type
  { name: "orders", sign_key: 12345678 },
  // @ts-expect-error: type
  { name: "orders", sign_type: "aes", sign_key: null },
];

// A member that the type does not know is only seen in an object literal.
const variable = { name: "orders", sign_secert: "signsecretsignse" };
export const unseen: Body = variable;

type Answers = operations["CreateSignatureKeyV2"]["responses"];
export const id = (key: Answers[201]["content"]["application/json"]): string => key.id;
export const code = (error: Answers[400]["content"]["application/json"]): string => error.error_code;

// Of the JSON Schema in the place of the body, what depends on the type is ignored, and a default makes a must.
export const forbidden: Embedded["schemas"]["SignatureKeyRequest"] = {
  name: "orders", sign_type: "basic", sign_algorithm: "aes-128-cfb",
};
// @ts-expect-error: sign_type is missing
export const left_out: Embedded["schemas"]["SignatureKeyRequest"] = { name: "orders" };
"""


@judged(
    "openapi",
    "tsc, with openapi-typescript's types",
    "npm openapi-typescript",
    form="as types of TypeScript",
    length="not",
    charset="not",
    first="not",
    body="exactly",
    share="18 bodies in TypeScript",
    differences="sees unknown members only in an object literal",
)
def test_the_types_of_the_openapi_document_are_accepted_by_tsc_and_refuse(tmp_path: Path) -> None:
    embedded = openapi()
    embedded["components"]["schemas"]["SignatureKeyRequest"] = json_schema()
    for name, document in ("exact", openapi()), ("embedded", embedded):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        done = tool("openapi-typescript", tmp_path / f"{name}.json", "--output", tmp_path / f"{name}.d.ts")
        assert done.returncode == 0, done.stderr
    (tmp_path / "consumer.ts").write_text(CONSUMER)
    strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit"]
    done = tool("tsc", *strict, "--target", "es2022", "--module", "esnext", tmp_path / "consumer.ts")
    assert (done.returncode, done.stdout) == (0, "")


# Linters; each reads a document with known faults too, to see that it runs.


@pytest.fixture
def documents(tmp_path: Path) -> list[Path]:
    """The document, and one without its security, its contact and the description of its operation."""
    faulty = openapi()
    del faulty["security"], faulty["info"]["contact"], faulty["paths"][SIGNS]["post"]["description"]
    paths = [tmp_path / "right.json", tmp_path / "faulty.json"]
    for path, document in zip(paths, (openapi(), faulty), strict=True):
        path.write_text(json.dumps(document))
    return paths


def test_redocly_has_nothing_to_say(documents: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """By its recommended rules, of which those are errors that are warnings otherwise."""
    monkeypatch.setenv("REDOCLY_TELEMETRY", "off")
    monkeypatch.setenv("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
    done = tool("redocly", "lint", "--extends=recommended-strict", "--format=json", *documents)
    # One report for each document, without anything between them.
    right, end = json.JSONDecoder().raw_decode(done.stdout)
    assert (right["totals"], right["problems"]) == ({"errors": 0, "warnings": 0, "ignored": 0}, [])
    faulty = json.loads(done.stdout[end:])
    assert {"security-defined"} <= {problem["ruleId"] for problem in faulty["problems"]}


def test_spectral_has_nothing_to_say(documents: list[Path], tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text('extends: ["spectral:oas"]\n')
    options = ["--format=json", "--quiet", "--fail-severity=hint"]
    done = tool("spectral", "lint", *options, "--ruleset", tmp_path / "rules.yaml", *documents)
    found = {(Path(problem["source"]).name, problem["code"]) for problem in json.loads(done.stdout)}
    assert found == {("faulty.json", "info-contact"), ("faulty.json", "operation-description")}
