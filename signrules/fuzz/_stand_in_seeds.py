"""The keys that the stand-in has when it begins, and those that it has when it ends. A JSON object stands for each.

It is the key as a query lists it, with three members more: `project_id` and `instance_id` say in which gateway it is,
`publish_ids` which APIs have it. A request body is such an object too. No message holds a part of a value.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from .._endpoint import INVALID_PARAMETER
from .._request import check_request
from .._table import MEMBERS
from ._stand_in_answers import Refused
from ._stand_in_introduction import EXAMPLE
from ._stand_in_making import key_of
from ._stand_in_store import Stores, Where
from .bugs import Bug

_WORDS: Final = (*Where._fields, "id")
_TIMES: Final = ("create_time", "update_time")
_NUMBERS: Final = ("bind_num", "ldapi_bind_num")  # which are counted anew
_PUBLISH_IDS: Final = "publish_ids"
_KNOWN: Final = {*MEMBERS, *_WORDS, *_TIMES, *_NUMBERS, _PUBLISH_IDS}


class WrongKey(ValueError):  # noqa: N818  it is the key that is wrong
    """The key of this number, counted from 1, cannot be had. `reason` is a predicate such as "is no JSON object"."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number, reason)
        self.number, self.reason = number, reason

    def __str__(self) -> str:
        return f"key {self.number} {self.reason}"


def plant(stores: Stores, keys: Iterable[object], bugs: Iterable[Bug]) -> None:
    """Adds the keys. Raises `WrongKey`."""
    for number, key in enumerate(keys, 1):
        reason = _plant_one(stores, key, bugs)
        if reason is not None:
            raise WrongKey(number, reason)


def written(stores: Stores) -> Iterator[dict[str, Any]]:
    """Every key, as `plant` takes it."""
    for where, store in stores:
        for key in store:
            publish_ids = store.publish_ids(key["id"])
            yield {**where._asdict(), **key, **({_PUBLISH_IDS: publish_ids} if publish_ids else {})}


def _plant_one(stores: Stores, key: object, bugs: Iterable[Bug]) -> str | None:
    """Adds the key, or says why not."""
    if not isinstance(key, dict):
        return "is no JSON object"
    if not key.keys() <= _KNOWN:
        return "has an unknown member"
    given = {member: value for member, value in key.items() if value not in (None, "")}
    for word in _WORDS:
        if not _is_word(given.get(word, "any")):
            return f"has a wrong {word}: 1 to 64 letters, digits, _ and - are allowed"
    for time in _TIMES:
        if time in given and not _is_time(given[time]):
            return f"has a wrong {time}: it must be as in 2020-08-03T03:39:38Z"
    body = {member: given[member] for member in MEMBERS if member in given}
    where = EXAMPLE._replace(**{word: given[word] for word in Where._fields if word in given})
    with stores.at(where) as store:
        try:
            made = {member: given[member] for member in ("id", *_TIMES) if member in given}
            if store.knows(made.get("id", "")):
                return "has the id of another one"
            made = store.create(key_of(body, bugs) | made)
            if _PUBLISH_IDS in given:
                store.bind({"sign_id": made["id"], _PUBLISH_IDS: given[_PUBLISH_IDS]})
        except Refused as refused:
            wrong = "; ".join(map(str, check_request(body))) if refused.code == INVALID_PARAMETER.code else ""
            return f"is refused: {wrong or refused.body['error_msg']}"
    return None


def _is_word(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[A-Za-z0-9_-]{1,64}", value) is not None


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9T:-]{19}(\.[0-9]{1,9})?Z", value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
