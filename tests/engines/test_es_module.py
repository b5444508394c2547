"""The ES module says what Python says, in Node and in a browser, and types, size and generator are as promised."""

import gzip
import json
import re
import string
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from signrules import check, check_request, entropy_bits, progress
from signrules._generate import Alphabet
from signrules.export import es_module, es_module_types, json_schema

from ..labelled import labelled_bodies, labelled_values
from ..needs import JAVASCRIPT, node, tool
from ..questions import EVERY_QUESTION, ROW_QUESTIONS, Question
from .browser import serve
from .judged import judged

ALPHABETS: tuple[Alphabet, ...] = ("portable", "full")
PORTABLE = {*string.ascii_letters, *string.digits, *"_-"}
JUDGE = JAVASCRIPT / "judge.mjs"
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to-html-form.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module and its types."""
    folder = tmp_path_factory.mktemp("module")
    (folder / "signrules.js").write_text(es_module(), encoding="utf-8")
    (folder / "signrules.d.ts").write_text(es_module_types(), encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return folder


def everything() -> str:
    """The list as JSON in ASCII: a lone surrogate, which has no UTF-8, arrives as one."""
    values = [(value.question.field, value.question.kind, value.text) for value in labelled_values()]
    return json.dumps({"values": values, "bodies": [body for body, _ in labelled_bodies()]})


def assert_agrees(answers: dict[str, list[Any]]) -> None:
    """Codes and positions as the oracle has them; messages and progress as Python."""
    assert len(answers["values"]) == len(labelled_values()) > 9000
    for value, (violations, is_valid, how_far) in zip(labelled_values(), answers["values"], strict=True):
        field, kind = value.question.field, value.question.kind
        assert [(found["code"], found["position"]) for found in violations] == value.broken, value
        assert violations == [found._asdict() for found in check(field, value.text, **kind)], value
        assert is_valid == value.is_valid, value
        assert how_far == progress(field, value.text, **kind), value
    assert len(answers["bodies"]) == len(labelled_bodies()) > 3000
    for (body, broken), violations in zip(labelled_bodies(), answers["bodies"], strict=True):
        assert [(found["field"], found["code"], found["position"]) for found in violations] == broken, body
        assert violations == [found._asdict() for found in check_request(body)], body


@judged(
    "es_module",
    "Node",
    "program node",
    body="exactly",
    differences="takes two lone surrogates that make a pair for one character; puts members named by numbers first",
)
def test_in_node(folder: Path) -> None:
    assert_agrees(json.loads(node(JUDGE, folder / "signrules.js", text=everything())))


@judged("es_module", "Chromium", "program chromium", body="exactly")
def test_in_chromium(page: Page, folder: Path) -> None:
    (folder / "judge.js").write_text(JUDGE.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "empty.html").write_text("<!doctype html>", encoding="utf-8")
    serve(page, folder)
    page.goto("http://signrules.test/empty.html")
    answer = page.evaluate(
        """async (text) => (await import("./judge.js")).judge(await import("./signrules.js"), text)""",
        everything(),
    )
    assert_agrees(json.loads(answer))


def evaluated(folder: Path, *expressions: str) -> list[Any]:
    """The values of JavaScript expressions, in which `s` is the module."""
    script = f'import * as s from "./signrules.js"; console.log(JSON.stringify([{", ".join(expressions)}]));'
    (folder / "expression.mjs").write_text(script, encoding="utf-8")
    values: list[Any] = json.loads(node(folder / "expression.mjs"))
    return values


def thrown(call: str) -> str:
    """An expression for the error that a call throws."""
    return f"(() => {{ try {{ return {call} }} catch (error) {{ return String(error) }} }})()"


def test_wrong_questions_are_refused_without_repeating_them(folder: Path) -> None:
    wrong = [
        's.check("hunter2", "abc")',
        's.check(["hunter2"], "abc")',
        's.check("toString", "abc")',
        's.isValid("name", "abc", { sign_type: "hunter2" })',
        's.progress("name", "abc", { sign_algorithm: "hunter2" })',
        's.generate("sign_key", { sign_type: "aes" })',
        's.generate("sign_key", { length: 7 })',
        's.generate("sign_key", { length: 8.5 })',
        's.generate("sign_key", { length: "hunter2" })',
        's.entropyBits("sign_key", { alphabet: "hunter2" })',
    ]
    answers = evaluated(folder, *map(thrown, wrong))
    assert all(str(answer).startswith("RangeError: ") for answer in answers), answers
    assert "hunter2" not in str(answers)
    assert answers[0] == "RangeError: field must be one of name, sign_key, sign_secret"
    assert answers[4] == "RangeError: sign_algorithm must be one of aes-128-cfb, aes-256-cfb, null"
    assert answers[6] == "RangeError: sign_key must be 8 to 32 characters long"
    questions = ['{ signType: "aes" }', '"aes"', "[1]"]
    answers = evaluated(folder, *(thrown(f's.check("name", "abc", {question})') for question in questions))
    assert answers == ["TypeError: a question has only sign_type and sign_algorithm"] * 3
    values = ['["abc"]', "null", "undefined", "5", 'new String("abc")']
    answers = evaluated(folder, *(thrown(f's.check("name", {value})') for value in values))
    assert answers == ["TypeError: value must be a string"] * 5


def test_a_wrong_question_about_a_schema(folder: Path) -> None:
    about_a_field = ['"hunter2"', '"name", { sign_type: "hunter2" }', '"name", { signType: "aes" }']
    answers = evaluated(folder, *(thrown(f"s.fieldSchema({arguments})") for arguments in about_a_field))
    assert answers == [
        "RangeError: field must be one of name, sign_key, sign_secret",
        "RangeError: sign_type must be one of hmac, basic, public_key, aes",
        "TypeError: a question has only sign_type and sign_algorithm",
    ]
    targets = ["openapi-3.0", "draft-04", "toString", ""]
    convert = 's.requestSchema["~standard"].jsonSchema.input'
    answers = evaluated(folder, *(thrown(f'{convert}({{ target: "{target}" }})') for target in targets))
    assert answers == ["RangeError: target must be one of draft-2020-12, draft-07"] * 4


def test_a_json_schema_is_new_at_each_call(folder: Path) -> None:
    schema = 's.requestSchema["~standard"].jsonSchema.input({ target: "draft-2020-12" })'
    _, again = evaluated(folder, f"delete {schema}.properties.name.type", schema)
    assert again == json_schema()


def test_the_rows_of_a_question(folder: Path) -> None:
    calls = [f"s.rulesFor('{question.field}', {json.dumps(question.kind)})" for question in EVERY_QUESTION]
    for question, rows in zip(EVERY_QUESTION, evaluated(folder, *calls), strict=True):
        facts = question.facts()
        assert [(row["min_length"], row["max_length"]) for row in rows] == [tuple(fact[3:5]) for fact in facts]
        assert all(set(row["charset"]) == fact.charset for row, fact in zip(rows, facts, strict=True))
        assert all(set(row["first"]) == fact.first for row, fact in zip(rows, facts, strict=True))


def test_what_json_does_not_have(folder: Path) -> None:
    """`undefined` is left out by JSON.stringify, so it is absent here; and other objects are no bodies."""
    none, codes, field = evaluated(
        folder,
        's.checkRequest({ name: "abc", sign_key: undefined })',
        "[[], null, 5, undefined, () => 0].map((body) => s.checkRequest(body).map((v) => v.code))",
        's.checkRequest(JSON.parse(\'{"name": "abc", "__proto__": 1}\'))[0].field',
    )
    assert none == []
    assert codes == [["type"]] * 5
    assert field == "__proto__"


def test_an_engine_difference_javascript_objects_put_numbers_first(folder: Path) -> None:
    body = '{"name": "abc", "b": 1, "1": 1}'
    assert [found.field for found in check_request(json.loads(body))] == ["b", "1"]
    assert evaluated(folder, f"s.checkRequest({body}).map((v) => v.field)") == [["1", "b"]]


def test_an_engine_difference_javascript_joins_surrogates(folder: Path) -> None:
    """Two code points that Python keeps apart, JavaScript cannot tell from the one that they make."""
    apart = "\ud83d" + "\ude00"
    assert [found.position for found in check("name", f"aa{apart}-")] == [2]
    assert check("name", "a" * 63 + apart)[0].code == "length"
    assert evaluated(folder, 's.check("name", "a".repeat(63) + "\\ud83d\\ude00").map((v) => v.code)') == [["charset"]]


def test_generated_values_are_right_and_as_strong_as_those_of_python(folder: Path) -> None:
    calls = [
        (question, length, alphabet)
        for question in ROW_QUESTIONS
        for fact in question.facts()
        for length in (None, fact.min_length, fact.max_length)
        for alphabet in ALPHABETS
        for _ in range(20)
    ]
    options = [
        (question.field, {**question.kind, "alphabet": alphabet, **({"length": length} if length else {})})
        for question, length, alphabet in calls
    ]
    made = json.loads(node(JAVASCRIPT / "generate.mjs", folder / "signrules.js", text=json.dumps(options)))
    seen: dict[str, set[str]] = {}
    for (question, length, alphabet), (text, bits) in zip(calls, made, strict=True):
        (fact,) = question.facts()
        assert not question.broken_by(text)
        assert len(text) == (length or min(64, fact.max_length))
        assert alphabet == "full" or set(text) <= PORTABLE
        assert bits == pytest.approx(entropy_bits(question.field, **question.kind, length=length, alphabet=alphabet))
        seen.setdefault(f"{question}-{alphabet}", set()).update(text)
    assert seen["sign_secret-public_key-full"] == ROW_QUESTIONS[8].facts()[0].charset
    assert seen["sign_secret-public_key-portable"] == PORTABLE


@pytest.fixture(scope="module")
def exhausted(folder: Path) -> dict[str, dict[str, int]]:
    """How often each pair of characters begins the shortest value of each rule, over all pairs of bytes."""
    calls = [(question, alphabet) for question in ROW_QUESTIONS for alphabet in ALPHABETS]
    options = [
        (question.field, {**question.kind, "alphabet": alphabet, "length": question.facts()[0].min_length})
        for question, alphabet in calls
    ]
    counts = json.loads(node(JAVASCRIPT / "exhaust.mjs", folder / "signrules.js", text=json.dumps(options)))
    return {f"{question} {alphabet}": pairs for (question, alphabet), pairs in zip(calls, counts, strict=True)}


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("question", ROW_QUESTIONS, ids=str)
def test_the_generator_is_exactly_uniform(
    question: Question, alphabet: Alphabet, exhausted: dict[str, dict[str, int]]
) -> None:
    """All pairs of bytes, exhausted: every pair of characters comes from as many pairs of bytes as any other.

    Where a byte is dropped, what follows it moves up; here that is byte 0, which stands for "A" or for the set's
    first character, and so those pairs are expected to be that much more.
    """
    (fact,) = question.facts()
    pairs = exhausted[f"{question} {alphabet}"]
    allowed = fact.charset if alphabet == "full" else fact.charset & PORTABLE
    first = allowed & fact.first
    times, dropped = divmod(256, len(allowed))
    no_first = dropped + times * (len(allowed) - len(first))
    expected = {a + b: times * times for a in first for b in allowed}
    for a in first:
        expected[f"{a}A"] += times * (dropped + no_first)
    expected["AA"] += no_first * no_first
    assert pairs == expected
    assert sum(pairs.values()) == 256 * 256


CONSUMER = """
import { attach, check, checkRequest, entropyBits, generate, isValid, progress, requestBody } from "./signrules.js";
import type { Code, Field, Progress, SignatureKeyRequest, SignType, Violation } from "./signrules.js";

