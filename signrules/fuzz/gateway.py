"""A stand-in for the gateway's endpoint of signature keys, to test clients against without a network.

It answers as the pages of the API reference about signature keys and their bindings say, and keeps its keys in memory.
`app.state.bugs` are the bugs that it has, and `app.state.decoder` is how it reads the bytes of a body; both may be
changed while it runs. `app.state.keys()` returns its keys.

Answers hold key and secret in full, as the owner of a key must get them: Terraform, for one, reads them back, and the
page about queries shows them so. Other pages show `sig************ret`, but they mask the request of the same example
as well, so the mask is the pages' own. Errors repeat nothing of a body, and nothing of a request is logged but its
method and its path.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .._endpoint import BINDINGS_PATH, PATH, QUOTA, TYPE_NOT_SUPPORTED
from .._guard import guarded
from .._vocabulary import SIGN_TYPES
from ._decoder import STRICT, Decoder
from ._stand_in_answers import Key, Refused
from ._stand_in_front import Front, Handler, Place, json_response
from ._stand_in_introduction import Introduction
from ._stand_in_making import key_of, parsed
from ._stand_in_seeds import WrongKey, plant, written
from ._stand_in_serving import serve, serving, url_of
from ._stand_in_store import QUERIES, Store, Stores
from ._token import check_token
from .bugs import Bug

__all__ = ["WrongKey", "gateway", "serve", "serving"]


@guarded
def gateway(
    *bugs: Bug,
    decoder: Decoder = STRICT,
    keys: Iterable[object] = (),
    token: str | None = None,
    instance_id: str | None = None,
    sign_types: Collection[str] = SIGN_TYPES,
    read_only: bool = False,
    quota: int = QUOTA,
    latency: float = 0.0,
    fail_rate: float = 0.0,
    retry_after: int = 1,
    log: Callable[[str], object] | None = None,
) -> Starlette:
    """The ASGI application. Each project_id with each instance_id is a gateway of its own, without a key at first.

    If there are several bugs, the first that takes a body otherwise than a gateway without a bug decides about it.
    `decoder` is how the bytes of a body are read.

    `keys` are there from the beginning: request bodies, or keys as a query lists them. They may say where they are by
    `project_id` (`my_project` if left out) and `instance_id` (`my_instance`), and which APIs they are bound to by
    `publish_ids`. `app.state.keys()` returns the keys in the same form.

    `token` is what `X-Auth-Token` must be; without it, any token and any AK/SK signature will do. `instance_id` is the
    only one there is, `sign_types` are those that a gateway supports, `quota` is the number of keys in one; `read_only`
    permits nothing but queries.

    `latency` is how long every answer takes, in seconds. `fail_rate`, 0 to 1, is the share of the requests that do
    nothing and are answered with status 429, 500 or 503, and with `retry_after`, in seconds, as the header Retry-After.

    `log` is called with a line for each request: its method, its path, the status and the error code of the answer.

    Raises `ValueError` if the token is empty, or no header could hold it as it is; `WrongKey`, a `ValueError` with the
    `number` of the key, if one of the keys cannot be had.
    """
    if token is not None:
        check_token(token)
    stores = Stores(quota)
    plant(stores, keys, bugs)
    front = Front(stores, token, instance_id, read_only, latency, fail_rate, retry_after, log)

    def introduce(url: str) -> Introduction:
        return Introduction(url, app.state.bugs, token is not None, app.state.decoder)

    async def index(request: Request) -> Response:
        if log:
            log(f"{request.method} / 200")
        return HTMLResponse(introduce(url_of(request.scope["server"])).html())

    places = (Route(path, Place(front, path, handlers)) for path, handlers in _HANDLERS.items())
    app = Starlette(routes=[Route("/", index), *places])
    app.state.bugs, app.state.decoder, app.state.sign_types = bugs, decoder, sign_types
    app.state.keys = lambda: list(written(stores))
    app.state.introduce = introduce
    return app


def _create(store: Store, request: Request, body: bytes) -> Response:
    return json_response(store.create(_given(request, body)), 201)


def _modify(store: Store, request: Request, body: bytes) -> Response:
    return json_response(store.modify(request.path_params["id"], _given(request, body)))


def _given(request: Request, body: bytes) -> Key:
    """The members of the key that the body asks for. Raises `Refused`."""
    state = request.app.state
    key = key_of(parsed(body, state.decoder, request.headers.get("Content-Encoding")), state.bugs)
    if key["sign_type"] not in state.sign_types:
        where = request.path_params["instance_id"]
        raise Refused(TYPE_NOT_SUPPORTED, sign_type=key["sign_type"], instance_id=where)
    return key


def _list(store: Store, request: Request, _: bytes) -> Response:
    return json_response(store.query(request.query_params))


def _delete(store: Store, request: Request, _: bytes) -> Response:
    store.delete(request.path_params["id"])
    return Response(status_code=204)


def _bind(store: Store, _: Request, body: bytes) -> Response:
    return json_response(store.bind(parsed(body)), 201)


def _unbind(store: Store, request: Request, _: bytes) -> Response:
    store.unbind(request.path_params["id"])
    return Response(status_code=204)


def _finding(query: Callable[[Store, Any], dict[str, Any]]) -> Handler:
    return lambda store, request, _: json_response(query(store, request.query_params))


# Who answers the requests to each path, by their methods.
_HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    PATH: {"GET": _list, "POST": _create},
    f"{PATH}/{{id}}": {"PUT": _modify, "DELETE": _delete},
    BINDINGS_PATH: {"POST": _bind},
    **{f"{BINDINGS_PATH}/{name}": {"GET": _finding(query)} for name, query in QUERIES.items()},
    f"{BINDINGS_PATH}/{{id}}": {"DELETE": _unbind},
    "/{path:path}": {},
}
