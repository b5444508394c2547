"""One value: edges, every code point, agreement with the oracle, and the errors for wrong questions."""

import csv
import sys
import unicodedata
from collections import UserString
from pathlib import Path
from typing import Any, get_args

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

import signrules
from signrules import (
    RULES,
    Code,
    Rule,
    Violation,
    ViolationError,
    _check,
    _requirement,
    _rule,
    check,
    is_valid,
    progress,
    rules_for,
    validate,
)
from signrules._marks import FOREIGN, first_foreign
from signrules._requirement import REQUIREMENTS
from signrules._rule import tables_by_length
from signrules.strategies import near_misses, values

from .. import oracle
from ..labelled import labelled_values
from ..questions import EVERY_QUESTION, ROW_QUESTIONS, Question, each_row

ASK: list[Any] = [check, validate, is_valid, progress]
asking = pytest.mark.parametrize("ask", ASK, ids=lambda ask: ask.__name__)


def broken(question: Question, value: str) -> list[tuple[str, int | None]]:
    return [(violation.code, violation.position) for violation in check(question.field, value, **question.kind)]


def progress_of(question: Question, value: str) -> str:
    """Only a length that is too short can still be mended."""
    codes = [code for code, _ in question.broken_by(value)]
    longest = max(fact.max_length for fact in question.facts())
    return "incomplete" if codes == ["length"] and len(value) < longest else "invalid" if codes else "valid"


def agrees(question: Question, value: str) -> None:
    """Every view of one value says the same, and what the oracle says."""
    violations = check(question.field, value, **question.kind)
    assert broken(question, value) == question.broken_by(value)
    assert all(violation.field == question.field for violation in violations)
    valid = not violations
    assert is_valid(question.field, value, **question.kind) is valid
    assert any(rule.accepts(value) for rule in rules_for(question.field, **question.kind)) is valid
    assert progress(question.field, value, **question.kind) == progress_of(question, value)
    if valid:
        assert validate(question.field, value, **question.kind) is value
    else:
        with pytest.raises(ViolationError) as caught:
            validate(question.field, value, **question.kind)
        assert caught.value.violations == violations


@each_row
def test_each_edge(question: Question) -> None:
    facts = question.facts()
    lengths = {length for fact in facts for edge in fact[3:5] for length in (edge - 1, edge, edge + 1)}
    for length in {*lengths, 0, 1, 17, 31}:
        for first in ("a", "Z", "0", "9", "_", "-", "+", "/", "=", "!", "*", "\n", " "):
            for last in ("a", "_", "-", "+", "=", "$", "\n", "\0", " ", "*", "é"):
                agrees(question, (first + "a" * (length - 2) + last)[:length])


@each_row
def test_each_ascii_character_at_each_place(question: Question) -> None:
    length = rules_for(question.field, **question.kind)[0].min_length
    for character in map(chr, range(128)):
        for position in range(length):
            agrees(question, "a" * position + character + "a" * (length - 1 - position))


CODE_POINTS = list(map(chr, range(sys.maxunicode + 1)))
# The code points whose properties may make an engine take one for another; those for private use have no properties.
ASSIGNED = [c for c in CODE_POINTS if unicodedata.category(c) not in {"Cn", "Co"}]
# Rows with the same characters judge them alike.
SETS = {
    (frozenset(fact.charset), frozenset(fact.first)): question
    for question in ROW_QUESTIONS
    for fact in question.facts()
}


def test_no_byte_of_any_code_point_outside_ascii_is_allowed() -> None:
    """All of them in one text for each set of marks: no byte may have another mark than FOREIGN."""
    assert len(CODE_POINTS) == 1_114_112
    content = "".join(CODE_POINTS[128:]).encode("utf-8", "surrogatepass")
    tables = {tables_by_length(rules_for(q.field, **q.kind))[q.facts()[0].min_length] for q in EVERY_QUESTION}
    assert len(tables) == len(SETS) == 6
    for table in tables:
        assert content.translate(table).count(FOREIGN) == len(content)


