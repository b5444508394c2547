"""The nouns that all modules of the fuzzer share: a case, and an observation, which is what a gateway made of it."""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from .._request import check_request
from .._rule import Rule
from .._violation import Code
from ._alterations import Alterations

# What a gateway must make of a body: accept it, refuse it, or either, where the page is silent:
# docs/decisions.md#either-answer-is-right
Result = Literal["valid", "invalid", "acceptable"]


class Raw(NamedTuple):
    """The bytes of a request that are not simply its body as JSON.

    `write` makes them of the name that the key shall have. `content_encoding` is the header of that name, if there is
    one.
    """

    write: Callable[[str], bytes]
    content_encoding: str | None = None


class Case(NamedTuple):
    """One request body and what a gateway must make of it.

    `result` is "acceptable" where the page is silent, so that neither answer is wrong. `field` is the member in
    question, `""` for the body; `codes` are those of `check_request`, empty for a right body; `flags` are of `FLAGS`.
    `row` is the row of the table whose value is tested, or `None` if the body as a whole is. `raw` says how the
    bytes are made, if the case tests them; `body` is then what a strict reader makes of the bytes, or `None`, and
    `codes` are empty if the page is silent.
    """

    id: str
    body: Any
    result: Result
    field: str
    codes: tuple[Code, ...]
    flags: tuple[str, ...]
    comment: str
    row: Rule | None = None
    raw: Raw | None = None

    @property
    def wire(self) -> bytes:
        """The exact bytes: raw, or the body as JSON in ASCII, where a lone surrogate and a NUL travel as escapes."""
        return self.raw.write(named(self.id)) if self.raw else json.dumps(self.body).encode()


class Observation(NamedTuple):
    """What a gateway made of a case.

    `accepted` is `None` where there is no verdict: `note` then says why. `member` is the one that a refusal names.
    `status` is that of the HTTP answer, `None` without one. `stored` holds the members that the answer shows otherwise
    than they were sent, each with the kind of alteration. `code` is the error code in the answer, or `""`.
    """

    case: Case
    accepted: bool | None
    member: str | None = None
    status: int | None = None
    note: str = ""
    stored: Alterations = ()
    code: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether the verdict contradicts the page."""
        return self.accepted is not None and self.case.result == ("invalid" if self.accepted else "valid")


def codes_of(body: Any) -> tuple[Code, ...]:
    """The codes of `check_request`, each once."""
    return tuple(dict.fromkeys(violation.code for violation in check_request(body)))


def wire_members(case: Case) -> dict[str, str | None]:
    """What is sent, as members of JSON: the text as `wire`, or raw bytes as `wire_base64`, and `content_encoding`."""
    if case.raw is None:
        return {"wire": case.wire.decode()}
    return {"wire_base64": b64encode(case.wire).decode(), "content_encoding": case.raw.content_encoding}


def named(case_id: str) -> str:
    """A name of lower-case letters alone, which the strictest of gateways takes, and no other case has."""
    return "sr" + "".join(chr(ord("a") + byte % 26) for byte in sha256(case_id.encode()).digest()[:12])
