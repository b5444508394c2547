"""A stand-in for the gateway's endpoint of signature keys, to test clients against without a network.

It answers as the pages "Creating", "Modifying", "Deleting a Signature Key" and "Querying Signature Keys" say, and keeps
its keys in memory. `app.state.bug` is the bug that it has, and may be changed while it runs.

Answers hold key and secret in full, as the owner of a key must get them: Terraform, for one, reads them back, and the
page about queries shows them so. Where other pages show `sig************ret`, the example's request is masked as well:
the mask is theirs. Errors repeat nothing of a body, and nothing of a request is logged.
"""

import asyncio
import json
import random
import re
import secrets
import signal
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .._check import FIELDS, SIGN_TYPES, rules_for
from .._generate import generate
from .._request import TYPES_WITH_ALGORITHM
from .._rule import DIGITS, LETTERS
from .._table import AUTHENTICATION_HEADER, DEFAULT_SIGN_TYPE, ERRORS, MANDATORY, MEMBERS, NO_SUCH_KEY, PATH, QUOTA
from .bugs import RIGHT, Bug, refused

# How a request says that it is signed with an access key (AK/SK); that is as good as a token.
SIGNED: Final = "SDK-HMAC-SHA256 "

_ANSWERS: Final = {code: (status, text) for status, code, text in (*ERRORS, NO_SUCH_KEY)}
_SYSTEM_ERROR: Final = "APIG.9999"
_FAULTS: Final = (429, 500, 503)  # that a client may try again after

# How many keys a query returns if it does not say, and at most.
_PAGE, _LONGEST_PAGE = 20, 500

_Key = dict[str, str]


class _Refusal(Exception):  # noqa: N818  it is one of the answers
    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words

    def answer(self, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
        usual_status, text = _ANSWERS[self.code]
        body = {"error_code": self.code, "error_msg": text.format(**self.words)}
        return _json(body, status or usual_status, headers)


class _Keys:
    """The signature keys of one gateway."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._keys: dict[str, _Key] = {}

    def create(self, given: _Key) -> _Key:
        self._check_name(given)
        if len(self._keys) >= self._quota:
            raise _Refusal("APIG.3105")
        now = _now()
        key = given | {"id": secrets.token_hex(16), "create_time": now, "update_time": now}
        return self._keys.setdefault(key["id"], key)

    def modify(self, key_id: str, given: _Key) -> _Key:
        old = self._known(key_id)
        self._check_name(given, but=key_id)
        key = given | {"id": key_id, "create_time": old["create_time"], "update_time": _now()}
        self._keys[key_id] = key
        return key

    def delete(self, key_id: str) -> None:
        self._known(key_id)
        del self._keys[key_id]

    def query(self, query: Mapping[str, str]) -> dict[str, Any]:
        name, precise = query.get("name", ""), "name" in query.get("precise_search", "").split(",")
        found = [
            key
            for key in self._keys.values()
            if query.get("id", "") in ("", key["id"])
            and (key["name"] == name if name and precise else name in key["name"])
        ]
        limit, offset = _number(query, "limit"), max(_number(query, "offset"), 0)
        page = found[offset:][: min(limit, _LONGEST_PAGE) if limit > 0 else _PAGE]
        signs = [{**key, "bind_num": 0, "ldapi_bind_num": 0} for key in page]
        return {"total": len(found), "size": len(page), "signs": signs}

    def _known(self, key_id: str) -> _Key:
        if key_id not in self._keys:
            raise _Refusal("APIG.3017", id=key_id)
        return self._keys[key_id]

    def _check_name(self, given: _Key, *, but: str = "") -> None:
        if any(key["name"] == given["name"] and key["id"] != but for key in self._keys.values()):
            raise _Refusal("APIG.3207")


def gateway(
    bug: Bug = RIGHT,
    *,
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

    `token` is what `X-Auth-Token` must be; without it, any token and any AK/SK signature will do. `instance_id` is the
    only one there is, `sign_types` are those that a gateway supports, `quota` is the number of keys in one; `read_only`
    permits nothing but queries.

    `latency` is how long every answer takes, in seconds. `fail_rate`, 0 to 1, is the share of the requests that do
    nothing and are answered with status 429, 500 or 503, and with `retry_after`, in seconds, as the header Retry-After.
    """
    gateways: defaultdict[tuple[str, str], _Keys] = defaultdict(lambda: _Keys(quota))

    async def endpoint(request: Request) -> Response:
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response()  # which nobody reads
        await asyncio.sleep(latency)
        if random.random() < fail_rate:  # noqa: S311  nothing depends on its being a secret
            status = random.choice(_FAULTS)  # noqa: S311  as above
            return _Refusal(_SYSTEM_ERROR).answer(status=status, headers={"Retry-After": str(retry_after)})
        try:
            return answer(request, body)
        except _Refusal as refusal:
            return refusal.answer()

    def answer(request: Request, body: bytes) -> Response:
        """Nothing is awaited in here, so no other request comes between a look and a change."""
        project, instance = request.path_params["project_id"], request.path_params["instance_id"]
        if not _authenticated(request, token):
            raise _Refusal("APIG.1002")
        if read_only and request.method in ("POST", "PUT", "DELETE"):
            raise _Refusal("APIG.1005")
        if instance_id not in (None, instance):
            raise _Refusal("APIG.3030", instance_id=instance)
        keys = gateways[project, instance]

        def given() -> _Key:
            key = _read(body, request.app.state.bug)
            if key["sign_type"] not in sign_types:
                raise _Refusal("APIG.3548", sign_type=key["sign_type"], instance_id=instance)
            return key

        match request.method:
            case "POST":
                return _json(keys.create(given()), 201)
            case "PUT":
                return _json(keys.modify(request.path_params["id"], given()))
            case "DELETE":
                keys.delete(request.path_params["id"])
                return Response(status_code=204)
            case _:
                return _json(keys.query(request.query_params))

    app = Starlette(
        routes=[
            Route(PATH, endpoint, methods=["POST", "GET"]),
            Route(f"{PATH}/{{id}}", endpoint, methods=["PUT", "DELETE"]),
        ]
    )
    app.state.bug = bug
    return app


def serve(app: Starlette, port: int) -> None:
    """Serves the application on 127.0.0.1 until Ctrl-C or SIGTERM; `port` 0 is a free one.

    As soon as it listens, it prints one line with the URL to standard error. Raises `OSError` if the port is taken.
    """
    with _listener(port) as listener, suppress(KeyboardInterrupt):
        # uvicorn answers what it has begun, and then sends this process the signal again.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        print(f"Listening on {_url(listener)}, Ctrl-C ends it", file=sys.stderr, flush=True)
        _server(app).run(sockets=[listener])


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serves the application meanwhile, by a thread of this process, on a free port of 127.0.0.1; the value is the URL.

    It takes some 10 ms to begin and 150 ms to end.
    """
    with _listener(0) as listener:
        server = _server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while thread.is_alive() and not server.started:
                time.sleep(0.001)
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _listener(port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port))
    # Connections inherit it. Without, an answer goes in two parts, and the second waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _server(app: Starlette) -> uvicorn.Server:
    """It logs no request, and waits a second at most for those that are on their way."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            # Clients keep a connection as long as uvicorn does, 5 seconds, and then use it just as it closes.
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
    )


