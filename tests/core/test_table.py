"""The table says what the document says, and obeys the laws that the code relies on."""

import re
import string
from itertools import product
from typing import get_args

import pytest

from signrules import (
    RULES,
    CompleteSignatureKeyRequest,
    Field,
    Rule,
    SignAlgorithm,
    SignatureKeyRequest,
    SignType,
    _endpoint,
    rules_for,
)
from signrules._marks import FOREIGN
from signrules._rule import bounded_pattern, tables_by_length
from signrules._spelling import DIGITS, LETTERS, character_class, charset_in_words, first_in_words, plain_class
from signrules._table import MANDATORY, MEMBERS
from signrules._vocabulary import (
    ENUMERATIONS,
    FIELDS,
    FIELDS_BY_TYPE,
    KINDS,
    SIGN_ALGORITHMS,
    SIGN_TYPES,
    TYPES_WITH_ALGORITHM,
    Kind,
    given,
    judged_as,
)

from .. import oracle, questions
from ..questions import AES_KEY_WITHOUT_ALGORITHM, EVERY_QUESTION, Question, every_question

rows = pytest.mark.parametrize("rule", RULES, ids=["-".join(filter(None, rule[:3])) for rule in RULES])


def test_the_rows_are_the_facts_of_the_document() -> None:
    ours = [
        (r.field, r.sign_type, r.sign_algorithm, r.min_length, r.max_length, set(r.charset), set(r.first))
        for r in RULES
    ]
    assert ours == [tuple(fact) for fact in oracle.FACTS]
    assert len(ours) == 10


def test_the_words_for_type_checkers_are_the_words_of_the_table() -> None:
    assert get_args(Field) == FIELDS == ("name", "sign_key", "sign_secret")
    assert get_args(SignType) == SIGN_TYPES == ("hmac", "basic", "public_key", "aes")
    assert get_args(SignAlgorithm) == SIGN_ALGORITHMS == ("aes-128-cfb", "aes-256-cfb")
    assert tuple(SignatureKeyRequest.__annotations__) == tuple(CompleteSignatureKeyRequest.__annotations__) == MEMBERS
    assert SignatureKeyRequest.__required_keys__ == set(MANDATORY)
    assert CompleteSignatureKeyRequest.__required_keys__ == {"name", "sign_type", "sign_key", "sign_secret"}
    assert MEMBERS == ("name", "sign_type", "sign_key", "sign_secret", "sign_algorithm")
    assert MANDATORY == ("name",)


@rows
def test_a_row_is_sound(rule: Rule) -> None:
    assert 0 < rule.min_length <= rule.max_length
    assert set(rule.first) <= set(rule.charset) <= set(map(chr, range(128)))
    assert len(set(rule.charset)) == len(rule.charset)
    assert len(set(rule.first)) == len(rule.first)


def test_letters_and_digits_are_ascii() -> None:
    assert set(LETTERS) == set(string.ascii_letters)
    assert set(DIGITS) == set(string.digits)


@every_question
def test_every_question_has_its_rows(question: Question) -> None:
    found = rules_for(question.field, **question.kind)
    assert [tuple(rule)[:5] for rule in found] == [tuple(fact)[:5] for fact in question.facts()]
    # One set of marks judges all rows of a question.
    assert len({(rule.charset, rule.first) for rule in found}) == 1


@every_question
def test_each_length_has_a_table_as_far_as_the_longest(question: Question) -> None:
    rules, facts = rules_for(question.field, **question.kind), question.facts()
    for ordered in (rules, rules[::-1]):
        tables = tables_by_length(ordered)
        right = {length for fact in facts for length in range(fact.min_length, fact.max_length + 1)}
        assert {length for length, table in enumerate(tables) if set(table) != {FOREIGN}} == right
        assert len(tables) == max(right) + 1


def test_only_an_aes_key_without_algorithm_has_two_rows() -> None:
    counts = {str(question): len(rules_for(question.field, **question.kind)) for question in EVERY_QUESTION}
    assert {question for question, count in counts.items() if count != 1} == {str(AES_KEY_WITHOUT_ALGORITHM)}
    assert counts[str(AES_KEY_WITHOUT_ALGORITHM)] == 2


def test_the_facts_of_the_endpoint() -> None:
    assert _endpoint.PATH == "/v2/{project_id}/apigw/instances/{instance_id}/signs"
    assert _endpoint.AUTHENTICATION_HEADER == "X-Auth-Token"
    assert (_endpoint.PAGE, _endpoint.LONGEST_PAGE, _endpoint.QUOTA) == (20, 500, 200)
    assert [(status, code, message) for status, code, message in (*_endpoint.REFUSALS, _endpoint.NO_SUCH_KEY)] == [
        oracle.refusal("{parameter}"),
        (400, "APIG.3207", "The signature key name already exists."),
        (401, "APIG.1002", "Incorrect token or token resolution failed"),
        (403, "APIG.1005", "No permissions to request this method"),
        (403, "APIG.3105", "signature keys exceed the limit"),
        (404, "APIG.3030", "The instance does not exist;id:{instance_id}"),
        (412, "APIG.3548", "sign_type={sign_type} not supported by {instance_id}"),
        (500, "APIG.9999", "System error"),
        (404, "APIG.3017", "Signature key {id} does not exist"),
    ]
    assert _endpoint.NO_SUCH_GATEWAY.words == "The instance does not exist;id:instance_id"


