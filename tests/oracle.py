"""A second implementation, slow and readable, from data/rules.csv and docs/decisions.md. It imports nothing of ours.

`broken_columns` judges a value, `broken_members` a body; both say which codes and at which position.
"""

import csv
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GROUPS = {"letter": string.ascii_letters, "digit": string.digits, "+": "+", "/": "/"}
MEMBERS = ["name", "sign_type", "sign_key", "sign_secret", "sign_algorithm"]
TYPES = ["hmac", "basic", "public_key", "aes"]
ALGORITHMS = ["aes-128-cfb", "aes-256-cfb"]


class Fact(NamedTuple):
    field: str
    sign_type: str | None
    sign_algorithm: str | None
    min_length: int
    max_length: int
    charset: set[str]
    first: set[str]


def refusal(parameter: str) -> tuple[int, str, str]:
    """The status, the code and the message of the answer to a broken rule."""
    message = f"Invalid parameter value,parameterName:{parameter}. Please refer to the support documentation"
    return 400, "APIG.2011", message


def facts() -> list[Fact]:
    with (Path(__file__).parent / "data" / "rules.csv").open(newline="") as file:
        return [
            Fact(
                row["field"],
                row["sign_type"] or None,
                row["sign_algorithm"] or None,
                int(row["min_length"]),
                int(row["max_length"]),
                {*string.ascii_letters, *string.digits, *row["special_characters"]},
                {c for group in row["must_start_with"].split("|") for c in GROUPS[group]},
            )
            for row in csv.DictReader(file)
        ]


FACTS = facts()


def applying(field: str, sign_type: str = "hmac", sign_algorithm: str | None = None) -> list[Fact]:
    found = [fact for fact in FACTS if fact.field == field and fact.sign_type in (None, sign_type)]
    if sign_algorithm is not None:
        found = [fact for fact in found if fact.sign_algorithm in (None, sign_algorithm)]
    return found


def broken_columns(
    field: str, value: str, sign_type: str = "hmac", sign_algorithm: str | None = None
) -> list[tuple[str, int | None]]:
    """The codes and positions of one value."""
    found = applying(field, sign_type, sign_algorithm)
    broken: list[tuple[str, int | None]] = []
    if not any(fact.min_length <= len(value) <= fact.max_length for fact in found):
        broken.append(("length", None))
    for position, character in enumerate(value):
        if character not in found[0].charset:
            broken.append(("charset", position))
            break
    if value and value[0] not in found[0].first:
        broken.append(("first", 0))
    return broken


def broken_members(body: object) -> list[tuple[str, str, int | None]]:
    """The fields, codes and positions of one body."""
    if not isinstance(body, dict) or not all(isinstance(member, str) for member in body):
        return [("", "type", None)]
    return [(member, code, position) for member in MEMBERS for code, position in _broken_member(body, member)] + [
        (member, "unknown", None) for member in body if member not in MEMBERS
    ]


def first_refused(body: object) -> str | None:
    """The member that a gateway names, which ignores unknown ones; "" for the body itself, None if it accepts it."""
    named = (f for f, code, _ in broken_members(body) if f in MEMBERS or (f, code) == ("", "type"))
    return next(named, None)


def _broken_member(body: dict[str, object], member: str) -> Iterator[tuple[str, int | None]]:
    if member not in body:
        if member == "name":
            yield "missing", None
        return
    sign_type = body.get("sign_type", "hmac")
    type_known = isinstance(sign_type, str) and sign_type in TYPES
    if member in ("sign_key", "sign_secret") and not type_known:
        return
    value = body[member]
    if not isinstance(value, str):
        yield "type", None
    elif member == "sign_type":
        if value not in TYPES:
            yield "unknown", None
    elif member == "sign_algorithm":
        if value not in ALGORITHMS:
            yield "unknown", None
        elif type_known and sign_type != "aes":
            yield "forbidden", None
    else:
        algorithm = body.get("sign_algorithm")
        yield from broken_columns(
            member,
            value,
            sign_type if type_known and isinstance(sign_type, str) else "hmac",
            algorithm if isinstance(algorithm, str) and algorithm in ALGORITHMS else None,
        )
