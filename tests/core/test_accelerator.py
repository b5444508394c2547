"""The accelerator says what Python says, keeps what Python keeps, and is left out where it cannot be had."""

import inspect
import os
import pickle
import subprocess
import sys
from collections import UserString
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import signrules
from signrules import _accelerator
from signrules.strategies import invalid_requests, requests

from ..implementations import Implementations, implementations, outcome
from ..labelled import labelled_bodies, labelled_values
from ..questions import EVERY_QUESTION, ROW_QUESTIONS, Question

VERBS = ("check", "is_valid")
FULL = {"name": "orders", "sign_type": "aes", "sign_key": "a" * 16, "sign_secret": "b" * 16}
FULL["sign_algorithm"] = "aes-128-cfb"


@pytest.fixture(name="both", scope="module")
def both_implementations() -> Implementations:
    return implementations()


class Text(str):
    __slots__ = ()


class Body(dict[str, Any]):
    pass


def agree_on_a_value(both: Implementations, question: Question, value: Any) -> None:
    for verb in VERBS:
        both.agree(verb, question.field, value, **question.kind)
    for pure, accelerated in zip(*(each.rules_for(question.field, **question.kind) for each in both), strict=True):
        assert accelerated.accepts(value) is pure.accepts(value)


def test_the_labelled_values(both: Implementations) -> None:
    for question, value, _ in labelled_values():
        agree_on_a_value(both, question, value)


def test_the_labelled_bodies(both: Implementations) -> None:
    for body, _ in labelled_bodies():
        both.agree("check_request", body)


@given(st.sampled_from(EVERY_QUESTION), st.text(st.characters()))
def test_any_text(question: Question, value: str) -> None:
    agree_on_a_value(implementations(), question, value)


ANYTHING = st.none() | st.integers() | st.text(st.characters(), max_size=70) | st.lists(st.text(), max_size=2)


@given(requests() | invalid_requests().map(lambda pair: pair[0]), st.data())
def test_any_body(body: Any, data: st.DataObject) -> None:
    implementations().agree("check_request", body)
    if isinstance(body, dict):
        for member in data.draw(st.lists(st.sampled_from([*FULL, "other", 5]), max_size=3)):
            body = {**body, member: data.draw(ANYTHING)}
        members = data.draw(st.permutations(list(body)))
        implementations().agree("check_request", {member: body[member] for member in members})


@pytest.mark.parametrize("question", ROW_QUESTIONS[:1], ids=str)
def test_every_code_point_as_first_and_as_later_character(both: Implementations, question: Question) -> None:
    rest = "a" * (question.facts()[0].min_length - 1)
    every = list(map(chr, range(sys.maxunicode + 1)))
    field, kind = question.field, question.kind
    allowed = {c for c in every[:256] if both.pure.is_valid(field, rest + c, **kind)}
    assert {c for c in every if both.accelerated.is_valid(field, rest + c, **kind)} == allowed
    first = {c for c in every[:256] if both.pure.is_valid(field, c + rest, **kind)}
    (rule,) = both.accelerated.rules_for(field, **kind)
    assert {c for c in every if rule.accepts(c + rest)} == first


