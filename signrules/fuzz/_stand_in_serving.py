"""The sockets of the stand-in gateway, which are on 127.0.0.1 unless another address is asked for."""

import ipaddress
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

_LAST_PORT: Final = 65_535
_HERE: Final = "127.0.0.1"
_HANGUP: Final = getattr(signal, "SIGHUP", None)  # Windows has none


def serve(app: Starlette, port: int, host: str = _HERE) -> None:
    """Serves the application until Ctrl-C, SIGTERM or SIGHUP.

    `port` 0 is a free one, `host` is an address of this machine. As soon as it listens, it prints to standard error its
    URL, its bugs, and how to try it. Raises `OSError` if the port is taken or not permitted, or there is no such
    address, `ValueError` if there is no such port.
    """
    with _listener(host, port) as listener, suppress(KeyboardInterrupt):
        # uvicorn answers what it has begun, and then sends this process the signal again.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if sys.stderr is not None:  # print would take standard output instead
            where = listener.getsockname()
            print(app.state.introduce(url_of(where)).text() + warning(where[0]), end="", file=sys.stderr, flush=True)
        # uvicorn would report what a client does wrong, and the requests that it gives up.
        server = _server(app, log_level=logging.CRITICAL)
        if _HANGUP is not None and signal.getsignal(_HANGUP) is signal.SIG_DFL:  # nohup ignores it
            signal.signal(_HANGUP, server.handle_exit)
        server.run(sockets=[listener])


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serves the application in a thread of this process, on a free port of 127.0.0.1. The value is the URL.

    It takes some 10 ms to begin and 150 ms to end.
    """
    with _listener(_HERE, 0) as listener:
        server = _server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while thread.is_alive() and not server.started:
                time.sleep(0.001)
            yield url_of(listener.getsockname())
        finally:
            server.should_exit = True
            thread.join()


def url_of(where: Any) -> str:
    """The URL of a socket, by its address and its port."""
    host, port = where[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def warning(address: str) -> str:
    """A line if other machines can reach the address, or nothing."""
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return ""
    return "Warning: everybody who can reach this machine can read and change the keys\n"


def _listener(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(f"the port must be 0 to {_LAST_PORT}")
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except UnicodeError:  # the name of no machine, such as a..b
        raise socket.gaierror(socket.EAI_NONAME, "there is no such address") from None
    listener = socket.create_server(where[:2], family=family)
    # Connections inherit this. Without it, an answer goes in two parts, and the second waits 40 ms to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


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
