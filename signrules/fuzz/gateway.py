"""A stand-in for the gateway's endpoint of signature keys, to test clients against without a network.

It answers as the pages "Creating", "Modifying", "Deleting a Signature Key" and "Querying Signature Keys" say, and keeps
its keys in memory. `app.state.bug` is the bug that it has, `app.state.decoder` is how it reads the bytes of a body.
Both may be changed while it runs.

Answers hold key and secret in full, as the owner of a key must get them: Terraform, for one, reads them back, and the
page about queries shows them so. Where other pages show `sig************ret`, the example's request is masked as well:
the mask is theirs. Errors repeat nothing of a body, and nothing of a request is logged.
"""

import asyncio
import json
import random
import secrets
from collections.abc import Collection, Mapping
from hmac import compare_digest
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .._check import rules_for
from .._endpoint import (
    AUTHENTICATION_HEADER,
    INVALID_PARAMETER,
    NO_PERMISSION,
    NO_SUCH_GATEWAY,
    PATH,
    QUOTA,
    SYSTEM_ERROR,
    TYPE_NOT_SUPPORTED,
    WRONG_TOKEN,
)
from .._generate import generate
from .._spelling import DIGITS, LETTERS
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import FIELDS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._decoder import Decoder
from ._serving import serve, serving
from ._store import Key, Refused, Store
from ._token import check_token
from .bugs import RIGHT, Bug, refused

__all__ = ["SIGNED", "gateway", "serve", "serving"]

# A request that is signed with an access key (AK/SK) says so. The signature is as good as a token.
SIGNED: Final = "SDK-HMAC-SHA256 "

_FAULTS: Final = (429, 500, 503)  # that a client may try again after
_LAST: Final = {"Connection": "close"}

# Reads whatever is JSON in UTF-8, and nothing else; of two members with one name, the last counts.
STRICT: Final = Decoder()

# Bytes of a body. A right one has some 3,000.
_LONGEST_BODY: Final = 1 << 20


def gateway(
    bug: Bug = RIGHT,
    *,
    decoder: Decoder = STRICT,
    token: str | None = None,
    instance_id: str | None = None,
    sign_types: Collection[str] = SIGN_TYPES,
    read_only: bool = False,
    quota: int = QUOTA,
    latency: float = 0.0,
    fail_rate: float = 0.0,
    retry_after: int = 1,
) -> Starlette:
    """The ASGI application. Each project_id with each instance_id is a gateway of its own, without a key at first.

    `decoder` is how it reads the bytes of a body. `token` is what `X-Auth-Token` must be; without it, any token and any
    AK/SK signature will do. `instance_id` is the only one there is, `sign_types` are those that a gateway supports,
    `quota` is the number of keys in one; `read_only` permits nothing but queries.

    `latency` is how long every answer takes, in seconds. `fail_rate`, 0 to 1, is the share of the requests that do
    nothing and are answered with status 429, 500 or 503, and with `retry_after`, in seconds, as the header Retry-After.

    Raises `ValueError` if the token is empty, or no header could hold it as it is.
    """
    try:
        if token is not None:
            check_token(token)
    except (TypeError, ValueError):
        del token
        raise
    # The gateways that have keys. A request that makes none must take no memory for long.
    gateways: dict[tuple[str, str], Store] = {}

    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request)
            await asyncio.sleep(latency)
        except ClientDisconnect:
            return Response()  # which nobody reads
        except asyncio.CancelledError:
            # The server ends, and would print a traceback.
            return _refusal(Refused(SYSTEM_ERROR), status=503, headers=_LAST)
        if body is None:
            return _refusal(Refused(INVALID_PARAMETER, parameter="body"), status=413, headers=_LAST)
        if random.random() < fail_rate:  # noqa: S311  nothing depends on its being a secret
            status = random.choice(_FAULTS)  # noqa: S311  as above
            return _refusal(Refused(SYSTEM_ERROR), status=status, headers={"Retry-After": str(retry_after)})
        try:
            return answer(request, body)
        except Refused as reason:
            return _refusal(reason)

    def answer(request: Request, body: bytes) -> Response:
        """The answer. Nothing is awaited here, so no other request comes between a look and a change."""
        project, instance = request.path_params["project_id"], request.path_params["instance_id"]
        if not _authenticated(request, token):
            raise Refused(WRONG_TOKEN)
        if read_only and request.method in ("POST", "PUT", "DELETE"):
            raise Refused(NO_PERMISSION)
        if instance_id not in (None, instance):
            raise Refused(NO_SUCH_GATEWAY, instance_id=instance)
        keys = gateways.get((project, instance)) or Store(quota)

        def given() -> Key:
            key = _accepted_key(body, request)
            if key["sign_type"] not in sign_types:
                raise Refused(TYPE_NOT_SUPPORTED, sign_type=key["sign_type"], instance_id=instance)
            return key

        match request.method:
            case "POST":
                response = _json(keys.create(given()), 201)
            case "PUT":
                response = _json(keys.modify(request.path_params["id"], given()))
            case "DELETE":
                keys.delete(request.path_params["id"])
                response = Response(status_code=204)
            case _:
                response = _json(keys.query(request.query_params))
        if keys:
            gateways[project, instance] = keys
        else:
            gateways.pop((project, instance), None)
        return response

    app = Starlette(
        routes=[
            Route(PATH, endpoint, methods=["POST", "GET"]),
            Route(f"{PATH}/{{id}}", endpoint, methods=["PUT", "DELETE"]),
        ]
    )
    app.state.bug, app.state.decoder = bug, decoder
    return app


async def _body(request: Request) -> bytes | None:
    """The content of the request, or `None` if it is too long; then the rest is not read."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LONGEST_BODY:
            return None
    return bytes(content)


def _authenticated(request: Request, token: str | None) -> bool:
    """Whether the request may be answered. A header that stands twice counts for nothing: either could be meant."""
    given = request.headers.getlist(AUTHENTICATION_HEADER)
    if len(given) > 1:
        return False
    if token is not None:
        return compare_digest("".join(given).encode("latin-1"), token.encode())
    return any(given) or request.headers.get("Authorization", "").startswith(SIGNED)


def _accepted_key(content: bytes, request: Request) -> Key:
    """The members of a body that the gateway, with its bug, accepts, with those that it generates."""
    bug: Bug = request.app.state.bug
    decoder: Decoder = request.app.state.decoder
    try:
        body = decoder.read(content, request.headers.get("Content-Encoding"))
    except (ValueError, RecursionError):
        body = None  # is refused like it
    parameter = refused(body, bug)
    if parameter is not None:
        raise Refused(INVALID_PARAMETER, parameter=parameter or "body")
    key = {"sign_type": DEFAULT_SIGN_TYPE, **bug.read(body)}
    given = body if isinstance(body, dict) else {}
    for field in FIELDS:
        if field not in key or field not in given:  # a name that the bug adds would be the same for all
            key[field] = _generated(field, key["sign_type"], key.get("sign_algorithm"))
        elif isinstance(given[field], str):  # stored as it was given, whatever the bug took it for
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


def _refusal(reason: Refused, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
    return _json(reason.body, status or reason.status, headers)


def _json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in ASCII, which can hold half a character that a bug has let in."""
    return Response(json.dumps(content), status, headers, "application/json")
