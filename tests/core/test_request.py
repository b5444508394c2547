"""One body: every member, every decision of docs/decisions.md, agreement with the oracle."""

import copy
import json
import math
from collections import OrderedDict, defaultdict
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signrules import (
    SignatureKeyRequest,
    Violation,
    ViolationError,
    check_request,
    complete_request,
    gateway_error,
    validate_request,
)
from signrules._request import _explain
from signrules.strategies import invalid_requests, requests

from .. import oracle
from ..labelled import labelled_bodies
from ..questions import ALGORITHMS, TYPES

KEY, SECRET = "signkeysignkey12", "signsecretsignse"  # 16 characters each: right for every type


def broken(body: object) -> list[tuple[str, str, int | None]]:
    return [(violation.field, violation.code, violation.position) for violation in check_request(body)]


def agrees(body: object) -> None:
    """The fast way, the slow way and the oracle see the same."""
    assert broken(body) == oracle.broken_members(body)
    if isinstance(body, dict):
        assert check_request(body) == _explain(body)


@pytest.mark.parametrize(
    ("body", "violations"),
    [
        ({"name": "signature_demo"}, []),
        ({"name": "signature_demo", "sign_key": "signkeysignkey", "sign_secret": SECRET}, []),
        ({"name": "abc", "sign_type": "aes", "sign_algorithm": "aes-256-cfb", "sign_key": KEY * 2}, []),
        ({}, [("name", "missing")]),
        ({"sign_secret": SECRET}, [("name", "missing")]),
        ({"name": None}, [("name", "type")]),
        ({"name": ""}, [("name", "length")]),
        ({"name": "abc", "sign_key": None, "sign_secret": 5}, [("sign_key", "type"), ("sign_secret", "type")]),
        ({"name": "abc", "sign_key": "", "sign_secret": ""}, [("sign_key", "length"), ("sign_secret", "length")]),
        # The type decides; left out, it is hmac.
        ({"name": "abc", "sign_key": "abcd"}, [("sign_key", "length")]),
        ({"name": "abc", "sign_key": "abcd", "sign_type": "basic"}, []),
        ({"name": "abc", "sign_key": "abcd", "sign_type": None}, [("sign_type", "type")]),
        # An unknown type is one cause: the key and the secret are not reported, the name is.
        (
            {"name": "a", "sign_type": "HMAC", "sign_key": "!", "sign_secret": 5},
            [("name", "length"), ("sign_type", "unknown")],
        ),
        ({"name": "abc", "sign_type": "", "sign_algorithm": "aes-128-cfb"}, [("sign_type", "unknown")]),
        ({"name": "abc", "sign_type": ["aes"], "sign_key": "!"}, [("sign_type", "type")]),
        # The algorithm belongs to aes alone.
        ({"name": "abc", "sign_algorithm": "aes-128-cfb"}, [("sign_algorithm", "forbidden")]),
        ({"name": "abc", "sign_type": "basic", "sign_algorithm": "aes-256-cfb"}, [("sign_algorithm", "forbidden")]),
        ({"name": "abc", "sign_type": "hmac", "sign_algorithm": "AES"}, [("sign_algorithm", "unknown")]),
        ({"name": "abc", "sign_type": "hmac", "sign_algorithm": None}, [("sign_algorithm", "type")]),
        # Without it, or with a wrong one, the key may have either length and none between.
        ({"name": "abc", "sign_type": "aes", "sign_key": KEY}, []),
        ({"name": "abc", "sign_type": "aes", "sign_key": KEY * 2}, []),
        ({"name": "abc", "sign_type": "aes", "sign_key": KEY + "a"}, [("sign_key", "length")]),
        (
            {"name": "abc", "sign_type": "aes", "sign_key": KEY * 2, "sign_algorithm": "aes-128"},
            [("sign_algorithm", "unknown")],
        ),
        (
            {"name": "abc", "sign_type": "aes", "sign_key": KEY * 2, "sign_algorithm": "aes-128-cfb"},
            [("sign_key", "length")],
        ),
        (
            {"name": "abc", "sign_type": "aes", "sign_key": KEY, "sign_algorithm": "aes-256-cfb"},
            [("sign_key", "length")],
        ),
        # The secret is one block, whatever the algorithm.
        ({"name": "abc", "sign_type": "aes", "sign_algorithm": "aes-256-cfb", "sign_secret": SECRET}, []),
        # Members that are none.
        ({"name": "abc", "sign_secert": SECRET}, [("sign_secert", "unknown")]),
        ({"zz": 1, "Name": "abc", "name": "abc"}, [("zz", "unknown"), ("Name", "unknown")]),
        # The order is the document's, whatever the body's.
        (
            {"x": 1, "sign_algorithm": 1, "sign_secret": 1, "sign_key": 1, "sign_type": "aes", "name": 1},
            [(member, "type") for member in ("name", "sign_key", "sign_secret", "sign_algorithm")] + [("x", "unknown")],
        ),
    ],
)
def test_what_is_wrong_with_a_body(body: dict[str, object], violations: list[tuple[str, str]]) -> None:
    assert [(violation.field, violation.code) for violation in check_request(body)] == violations
    agrees(body)


