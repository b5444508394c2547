"""What the stand-in says of itself: some lines when it begins to listen, and its page at `/`.

Both say where the keys are, which bugs are planted, and how to make the first key and the first run of the fuzzer.
"""

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from .._endpoint import (
    APIS_WITH_KEY,
    APIS_WITHOUT_KEY,
    AUTHENTICATION_HEADER,
    BINDINGS_PATH,
    GATEWAY_PATH,
    KEYS_OF_API,
    PATH,
)
from ..export.assets import page
from ._decoder import STRICT, Decoder
from ._report import in_ascii
from ._stand_in_store import Where
from ._wire_readers import wire_readers
from .bugs import Bug

# The gateway of the examples. A key in a file belongs to it, unless the file assigns the key to another gateway.
EXAMPLE: Final = Where("my_project", "my_instance")

_REQUESTS: Final = (
    ("POST", PATH, "makes a key"),
    ("GET", PATH, "lists keys"),
    ("PUT", f"{PATH}/{{id}}", "changes a key"),
    ("DELETE", f"{PATH}/{{id}}", "deletes a key and its bindings"),
    ("POST", BINDINGS_PATH, "binds a key to APIs"),
    ("DELETE", f"{BINDINGS_PATH}/{{id}}", "ends a binding"),
    ("GET", f"{BINDINGS_PATH}/{APIS_WITH_KEY}", "lists the APIs that have a key"),
    ("GET", f"{BINDINGS_PATH}/{APIS_WITHOUT_KEY}", "lists the other APIs"),
    ("GET", f"{BINDINGS_PATH}/{KEYS_OF_API}", "lists the keys of an API"),
)


class Introduction(NamedTuple):
    """The URL of the stand-in, the bugs in it, whether it takes one token alone, and how it reads a body."""

    url: str
    bugs: Sequence[Bug]
    has_token: bool
    decoder: Decoder = STRICT

    @property
    def keys_url(self) -> str:
        """The URL of the keys."""
        return self.url + PATH.format(**EXAMPLE._asdict())

    @property
    def curl(self) -> str:
        """A line for a shell, which makes a key."""
        token = "TOKEN" if self.has_token else "any"
        return f"curl -H '{AUTHENTICATION_HEADER}: {token}' --json '{{\"name\": \"orders\"}}' {self.keys_url}"

    @property
    def fuzz(self) -> str:
        """A line for a shell, which finds out the bugs."""
        command = f"signrules fuzz {self.keys_url} --token-file"
        return f"{command} TOKEN_FILE" if self.has_token else f"echo any | {command} -"

    @property
    def planted(self) -> list[str]:
        """A sentence for each bug, and for each way to read that is not the strict one."""
        readers = [
            reader
            for reader in wire_readers().values()
            if reader.of(self.decoder) == self.decoder and reader.of(STRICT) != STRICT
        ]
        return [
            *(in_ascii(f"It has the bug {bug.name}: {bug.words}") for bug in self.bugs),
            *(in_ascii(f"It reads by {reader.name}: {reader.does}") for reader in readers),
        ]

    def text(self) -> str:
        """The lines for standard error."""
        return "\n".join(
            [
                f"Listening on {self.url}, Ctrl-C ends it",
                f"The keys are at {self.keys_url}; {' and '.join(EXAMPLE)} may be any words",
                *(self.planted or ["It keeps every rule"]),
                f"To make a key: {self.curl}",
                f"To try every rule: {self.fuzz}",
                "",
            ]
        )

    def html(self) -> str:
        """The page. It needs no network and no script, and its policy allows none. It is ASCII."""
        planted = "\n".join(f"<li>{escape(words)}.</li>" for words in self.planted)
        requests = "\n".join(
            f"<tr><td><code>{method}</code></td><td><code>{path.removeprefix(GATEWAY_PATH)}</code></td><td>{what}</td></tr>"
            for method, path, what in _REQUESTS
        )
        return page(
            __package__,
            "gateway.html",
            "gateway.css",
            command="gateway",
            title="A stand-in for the gateway",
            GATEWAY=GATEWAY_PATH,
            KEYS=escape(self.keys_url),
            EXAMPLE=" and ".join(f"<code>{word}</code>" for word in EXAMPLE),
            PLANTED=f"<ul>\n{planted}\n</ul>" if planted else "<p>It keeps every rule.</p>",
            CURL=escape(self.curl),
            FUZZ=escape(self.fuzz),
            REQUESTS=requests,
        )
