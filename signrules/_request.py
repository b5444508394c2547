"""One request body: POST or PUT …/apigw/instances/{instance_id}/signs.

The laws of `_check` hold here too: nothing but violations comes out for whatever a JSON parser can return, and no frame
that an exception leaves still holds the body.
"""

from collections.abc import Iterator
from typing import Any, Final, TypedDict, cast

from ._check import FIELDS, JUDGES, SIGN_ALGORITHMS, SIGN_TYPES, check
from ._generate import generate
from ._rule import SignAlgorithm, SignType, listed
from ._table import (
    DEFAULT_SIGN_TYPE,
    INVALID_PARAMETER,
    MANDATORY,
    MEMBERS,
    RULES,
)
from ._violation import Violation, ViolationError


class SignatureKeyRequest(TypedDict, total=False):
    """The request body, Table 3 of the page. Only `name` is mandatory."""

    name: str
    sign_type: SignType
    sign_key: str
    sign_secret: str
    sign_algorithm: SignAlgorithm


# Judged by their sign_type, and types that have an algorithm: read off the table.
FIELDS_BY_TYPE: Final = tuple(dict.fromkeys(rule.field for rule in RULES if rule.sign_type))
TYPES_WITH_ALGORITHM: Final = tuple(
    dict.fromkeys(rule.sign_type for rule in RULES if rule.sign_type and rule.sign_algorithm)
)
_ENUMERATIONS: Final[dict[str, tuple[str, ...]]] = {"sign_type": SIGN_TYPES, "sign_algorithm": SIGN_ALGORITHMS}
_WITH_TYPE: Final = f"with sign_type {listed(TYPES_WITH_ALGORITHM, 'or')}"

NOT_AN_OBJECT: Final = Violation("", "type", "must be a JSON object")
FORBIDDEN: Final = Violation("sign_algorithm", "forbidden", f"may be given only {_WITH_TYPE}")
OUTSIDE: Final = {
    "sign_type": Violation("sign_type", "unknown", f"must be {listed(SIGN_TYPES, 'or')}"),
    "sign_algorithm": Violation("sign_algorithm", "unknown", f"must be {listed(SIGN_ALGORITHMS, 'or')}, {_WITH_TYPE}"),
}


def missing(member: str) -> Violation:
    """A mandatory member that is not there."""
    return Violation(member, "missing", "must be given")


def not_a_string(member: str) -> Violation:
    """A member of another type, `null` included: the page has only strings."""
    return Violation(member, "type", "must be a string")


def unknown(member: str) -> Violation:
    """A member that the page does not have. The gateway would ignore it, and silently generate a misspelt secret."""
    return Violation(member, "unknown", f"is not one of {listed(MEMBERS, 'or')}")


# For the key and the secret, what `_rule.tables_by_length` makes of their rules.
_Tables = tuple[tuple[bytes, ...], tuple[bytes, ...]]


