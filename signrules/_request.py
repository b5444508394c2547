"""One request body: POST or PUT …/apigw/instances/{instance_id}/signs.

The laws of `_check` hold here too: whatever a JSON parser can return leads to violations and to no other error, and no
frame holds the body after an exception has left it.
"""

from typing import Any, Final, cast

from ._accelerator import accelerated
from ._check import check
from ._guard import guarded
from ._marks import FIRST_MARK, Tables, plain
from ._request_types import CompleteSignatureKeyRequest, SignatureKeyRequest
from ._requirement import REQUIREMENTS
from ._spelling import listed
from ._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from ._violation import Violation, ViolationError
from ._vocabulary import (
    ENUMERATIONS,
    FIELDS,
    FIELDS_BY_TYPE,
    SIGN_ALGORITHMS,
    SIGN_TYPES,
    TYPES_WITH_ALGORITHM,
    Kind,
    are_exact,
    judged_as,
)

_WITH_TYPE: Final = f"with sign_type {listed(TYPES_WITH_ALGORITHM, 'or')}"

NOT_AN_OBJECT: Final = Violation("", "type", "must be a JSON object")
# docs/decisions.md#sign_algorithm-with-another-type
FORBIDDEN: Final = Violation("sign_algorithm", "forbidden", f"may be given only {_WITH_TYPE}")
# docs/decisions.md#a-sign_type-outside-its-enumeration, #an-unknown-sign_algorithm-with-another-type
OUTSIDE: Final = {
    "sign_type": Violation("sign_type", "unknown", f"must be {listed(SIGN_TYPES, 'or')}"),
    "sign_algorithm": Violation("sign_algorithm", "unknown", f"must be {listed(SIGN_ALGORITHMS, 'or')}, {_WITH_TYPE}"),
}


def missing(member: str) -> Violation:
    """The violation of a mandatory member that is left out."""
    return Violation(member, "missing", "must be given")


# docs/decisions.md#null-and-other-types
def not_a_string(member: str) -> Violation:
    """The violation of a member of another type, `null` included: the page has only strings."""
    return Violation(member, "type", "must be a string")


# docs/decisions.md#an-unknown-member
def unknown(member: str) -> Violation:
    """The violation of a member that the page does not have.

    The gateway ignores unknown members: if `sign_secret` is misspelt, it generates another secret without a word.
    """
    return Violation(member, "unknown", f"is not one of {listed(MEMBERS, 'or')}")


# The tables of the name, the key and the secret, for a kind of key.
_Tables = tuple[Tables, Tables, Tables]
_TABLES: Final[dict[str, _Tables]] = {}
_TABLES_WITH_ALGORITHM: Final[dict[str, dict[str, _Tables]]] = {}
_encode: Final = str.encode


def _make_tables() -> None:
    def tables(sign_type: str, sign_algorithm: str | None) -> _Tables:
        name, key, secret = (REQUIREMENTS[field, sign_type, sign_algorithm].tables for field in FIELDS)
        return name, key, secret

    for sign_type in TYPES_WITH_ALGORITHM:
        _TABLES_WITH_ALGORITHM[sign_type] = {algorithm: tables(sign_type, algorithm) for algorithm in SIGN_ALGORITHMS}
    for sign_type in SIGN_TYPES:
        _TABLES[sign_type] = tables(sign_type, None)


@accelerated((_TABLES, _TABLES_WITH_ALGORITHM, (*FIELDS, "sign_type", "sign_algorithm")), DEFAULT_SIGN_TYPE)
def check_request(body: object) -> tuple[Violation, ...]:
    """The violations of a request body, in the order of the page, those of unknown members last.

    `body` is anything that a JSON parser can return; `()` means valid. With a wrong `sign_type`, the key and the secret
    cannot be judged and are not reported. A wrong `sign_algorithm` is treated as absent.
    """
    name: Any
    key: Any
    secret: Any
    # Most bodies are right. For these, `fits` is written out for each value. That takes a tenth of the time of
    # `_explain`, about as long as a JSON Schema in Rust (docs/benchmarks.md).
    try:
        try:
            if type(body) is dict:  # a subclass may invent members as it is asked for them
                fields = len(body)
                if "sign_type" in body:
                    fields -= 1
                    if "sign_algorithm" in body:
                        fields -= 1
                        tables = _TABLES_WITH_ALGORITHM[body["sign_type"]][body["sign_algorithm"]]
                    else:
                        tables = _TABLES[body["sign_type"]]
                else:
                    tables = _TABLES[DEFAULT_SIGN_TYPE]
                of_name, of_key, of_secret = tables
                # `str.encode` and not a method of the value, whose class may be a subclass of `str`; `len` of the bytes
                # for the same reason.
                name = _encode(body["name"])
                name = name.translate(of_name[len(name)])
                if fields == 3:
                    key, secret = _encode(body["sign_key"]), _encode(body["sign_secret"])
                    key = key.translate(of_key[len(key)])
                    secret = secret.translate(of_secret[len(secret)])
                    if (
                        name.isascii()
                        and key.isascii()
                        and secret.isascii()
                        and name >= FIRST_MARK
                        and key >= FIRST_MARK
                        and secret >= FIRST_MARK
                    ):
                        return ()
                elif fields == 2:
                    if "sign_key" in body:
                        key = _encode(body["sign_key"])
                        key = key.translate(of_key[len(key)])
                    else:
                        key = _encode(body["sign_secret"])
                        key = key.translate(of_secret[len(key)])
                    if name.isascii() and key.isascii() and name >= FIRST_MARK and key >= FIRST_MARK:
                        return ()
                elif fields == 1 and name.isascii() and name >= FIRST_MARK:
                    return ()
        except (IndexError, KeyError, RecursionError, TypeError, UnicodeEncodeError):
            pass  # a member is missing, unknown, not a string, too long, or has a lone surrogate
        except Exception:
            if type(body) is not dict or are_exact(*body, *body.values()):
                raise
        return _explain(body)
    except BaseException:  # a `finally` with `del` would have to know which of the names are bound
        body = name = key = secret = None
        raise


