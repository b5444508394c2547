"""A client of a gateway, over real sockets."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="needs Starlette: in a clone, pip install '.[gateway]'")
pytest.importorskip("uvicorn", reason="needs uvicorn: in a clone, pip install '.[gateway]'")


TOKEN = {"X-Auth-Token": "any"}

INSTANCES = map(str, count())


class Answer(NamedTuple):
    status: int
    text: str
    headers: http.client.HTTPMessage

    def json(self) -> Any:
        return json.loads(self.text)

    def error(self) -> tuple[int, str, str]:
        body = self.json()
        assert list(body) == ["error_code", "error_msg"]
        return self.status, body["error_code"], body["error_msg"]


class Client(NamedTuple):
    connection: http.client.HTTPConnection  # kept alive
    instance: str = "one"
    headers: dict[str, str] = TOKEN

    def elsewhere(self) -> "Client":
        """A client of a gateway that no other test asks."""
        return self._replace(instance=next(INSTANCES))

    def ask(self, method: str, key_id: str = "", body: object = None, **query: Any) -> Answer:
        """About keys."""
        return self.send(method, f"/signs{key_id and '/'}{key_id}", body, **query)

    def bindings(self, method: str, rest: str = "", body: object = None, **query: Any) -> Answer:
        """About bindings."""
        return self.send(method, f"/sign-bindings{rest and '/'}{rest}", body, **query)

    def send(self, method: str, rest: str, body: object = None, **query: Any) -> Answer:
        """In a body that is not yet bytes, half a character becomes an escape."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        path = f"/v2/project/apigw/instances/{self.instance}{rest}?{urlencode(query)}"
        self.connection.request(method, path, content, self.headers)
        response = self.connection.getresponse()
        return Answer(response.status, response.read().decode("ascii"), response.headers)

    def create(self, name: str, **members: str) -> Any:
        answer = self.ask("POST", body={"name": name, **members})
        assert answer.status == 201
        return answer.json()

    def names(self, **query: Any) -> list[str]:
        return [key["name"] for key in self.ask("GET", **query).json()["signs"]]


@contextmanager
def talking_to(url: str) -> Iterator[Client]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    yield Client(connection)
    connection.close()
