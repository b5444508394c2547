"""Violations and their error: immutable, comparable, picklable, and plain to read."""

import copy
import pickle

import pytest

from signrules import Violation, ViolationError, check, check_request, validate, validate_request

LENGTH, FIRST = check("sign_key", "-")[0], check("sign_key", "-" * 8)[0]


def test_a_violation_is_a_value() -> None:
    same = Violation("sign_key", "length", "must be 8 to 32 characters long")
    assert same == LENGTH
    assert hash(same) == hash(LENGTH)
    assert LENGTH != FIRST
    with pytest.raises(AttributeError):
        same.code = "first"  # type: ignore[misc]  # what this test is about


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_violations_and_errors_survive_pickle_and_copy(protocol: int) -> None:
    error = ViolationError((LENGTH, FIRST))
    for original in (LENGTH, error):
        for twin in (pickle.loads(pickle.dumps(original, protocol)), copy.copy(original), copy.deepcopy(original)):
            assert twin == original
            assert type(twin) is type(original)
            assert hash(twin) == hash(original)
    assert pickle.loads(pickle.dumps(error, protocol)).violations == (LENGTH, FIRST)
    assert pickle.loads(pickle.dumps(ViolationError(violations=(LENGTH, FIRST)), protocol)) == error


def test_an_error_is_a_value_error_that_compares_by_its_violations() -> None:
    with pytest.raises(
        ValueError, match=r"^sign_key must be 8 to 32 characters long; sign_key must start with a"
    ) as caught:
        validate("sign_key", "-")
    assert caught.value == ViolationError((LENGTH, FIRST))
    assert ViolationError((LENGTH,)) != ViolationError((FIRST,))
    assert ViolationError((LENGTH,)) != ValueError((LENGTH,))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "name is wrong"),
        ("", "'' is wrong"),
        ("a\nb", r"'a\nb' is wrong"),
        ("\x1b[31m", r"'\x1b[31m' is wrong"),
        ("\ud800", r"'\ud800' is wrong"),
        ("sign key", "'sign key' is wrong"),
        ("ключ", r"'\u043a\u043b\u044e\u0447' is wrong"),
        ("a" * 40, "a" * 40 + " is wrong"),
        ("a" * 41, "a" * 40 + "... is wrong"),
        (" " * 1_000_000, f"'{' ' * 40}'... is wrong"),
    ],
)
def test_a_members_name_cannot_forge_or_fill_a_line(field: str, text: str) -> None:
    violation = Violation(field, "unknown", "is wrong")
    assert str(violation) == text
    assert violation.field == field


@pytest.mark.parametrize("character", ["a", "\n", "é", "😀", "\ud800", "\\", "'"])
def test_the_line_of_any_name_is_short_and_can_be_printed(character: str) -> None:
    for count in (1, 39, 40, 41, 10_000):
        line = str(Violation(character * count, "unknown", "is wrong"))
        assert len(line) < 500
        assert line.isascii()
        assert line.isprintable()


def test_only_the_body_itself_is_called_so() -> None:
    assert str(check_request([])[0]) == "the body must be a JSON object"
    assert str(Violation("", "missing", "must be given")) == "the body must be given"
    assert str(check_request({"name": "abc", "": 1})[0]).startswith("'' is not one of name, ")


def test_an_errors_text_is_short_whatever_a_body_holds() -> None:
    with pytest.raises(ViolationError) as caught:
        validate_request({str(n): n for n in range(100_000)})
    assert len(caught.value.violations) == 100_001
    assert str(caught.value).startswith("name must be given; '0' is not one of name")
    assert str(caught.value).endswith("; and 99981 more")
    assert len(str(caught.value)) < 3_000
    twenty = ViolationError((LENGTH,) * 20)
    assert str(twenty) == "; ".join(["sign_key must be 8 to 32 characters long"] * 20)
    one_more = ViolationError((LENGTH,) * 21)
    assert str(one_more) == f"{twenty}; and 1 more"