const violations: Violation[] = check("sign_key", "abc", { sign_type: "aes", sign_algorithm: "aes-128-cfb" });
const code: Code | undefined = violations[0]?.code;
const position: number | null | undefined = violations[0]?.position;
const right: boolean = isValid("name", "abc");
const how: Progress = progress("name", "abc", {});
const made: string = generate("sign_secret", { sign_type: "basic", length: 8, alphabet: "full" });
const bits: number = entropyBits("sign_secret");
const all: Violation[] = checkRequest({ anything: [1] });
const field: Field = "name";
const type: SignType = "hmac";
const request: SignatureKeyRequest = { name: "abc", sign_type: type };
// @ts-expect-error no such field
check("key", "abc");
// @ts-expect-error no such type
check("name", "abc", { sign_type: "HMAC" });
// @ts-expect-error a value is a string
check("name", 5);
// @ts-expect-error no such code
if (code === "lenght") void 0;
// @ts-expect-error read only
violations[0]!.message = "";
// @ts-expect-error no seed
generate("name", { seed: 1 });
// @ts-expect-error the name is mandatory
const nameless: SignatureKeyRequest = {};
void [position, right, how, made, bits, all, field, request, nameless];
"""
WITH_FORM = """
declare const form: HTMLFormElement;
const off: () => void = attach(form);
const body: { sign_type?: string } = requestBody(form);
// @ts-expect-error no form
attach(document.body);
void [off, body];
"""


def test_types_are_accepted_by_tsc(folder: Path) -> None:
    strict = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    (folder / "consumer.ts").write_text(CONSUMER + WITH_FORM, encoding="utf-8")
    (folder / "server.ts").write_text(CONSUMER.replace("attach, ", "").replace(", requestBody", ""), encoding="utf-8")
    cases: list[list[str | Path]] = [
        ["--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", folder / "consumer.ts"],
        # Without a browser's types.
        ["--lib", "es2022", folder / "server.ts"],
        # The code itself.
        ["--allowJs", "--checkJs", folder / "signrules.js"],
    ]
    for more in cases:
        done = tool("tsc", *strict, *more)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_it_is_as_small_as_the_how_to_says(folder: Path) -> None:
    done = tool("terser", "--module", "--compress", "--mangle", "--", folder / "signrules.js")
    assert done.returncode == 0, done.stderr
    minified = done.stdout.encode()
    compressed = gzip.compress(minified)
    sizes = [round(len(data) / 1000) for data in (es_module().encode(), minified, compressed)]
    said = re.search(r"some (\d+) kB .*: (\d+) kB minified, and (\d+) kB", HOW_TO.read_text(encoding="utf-8"))
    assert said
    assert sizes == [*map(int, said.groups())]
    assert len(compressed) < 5000


def test_it_keeps_sends_and_logs_nothing() -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", es_module(), flags=re.DOTALL)
    assert (
        re.findall(r"\b(?:import|console|fetch|XMLHttpRequest|sendBeacon|\w*Storage|cookie|eval|innerHTML)\b", code)
        == []
    )


def test_nothing_is_left_to_fill_in() -> None:
    for text in (es_module(), es_module_types()):
        assert not re.search(r"__[A-Z]", text)
