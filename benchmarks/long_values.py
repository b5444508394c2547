"""A value of a million characters, as sent by whoever wants to keep a service busy."""

import re
from collections.abc import Iterator
from typing import Final

import signrules

from ._peers import calling, ours
from ._timing import Candidate, Case, Group

LENGTH: Final = 1_000_000
BASELINE: Final = "re"
TITLES: Final = ("valid characters", "none of ASCII", "lone surrogates", "an emoji at the end")


def group() -> Group:
    """The cases: what the value is made of."""
    (rule,) = signrules.rules_for("sign_secret", sign_type="public_key")
    values = (
        (rule.charset * LENGTH)[:LENGTH],
        "é" * LENGTH,
        "\ud800" * LENGTH,
        rule.first[0] * (LENGTH - 1) + "😀",
    )
    return Group(
        "A million characters",
        "Microseconds for every 1,000 characters of a sign_secret. `re` searches for the first foreign character.",
        [Case(title, [*_candidates(rule, value)]) for title, value in zip(TITLES, values, strict=True)],
        "us per 1,000",
    )


def _candidates(rule: signrules.Rule, value: str) -> Iterator[Candidate]:
    yield calling(BASELINE, re.compile(f"[^{re.escape(rule.charset)}]").search, value)
    statement = "judge('sign_secret', value, sign_type='public_key')"
    for peer, package in ours():
        for name in ("check", "is_valid"):
            yield Candidate(f"{peer}, {name}", statement, {"judge": getattr(package, name), "value": value})
