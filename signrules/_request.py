"""One request body: POST or PUT …/apigw/instances/{instance_id}/signs.

The laws of `_check` hold here too: nothing but violations comes out for whatever a JSON parser can return, and no frame
that an exception leaves still holds the body.
"""

from typing import Any, Final, NotRequired, Required, TypedDict, cast, get_type_hints

from ._check import JUDGES, check
from ._endpoint import INVALID_PARAMETER
from ._generate import generate
from ._guard import guarded
from ._marks import plain
from ._rule import SignAlgorithm, SignType
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
    judged_as,
)


class SignatureKeyRequest(TypedDict, total=False):
    """The request body, Table 3 of the page. Only `name` is mandatory."""

    name: Required[str]
    sign_type: SignType
    sign_key: str
    sign_secret: str
    sign_algorithm: SignAlgorithm


class CompleteSignatureKeyRequest(TypedDict):
    """The request body, with all that the gateway would fill in."""

    name: str
    sign_type: SignType
    sign_key: str
    sign_secret: str
    sign_algorithm: NotRequired[SignAlgorithm]


def _for_pydantic(body: Any, _: object, handler: Any) -> Any:
    """The same type for pydantic, which before Python 3.12 refuses a `TypedDict` of the standard library's."""
    from typing_extensions import TypedDict  # pydantic has loaded it

    twin: Any = TypedDict  # called, not subclassed: type checkers allow that with literal arguments alone
    return handler.generate_schema(twin(body.__name__, get_type_hints(body, include_extras=True), total=body.__total__))


for _body in SignatureKeyRequest, CompleteSignatureKeyRequest:
    # In the body of a `TypedDict`, type checkers allow no method.
    setattr(_body, "__get_pydantic_core_schema__", classmethod(_for_pydantic))  # noqa: B010


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
    """A mandatory member that is not there."""
    return Violation(member, "missing", "must be given")


# docs/decisions.md#null-and-other-types
def not_a_string(member: str) -> Violation:
    """A member of another type, `null` included: the page has only strings."""
    return Violation(member, "type", "must be a string")


# docs/decisions.md#an-unknown-member
def unknown(member: str) -> Violation:
    """A member that the page does not have.

    The gateway ignores unknown members: if `sign_secret` is misspelt, it generates another secret without a word.
    """
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
    # Most bodies are right, and have a name, a key and a secret. These are told first, by `_rule.fits` written out for
    # the three: in a tenth of the time of `_explain`, and about that of a JSON Schema in Rust (docs/benchmarks.md).
    try:
        try:
            if type(body) is dict:  # a subclass may invent members as it is asked for them
                members = len(body)
                if members == 4:
                    key_tables, secret_tables = _TABLES[body["sign_type"]]
                elif members == 3:
                    key_tables, secret_tables = _DEFAULT_TABLES
                elif members == 5:
                    key_tables, secret_tables = _TABLES_WITH_ALGORITHM[body["sign_type"]][body["sign_algorithm"]]
                else:
                    return _explain(body)
                name, key, secret = body["name"], body["sign_key"], body["sign_secret"]
                # `str.encode`, since a subclass may have another; and then the lengths of what has no such methods.
                name, key, secret = _encode(name), _encode(key), _encode(secret)
                name = name.translate(_NAME_TABLES[len(name)])
                key = key.translate(key_tables[len(key)])
                secret = secret.translate(secret_tables[len(secret)])
                if name.isascii() and key.isascii() and secret.isascii() and not (name[0] or key[0] or secret[0]):
                    return ()
        except (KeyError, TypeError, IndexError, UnicodeEncodeError):
            pass  # a member is missing, unknown, no string, too long or empty, or has a lone surrogate
        return _explain(body)
    except BaseException:  # a `finally` would have to know which of them there are
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
    """A new body with what `body` leaves out filled in, as the gateway would: the type, the key and the secret.

    The key and the secret come from `generate` with its defaults. What was given stays as it is.

    Raises `ViolationError` if `body` is wrong, `ValueError` if it leaves out both an aes key and the algorithm.
    """
    given: dict[Any, Any] = dict(dict.items(cast("dict[Any, Any]", validate_request(body))))
    sign_type: Any = plain(given.get("sign_type", DEFAULT_SIGN_TYPE))
    sign_algorithm: Any = plain(given.get("sign_algorithm"))
    generated: dict[str, str] = {
        field: generate(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
        for field in FIELDS
        if field not in given
    }
    complete: dict[str, object] = {"sign_type": sign_type, **generated, **given}
    return cast("CompleteSignatureKeyRequest", {member: complete[member] for member in MEMBERS if member in complete})


# docs/decisions.md#a-refusal-of-the-whole-body
@guarded
def gateway_error(violation: Violation) -> dict[str, str]:
    """How the gateway itself would answer: `error_code` and `error_msg`, to be sent with status 400.

    It names the parameter and never the rule, as the page's example answer does. For a body that is no object, of which
    the page shows no answer, the parameter is "body".
    """
    _, code, message = INVALID_PARAMETER
    return {"error_code": code, "error_msg": message.format(parameter=violation.field or "body")}


def _explain(body: Any) -> tuple[Violation, ...]:
    member: Any
    try:
        body = _members(body)
        if body is None:
            return (NOT_AN_OBJECT,)
        kind = judged_as(body.get("sign_type", DEFAULT_SIGN_TYPE), body.get("sign_algorithm"))
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
                violations += check(member, body[member], **(kind or Kind())._asdict())
            elif body[member] not in ENUMERATIONS[member]:
                violations.append(OUTSIDE[member])
            elif member == "sign_algorithm" and kind is not None and kind.sign_type not in TYPES_WITH_ALGORITHM:
                violations.append(FORBIDDEN)
        violations += [unknown(member) for member in body if member not in MEMBERS]
        return tuple(violations)
    finally:
        body = member = None


def _members(body: Any) -> dict[str, object] | None:
    """A JSON object's members, without the methods of a class of one's own; `None` for what is no object."""
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
