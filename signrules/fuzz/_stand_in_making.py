"""The signature key that the stand-in makes of a body, with the bugs that are planted in it."""

import secrets
from collections.abc import Iterable
from typing import Any

from .._check import rules_for
from .._endpoint import INVALID_PARAMETER
from .._generate import generate
from .._spelling import DIGITS, LETTERS
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import FIELDS, TYPES_WITH_ALGORITHM
from ._decoder import STRICT, Decoder
from ._stand_in_answers import Key, Refused
from .bugs import RIGHT, Bug, refused


def parsed(content: bytes, decoder: Decoder = STRICT, content_encoding: str | None = None) -> Any:
    """What a body holds, or `None` if the decoder does not read it; `null` is refused as well."""
    try:
        return decoder.read(content, content_encoding)
    except (ValueError, RecursionError):
        return None


def key_of(body: object, bugs: Iterable[Bug]) -> Key:
    """The members of a body that a gateway with these bugs accepts, with those that the gateway generates.

    The first bug that would take the body otherwise than a gateway without a bug decides, so that no bug hides another.
    Raises `Refused`.
    """
    right = _taken(body, RIGHT)
    taken = next((other for bug in bugs if (other := _taken(body, bug)) != right), right)
    if isinstance(taken, str):
        raise Refused(INVALID_PARAMETER, parameter=taken or "body")
    key = dict(taken)
    for field in FIELDS:
        if field not in key:
            key[field] = _generated(field, key["sign_type"], key.get("sign_algorithm"))
    return {member: key[member] for member in MEMBERS if member in key}


def _taken(body: object, bug: Bug) -> dict[str, Any] | str:
    """The members that a gateway with this bug stores as they are given, or the parameter that it refuses."""
    parameter = refused(body, bug)
    if parameter is not None:
        return parameter
    key = {"sign_type": DEFAULT_SIGN_TYPE, **bug.read(body)}
    given = body if isinstance(body, dict) else {}
    for field in FIELDS:
        if field not in given:  # a name that the bug adds would be the same for all
            key.pop(field, None)
        elif field in key and isinstance(given[field], str):  # stored as it was given, whatever the bug took it for
            key[field] = given[field]
    return {member: key[member] for member in MEMBERS if member in key}


def _generated(field: Any, sign_type: Any, sign_algorithm: Any) -> str:
    """A value in the form of those that are seen in public."""
    if field in MANDATORY:
        return generate(field)
    if sign_type == DEFAULT_SIGN_TYPE:
        return secrets.token_hex(16)
    if sign_type in TYPES_WITH_ALGORITHM:
        length = rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)[0].min_length
        return "".join(secrets.choice(LETTERS + DIGITS) for _ in range(length))
    return generate(field, sign_type=sign_type)
