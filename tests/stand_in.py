"""The stand-in for the tests of a module, with a bug if they like, and a client of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from .talking import Client


class StandIn(NamedTuple):
    app: "Starlette"
    client: "Client"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    from signrules.fuzz.gateway import gateway, serving  # it needs an extra, and most tests do not need it

    from .talking import talking_to

    app = gateway()
    with serving(app) as url, talking_to(url) as client:
        yield StandIn(app, client)


@pytest.fixture
def app(stand_in: StandIn) -> "Starlette":
    """Without a bug; `app.state.bugs` plants some."""
    stand_in.app.state.bugs = ()
    return stand_in.app


@pytest.fixture
def client(stand_in: StandIn, app: "Starlette") -> "Client":
    """Of a gateway without a key."""
    del app
    return stand_in.client.elsewhere()