@pytest.mark.parametrize("question", SETS.values(), ids=str)
def test_every_assigned_code_point_as_first_and_as_later_character(question: Question) -> None:
    (fact,) = question.facts()
    (rule,) = rules_for(question.field, **question.kind)
    rest = "a" * (fact.min_length - 1)
    field, kind, accepts = question.field, question.kind, rule.accepts
    assert {c for c in ASSIGNED if accepts(c + rest)} == fact.first
    assert {c for c in ASSIGNED if is_valid(field, rest + c, **kind)} == fact.charset


def test_every_assigned_code_point_is_reported_where_it_stands() -> None:
    charset = oracle.applying("sign_key")[0].charset
    for character in ASSIGNED:
        if character not in charset:
            (violation,) = check("sign_key", "a" * 7 + character)
            assert violation[1::2] == ("charset", 7)


def test_every_labelled_value_agrees_with_the_oracle() -> None:
    for question, text, _ in labelled_values():
        agrees(question, text)


@given(st.sampled_from(EVERY_QUESTION), st.data())
def test_near_misses_and_values_agree_with_the_oracle(question: Question, data: st.DataObject) -> None:
    value = data.draw(values(question.field, **question.kind))
    agrees(question, value)
    agrees(question, value[: data.draw(st.integers(0, len(value)))])
    miss, _ = data.draw(near_misses(question.field, **question.kind))
    agrees(question, miss)


@given(st.sampled_from(EVERY_QUESTION), st.text(st.characters()))
@example(EVERY_QUESTION[0], "\ud800")
def test_any_text_agrees_with_the_oracle(question: Question, value: str) -> None:
    agrees(question, value)


def published() -> list[dict[str, str]]:
    with (Path(__file__).parents[1] / "data" / "published_values.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", published(), ids=lambda row: row["value"])
def test_values_published_by_others(row: dict[str, Any]) -> None:
    kind: dict[str, Any] = {"sign_type": row["sign_type"] or "hmac", "sign_algorithm": row["sign_algorithm"] or None}
    violations = check(row["field"], row["value"], **kind)
    assert [violation.code for violation in violations] == row["codes"].split()


@pytest.mark.parametrize(
    "length", [2**14 - 1, 2**14, 2**14 + 1, 3 * 2**14], ids=lambda length: f"foreign character at {length}"
)
def test_a_long_value_is_read_to_its_end(length: int) -> None:
    for character in ("!", "é", "\ud800", "😀"):
        assert broken(ROW_QUESTIONS[1], "a" * length + character + "!") == [("length", None), ("charset", length)]
    assert first_foreign("a" * length, b"\0" * 256) is None