def _tables(sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> _Tables:
    return (
        JUDGES["sign_key", sign_type, sign_algorithm].tables,
        JUDGES["sign_secret", sign_type, sign_algorithm].tables,
    )


_NAME_TABLES: Final = JUDGES["name", DEFAULT_SIGN_TYPE, None].tables
_TABLES: Final[dict[str, _Tables]] = {sign_type: _tables(sign_type, None) for sign_type in SIGN_TYPES}
_DEFAULT_TABLES: Final = _TABLES[DEFAULT_SIGN_TYPE]
_TABLES_WITH_ALGORITHM: Final[dict[str, dict[str, _Tables]]] = {
    sign_type: {algorithm: _tables(sign_type, algorithm) for algorithm in SIGN_ALGORITHMS}
    for sign_type in TYPES_WITH_ALGORITHM
}
_encode: Final = str.encode


def check_request(body: object) -> tuple[Violation, ...]:
    """Everything that is wrong with a request body, in the order of the page, unknown members last.

    `body` is anything that a JSON parser can return; `()` means valid. With a wrong `sign_type`, the key and the secret
    cannot be judged and are not reported; a wrong `sign_algorithm` is judged like none.
    """
    if type(body) is not dict:  # a subclass may invent members as it is asked for them
        return tuple(_explain(body)) if isinstance(body, dict) else (NOT_AN_OBJECT,)
    # Most bodies are right, and have a name, a key and a secret. These are told first, by `_rule.fits` written out for
    # the three: in a tenth of the time of `_explain`, and about that of a JSON Schema in Rust (docs/benchmarks.md).
    try:
        members = len(body)
        if members == 4:
            key_tables, secret_tables = _TABLES[body["sign_type"]]
        elif members == 3:
            key_tables, secret_tables = _DEFAULT_TABLES
        elif members == 5:
            key_tables, secret_tables = _TABLES_WITH_ALGORITHM[body["sign_type"]][body["sign_algorithm"]]
        else:
            return tuple(_explain(body))
        name, key, secret = body["name"], body["sign_key"], body["sign_secret"]
        # The lengths first: of what is too long, nothing is encoded.
        name_table = _NAME_TABLES[len(name)]
        key_table = key_tables[len(key)]
        secret_table = secret_tables[len(secret)]
        name = _encode(name).translate(name_table)
        key = _encode(key).translate(key_table)
        secret = _encode(secret).translate(secret_table)
        if name.isascii() and key.isascii() and secret.isascii() and not (name[0] or key[0] or secret[0]):
            return ()
    except (KeyError, TypeError, IndexError, UnicodeEncodeError):
        pass  # a member is missing, unknown, no string, too long or empty, or has a lone surrogate
    return tuple(_explain(body))


def validate_request(body: object) -> SignatureKeyRequest:
    """The very same object, typed, if it is valid.

    Raises `ViolationError` with all that `check_request` reports.
    """
    violations = check_request(body)
    if not violations:
        return cast("SignatureKeyRequest", body)
    del body
    raise ViolationError(violations)


def complete_request(body: object) -> SignatureKeyRequest:
    """A new body with what `body` leaves out filled in, as the gateway would: the type, the key and the secret.

    The key and the secret come from `generate` with its defaults. What was given stays as it is.

    Raises `ViolationError` if `body` is wrong, `ValueError` if it leaves out both an aes key and the algorithm.
    """
    try:
        body = validate_request(body)
        sign_type = body.get("sign_type", DEFAULT_SIGN_TYPE)
        sign_algorithm = body.get("sign_algorithm")
        generated: dict[str, str] = {
            field: generate(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
            for field in FIELDS
            if field not in body
        }
        complete: dict[str, object] = {"sign_type": sign_type, **generated, **body}
        return cast("SignatureKeyRequest", {member: complete[member] for member in MEMBERS if member in complete})
    finally:
        del body


def gateway_error(violation: Violation) -> dict[str, str]:
    """How the gateway itself would answer: `error_code` and `error_msg`, to be sent with status 400.

    It names the parameter and never the rule, as the page's example answer does. For a body that is no object, of which
    the page shows no answer, the parameter is "body".
    """
    _, code, message = INVALID_PARAMETER
    return {"error_code": code, "error_msg": message.format(parameter=violation.field or "body")}


def _explain(body: dict[Any, Any]) -> Iterator[Violation]:
    if not all(isinstance(member, str) for member in body):
        yield NOT_AN_OBJECT  # JSON has no such object
        return
    sign_type = body.get("sign_type", DEFAULT_SIGN_TYPE)
    sign_algorithm = body.get("sign_algorithm")
    type_is_known = sign_type in SIGN_TYPES
    judged_as: dict[str, Any] = {
        "sign_type": sign_type if type_is_known else DEFAULT_SIGN_TYPE,
        "sign_algorithm": sign_algorithm if sign_algorithm in SIGN_ALGORITHMS else None,
    }
    member: Any
    for member in MEMBERS:
        if member not in body:
            if member in MANDATORY:
                yield missing(member)
        elif member in FIELDS_BY_TYPE and not type_is_known:
            continue
        elif not isinstance(body[member], str):
            yield not_a_string(member)
        elif member in FIELDS:
            yield from check(member, body[member], **judged_as)
        elif body[member] not in _ENUMERATIONS[member]:
            yield OUTSIDE[member]
        elif member == "sign_algorithm" and type_is_known and sign_type not in TYPES_WITH_ALGORITHM:
            yield FORBIDDEN
    for member in body:
        if member not in MEMBERS:
            yield unknown(member)