@pytest.mark.parametrize("body", [None, True, 0, 1.5, math.nan, "", "name", b"{}", [], [{}], (), {1: "abc"}, {None: 1}])
def test_what_is_no_json_object_is_one_violation(body: object) -> None:
    assert check_request(body) == (Violation("", "type", "must be a JSON object", None),)
    agrees(body)


def test_messages() -> None:
    body = {"sign_type": 1, "sign_algorithm": "none", "id": ""}
    assert [str(violation) for violation in check_request(body)] == [
        "name must be given",
        "sign_type must be a string",
        "sign_algorithm must be aes-128-cfb or aes-256-cfb, with sign_type aes",
        "id is not one of name, sign_type, sign_key, sign_secret or sign_algorithm",
    ]
    assert [str(v) for v in check_request({"name": "abc", "sign_type": "rsa"})] == [
        "sign_type must be hmac, basic, public_key or aes"
    ]
    assert [str(v) for v in check_request({"name": "abc", "sign_algorithm": "aes-128-cfb"})] == [
        "sign_algorithm may be given only with sign_type aes"
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=5,
)
words = st.sampled_from(
    ["", "abc", KEY, KEY * 2, SECRET, *TYPES, *ALGORITHMS, "HMAC", "sig************ret", "\ud800" * 16]
)


@given(st.dictionaries(st.sampled_from([*oracle.MEMBERS, "sign_secert", ""]) | st.text(), words | anything))
def test_any_body_agrees_with_the_oracle(body: dict[str, object]) -> None:
    agrees(body)


def test_every_labelled_body_agrees_with_the_oracle() -> None:
    for body, _ in labelled_bodies():
        agrees(body)
        named = [field for field, code, _ in broken(body) if field in oracle.MEMBERS or (field, code) == ("", "type")]
        assert named[:1] == [member for member in [oracle.first_refused(body)] if member is not None]


@given(anything)
def test_anything_is_judged(body: object) -> None:
    agrees(body)


@given(requests())
def test_a_valid_body_survives_json(body: SignatureKeyRequest) -> None:
    agrees(body)
    assert check_request(json.loads(json.dumps(body))) == ()
    assert validate_request(body) is body


@given(invalid_requests())
def test_a_wrong_body_is_refused_with_all_that_is_wrong(pair: tuple[Any, tuple[Violation, ...]]) -> None:
    body, violations = pair
    agrees(body)
    for refuse in (validate_request, complete_request):
        with pytest.raises(ViolationError) as caught:
            refuse(body)
        assert caught.value.violations == violations


def test_what_a_parser_makes_of_odd_json() -> None:
    deep = json.loads("[" * 500 + "]" * 500)
    huge = {"name": "abc", **{f"member_{n}": n for n in range(10_000)}}
    twice = json.loads('{"name": 1, "name": "abc"}')
    for body in (deep, {"name": deep}, huge, twice, json.loads('{"name": NaN, "sign_key": Infinity}')):
        agrees(body)
    assert check_request(twice) == ()  # a parser keeps the last
    assert len(check_request(huge)) == 10_000


def test_a_dict_that_invents_members_is_left_alone() -> None:
    body = defaultdict(str, name="orders", sign_key="abcdefgh", x="1")
    assert broken(body) == [("x", "unknown", None)]
    assert set(body) == {"name", "sign_key", "x"}
    assert check_request(OrderedDict(name="orders")) == ()


class Lying(str):
    """None of its own methods may be called."""

    __slots__ = ()

    _lie: Any = pytest.fail
    encode = translate = startswith = isascii = __getitem__ = __iter__ = __str__ = __len__ = _lie


