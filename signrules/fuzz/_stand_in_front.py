"""What the stand-in does with every request before it is answered and after: who may ask, faults, the log.

The log tells nothing of a query, a header or a body. It tells only these parts of a path: the words of the endpoint,
the gateway, and the IDs that the stand-in itself has given away. Any other part may be a secret in the wrong place.
"""

import asyncio
import json
import random
import re
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Final, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .._endpoint import (
    AUTHENTICATION_HEADER,
    INVALID_PARAMETER,
    NO_PERMISSION,
    NO_SUCH_GATEWAY,
    NO_SUCH_METHOD,
    NO_SUCH_PATH,
    SIGNATURE_ALGORITHMS,
    SIGNATURE_HEADER,
    SYSTEM_ERROR,
    WRONG_TOKEN,
)
from ._stand_in_answers import Refused
from ._stand_in_store import Store, Stores, Where

# Answers a request with this body, which belongs to a gateway with these keys.
Handler = Callable[[Store, Request, bytes], Response]

_FAULTS: Final = (429, 500, 503)  # that a client may try again after
_CLOSING: Final = {"Connection": "close"}  # no other request comes over this connection
_CHANGES: Final = ("POST", "PUT", "DELETE")
_METHODS: Final = (*_CHANGES, "GET", "HEAD", "PATCH", "OPTIONS")
_HIDDEN: Final = "..."

# Bytes of a body. A right one has some 3,000.
_LONGEST_BODY: Final = 1 << 20


class Front(NamedTuple):
    """The settings that all requests have in common; `gateway` explains them."""

    stores: Stores
    token: str | None
    instance_id: str | None
    read_only: bool
    latency: float
    fail_rate: float
    retry_after: int
    log: Callable[[str], object] | None


class Place:
    """A path, and who answers the requests to it, by their methods. It is an ASGI application."""

    def __init__(self, front: Front, path: str, handlers: Mapping[str, Handler]) -> None:
        self._front, self._path, self._handlers = front, path, handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request, code = Request(scope, receive), ""
        path = self._told(request.path_params)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return  # nobody would read the answer
        except Refused as reason:
            code = f" {reason.code}"
            response = json_response(reason.body, reason.status, reason.headers)
        if self._front.log:
            method = request.method if request.method in _METHODS else _HIDDEN
            self._front.log(f"{method} {path} {response.status_code}{code}")
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not self._handlers:
            raise Refused(NO_SUCH_PATH)
        handle = self._handlers.get("GET" if request.method == "HEAD" else request.method)
        if handle is None:
            raise Refused(NO_SUCH_METHOD, headers={"Allow": ", ".join(self._handlers)})
        try:
            body = await _body(request)
            await asyncio.sleep(self._front.latency)
        except asyncio.CancelledError:
            # The server ends, and would print a traceback.
            raise Refused(SYSTEM_ERROR, status=503, headers=_CLOSING) from None
        if body is None:
            raise Refused(INVALID_PARAMETER, parameter="body", status=413, headers=_CLOSING)
        if random.random() < self._front.fail_rate:  # noqa: S311  nothing depends on its being a secret
            status = random.choice(_FAULTS)  # noqa: S311  as above
            raise Refused(SYSTEM_ERROR, status=status, headers={"Retry-After": str(self._front.retry_after)})
        return self._handled(handle, request, body)

    def _handled(self, handle: Handler, request: Request, body: bytes) -> Response:
        """The answer. Nothing is awaited here, so no other request comes between a look and a change."""
        where = Where(request.path_params["project_id"], request.path_params["instance_id"])
        if not _is_authenticated(request, self._front.token):
            raise Refused(WRONG_TOKEN)
        if self._front.read_only and request.method in _CHANGES:
            raise Refused(NO_PERMISSION)
        if self._front.instance_id not in (None, where.instance_id):
            raise Refused(NO_SUCH_GATEWAY, instance_id=where.instance_id)
        with self._front.stores.at(where) as store:
            return handle(store, request, body)

    def _told(self, parts: Mapping[str, str]) -> str:
        """The path, as far as it may be told."""
        if not self._front.log or not self._handlers:
            return _HIDDEN
        where = Where(parts["project_id"], parts["instance_id"])
        with self._front.stores.at(where) as store:
            known = store.knows(parts.get("id", ""))
        values = {
            key[field] for _, store in self._front.stores for key in store for field in ("sign_key", "sign_secret")
        }
        told = {
            name: word if re.fullmatch("[A-Za-z0-9_-]{1,64}", word) and word not in values else _HIDDEN
            for name, word in where._asdict().items()
        }
        return self._path.format(**told, id=parts["id"] if known else _HIDDEN)


async def _body(request: Request) -> bytes | None:
    """The content of the request, or `None` if it is too long; then the rest is not read."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LONGEST_BODY:
            return None
    return bytes(content)


def _is_authenticated(request: Request, token: str | None) -> bool:
    """Whether the request may be answered. A header that stands twice counts for nothing: either could be meant."""
    given = request.headers.getlist(AUTHENTICATION_HEADER)
    if len(given) > 1:
        return False
    if token is not None:
        return compare_digest("".join(given).encode("latin-1"), token.encode())
    algorithm, space, _ = request.headers.get(SIGNATURE_HEADER, "").partition(" ")
    return any(given) or (algorithm in SIGNATURE_ALGORITHMS and bool(space))


def json_response(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in ASCII, which can hold half a character that a bug has let in."""
    return Response(json.dumps(content), status, headers, "application/json")
