"""What a gateway has stored, compared with what was sent."""

import pytest

from signrules.fuzz._alterations import alterations, wrong_values

SENT = {"name": "orders", "sign_key": " kEy0kEy0", "sign_secret": "sEcretsEcretsEcret", "other": "x"}


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({}, ()),
        ({"sign_secret": SENT["sign_secret"][:16]}, (("sign_secret", "shorter"),)),
        ({"sign_secret": SENT["sign_secret"][2:]}, (("sign_secret", "shorter"),)),
        ({"sign_key": "kEy0kEy0"}, (("sign_key", "trimmed"),)),
        ({"sign_key": " KEY0KEY0"}, (("sign_key", "other case"),)),
        ({"sign_secret": "sEc************ret"}, (("sign_secret", "masked"),)),
        ({"sign_secret": None}, (("sign_secret", "missing"),)),
        ({"sign_secret": ""}, (("sign_secret", "missing"),)),
        ({"sign_secret": 7}, (("sign_secret", "other"),)),
        ({"sign_secret": "sEcretsEcretsEcreT"[::-1]}, (("sign_secret", "other"),)),
        ({"sign_key": SENT["sign_secret"], "name": "Orders"}, (("name", "other case"), ("sign_key", "other"))),
        ({"other": "y", "sign_type": "hmac"}, ()),
    ],
)
def test_the_kind_of_alteration(stored: dict[str, object], found: tuple[tuple[str, str], ...]) -> None:
    assert alterations(SENT, {**SENT, **stored}) == found


def test_a_member_that_is_not_answered_is_missing() -> None:
    assert alterations({"name": "orders"}, {}) == (("name", "missing"),)


@pytest.mark.parametrize("sent", [[], None, "x", {"name": None}, {"name": 1}, {}])
def test_nothing_that_was_sent_as_a_string_differs(sent: object) -> None:
    assert alterations(sent, {"name": "other"}) == ()


def test_a_mask_that_was_sent_may_be_stored() -> None:
    assert alterations({"sign_key": "kEy***kEy"}, {"sign_key": "kEy***"}) == (("sign_key", "shorter"),)


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({}, ()),
        ({"name": "orders", "sign_key": "kEy0kEy0", "id": "!", "create_time": "!"}, ()),
        ({"name": "orders", "sign_type": "", "sign_algorithm": None}, ()),
        ({"sign_key": "sig************key", "sign_secret": "sEc"}, (("sign_secret", "wrong"),)),
        ({"sign_key": "!", "name": "o!", "sign_type": "Hmac"}, (("name", "wrong"), ("sign_type", "wrong"))),
        ({"sign_key": "kEy0kEy", "sign_type": "hmac"}, (("sign_key", "wrong"),)),
    ],
)
def test_what_is_stored_and_wrong_whatever_was_sent(
    stored: dict[str, object], found: tuple[tuple[str, str], ...]
) -> None:
    assert wrong_values(stored) == found