FULL: dict[str, dict[str, str]] = {
    "default": {"name": "signature_demo", "sign_key": KEY, "sign_secret": SECRET},
    **{
        sign_type: {"name": "signature_demo", "sign_type": sign_type, "sign_key": KEY, "sign_secret": SECRET}
        for sign_type in TYPES
    },
    **{
        algorithm: {
            "name": "signature_demo",
            "sign_type": "aes",
            "sign_algorithm": algorithm,
            "sign_key": KEY * (2 if algorithm == "aes-256-cfb" else 1),
            "sign_secret": SECRET,
        }
        for algorithm in ALGORITHMS
    },
}
each_full_body = pytest.mark.parametrize("body", FULL.values(), ids=FULL)


@each_full_body
def test_the_real_characters_of_subclasses_are_judged(body: dict[str, str]) -> None:
    assert check_request({member: Lying(value) for member, value in body.items()}) == ()
    for member, right in body.items():
        for text in ("", "*", right + "\n", "a" * 9000, "\ud800"):
            wrong = body | {member: text}
            for lying in (body | {member: Lying(text)}, {Lying(m): Lying(value) for m, value in wrong.items()}):
                assert check_request(lying) == _explain(lying) == check_request(wrong)
            assert check_request(wrong)


def test_a_word_that_equals_all_is_not_taken_for_one() -> None:
    class Equal:
        def __eq__(self, _: object) -> bool:
            return True

        def __hash__(self) -> int:
            return hash("aes")

    for member in ("sign_type", "sign_algorithm"):
        body = FULL["aes-128-cfb"] | {member: Equal(), "sign_secret": "*"}
        expected: list[tuple[str, str, int | None]] = [(member, "type", None)]
        if member == "sign_algorithm":
            expected = [("sign_secret", "length", None), ("sign_secret", "charset", 0), ("sign_secret", "first", 0)]
            expected.append((member, "type", None))
        assert broken(body) == expected


@pytest.mark.parametrize("member", ["sign_type", "sign_algorithm"])
def test_a_word_of_a_class_that_raises_is_the_text_that_it_is(member: str) -> None:
    class Raising(str):
        __slots__ = ()

        def _fail(self, *_: object) -> Any:
            raise RuntimeError

        __hash__ = __eq__ = _fail

    body = FULL["aes-128-cfb"]
    assert check_request(body | {member: Raising(body[member])}) == ()
    assert broken(body | {member: Raising("rot13")}) == [(member, "unknown", None)]


def test_a_dict_that_lies_is_judged_by_its_members() -> None:
    class Empty(dict[str, object]):
        _lie: Any = pytest.fail
        __getitem__ = __iter__ = __contains__ = __len__ = get = keys = values = items = copy = _lie

    body = Empty(FULL["basic"])
    assert check_request(body) == ()
    assert validate_request(body) is body
    assert complete_request(body) == FULL["basic"]
    assert broken(Empty(name="1")) == [("name", "length", None), ("name", "first", 0)]