def _authenticated(request: Request, token: str | None) -> bool:
    given = request.headers.get(AUTHENTICATION_HEADER, "")
    if token is not None:
        return compare_digest(given.encode("latin-1"), token.encode())
    return bool(given) or request.headers.get("Authorization", "").startswith(SIGNED)


def _read(content: bytes, bug: Bug) -> _Key:
    """The members of a body that a gateway with this bug accepts, and those that it generates."""
    try:
        # int refuses NaN and Infinity, which are Python's and not JSON's.
        body = json.loads(content.decode(), parse_constant=int)
    except (ValueError, RecursionError):
        body = None  # is refused like it
    parameter = refused(body, bug)
    if parameter is not None:
        raise _Refusal("APIG.2011", parameter=parameter or "body")
    key = {"sign_type": DEFAULT_SIGN_TYPE, **bug.read(body)}
    for field in FIELDS:
        if field not in key or field not in body:  # a name that the bug adds would be the same for all
            key[field] = _generated(field, key["sign_type"], key.get("sign_algorithm"))
    return {member: key[member] for member in MEMBERS if member in key}


def _generated(field: Any, sign_type: Any, sign_algorithm: Any) -> str:
    """In the form of the values that are seen in public."""
    if field in MANDATORY:
        return generate(field)
    if sign_type == DEFAULT_SIGN_TYPE:
        return secrets.token_hex(16)
    if sign_type in TYPES_WITH_ALGORITHM:
        length = rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)[0].min_length
        return "".join(secrets.choice(LETTERS + DIGITS) for _ in range(length))
    return generate(field, sign_type=sign_type)


def _number(query: Mapping[str, str], parameter: str) -> int:
    text = query.get(parameter, "0")
    if not re.fullmatch("-?[0-9]{1,18}", text):
        raise _Refusal("APIG.2011", parameter=parameter)
    return int(text)


def _now() -> str:
    """RFC 3339, to the nanosecond."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"


def _json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """In ASCII, so that it can hold half a character that a bug has let in."""
    return Response(json.dumps(content), status, headers, "application/json")
