"""The types of a request body, for type checkers and for pydantic."""

from typing import Any, NotRequired, Required, TypedDict, get_type_hints

from ._rule import SignAlgorithm, SignType


class SignatureKeyRequest(TypedDict, total=False):
    """The request body, Table 3 of the page. Only `name` is mandatory."""

    name: Required[str]
    sign_type: SignType
    sign_key: str
    sign_secret: str
    sign_algorithm: SignAlgorithm


class CompleteSignatureKeyRequest(TypedDict):
    """The request body, with the members that the gateway would fill in."""

    name: str
    sign_type: SignType
    sign_key: str
    sign_secret: str
    sign_algorithm: NotRequired[SignAlgorithm]


def _for_pydantic(body: Any, _: object, handler: Any) -> Any:
    """The schema of the same type. Before Python 3.12, pydantic refuses `TypedDict` of the standard library."""
    from typing_extensions import TypedDict  # pydantic has loaded it

    twin: Any = TypedDict  # type checkers allow a call of `TypedDict` with literal arguments alone
    return handler.generate_schema(twin(body.__name__, get_type_hints(body, include_extras=True), total=body.__total__))


for _body in SignatureKeyRequest, CompleteSignatureKeyRequest:
    # Type checkers allow no method in the body of a `TypedDict`.
    setattr(_body, "__get_pydantic_core_schema__", classmethod(_for_pydantic))  # noqa: B010