@each_full_body
def test_a_right_body_is_not_explained(body: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast way alone tells it, whatever the lengths, and whether or not the key or the secret is left out."""
    assert check_request({}) != ()  # the first body is explained
    monkeypatch.setattr("signrules._request._explain", None)
    for left_out in ((), ("sign_key",), ("sign_secret",), ("sign_key", "sign_secret")):
        assert check_request({member: value for member, value in body.items() if member not in left_out}) == ()
    for member in ("name", "sign_key", "sign_secret"):
        (fact,) = oracle.applying(member, body.get("sign_type", "hmac"), body.get("sign_algorithm"))[:1]
        for length in (fact.min_length, fact.max_length):
            for first in sorted(fact.first):
                assert check_request(body | {member: first + "a" * (length - 1)}) == ()


@each_full_body
def test_a_member_too_many_or_wrong_beside_what_is_left_out(body: dict[str, str]) -> None:
    for left_out in ((), ("sign_key",), ("sign_secret",), ("sign_key", "sign_secret"), ("name",), ("sign_type",)):
        rest = {member: value for member, value in body.items() if member not in left_out}
        agrees(rest)
        for member in ("name", "sign_key", "sign_secret", "sign_type", "sign_algorithm", "other"):
            for value in ("", "a-*", "aes-128-cfb", 5):
                agrees(rest | {member: value})


@each_full_body
def test_each_member_of_a_full_body_wrong_in_each_way_alone(body: dict[str, str]) -> None:
    """Through both ways: what the fast one takes for right is told by no other."""
    agrees(body)
    assert check_request(body) == ()
    for member in ("name", "sign_key", "sign_secret"):
        (fact,) = oracle.applying(member, body.get("sign_type", "hmac"), body.get("sign_algorithm"))[:1]
        value = body[member]
        wrong: list[tuple[object, str, int | None]] = [
            ("a" * (fact.min_length - 1), "length", None),
            ("a" * (fact.max_length + 1), "length", None),
            ("", "length", None),
            (None, "type", None),
            *((c + value[1:], "first", 0) for c in sorted(fact.charset - fact.first)),
        ]
        wrong += [
            (value[:at] + c + value[at + 1 :], "charset", at)
            for at in (0, 1, len(value) // 2, len(value) - 1)
            for c in ("*", " ", "\n", "\0", "é", "\ud800", "\x7f")
        ]
        for text, code, position in wrong:
            changed = body | {member: text}
            agrees(changed)
            found = [(v.code, v.position) for v in check_request(changed)]
            assert (code, position) in found
            assert {v.field for v in check_request(changed)} == {member}
            assert len(found) == 1 or found == [("charset", 0), ("first", 0)]
    for member, word in product(("sign_type", "sign_algorithm"), ("", "HMAC", None, ["aes"])):
        if member in body:
            agrees(body | {member: word})
            assert [v.field for v in check_request(body | {member: word})] == [member]
    for member in body:
        agrees({m: value for m, value in body.items() if m != member})
    agrees(body | {"sign_secert": SECRET})
    agrees({m if m != "sign_key" else "sign_kye": value for m, value in body.items()})


# Completing


@pytest.mark.parametrize("sign_type", TYPES)
@pytest.mark.parametrize("algorithm", [None, *ALGORITHMS])
@pytest.mark.parametrize("given_key", [None, KEY])
@pytest.mark.parametrize("given_secret", [None, SECRET])
def test_a_body_is_completed(
    sign_type: str, algorithm: str | None, given_key: str | None, given_secret: str | None
) -> None:
    given_members = {
        "sign_secret": given_secret,
        "sign_key": given_key if algorithm != "aes-256-cfb" or given_key is None else given_key * 2,
        "name": "signature_demo",
        "sign_type": sign_type,
        "sign_algorithm": algorithm,
    }
    body = {member: value for member, value in given_members.items() if value is not None}
    before = copy.deepcopy(body)
    if algorithm and sign_type != "aes":
        with pytest.raises(ViolationError):
            complete_request(body)
    elif sign_type == "aes" and not algorithm and not given_key:
        with pytest.raises(ValueError, match="sign_algorithm must be aes-128-cfb or aes-256-cfb") as caught:
            complete_request(body)
        assert not isinstance(caught.value, ViolationError)
    else:
        complete = complete_request(body)
        assert check_request(complete) == ()
        assert {member: complete[member] for member in body} == before  # type: ignore[literal-required]  # any member
        assert list(complete) == [member for member in oracle.MEMBERS if member != "sign_algorithm" or algorithm]
    assert body == before


def test_the_default_type_is_filled_in() -> None:
    body: SignatureKeyRequest = {"name": "signature_demo"}
    complete = complete_request(body)
    assert complete["sign_type"] == "hmac"
    assert (len(complete["sign_key"]), len(complete["sign_secret"])) == (32, 64)
    assert complete_request(complete) == complete
    assert complete_request(complete) is not complete
    assert body == {"name": "signature_demo"}


# The gateway's words


def test_the_gateways_own_answer() -> None:
    assert gateway_error(check_request({"name": "1"})[0]) == {
        "error_code": "APIG.2011",
        "error_msg": "Invalid parameter value,parameterName:name. Please refer to the support documentation",
    }
    assert gateway_error(check_request([])[0])["error_msg"].startswith("Invalid parameter value,parameterName:body.")
    strange = Violation("{0}{parameter}%s", "unknown", "")
    assert "parameterName:{0}{parameter}%s." in gateway_error(strange)["error_msg"]


def test_the_gateways_own_answer_is_to_one_violation() -> None:
    with pytest.raises(TypeError, match=r"^violation must be a Violation, not tuple$"):
        gateway_error(check_request({}))  # type: ignore[arg-type]  # the mistake that is tried