@each_row
def test_a_right_value_takes_the_quick_way(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    field, kind = question.field, question.kind
    (rule, *_) = rules_for(field, **kind)
    value = (rule.first * rule.max_length)[: rule.max_length]
    for _ in range(2):
        assert (check(field, value, **kind), is_valid(field, value, **kind), rule.accepts(value)) == ((), True, True)
        for module, name in (_check, "_asked"), (_requirement, "first_foreign"), (_rule, "fits"):
            monkeypatch.setattr(module, name, lambda *_: pytest.fail("the slow way"))


# Messages: the whole text, because people read it.


def test_messages() -> None:
    assert check("sign_key", "!") == (
        Violation("sign_key", "length", "must be 8 to 32 characters long", None),
        Violation("sign_key", "charset", "may contain only letters, digits and _ -", 0),
        Violation("sign_key", "first", "must start with a letter or digit", 0),
    )
    assert check("sign_key", "0", sign_type="basic")[1].message == "must start with a letter"
    assert check("sign_key", "", sign_type="aes") == (
        Violation("sign_key", "length", "must be 16 or 32 characters long", None),
    )
    assert [v.message for v in check("sign_secret", "=?", sign_type="aes")] == [
        "must be 16 characters long",
        "may contain only letters, digits and _ - ! @ # $ % + / =",
        "must start with a letter, digit, + or /",
    ]
    assert [v.message for v in check("name", "_-")] == [
        "must be 3 to 64 characters long",
        "may contain only letters, digits and _",
        "must start with a letter",
    ]


def test_a_rule_in_one_line() -> None:
    assert REQUIREMENTS["sign_key", "basic", None].in_words() == (
        "must be 4 to 32 characters long; may contain only letters, digits and _ -; must start with a letter"
    )


@pytest.mark.parametrize("value", ["sig************ret", "abcdefgh***********", "****************"])
def test_a_masked_value_is_called_masked(value: str) -> None:
    charset = next(v for v in check("sign_secret", value) if v.code == "charset")
    assert charset.message == (
        "may contain only letters, digits and _ - ! @ # $ %; the value looks masked: give the real one"
    )
    assert charset.position == value.index("*")


@pytest.mark.parametrize("value", ["abcdefghijklmno*", "abcdefghijklm*n*o*", "abcdefgh~****1234"])
def test_a_single_star_is_not_called_masked(value: str) -> None:
    assert [v.message for v in check("sign_secret", value)] == ["may contain only letters, digits and _ - ! @ # $ %"]


# Progress


@each_row
def test_a_prefix_of_a_valid_value_can_still_become_valid(question: Question) -> None:
    for rule in rules_for(question.field, **question.kind):
        for first in ("a", "Z"):
            value = first + rule.charset[-1] * (rule.max_length - 1)
            for length in range(rule.max_length + 1):
                valid = not question.broken_by(value[:length])
                found = progress(question.field, value[:length], **question.kind)
                assert found == ("valid" if valid else "incomplete")
    longest = rules_for(question.field, **question.kind)[-1].max_length
    assert progress(question.field, "a" * (longest + 1), **question.kind) == "invalid"


# Rows


@given(st.sampled_from(RULES), st.text(max_size=40))
def test_pattern_and_length_together_are_the_row(rule: Rule, value: str) -> None:
    long_enough = value + "a" * (rule.min_length - len(value))
    fits = regex.fullmatch(rule.pattern, long_enough) is not None
    assert rule.accepts(long_enough) is (fits and len(long_enough) <= rule.max_length)


# Wrong questions


@asking
@pytest.mark.parametrize(
    ("field", "kind", "message"),
    [
        ("key", {}, "field must be name, sign_key or sign_secret"),
        (None, {}, "field must be name, sign_key or sign_secret"),
        ([], {}, "field must be name, sign_key or sign_secret"),
        ("name", {"sign_type": "HMAC"}, "sign_type must be hmac, basic, public_key or aes"),
        ("name", {"sign_type": None}, "sign_type must be hmac, basic, public_key or aes"),
        ("name", {"sign_type": {}}, "sign_type must be hmac, basic, public_key or aes"),
        ("name", {"sign_algorithm": "aes"}, "sign_algorithm must be aes-128-cfb, aes-256-cfb or None"),
        ("name", {"sign_algorithm": set()}, "sign_algorithm must be aes-128-cfb, aes-256-cfb or None"),
    ],
)
def test_a_wrong_question_is_a_lookup_error(ask: Any, field: Any, kind: dict[str, Any], message: str) -> None:
    for value in ("abc", "\ud800", "a" * 9000, "", None):
        with pytest.raises(LookupError) as caught:
            ask(field, value, **kind)
        assert type(caught.value) is LookupError
        assert str(caught.value) == message
    with pytest.raises(LookupError, match=message):
        rules_for(field, **kind)


NO_STRINGS = [
    None,
    5,
    1.5,
    True,
    b"signature_demo",
    [],
    ["a"] * 8,
    ["a"] * 65,
    {},
    object(),
    UserString("signature_demo"),
]


@asking
@pytest.mark.parametrize("value", NO_STRINGS, ids=lambda value: type(value).__name__)
def test_a_value_that_is_no_string_is_a_type_error(ask: Any, value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        ask("name", value)
    assert str(caught.value) == f"value must be a str, not {type(value).__name__}"


@pytest.mark.parametrize("value", NO_STRINGS, ids=lambda value: type(value).__name__)
def test_a_row_refuses_what_is_no_string(value: Any) -> None:
    with pytest.raises(TypeError, match=f"value must be a str, not {type(value).__name__}"):
        RULES[0].accepts(value)


@asking
def test_a_value_that_breaks_when_it_is_looked_at_is_a_type_error(ask: Any) -> None:
    trap = type("Trap", (), {"__len__": lambda _: 1 // 0})()
    with pytest.raises(TypeError, match="value must be a str, not Trap"):
        ask("name", trap)


class Text(str):
    __slots__ = ()


def test_a_subclass_of_str_is_a_string() -> None:
    value = Text("signature_demo")
    assert validate("name", value) is value


class Lying(str):
    """Is compared as another text; none of its other methods may be called."""

    __slots__ = ()
    lie = "signature_demo"

    _lie: Any = pytest.fail
    encode = translate = startswith = isascii = __getitem__ = __iter__ = __str__ = __bool__ = __len__ = _lie

    def __eq__(self, other: object) -> bool:
        return bool(self.lie == other)

    def __hash__(self) -> int:
        return hash(self.lie)


@each_row
def test_the_real_characters_of_a_subclass_are_judged(question: Question) -> None:
    field, kind = question.field, question.kind
    for right in ("a" * 16, "a" * 8, "a" * 32, "a" * 3):
        for text in (right, right + "*", "*" + right, right + "\n", "", "*" * 3 + right, "\ud800" * 16, "a" * 9000):
            value = Lying(text)
            assert check(field, value, **kind) == check(field, text, **kind)
            assert is_valid(field, value, **kind) is is_valid(field, text, **kind)
            assert progress(field, value, **kind) == progress(field, text, **kind)
            for rule in rules_for(field, **kind):
                assert rule.accepts(value) is rule.accepts(text)
    assert validate("name", value := Lying("abc")) is value


@asking
@pytest.mark.parametrize("argument", ["field", "sign_type", "sign_algorithm"])
def test_the_real_characters_of_a_word_of_the_question_count(ask: Any, argument: str) -> None:
    class Disguised(Lying):
        __slots__ = ()
        lie = {"field": "sign_key", "sign_type": "aes", "sign_algorithm": "aes-128-cfb"}[argument]

    question = {"field": "sign_key", "sign_type": "aes", "sign_algorithm": "aes-128-cfb", "value": Lying("a" * 16)}
    expected = ask(**question)
    assert ask(**question | {argument: Text(question[argument])}) == expected
    with pytest.raises(LookupError, match=f"^{argument} must be "):
        ask(**question | {argument: Disguised("rsa")})


@asking
def test_what_only_says_that_it_is_a_string_is_none(ask: Any) -> None:
    pretender = type("Pretender", (), {"__class__": str})()
    assert isinstance(pretender, str)
    with pytest.raises(TypeError, match="value must be a str, not Pretender"):
        ask("name", pretender)
    with pytest.raises(TypeError, match="value must be a str, not Pretender"):
        RULES[0].accepts(pretender)


@asking
@pytest.mark.parametrize("argument", ["field", "sign_type", "sign_algorithm"])
@pytest.mark.parametrize("kind", [object, str])
def test_a_word_that_raises_is_no_word_or_the_one_that_it_is(ask: Any, argument: str, kind: type) -> None:
    class Raising(kind):  # type: ignore[misc]  # of either kind
        __slots__ = ()

        def __hash__(self) -> int:
            raise ZeroDivisionError

    right = {"field": "sign_key", "value": "a" * 16, "sign_type": "aes", "sign_algorithm": "aes-128-cfb"}
    if kind is str:
        assert ask(**right | {argument: Raising(right[argument])}) == ask(**right)
    with pytest.raises(LookupError, match=f"^{argument} must be "):
        ask(**right | {argument: Raising()})


@asking
def test_what_equals_all_is_no_word(ask: Any) -> None:
    all_equal = type("Equal", (), {"__eq__": lambda *_: True, "__hash__": lambda _: hash("name")})()
    with pytest.raises(LookupError):
        ask(all_equal, "abc", sign_type=all_equal)


# Codes


def test_every_code_can_be_provoked_and_nothing_else_comes_out() -> None:
    provoked = {v.code for v in check("sign_key", "!")} | {
        v.code
        for body in ({"name": 1, "x": 1}, {"sign_algorithm": "aes-128-cfb"})
        for v in signrules.check_request(body)
    }
    assert provoked == set(get_args(Code))
