"""Recipes: their comments, and what is refused. The tools themselves judge them in tests/engines/test_recipes.py."""

import re
from collections.abc import Callable
from math import comb, log2
from string import ascii_letters
from typing import Any, get_args

import pytest

from signrules import generate
from signrules.export import RecipeTarget, generator_recipe
from signrules.export._recipe import _TEXTS

from .. import oracle
from ..pages import ROOT
from ..questions import AES_KEY_WITHOUT_ALGORITHM, ROW_QUESTIONS, Question
from ..recipes import Wanted, wanted

TARGETS: tuple[RecipeTarget, ...] = get_args(RecipeTarget)
each_target = pytest.mark.parametrize("target", TARGETS)


def test_every_target_has_a_text() -> None:
    assert tuple(_TEXTS) == TARGETS


@each_target
def test_the_comment_says_what_is_made_and_what_it_costs(target: RecipeTarget) -> None:
    """The bits are those of the document's sets."""
    for recipe in wanted(target):
        text = recipe.text(target)
        assert text.startswith(f"# Makes a {recipe.question.field}")
        assert f", {recipe.length} characters long.\n" in text
        every = log2(len(recipe.first)) + (recipe.length - 1) * log2(len(recipe.charset))
        used = {"vault": recipe.first, "external_secrets": set(ascii_letters)}.get(target)
        if used is None:
            assert f"states the rule exactly, so each value has all {every:.1f} bits of entropy.\n" in text
        else:
            lost = every - recipe.length * log2(len(used))
            assert f"This costs {lost:.1f} of {every:.1f} bits of entropy.\n" in text


@each_target
def test_the_page_has_the_same_cost(target: RecipeTarget) -> None:
    page = (ROOT / "docs" / "how-to-generator-recipes.md").read_text(encoding="utf-8")
    costs = re.findall(r"This costs (.*) of entropy", generator_recipe("sign_key", target=target)) or ["nothing"]
    assert re.findall(rf"^\| `{target}` \|[^|]*\|[^|]*\| ([^|]*) \|", page, re.MULTILINE) == costs


@each_target
def test_a_pair_is_not_made(target: RecipeTarget) -> None:
    for question in ROW_QUESTIONS:
        says = "they are no pair of keys" in generator_recipe(question.field, target=target, **question.kind)
        assert says is (question.field != "name" and question.kind["sign_type"] == "public_key")


def test_the_kind_is_said() -> None:
    for question in ROW_QUESTIONS:
        (fact,) = question.facts()
        line = generator_recipe(question.field, target="vault", **question.kind).splitlines()[0]
        assert re.findall(r"sign_type (\w+)", line) == [fact.sign_type] * (fact.sign_type is not None)
        assert re.findall(r"sign_algorithm ([\w-]+)", line) == [fact.sign_algorithm] * (fact.sign_algorithm is not None)


def error_of(call: Callable[..., str], question: Question, **options: Any) -> tuple[type[Exception], str]:
    with pytest.raises((ValueError, LookupError, TypeError)) as caught:
        call(question.field, **{**question.kind, **options})
    return type(caught.value), str(caught.value)


@each_target
def test_the_errors_are_those_of_generate(target: RecipeTarget) -> None:
    key = ROW_QUESTIONS[1]
    wrong: list[tuple[Question, dict[str, Any]]] = [
        (AES_KEY_WITHOUT_ALGORITHM, {}),
        (AES_KEY_WITHOUT_ALGORITHM, {"length": 16}),
        (key, {"length": 7}),
        (key, {"length": 33}),
        (key, {"length": "9"}),
        (key, {"length": 9.0}),
        (key, {"alphabet": "Full"}),
        (key, {"alphabet": ["full"]}),
        (key, {"sign_type": "HMAC"}),
        (key, {"sign_algorithm": "aes"}),
        (Question("key", key.kind), {}),  # type: ignore[arg-type]  # what this test is about
    ]
    for question, options in wrong:
        assert error_of(generator_recipe, question, target=target, **options) == error_of(generate, question, **options)


def test_an_unknown_target() -> None:
    for target in ("Vault", "", None, ["vault"]):
        kind, message = error_of(generator_recipe, ROW_QUESTIONS[1], target=target)
        assert kind is LookupError
        assert message == "target must be vault, terraform, ansible, external_secrets or openssl"


def test_a_length_that_a_password_policy_cannot_make() -> None:
    secret = Question("sign_secret", {"sign_type": "public_key", "sign_algorithm": None})
    name = ROW_QUESTIONS[0]
    for question, length in ((name, 3), (secret, 101), (secret, 2048)):
        kind, message = error_of(generator_recipe, question, target="vault", length=length)
        assert kind is ValueError
        assert re.match(r"length must be 4 to 100 for target vault: .* give another length or another target$", message)
        for target in TARGETS[1:]:
            assert generator_recipe(question.field, target=target, length=length, **question.kind)
    assert "\nlength = 4\n" in generator_recipe("name", target="vault", length=4)
    assert "\nlength = 100\n" in generator_recipe("sign_secret", target="vault", length=100, sign_type="public_key")


def test_ansible_gets_no_keywords() -> None:
    """Before ansible-core 2.13, the lookup ignores them silently, and makes 20 characters of a set of its own."""
    for recipe in wanted("ansible"):
        lookups = re.findall(r"lookup\(([^)]*)\)", recipe.text("ansible"))
        assert len(lookups) == 2
        for arguments in lookups:
            assert re.fullmatch(r"'ansible\.builtin\.password', '/dev/null length=\d+ chars=[^' ]+'", arguments)


def test_no_set_needs_an_escape() -> None:
    """No quote, backslash, brace or comma: no text ends early, and nothing begins an expression or another set."""
    for fact in oracle.FACTS:
        assert not fact.charset & set("'\"\\{}`\n ,")


def shortfall(recipe: Wanted, drawn: int) -> float:
    """The probability that of so many bytes too few are left, once those that may not come first are dropped."""
    kept, wrong_first = len(recipe.charset), 1 - len(recipe.first) / len(recipe.charset)
    terms = (
        comb(drawn, n)
        * kept**n
        * (256 - kept) ** (drawn - n)
        / 256**drawn
        * wrong_first ** max(n - recipe.length + 1, 0)
        for n in range(drawn + 1)
    )
    return float(sum(terms))


def test_openssl_makes_enough_bytes() -> None:
    for recipe in wanted("openssl"):
        (drawn,) = map(int, re.findall(r"openssl rand (\d+) ", recipe.text("openssl")))
        if recipe.length <= 64:  # the longer, the less likely
            assert shortfall(recipe, drawn) < 2**-86
        else:
            assert drawn * len(recipe.charset) / 256 > 1.9 * recipe.length