def validate_request(body: object) -> SignatureKeyRequest:
    """The very same object, typed, if it is valid.

    Raises `ViolationError` with all that `check_request` reports.
    """
    try:
        violations = check_request(body)
        if violations:
            raise ViolationError(violations)
        return cast("SignatureKeyRequest", body)
    finally:
        del body


@guarded
def complete_request(body: object) -> CompleteSignatureKeyRequest:
    """A new body in which the type, the key and the secret are filled in, as the gateway would, if `body` lacks them.

    The key and the secret come from `generate` with its defaults. The members of `body` stay as they are.

    Raises `ViolationError` if `body` is wrong, `ValueError` if it leaves out both an aes key and the algorithm.
    """
    from ._generate import generate

    members: dict[Any, Any] = dict(dict.items(cast("dict[Any, Any]", validate_request(body))))
    sign_type: Any = plain(members.get("sign_type", DEFAULT_SIGN_TYPE))
    sign_algorithm: Any = plain(members.get("sign_algorithm"))
    generated: dict[str, str] = {
        field: generate(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        for field in FIELDS
        if field not in members
    }
    complete: dict[str, object] = {"sign_type": sign_type, **generated, **members}
    return cast("CompleteSignatureKeyRequest", {member: complete[member] for member in MEMBERS if member in complete})


# docs/decisions.md#a-refusal-of-the-whole-body
@guarded
def gateway_error(violation: Violation) -> dict[str, str]:
    """The answer of the gateway itself: `error_code` and `error_msg`, to be sent with status 400.

    It names the parameter and never the rule, as the page's example answer does. The page shows no answer for a body
    that is not an object; there the parameter is "body".

    Raises `TypeError` if `violation` is not a `Violation`.
    """
    from ._endpoint import INVALID_PARAMETER

    if not isinstance(violation, Violation):
        raise TypeError(f"violation must be a Violation, not {type(violation).__name__}")
    _, code, message = INVALID_PARAMETER
    return {"error_code": code, "error_msg": message.format(parameter=violation.field or "body")}


def _explain(body: Any) -> tuple[Violation, ...]:
    member: Any
    try:
        if not _TABLES:
            _make_tables()
        body = _members(body)
        if body is None:
            return (NOT_AN_OBJECT,)
        kind = judged_as(body.get("sign_type", DEFAULT_SIGN_TYPE), body.get("sign_algorithm"))
        sign_type, sign_algorithm = kind or Kind()  # without a kind, only the name is judged
        violations: list[Violation] = []
        for member in MEMBERS:
            if member not in body:
                if member in MANDATORY:
                    violations.append(missing(member))
            elif member in FIELDS_BY_TYPE and kind is None:
                continue
            elif type(body[member]) is not str:
                violations.append(not_a_string(member))
            elif member in FIELDS:
                violations += check(member, body[member], sign_type=sign_type, sign_algorithm=sign_algorithm)
            elif body[member] not in ENUMERATIONS[member]:
                violations.append(OUTSIDE[member])
            elif member == "sign_algorithm" and kind is not None and kind.sign_type not in TYPES_WITH_ALGORITHM:
                violations.append(FORBIDDEN)
        violations += [unknown(member) for member in body if member not in MEMBERS]
        return tuple(violations)
    finally:
        body = member = None


def _members(body: Any) -> dict[str, object] | None:
    """The members of a JSON object, read without the methods of a subclass; `None` if `body` is not an object."""
    members: dict[str, object] = {}
    name: Any
    value: Any
    try:
        if type(body) is not dict and not issubclass(type(body), dict):
            return None
        for name, value in dict.items(body):
            text = name if type(name) is str else plain(name)
            if type(text) is not str:
                return None  # JSON has no such object
            members[text] = value if type(value) is str else plain(value)
        return members
    finally:
        body = name = value = text = None
        del members
