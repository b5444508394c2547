"""Requests to a gateway: how they are sent, how long to wait, and when to send again. Needs httpx."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from typing import Final

import httpx

from .._endpoint import AUTHENTICATION_HEADER, QUOTA_USED_UP
from ._alterations import nothing
from ._answer import TOO_MANY, TRY_AGAIN, Answer, Compare, no_answer, read_answer
from ._token import check_token

Sleep = Callable[[float], Awaitable[object]]

# A URL need not name these ports.
_PORTS: Final = {"http": 80, "https": 443}
# Answers are asked for uncompressed. A compressed one is not read: 2 kB of gzip can hold 4 GB.
_HEADERS: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
# Seconds. Each pause is twice the one before. After an answer 429 it is longer: a gateway counts requests within a
# window of time, often a minute.
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_PAUSE_AFTER_TOO_MANY: Final = 8.0
# Seconds. Retry-After can ask for no longer wait.
_LONGEST_WAIT: Final = 120.0
# Bytes of an answer. The longest page of the list of keys, with the longest values, has less than half as many.
_LONGEST_ANSWER: Final = 1 << 22
# Characters. A token of the gateway's identity service has a thousand or more.
_SHORTEST_TOKEN: Final = 16


class ProxyError(ValueError):
    """The environment names a proxy that cannot be used."""


def endpoint_url(url: str) -> str:
    """The URL in the one spelling that a run uses, without a slash at its end.

    Raises `ValueError` if it cannot be the URL of an endpoint. The error repeats nothing of it: it may hold a password.
    """
    with suppress(httpx.InvalidURL, TypeError, ValueError):
        parts = httpx.URL(url)
        usual = _PORTS.get(parts.scheme)
        good = usual and parts.host and (parts.port or 0) < 1 << 16 and not parts.userinfo
        text = str(parts.copy_with(port=None) if parts.port == usual else parts).rstrip("/")
        del parts
        if good and not {"?", "#"} & {*text}:
            return text
        del text
    del url
    raise ValueError("the URL must be https://HOST/PATH or http://HOST/PATH, without a user, a query and a fragment")


class Endpoint:
    """The endpoint at a URL: sends requests, and counts them in `requests`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        *,
        timeout: float,
        attempts: int,
        rate: float | None,
        sleep: Sleep,
    ) -> None:
        self._client, self._url, self.sleep = client, url, sleep
        self._timeout, self._attempts = timeout, attempts
        self._interval, self._next = 1 / rate if rate else 0.0, 0.0
        self.requests = 0

    async def insist(self, method: str, path: str = "", params: Mapping[str, int] | None = None) -> Answer:
        """Sends a request, which must be one that may be sent twice, until it is answered or no attempt is left."""
        attempt = 0
        while True:
            answer = await self.exchange(method, path, params=params)
            pause = self.pause(answer, attempt)
            if pause is None:
                return answer
            await self.sleep(pause)
            attempt += 1

    def pause(self, answer: Answer, attempt: int) -> float | None:
        """The seconds to wait before the next attempt, or `None` if there should be none."""
        if answer.status in (None, *TRY_AGAIN) or answer.code == QUOTA_USED_UP.code:
            attempts = self._attempts
        else:
            attempts = min(2, self._attempts) if answer.status and answer.status >= 500 else 1
        if attempt + 1 >= attempts:
            return None
        if answer.retry_after is not None:
            return min(answer.retry_after, _LONGEST_WAIT)
        first = _PAUSE_AFTER_TOO_MANY if answer.status == TOO_MANY else _PAUSE
        longest: float = min(first * 2**attempt, _LONGEST_WAIT if answer.status == TOO_MANY else _LONGEST_PAUSE)
        return random.uniform(longest / 2, longest)  # noqa: S311  nothing depends on its being a secret

    async def exchange(
        self,
        method: str,
        path: str = "",
        *,
        content: bytes | None = None,
        content_encoding: str | None = None,
        compare: Compare = nothing,
        params: Mapping[str, int] | None = None,
    ) -> Answer:
        """Sends one request and returns what is kept of its answer.

        `content_encoding` is the header of that name. `compare` says how a key in the answer differs from what was
        sent.

        Raises `Unsuitable` if the gateway's certificate is not trusted, since another attempt would not change that.
        """
        await self._wait_for_turn()
        self.requests += 1
        status, received, headers = 0, bytearray(), httpx.Headers()
        headers_sent = {"Content-Encoding": content_encoding} if content_encoding else None
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(
                    method, self._url + path, content=content, params=params, headers=headers_sent
                ) as response,
            ):
                status, headers = response.status_code, response.headers
                is_plain = headers.get("Content-Encoding", "identity") == "identity"
                async for piece in response.aiter_bytes() if is_plain else httpx.ByteStream(b""):
                    received += piece
                    if len(received) > _LONGEST_ANSWER:
                        break
        except Exception as error:
            if not status or method == "GET":  # half a list is useless; in other answers, the status is enough
                return no_answer(error)
        answer = read_answer(status, headers, bytes(received), compare)
        shown = (answer.key_id or "", *(answer.keys or {}), *(answer.keys or {}).values())
        if isinstance(self._client.auth, _Token) and any(map(self._client.auth.is_in, shown)):
            return answer._replace(key_id=None, keys=None)
        return answer

    async def _wait_for_turn(self) -> None:
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next)
        self._next = turn + self._interval
        if turn > now:
            await self.sleep(turn - now)


def connection(
    token: str | None,
    *,
    timeout: float,
    connections: int,
    certificates: ssl.SSLContext | None,
    transport: httpx.AsyncBaseTransport | None,
) -> httpx.AsyncClient:
    """The client of a run. It goes through the proxies that the environment names, as curl does.

    Raises `ValueError` if the token cannot be sent, or if the environment names a proxy that cannot be used. The error
    repeats nothing of either: the URL of a proxy may hold a password.
    """
    try:
        authentication = _Token(token)
    finally:
        del token
    limits = httpx.Limits(max_connections=connections)
    with suppress(httpx.InvalidURL, ValueError, ImportError):  # ImportError: a proxy of a kind that needs a package
        # This time-out bounds each step of a request; the one of `Endpoint` bounds the whole.
        return httpx.AsyncClient(
            auth=authentication,
            headers=_HEADERS,
            timeout=timeout,
            limits=limits,
            verify=certificates or True,
            transport=transport,
        )
    raise ProxyError(
        "the environment names a proxy that cannot be used: look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY"
    )


class _Token(httpx.Auth):
    """The token, kept apart from the headers of the client, which httpx prints as they are."""

    def __init__(self, token: str | None) -> None:
        try:
            self._token = None if token is None else check_token(token)
        finally:
            del token

    def is_in(self, text: str) -> bool:
        """Whether the text repeats the token. A short token is not looked for: any text may hold it by chance."""
        return self._token is not None and len(self._token) >= _SHORTEST_TOKEN and self._token in text

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if self._token is not None:
            request.headers[AUTHENTICATION_HEADER] = self._token
        yield request
