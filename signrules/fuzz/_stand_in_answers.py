"""What all answers of the stand-in are made of: refusals, pages of a list, moments. Errors repeat nothing of a body."""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .._endpoint import LONGEST_PAGE, PAGE, Refusal

# The members of a key.
Key = dict[str, str]


class Refused(Exception):  # noqa: N818  it is one of the answers
    """A request is refused. `status`, `headers` and `body`, which becomes JSON, are those of the answer."""

    def __init__(
        self, refusal: Refusal, *, status: int | None = None, headers: Mapping[str, str] | None = None, **words: str
    ) -> None:
        super().__init__(refusal.code)
        self.status = status or refusal.status
        self.headers = headers
        self.code = refusal.code
        self.body = {"error_code": refusal.code, "error_msg": refusal.message.format(**words)}


def page(name: str, found: Sequence[object], query: Mapping[str, str], invalid: Refusal) -> dict[str, Any]:
    """The part of the list that the query asks for, as the member `name` of an answer.

    Raises `Refused` by `invalid` if the query is wrong.
    """
    limit, offset = _number(query, "limit", invalid), max(_number(query, "offset", invalid), 0)
    part = found[offset:][: min(limit, LONGEST_PAGE) if limit > 0 else PAGE]
    return {"total": len(found), "size": len(part), name: part}


def _number(query: Mapping[str, str], parameter: str, invalid: Refusal) -> int:
    text = query.get(parameter, "0")
    if not re.fullmatch("-?[0-9]{1,18}", text):
        raise Refused(invalid, parameter=parameter)
    return int(text)


def now() -> str:
    """RFC 3339, to the nanosecond."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"
