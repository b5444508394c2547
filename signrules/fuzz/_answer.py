"""Answers of a gateway: what is kept of one, and what it means for the request.

Only what is asked for here is kept of an answer, so no key, no secret and no token that an answer repeats goes further.
Needs httpx.
"""

import json
import re
import ssl
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple, cast

import httpx

from .._endpoint import ERROR_CODE, QUOTA_USED_UP, REFUSALS, named_parameter
from .._table import MEMBERS
from ._alterations import Alterations

Compare = Callable[[Mapping[str, Any]], Alterations]

_REFUSALS: Final = {refusal.code: refusal for refusal in REFUSALS}
TOO_MANY: Final = 429
TRY_AGAIN: Final = (TOO_MANY, 503)
_UNSUITABLE: Final = {
    401: "the token is wrong, too old or missing",
    403: "the token does not permit this",
    404: "there is no gateway by this project_id and instance_id, or the URL is wrong",
}

# The ids that a URL can hold unchanged. Any other text is no id: the request would reach another path.
_ID: Final = re.compile("[0-9A-Za-z_-]{1,64}")


class Unsuitable(Exception):  # noqa: N818  no error of the program: the URL answers so
    """The URL does not answer like the endpoint, or not any more; the message says how it answers."""


class Answer(NamedTuple):
    """What is kept of an answer.

    `words` say how the gateway answered. `status` is `None` if it did not. `was_sent` is false if the request cannot
    have reached it. `code` is the error code, if it has the form of one. `keys` holds the names of the listed keys by
    their ids, or is `None` if the answer is no list of keys. `total` is the number of keys that the gateway counts.
    `stored` tells how the key that was made differs from what was sent.
    """

    words: str
    status: int | None = None
    was_sent: bool = True
    is_json: bool = False
    retry_after: float | None = None
    code: str = ""
    parameter: str | None = None
    key_id: str | None = None
    keys: Mapping[str, str] | None = None
    total: int | None = None
    stored: Alterations = ()

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """Whether a later request will be answered in the same way."""
        return self.code == QUOTA_USED_UP.code or self.status in _UNSUITABLE

    @property
    def leaves_open(self) -> bool:
        """Whether a request for a key that was answered so may have made one whose id is not known."""
        if not self.was_sent or self.status == TOO_MANY:
            return False
        if self.is_good:
            return self.key_id is None
        # A redirection may lead to the key that was made (RFC 9110, section 15.4.4).
        return self.status not in range(400, 500)


def is_temporary(status: int | None) -> bool:
    """Whether a later request may be answered otherwise."""
    return status not in range(200, 500) or status in TRY_AGAIN


def unsuitable(answer: Answer) -> Unsuitable:
    reason = _UNSUITABLE.get(answer.status or 0) if answer.code != QUOTA_USED_UP.code else None
    what = ", and not with a list of keys" if answer.is_good and answer.is_json else f": {reason}" if reason else ""
    return Unsuitable(f"the gateway {answer.words}{what}")


def read_answer(status: int, headers: httpx.Headers, content: bytes, compare: Compare) -> Answer:
    """What is kept of an answer. `compare` says how a key that it shows differs from what was sent."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    is_json = isinstance(body, dict)
    fields: dict[str, Any] = body if is_json else {}
    code, message, key_id, signs, total = map(fields.get, ("error_code", "error_msg", "id", "signs", "total"))
    code = code if isinstance(code, str) and re.fullmatch(ERROR_CODE, code) else ""
    parameter = named_parameter(message) if isinstance(message, str) else None
    is_list = isinstance(signs, list) and all(isinstance(key, dict) and _is_id(key.get("id")) for key in signs)
    told = f", {_REFUSALS[code].words}" if code in _REFUSALS else "" if is_json else " without JSON"
    return Answer(
        f"answered {status}{told}",
        status,
        is_json=is_json,
        retry_after=_retry_after(headers),
        code=code,
        parameter=parameter if parameter in MEMBERS else None,
        key_id=key_id if _is_id(key_id) else None,
        keys={key["id"]: _name(key.get("name")) for key in cast("list[Any]", signs)} if is_list else None,
        total=total if type(total) is int else None,
        stored=compare(fields) if _is_id(key_id) else (),
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""


def _retry_after(headers: httpx.Headers) -> float | None:
    """The seconds that Retry-After asks for, as a number or as a date (RFC 9110, section 10.2.3).

    A date is compared with the gateway's own Date, since our clock may be wrong.
    """
    text = headers.get("Retry-After", "")
    if re.fullmatch("[0-9]{1,9}", text):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(headers["Date"])).total_seconds())
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def no_answer(error: Exception) -> Answer:
    """Why there is no answer. Errors of the protocol repeat what was received, so they are not quoted."""
    if isinstance(error, httpx.ConnectError):
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise Unsuitable(f"the gateway's certificate is not trusted: {cause.verify_message}")
            cause = cause.__cause__ or cause.__context__
        return Answer(f"cannot be reached: {error}", was_sent=False)
    if isinstance(error, httpx.ProxyError):
        return Answer("cannot be reached through the proxy", was_sent=False)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Answer("did not answer in time", was_sent=False)
    late = isinstance(error, TimeoutError | httpx.TimeoutException)
    return Answer("did not answer in time" if late else "broke the connection")
