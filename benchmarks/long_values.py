"""A value of a million characters, as sent by whoever wants to keep a service busy."""

from typing import Final

import signrules

from ._timing import Candidate, Case, Group

LENGTH: Final = 1_000_000
FUNCTIONS: Final = {"check": signrules.check, "is_valid": signrules.is_valid}


def group() -> Group:
    """The cases: what the value is made of."""
    (rule,) = signrules.rules_for("sign_secret", sign_type="public_key")
    values = {
        "valid characters": (rule.charset * LENGTH)[:LENGTH],
        "none of ASCII": "é" * LENGTH,
        "lone surrogates": "\ud800" * LENGTH,
        "an emoji at the end": rule.first[0] * (LENGTH - 1) + "😀",
    }
    return Group(
        "A million characters",
        "Microseconds for every 1,000 characters of a sign_secret.",
        [Case(title, _candidates(value)) for title, value in values.items()],
        "us per 1,000",
    )


def _candidates(value: str) -> list[Candidate]:
    statement = "judge('sign_secret', value, sign_type='public_key')"
    return [Candidate(name, statement, {"judge": function, "value": value}) for name, function in FUNCTIONS.items()]