def test_the_parameter_that_a_refusal_names() -> None:
    for parameter in (*oracle.MEMBERS, "body"):
        assert _endpoint.named_parameter(oracle.refusal(parameter)[2]) == parameter
    for text in ("", "System error", "parameterName:"):
        assert _endpoint.named_parameter(text) is None


def test_the_kinds_of_keys() -> None:
    assert [tuple(kind) for kind in KINDS] == questions.KINDS
    assert [kind.members for kind in KINDS[2:4]] == [
        {"sign_type": "public_key"},
        {"sign_type": "aes", "sign_algorithm": "aes-128-cfb"},
    ]
    assert tuple(Kind()) == ("hmac", None)
    assert (FIELDS_BY_TYPE, TYPES_WITH_ALGORITHM) == (("sign_key", "sign_secret"), ("aes",))
    assert ENUMERATIONS == {"sign_type": SIGN_TYPES, "sign_algorithm": SIGN_ALGORITHMS}
    assert given({"name": "", "sign_type": None, "sign_key": 0}) == {"name": "", "sign_key": 0}


def test_the_kind_by_which_a_body_is_judged() -> None:
    no_words: list[object] = [None, "", "AES", [], {}, 1]
    for sign_type in oracle.TYPES:
        for algorithm in oracle.ALGORITHMS:
            assert judged_as(sign_type, algorithm) == (sign_type, algorithm)
        for unknown in no_words:
            assert judged_as(sign_type, unknown) == (sign_type, None)
    for unknown in no_words:
        assert judged_as(unknown, "aes-128-cfb") is None


def test_a_class_escapes_hyphen_and_slash_and_nothing_else() -> None:
    assert [rule.pattern for rule in RULES] == [
        r"[A-Za-z][A-Za-z0-9_]*",
        r"[A-Za-z0-9][A-Za-z0-9_\-]*",
        r"[A-Za-z][A-Za-z0-9_\-]*",
        r"[A-Za-z0-9+\/][A-Za-z0-9_\-+\/=]*",
        r"[A-Za-z0-9+\/][A-Za-z0-9_\-!@#$%+\/=]*",
        r"[A-Za-z0-9+\/][A-Za-z0-9_\-!@#$%+\/=]*",
        r"[A-Za-z0-9][A-Za-z0-9_\-!@#$%]*",
        r"[A-Za-z0-9][A-Za-z0-9_\-!@#$%]*",
        r"[A-Za-z0-9+\/][A-Za-z0-9_\-!@#$%+\/=]*",
        r"[A-Za-z0-9+\/][A-Za-z0-9_\-!@#$%+\/=]*",
    ]


def test_a_set_without_whole_runs_is_spelled_out() -> None:
    assert character_class("!#$%*+=@_~") == "[!#$%*+=@_~]"
    assert character_class("ab-1") == r"[ab\-1]"
    assert charset_in_words("ab") == "a b"
    assert charset_in_words(LETTERS) == "letters"
    assert first_in_words("a") == "a"


def test_a_class_without_a_backslash_has_its_hyphen_last() -> None:
    assert plain_class("ab-1/") == "[ab1/-]"
    assert plain_class(LETTERS + DIGITS + "_-") == "[A-Za-z0-9_-]"
    assert plain_class(LETTERS + "-+", negated=True) == "[^A-Za-z+-]"
    assert plain_class("a", negated=True) == "[^a]"


def test_the_pattern_of_several_rows_has_their_counts() -> None:
    assert bounded_pattern(rules_for("name")) == "[A-Za-z][A-Za-z0-9_]{2,63}"
    characters = r"[A-Za-z0-9+\/][A-Za-z0-9_\-!@#$%+\/=]"
    assert bounded_pattern(rules_for("sign_key", sign_type="aes")) == f"{characters}{{15,15}}|{characters}{{31,31}}"


@rows
def test_a_row_cannot_be_changed(rule: Rule) -> None:
    with pytest.raises(AttributeError):
        rule.min_length = 1  # type: ignore[misc]  # what this test is about


@pytest.mark.parametrize("shortest", [0, 1])
@pytest.mark.parametrize("first", ["a~", "ab"])
def test_a_row_of_a_gateway_may_differ_from_all_of_the_page(shortest: int, first: str) -> None:
    """`~` may stand first and nowhere else, or the empty text is accepted, as `learn` may find."""
    rule = RULES[0]._replace(min_length=shortest, max_length=3, charset="ab", first=first)
    for length in range(5):
        for value in map("".join, product("ab~-", repeat=length)):
            fits = value[0] in first and set(value[1:]) <= set("ab") if value else shortest == 0
            assert (re.fullmatch(rule.pattern, value) is not None) is fits, value
            assert rule.accepts(value) is (fits and length <= 3), value
