"""Violations and their error: immutable, comparable, picklable, and plain to read."""

import copy
import pickle

import pytest

from signrules import Violation, ViolationError, check, validate

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
        ("", "the body is wrong"),
        ("a\nb", r"'a\nb' is wrong"),
        ("\x1b[31m", r"'\x1b[31m' is wrong"),
        ("\ud800", r"'\ud800' is wrong"),
        ("sign key", "'sign key' is wrong"),
        ("ключ", r"'\u043a\u043b\u044e\u0447' is wrong"),
    ],
)
def test_a_members_name_cannot_forge_a_line(field: str, text: str) -> None:
    assert str(Violation(field, "unknown", "is wrong")) == text
