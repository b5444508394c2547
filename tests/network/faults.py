"""A gateway whose answers can be spoilt, over bare sockets, so that half of one and none at all can be sent."""

import asyncio
import json
import secrets
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .. import oracle

PATH = "/v2/project/apigw/instances/instance/signs"

# A fault is given what does the request and returns the right answer, which it may do or not. It returns what is sent
# instead, and after that an answer that is not whole is followed by the end of the connection.
Right = Callable[[], bytes]
Fault = Callable[[Right], Awaitable[bytes]]
# The fault of the n-th request with a method, if it has one.
Spoil = Callable[[str, int], Fault | None]


def http(status: int, content: bytes, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Text", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def error(status: int, code: str, message: str, **headers: str) -> bytes:
    return http(status, json.dumps({"error_code": code, "error_msg": message}).encode(), **headers)


def refusal(parameter: str) -> bytes:
    return error(*oracle.refusal(parameter))


def saying(answer: bytes) -> Fault:
    """Does nothing, and answers so."""

    async def fault(_: Right) -> bytes:
        return answer

    return fault


async def half(right: Right) -> bytes:
    return right()[:-10]


async def lost(right: Right) -> bytes:
    right()
    return b""


async def without_id(right: Right) -> bytes:
    return right().replace(b'"id"', b'"no"')


async def unreadable(right: Right) -> bytes:
    answer = right()
    return answer.replace(b"{", b"<")


async def silent(right: Right) -> bytes:
    """Does what was asked, and never answers."""
    right()
    never: asyncio.Future[bytes] = asyncio.Future()
    return await never


class FaultyGateway:
    """It holds the names of keys by their ids, and counts what is asked of it."""

    def __init__(
        self,
        spoil: Spoil = lambda _method, _n: None,
        *,
        token: str | None = None,
        quota: int = 200,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self.spoil, self.token, self.quota, self._certificates = spoil, token, quota, certificates
        self.keys: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.connections = self.under_way = self.most_under_way = self.most_alive = 0
        self.page = 500
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Serves by a thread of its own; the value is the URL."""
        ready, loop, ended = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

        async def serve() -> None:
            nonlocal port
            self._server = await asyncio.start_server(self._talk, "127.0.0.1", port, ssl=self._certificates)
            port = self._server.sockets[0].getsockname()[1]
            ready.set()
            await ended.wait()
            self.die()

        def work() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(serve())

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait()
        try:
            yield f"http://127.0.0.1:{port}{PATH}"
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join()

    def die(self) -> None:
        """Closes all connections, and takes no more."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                (method, target, _), *lines = (line.split(" ", 2) for line in head.split("\r\n")[:-2])
                headers = {line[0].rstrip(":").lower(): line[1] for line in lines}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                answer = await self._answer(method, target, headers, body)
                self.under_way -= 1
                writer.write(answer)
                await writer.drain()
                start, _, content = answer.partition(b"\r\n\r\n")
                if b"Content-Length: %d\r" % len(content) not in start + b"\r":
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        def right() -> bytes:
            return self._right(method, target, headers, body)

        self.counts[method] += 1
        fault = self.spoil(method, self.counts[method])
        return await fault(right) if fault else right()

    def _right(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        url = urlsplit(target)
        if self.token is not None and headers.get("x-auth-token") != self.token:
            return error(401, "APIG.1002", "Incorrect token or token resolution failed")
        if not url.path.startswith(PATH):
            return error(404, "APIG.3030", "The instance does not exist;id:instance")
        if method == "GET":
            return self._list({name: int(value) for name, (value,) in parse_qs(url.query).items()})
        if method == "POST":
            return self._create(json.loads(body))
        key_id = url.path.removeprefix(f"{PATH}/")
        gone = self.keys.pop(key_id, None)
        return http(204, b"") if gone else error(404, "APIG.3017", f"Signature key {key_id} does not exist")

    def _list(self, query: dict[str, int]) -> bytes:
        keys = [{"id": key_id, "name": name} for key_id, name in self.keys.items()]
        page = keys[query["offset"] :][: min(query["limit"], self.page)]
        return http(200, json.dumps({"total": len(keys), "size": len(page), "signs": page}).encode())

    def _create(self, body: Any) -> bytes:
        member = oracle.first_refused(body)
        if member is not None:
            return refusal(member or "body")
        if body["name"] in self.keys.values():
            return error(400, "APIG.3207", "The signature key name already exists.")
        if len(self.keys) >= self.quota:
            return error(403, "APIG.3105", "signature keys exceed the limit")
        key_id = secrets.token_hex(16)
        self.keys[key_id] = body["name"]
        self.most_alive = max(self.most_alive, len(self.keys))
        return http(201, json.dumps({**body, "id": key_id}).encode())
