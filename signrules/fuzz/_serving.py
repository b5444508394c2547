"""The sockets of the stand-in gateway, which are on 127.0.0.1 alone."""

import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import uvicorn
from starlette.applications import Starlette

_LAST_PORT: Final = 65_535


def serve(app: Starlette, port: int) -> None:
    """Serves the application on 127.0.0.1 until Ctrl-C or SIGTERM; `port` 0 is a free one.

    As soon as it listens, it prints one line with the URL to standard error. Raises `OSError` if the port is taken or
    not permitted, `ValueError` if there is no such port.
    """
    with _listener(port) as listener, suppress(KeyboardInterrupt):
        # uvicorn answers what it has begun, and then sends this process the signal again.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if sys.stderr is not None:  # print would take standard output instead
            print(f"Listening on {_url(listener)}, Ctrl-C ends it", file=sys.stderr, flush=True)
        # uvicorn would report what a client does wrong, and the requests that it gives up.
        _server(app, log_level=logging.CRITICAL).run(sockets=[listener])


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serves the application in a thread of this process, on a free port of 127.0.0.1. The value is the URL.

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
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(f"the port must be 0 to {_LAST_PORT}")
    listener = socket.create_server(("127.0.0.1", port))
    # Connections inherit this. Without it, an answer goes in two parts, and the second waits 40 ms to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _server(app: Starlette, log_level: int | None = None) -> uvicorn.Server:
    """A server that logs no request, and waits a second at most for requests under way when it ends."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",  # others may be installed, and differ in what they refuse
            log_config=None,
            log_level=log_level,
            access_log=False,
            lifespan="off",
            ws="none",
            # Clients keep a connection as long as uvicorn does, 5 seconds, and then use it just as it closes.
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
    )
