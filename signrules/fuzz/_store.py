"""The signature keys of the stand-in, in memory. Errors repeat nothing of a body."""

import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .._endpoint import INVALID_PARAMETER, LONGEST_PAGE, NAME_EXISTS, NO_SUCH_KEY, PAGE, QUOTA_USED_UP, Refusal

# The members of a key.
Key = dict[str, str]


class Refused(Exception):  # noqa: N818  it is one of the answers
    """A request is refused. `status` is that of the answer, `body` its JSON."""

    def __init__(self, refusal: Refusal, **words: str) -> None:
        super().__init__(refusal.code)
        self.status = refusal.status
        self.body = {"error_code": refusal.code, "error_msg": refusal.message.format(**words)}


class Store:
    """The signature keys of one gateway."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._keys: dict[str, Key] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def create(self, given: Key) -> Key:
        """A new key."""
        self._check_name(given)
        if len(self._keys) >= self._quota:
            raise Refused(QUOTA_USED_UP)
        now = _now()
        key = given | {"id": secrets.token_hex(16), "create_time": now, "update_time": now}
        return self._keys.setdefault(key["id"], key)

    def modify(self, key_id: str, given: Key) -> Key:
        """The key with other members."""
        old = self._known(key_id)
        self._check_name(given, but=key_id)
        key = given | {"id": key_id, "create_time": old["create_time"], "update_time": _now()}
        self._keys[key_id] = key
        return key

    def delete(self, key_id: str) -> None:
        """Deletes the key."""
        self._known(key_id)
        del self._keys[key_id]

    def query(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a query."""
        name, precise = query.get("name", ""), "name" in query.get("precise_search", "").split(",")
        found = [
            key
            for key in self._keys.values()
            if query.get("id", "") in ("", key["id"])
            and (key["name"] == name if name and precise else name in key["name"])
        ]
        limit, offset = _number(query, "limit"), max(_number(query, "offset"), 0)
        page = found[offset:][: min(limit, LONGEST_PAGE) if limit > 0 else PAGE]
        signs = [{**key, "bind_num": 0, "ldapi_bind_num": 0} for key in page]
        return {"total": len(found), "size": len(page), "signs": signs}

    def _known(self, key_id: str) -> Key:
        if key_id not in self._keys:
            raise Refused(NO_SUCH_KEY, id=key_id)
        return self._keys[key_id]

    def _check_name(self, given: Key, *, but: str = "") -> None:
        if any(key["name"] == given["name"] and key["id"] != but for key in self._keys.values()):
            raise Refused(NAME_EXISTS)


def _number(query: Mapping[str, str], parameter: str) -> int:
    text = query.get(parameter, "0")
    if not re.fullmatch("-?[0-9]{1,18}", text):
        raise Refused(INVALID_PARAMETER, parameter=parameter)
    return int(text)


def _now() -> str:
    """RFC 3339, to the nanosecond."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"
