"""The plug-in of schemathesis: what it sends, what it says of the answers, and what it leaves alone."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("schemathesis", reason="needs schemathesis: in a clone, pip install '.[schemathesis]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.engine import from_schema
from schemathesis.engine.events import ScenarioFinished

from signrules import RULES
from signrules.export import openapi
from signrules.fuzz import cases
from signrules.fuzz._finds import found_by
from signrules.fuzz.bugs import RIGHT, Bug, bugs
from signrules.fuzz.gateway import gateway, serving
from signrules.integrations import schemathesis as plug_in

from .. import oracle
from ..engines.judged import judged
from ..labelled import labelled_bodies
from ..silence import FOREIGN, assert_silent

SIGNS = "/v2/{project_id}/apigw/instances/{instance_id}/signs"
APIG_2011 = "Invalid parameter value,parameterName:{}. Please refer to the support documentation"
Answer = tuple[str, dict[str, str] | str]


class Gateway:
    """A WSGI application that keeps the bodies that it gets, by method and path."""

    def __init__(self, answer: Callable[[Any], Answer]) -> None:
        self.answer = answer
        self.sent: list[tuple[str, str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            body = json.loads(content)
        except ValueError:
            body = "no JSON"
        self.sent.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], body))
        status, answer = self.answer(body)
        start(status, [("Content-Type", "application/json")])
        return [(answer if isinstance(answer, str) else json.dumps(answer)).encode()]


def created(_: Any = None) -> Answer:
    return "201 Created", {"id": "0" * 32, "name": "orders", "sign_type": "hmac"}


def refused_for(parameter: str, status: str = "400 Bad Request") -> Answer:
    return status, {"error_code": "APIG.2011", "error_msg": APIG_2011.format(parameter)}


def as_the_page_says(body: Any) -> Answer:
    member = oracle.first_refused(body)
    return created() if member is None else refused_for(member or "body")


def loaded(document: dict[str, Any], app: Gateway) -> Any:
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    schema.config.update(base_url="http://127.0.0.1", continue_on_failure=True)
    schema.config.seed = 1
    schema.config.generation.update(max_examples=20, database="none")
    return schema


def failures(schema: Any) -> dict[str, Counter[str]]:
    """What all phases of a run report, by check: titles, and how often."""
    found: dict[str, Counter[str]] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info:
                        found.setdefault(check.name, Counter())[check.failure_info.failure.title] += 1
    return found


# What it says of an answer


@cache
def operation_of(path: str, method: str) -> tuple[Any, Gateway]:
    document = openapi()
    document["paths"] = {path: {method.lower(): document["paths"][SIGNS]["post"]}}
    app = Gateway(created)
    return loaded(document, app)[path][method], app


def asked(body: Any, answer: Answer, path: str = SIGNS, method: str = "POST") -> tuple[Any, Any]:
    operation, app = operation_of(path, method)
    app.answer = lambda _: answer
    inside = {"project_id": "p", "instance_id": "i"}
    case = operation.Case(path_parameters=inside, body=body, media_type="application/json")
    return case, case.call()


def verdict(body: Any, answer: Answer, path: str = SIGNS, method: str = "POST") -> Failure | None:
    """What the check says of a case that somebody has written."""
    case, response = asked(body, answer, path, method)
    try:
        plug_in.signature_key_rules(None, response, case)  # type: ignore[arg-type]  # it asks nothing of the context
    except Failure as failure:
        return failure
    return None


def is_silent(body: Any, broken: list[tuple[str, str, int | None]]) -> bool:
    """Whether the page says nothing of what is broken, as docs/decisions.md lists it."""
    left_open = {
        field
        for field, code, _ in broken
        if (code == "unknown" and field not in oracle.MEMBERS)
        or code == "forbidden"
        or (field in oracle.MEMBERS[1:] and body[field] in (None, ""))
    }
    return all(field in left_open for field, _, _ in broken)


@judged(
    "schemathesis",
    "schemathesis",
    "pip schemathesis",
    body="exactly",
    share="one body in 17",
    differences="is told nothing of a body about which the source page is silent",
)
def test_every_verdict_on_a_part_of_the_labelled_bodies() -> None:
    for body, broken in labelled_bodies()[::17]:
        accepted, refusal = verdict(body, created()), verdict(body, refused_for("sign_key"))
        if broken and not is_silent(body, broken):
            field, code, _ = next(each for each in broken if not is_silent(body, [each]))
            assert accepted, body
            assert accepted.title.startswith(f"A wrong {field or 'body'}"), accepted.title
            assert accepted.title.endswith(f" is accepted ({code})"), accepted.title
            assert refusal is None
        elif broken or (body.get("sign_type") == "aes" and "sign_key" in body and "sign_algorithm" not in body):
            assert accepted is refusal is None, body
        else:
            assert accepted is None
            assert refusal
            assert refusal.title == f"A right body is refused that has {', '.join(body)}"


def test_a_case_is_named() -> None:
    case = next(case for case in cases() if case.id == "sign_secret.hmac:last-0a")
    failure = verdict(case.body, created())
    assert failure
    assert failure.title == "A wrong sign_secret of hmac is accepted (charset)"
    assert failure.message.splitlines() == [
        "sign_secret may contain only letters, digits and _ - ! @ # $ %",
        "sign_secret.hmac:last-0a, sign_secret: U+000A as the last character",
    ]


@pytest.mark.parametrize("member", oracle.MEMBERS)
def test_no_value_is_told(member: str) -> None:
    for value in FOREIGN, [FOREIGN]:
        failure = verdict({"name": "orders", FOREIGN: FOREIGN, member: value}, created())
        assert failure
        assert_silent(str(failure) + repr(failure))
    refusal = verdict({"name": "orders"}, refused_for("name"))
    assert refusal
    assert "orders" not in str(refusal)


def error(status: str, code: str, text: str) -> Answer:
    return status, {"error_code": code, "error_msg": text}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            refused_for("instance_id"),
            "400, Invalid parameter value,parameterName:parameter. Please refer to the support",
        ),
        (error("401 Unauthorized", "APIG.1002", ""), "401, Incorrect token or token resolution failed"),
        (refused_for("name", "401 Unauthorized"), "401, Invalid parameter value,parameterName:parameter."),
        (error("403 Forbidden", "APIG.1005", ""), "403, No permissions to request this method"),
        (error("403 Forbidden", "APIG.3105", FOREIGN), "403, signature keys exceed the limit"),
        (error("404 Not Found", "APIG.3030", FOREIGN), "404, The instance does not exist;id:instance_id"),
        (error("404 Not Found", FOREIGN, FOREIGN), "404"),
        (("404 Not Found", "<p>Not found</p>"), "404 without a JSON object"),
        (("429 Too Many Requests", {}), "429"),
        (error("500 Internal Server Error", "APIG.9999", ""), "500, System error"),
        (("503 Service Unavailable", ""), "503 without a JSON object"),
        (("302 Found", {"location": FOREIGN}), "302"),
        (("200 OK", "<p>Who are you?</p>"), "200 without a JSON object"),
        (("201 Created", "[]"), "201 without a JSON object"),
        (("204 No Content", ""), "204 without a JSON object"),
        (("400 Bad Request", "<p>No</p>"), "400 without a JSON object"),
        (("400 Bad Request", "[" * 100_000), "400 without a JSON object"),
        (("200 OK", {"error_code": []}), ""),  # it is accepted, whatever is said beside
    ],
)
def test_an_answer_that_tells_nothing_is_told(answer: Answer, words: str) -> None:
    for body in {"name": "orders"}, {"name": "orders", "sign_type": "aes", "sign_key": "k" * 16}:
        failure = verdict(body, answer)
        if words:
            assert isinstance(failure, plug_in.NoVerdict)
            assert failure.title.startswith(f"An answer tells nothing: {words}")
            assert "X-Auth-Token" in failure.message
            assert failure._unique_key == failure.title
            assert_silent(str(failure) + repr(failure))
        else:
            assert failure is None


def test_an_answer_to_another_request_tells_nothing() -> None:
    """A POST that is redirected becomes a GET, which lists the keys."""
    case, response = asked({"name": "1"}, ("200 OK", {"signs": ""}))
    response.request.method = "GET"
    with pytest.raises(plug_in.NoVerdict, match="200 behind a redirection"):
        plug_in.signature_key_rules(None, response, case)  # type: ignore[arg-type]  # it asks nothing of the context


@pytest.mark.parametrize(
    "answer",
    [
        error("412 Precondition Failed", "APIG.3548", "sign_type=public_key not supported by i"),
        error("404 Not Found", "APIG.3017", "Signature key 1 does not exist"),
    ],
)
def test_what_is_about_the_type_or_the_id_is_no_failure(answer: Answer) -> None:
    assert verdict({"name": "orders"}, answer) is verdict({"name": "1"}, answer) is None


def test_what_schemathesis_sends_itself_may_go_unanswered() -> None:
    schema = loaded(openapi(), Gateway(lambda _: ("404 Not Found", "")))
    schema.config.phases.examples.enabled = False
    schema.config.phases.fuzzing.enabled = False
    assert "signature_key_rules" not in failures(schema)


def test_a_run_without_a_right_body_that_is_accepted_fails() -> None:
    end = plug_in.signature_key_rules_were_asked().after_run
    end(None)  # type: ignore[arg-type]  # it asks nothing of the context
    unsupported = error("412 Precondition Failed", "APIG.3548", "")
    open_question = {"name": "orders", "sign_type": "aes", "sign_key": "k" * 16}
    for body, answer in (
        ({"name": "1"}, refused_for("name")),
        ({"name": "orders"}, unsupported),
        (open_question, created()),
        (open_question, refused_for("sign_key")),
    ):
        assert verdict(body, answer) is None
        with pytest.raises(plug_in.NoVerdict, match="No right body was accepted in the whole run"):
            end(None)  # type: ignore[arg-type]  # as above
        end(None)  # type: ignore[arg-type]  # a new run
        assert verdict(body, answer) is verdict({"name": "orders"}, created()) is None
        end(None)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("status", ["400 Bad Request", "422 Unprocessable Entity"])
def test_a_refusal_may_have_either_status(status: str) -> None:
    assert isinstance(verdict({"name": "orders"}, refused_for("name", status)), plug_in.WrongVerdict)
    assert verdict({"name": "1"}, refused_for("name", status)) is None


@pytest.mark.parametrize("status", ["400 Bad Request", "409 Conflict"])
def test_a_name_that_exists_was_accepted(status: str) -> None:
    answer = status, {"error_code": "APIG.3207", "error_msg": "The signature key name already exists."}
    assert verdict({"name": "orders"}, answer) is None
    assert verdict({"name": "orders", "sign_key": "-"}, answer)


def test_a_refusal_in_other_words_is_one() -> None:
    assert verdict({"name": "orders"}, ("400 Bad Request", {"detail": "no"}))


@pytest.mark.parametrize(
    ("method", "path", "is_judged"),
    [
        ("POST", SIGNS, True),
        ("POST", f"{SIGNS}/", True),
        ("PUT", f"{SIGNS}/{{sign_id}}", True),
        ("POST", "/v1.0/apigw/instances/{instance}/signs", True),
        ("POST", "/v2/p/apigw/instances/i/signs", True),
        ("PATCH", SIGNS, False),
        ("POST", f"{SIGNS}/{{sign_id}}/bindings", False),
        ("POST", "/v2/{project_id}/apigw/instances/{instance_id}/apps", False),
        ("POST", "/signs", False),
    ],
)
def test_only_these_operations_are_judged(method: str, path: str, is_judged: bool) -> None:
    path = path.replace("{instance}", "{instance_id}").replace("{sign_id}", "{project_id}")
    assert bool(verdict({"name": "1"}, created(), path, method)) is is_judged


def test_what_is_no_json_is_not_judged() -> None:
    schema = loaded(openapi(), Gateway(created))
    case = schema[SIGNS]["POST"].Case(path_parameters={"project_id": "p", "instance_id": "i"})
    plug_in.signature_key_rules(None, case.call(), case)  # type: ignore[arg-type]  # as above


# What it sends


@given(st.sampled_from(RULES).flatmap(plug_in._near_misses))
def test_a_near_miss_that_is_drawn_is_wrong_in_one_member(body: dict[str, Any]) -> None:
    assert len({field for field, _, _ in oracle.broken_members(body)}) == 1


def test_all_quick_cases_are_sent_first_and_in_order() -> None:
    app = Gateway(as_the_page_says)
    schema = loaded(openapi(), app)
    found = failures(schema)
    assert [body for _, _, body in app.sent[:320]] == [json.loads(case.wire) for case in cases("quick")]
    assert "signature_key_rules" not in found, found


def test_a_document_that_knows_no_rule_will_do() -> None:
    """And none of our bodies is held against it, though it says that all of them are right."""
    document = openapi()
    document["components"]["schemas"]["SignatureKeyRequest"] = {"type": "object"}
    document["paths"][SIGNS]["post"]["parameters"][0]["schema"]["enum"] = ["my_project"]
    schema = loaded(document, app := Gateway(as_the_page_says))
    schema.config.phases.coverage.enabled = False
    found = failures(schema)
    assert len(app.sent) > 320
    assert {path.split("/")[2] for _, path, _ in app.sent[:320]} == {"my_project"}
    assert "signature_key_rules" not in found
    assert found.get("positive_data_acceptance", Counter()).total() <= 20  # those of schemathesis' own


def test_parameters_of_the_configuration_are_kept() -> None:
    schema = loaded(openapi(), app := Gateway(as_the_page_says))
    schema.config.update(headers={"X-Auth-Token": "any"}, parameters={"project_id": "my_project"})
    schema.config.phases.coverage.enabled = False
    failures(schema)
    assert {path.split("/")[2] for _, path, _ in app.sent} == {"my_project"}


def test_other_operations_are_left_alone() -> None:
    document = openapi()
    operation = document["paths"].pop(SIGNS)["post"]
    document["paths"]["/v2/{project_id}/apigw/instances/{instance_id}/apps"] = {"post": operation}
    sent = []
    for hooks in (plug_in.before_add_examples, plug_in.flatmap_case), ():
        schema = loaded(document, app := Gateway(created))
        schema.config.phases.coverage.enabled = False
        assert "signature_key_rules" not in failures(schema)
        sent.append(app.sent)
        for hook in hooks:
            schemathesis.hooks.unregister(hook)
    for hook in plug_in.before_add_examples, plug_in.flatmap_case:
        schemathesis.hooks.GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)
    assert sent[0] == sent[1]


# What is found with it

# The cases; the document's own example of each kind of body; a request without a token, and one with a wrong token.
GENERATED = f"{320 + 6 + 2} generated"


def test_the_command_reports_a_bug(tmp_path: Path) -> None:
    """One that lets in wrong bodies and refuses right ones."""
    (tmp_path / "openapi.json").write_text(json.dumps(openapi()))
    done = command(tmp_path, bugs()["sign_key.hmac:as-sign_key.basic"], {"SCHEMATHESIS_HOOKS": plug_in.__name__})
    assert done.returncode == 1, done.stdout
    assert "A wrong sign_key of hmac is accepted (length)" in done.stdout
    assert "A right body is refused that has name, sign_type, sign_key, sign_secret" in done.stdout
    assert GENERATED in done.stdout


def test_the_command_reads_its_configuration_and_reports_nothing_of_a_right_gateway(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(openapi()))
    (tmp_path / "schemathesis.toml").write_text(f'hooks = "{plug_in.__name__}"')
    done = command(tmp_path, RIGHT, {})
    assert done.returncode == 0, done.stdout
    assert GENERATED in done.stdout


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"quota": 1}, "An answer tells nothing: 403, signature keys exceed the limit"),
        ({"sign_types": []}, "No right body was accepted in the whole run"),
    ],
)
def test_the_command_fails_by_either_check_when_it_learns_nothing(
    settings: dict[str, Any], words: str, tmp_path: Path
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(openapi()))
    (tmp_path / "schemathesis.toml").write_text(f'hooks = "{plug_in.__name__}"')
    names = "signature_key_rules,signature_key_rules_were_asked"
    done = command(tmp_path, RIGHT, {}, f"--checks={names}", **settings)
    assert done.returncode == 1, done.stdout
    assert words in done.stdout


def command(
    folder: Path, bug: Bug, environment: dict[str, str], *more: str, **settings: Any
) -> subprocess.CompletedProcess[str]:
    with serving(gateway(bug, token="any", **settings)) as url:
        arguments = ["run", "openapi.json", f"--url={url}", "--header=X-Auth-Token: any", "--phases=examples"]
        return subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *arguments, "--continue-on-failure", "--no-color", *more],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )


# The example of docs/how-to-fuzz-schemathesis.md, word for word.

WHERE = "/v2/my_project/apigw/instances/my_instance/signs"


def test_the_example_for_pytest(tmp_path: Path) -> None:
    """The page itself is run with a bug."""
    done, left = example(tmp_path, RIGHT, "my_token", test_gateway=example_text())
    assert "1 passed" in done.stdout, done.stdout
    assert (done.returncode, left) == (0, ["of_a_colleague"])


def test_the_example_with_a_wrong_token_fails_with_its_header_and_without(tmp_path: Path) -> None:
    """Without, as a reader might shorten it: with no header, and no list of the keys that were there before."""
    text = example_text()
    shortened = text.replace(", headers=HEADERS, parameters", ", parameters")
    shortened = shortened.replace("    answer.raise_for_status()\n", "    return {}\n")
    done, left = example(tmp_path, RIGHT, "another", test_gateway=text, test_shortened=shortened)
    assert "401 Client Error" in done.stdout, done.stdout
    assert "An answer tells nothing: 401, Incorrect token" in done.stdout
    assert "No right body was accepted in the whole run" in done.stdout
    assert (done.returncode, left) == (1, ["of_a_colleague"])
    assert "passed" not in done.stdout


def example_text() -> str:
    page = Path(__file__).parents[2] / "docs" / "how-to-fuzz-schemathesis.md"
    (text,) = re.findall(r"```python\n(# test_gateway\.py\n.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return str(text)


def example(folder: Path, bug: Bug, token: str, **files: str) -> tuple["subprocess.CompletedProcess[str]", list[str]]:
    """What pytest says of the files, and the names of the keys that are there in the end."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "token.txt").write_text(f"{token}\n")
    # All of our cases are examples.
    (folder / "schemathesis.toml").write_text("[phases]\ncoverage.enabled = false\nfuzzing.enabled = false\n")
    with serving(gateway(bug, token="my_token")) as url:
        keys(url, b'{"name": "of_a_colleague"}')
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"{name}.py" for name in files)],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**os.environ, "GATEWAY": url, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        return done, [key["name"] for key in keys(url)["signs"]]


def keys(url: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(f"{url}{WHERE}", body, {"X-Auth-Token": "my_token"})) as answer:
        return json.load(answer)


def test_it_finds_twice_as_much_in_as_many_requests() -> None:
    from benchmarks.fuzzing import curve, schemathesis_bodies

    alone, with_it = (curve(schemathesis_bodies(400, plugged=plugged)) for plugged in (False, True))
    assert len(alone) == len(with_it) == 400
    assert all(2 * alone[n - 1] <= with_it[n - 1] for n in (50, 100, 320, 400))
    # All that shows in an answer to one of the cases.
    assert with_it[-1] == len(frozenset().union(*(found_by(case.body) for case in cases())))