@pytest.mark.parametrize("foreign", ["", "!", "\x7f", "\0", "é", "\xff", "Ā", "中", "\ud800", "😀"])
def test_each_kind_of_string_at_each_length(both: Implementations, foreign: str) -> None:
    secret = ROW_QUESTIONS[8]
    for length in (0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 2047, 2048, 2049, 2**14 + 1):
        for at in {0, 1, length // 2, length - 8, length - 1} & set(range(length + 1)):
            agree_on_a_value(both, secret, ("a" * at + foreign + "a" * length)[:length])


@pytest.mark.parametrize(
    "value", [Text("a" * 16), Text("!"), b"a" * 16, None, 5, [], UserString("a" * 16)], ids=lambda v: type(v).__name__
)
def test_what_is_not_exactly_a_str(both: Implementations, value: Any) -> None:
    for verb in VERBS:
        for arguments in (("sign_key", value), (value, "a" * 16)):
            both.agree(verb, *arguments)
        for word in ("sign_type", "sign_algorithm"):
            both.agree(verb, "sign_key", "a" * 16, **{word: value})
    for each in both:
        assert (each.RULES[1].accepts(Text("a" * 16)), each.RULES[1].accepts(Text("!"))) == (True, False)
    for body in (FULL | {"name": value}, FULL | {"sign_type": value}, FULL | {"sign_algorithm": value}, value):
        both.agree("check_request", body)


def test_subclasses_of_dict_and_names_that_are_no_constants(both: Implementations) -> None:
    fresh = {bytes(name, "ascii").decode(): value for name, value in FULL.items()}
    bodies: list[object] = [Body(FULL), Body(FULL, name="1"), {Text(name): value for name, value in FULL.items()}]
    bodies += [{}, fresh, fresh | {"name": "1"}, {"nam": "abc"}, {5: "abc"}, {Text("name"): "abc", "sign_key": "a"}]
    for body in bodies:
        both.agree("check_request", body)


@pytest.mark.parametrize("verb", VERBS)
def test_arguments_in_every_way(both: Implementations, verb: str) -> None:
    value = "a" * 16
    made = bytes("sign_type", "ascii").decode()
    for arguments, options in (
        ((), {}),
        (("sign_key",), {}),
        (("sign_key", value, "aes"), {}),
        (("sign_key", value), {"sign_type": "aes", "sign_algorithm": None}),
        (("sign_key", value), {"sign_algorithm": "aes-128-cfb", "sign_type": "aes"}),
        (("sign_key", value), {made: "aes"}),
        (("sign_key", value), {"type": "aes"}),
        (("sign_key", value), {"value": value}),
        (("sign_key",), {"value": value}),
        ((), {"value": value, "field": "sign_key"}),
        ((), {"field": "sign_key"}),
        (("key", value), {}),
        (("sign_key", value), {"sign_type": "AES"}),
        (("sign_key", value), {"sign_type": None}),
        (("sign_key", value), {"sign_type": "aes", "sign_algorithm": "aes"}),
    ):
        for _ in range(2):
            both.agree(verb, *arguments, **options)


def test_arguments_of_the_others(both: Implementations) -> None:
    for arguments, options in (((), {}), ((FULL, FULL), {}), ((), {"body": FULL}), ((FULL,), {"body": FULL})):
        both.agree("check_request", *arguments, **options)
    for each in both:
        rule = each.RULES[1]
        assert rule.accepts(value="a" * 16)
        assert each.Rule.accepts(rule, "a" * 16)
        for wrong in ((), (b"",), ("a", "a")):
            assert outcome(rule.accepts, *wrong).startswith("TypeError: ")
        assert outcome(rule._replace(charset=[]).accepts, "a" * 16) == "TypeError: unhashable type: 'list'"


def told(function: Any) -> tuple[object, ...]:
    parameters = inspect.signature(function).parameters.values()
    return function.__name__, function.__doc__, [(each.name, each.kind, each.default) for each in parameters]


def test_functions_tell_the_same_of_themselves(both: Implementations) -> None:
    for name in ("check", "is_valid", "check_request"):
        pure, accelerated = (getattr(each, name) for each in both)
        assert inspect.isbuiltin(accelerated)
        assert told(accelerated) == told(pure)
        assert accelerated.__module__ == pure.__module__
        here = getattr(signrules, name)
        assert pickle.loads(pickle.dumps(here)) is here
    pure, accelerated = (each.Rule.accepts for each in both)
    assert (accelerated.__name__, accelerated.__doc__) == (pure.__name__, pure.__doc__)


@pytest.mark.parametrize("value", ["a" * 32, "é" * 32, "中" * 32, "😀" * 32, "a" * 31 + "\ud800"])
def test_no_copy_of_a_value_is_kept_with_it(both: Implementations, value: str) -> None:
    value = value[:1] + value[1:]
    before = sys.getsizeof(value)
    for _ in range(3):
        both.accelerated.check("sign_key", value)
        both.accelerated.is_valid("sign_key", value)
        both.accelerated.RULES[1].accepts(value)
        both.accelerated.check_request({"name": "orders", "sign_key": value})
    assert sys.getsizeof(value) == before


def test_references_are_counted(both: Implementations) -> None:
    package = both.accelerated
    word, key, rule, body = "sign_key"[:], "k" * 16, package.RULES[1], dict(FULL)
    objects = [word, key, rule, body, True, False, None, (), *FULL, *FULL.values(), "hmac"]

    def calls() -> None:
        for value in (key, "!", "é", Text(key), "a" * 99):
            package.is_valid(word, value), package.check(word, value, sign_type="basic"), rule.accepts(value)
            package.check_request(body), package.check_request({**body, "name": value})
        for wrong in ((word,), (word, 5), (FULL, key)):
            outcome(package.is_valid, *wrong)

    calls()
    before, blocks = list(map(sys.getrefcount, objects)), sys.getallocatedblocks()
    for _ in range(1000):
        calls()
    assert max(after - count for after, count in zip(map(sys.getrefcount, objects), before, strict=True)) < 100
    assert sys.getallocatedblocks() - blocks < 500


def test_threads(both: Implementations) -> None:
    def ask(number: int) -> list[object]:
        question = EVERY_QUESTION[number % len(EVERY_QUESTION)]
        asked = question.field, "a" * (number % 70)
        return [getattr(both.accelerated, verb)(*asked, **question.kind) for verb in ("check", "is_valid")]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(5000)))
    assert found == [ask(number) for number in range(5000)]


PRINTS = "from signrules import is_valid; from signrules._accelerator import ACCELERATED"
PRINTS += "; print(ACCELERATED, is_valid('name', 'abc'), is_valid('name', 'é'))"


def printed(code: str, **environment: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True).stdout


def test_it_is_left_out_if_asked_or_if_it_cannot_be_loaded(
    both: Implementations, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both.accelerated
    monkeypatch.delenv("SIGNRULES_PURE", raising=False)
    monkeypatch.setitem(sys.modules, "signrules._speedups", None)
    assert _accelerator._loaded() is None
    assert printed(PRINTS, SIGNRULES_PURE="") == "True True False\n"
    assert printed(PRINTS, SIGNRULES_PURE="1") == "False True False\n"


def test_another_interpreter_of_the_process_does_without_it(both: Implementations) -> None:
    assert both.accelerated
    module = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    run = f"import {module} as i; n = i.create(); run = getattr(i, 'run_string'); wrong = run(n, {PRINTS!r})"
    assert printed(f"{PRINTS}; {run}; assert wrong is None, wrong; {PRINTS}", SIGNRULES_PURE="") == (
        "True True False\nFalse True False\nTrue True False\n"
    )
