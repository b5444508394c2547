"""Which APIs the signature keys of one gateway of the stand-in are bound to, in memory.

The stand-in has no APIs. Each well-formed ID of a publication is taken for that of an API of the same ID: see
docs/decisions.md.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from .._endpoint import ENVIRONMENT_ID, ENVIRONMENT_NAME
from ._stand_in_answers import Key, now

_GROUP: Final = "DEFAULT"
# In a query, this asks for the APIs without a tag. No API of the stand-in has one.
_NO_TAGS: Final = "#no_tags#"


class Binding(NamedTuple):
    """An API has a key. `id` is that of the binding, `sign_id` that of the key, `time` is when it got it."""

    id: str
    publish_id: str
    sign_id: str
    time: str


def is_id(value: object) -> bool:
    """Whether the value is a well-formed ID of a key or of a publication."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value) is not None


class Bindings:
    """The bindings of one gateway. An API has one key at most: a later binding replaces an earlier one."""

    def __init__(self) -> None:
        # By the ID of the publication, for each API that was ever bound.
        self._bindings: dict[str, Binding | None] = {}

    def __iter__(self) -> Iterator[Binding]:
        return iter([binding for binding in list(self._bindings.values()) if binding])

    def bind(self, key: Key, publish_ids: Iterable[str]) -> list[Binding]:
        """The bindings of these APIs, which have the key now. A binding that there is already stays as it is."""
        bound = []
        for publish_id in dict.fromkeys(publish_ids):
            binding = self._bindings.get(publish_id)
            if binding is None or binding.sign_id != key["id"]:
                binding = Binding(secrets.token_hex(16), publish_id, key["id"], now())
                self._bindings[publish_id] = binding
            bound.append(binding)
        return bound

    def unbind(self, binding: Binding) -> None:
        """The API has no key any more."""
        self._bindings[binding.publish_id] = None

    def knows(self, api_id: str) -> bool:
        """Whether the API was ever bound."""
        return api_id in self._bindings

    def of(self, key_id: str) -> list[Binding]:
        """The bindings of a key."""
        return [binding for binding in self if binding.sign_id == key_id]

    def without(self, key_id: str) -> list[tuple[str, Binding | None]]:
        """The APIs that have not this key, by the IDs of their publications, and the key that they have instead."""
        return [(i, b) for i, b in self._bindings.items() if b is None or b.sign_id != key_id]


def is_asked_for(publish_id: str, query: Mapping[str, str]) -> bool:
    """Whether the query asks for this API. A parameter that is empty or absent asks for every one."""
    facts = {
        "api_id": publish_id,
        "api_name": _name(publish_id),
        "env_id": ENVIRONMENT_ID,
        "group_id": _GROUP,
        "tags": _NO_TAGS,
    }
    return all(query.get(parameter, "") in ("", fact) for parameter, fact in facts.items())


def bound_api(binding: Binding, key: Key) -> dict[str, Any]:
    """The API of a binding, as the gateway describes it."""
    return {
        "id": binding.id,
        "publish_id": binding.publish_id,
        "api_id": binding.publish_id,
        "api_name": _name(binding.publish_id),
        "api_type": 1,
        "api_remark": "",
        "group_name": _GROUP,
        "env_id": ENVIRONMENT_ID,
        "env_name": ENVIRONMENT_NAME,
        "req_method": "GET",
        "tags": [],
        "sign_id": key["id"],
        "sign_name": key["name"],
        "binding_time": binding.time,
    }


def bound_key(binding: Binding, key: Key) -> dict[str, Any]:
    """The same with the key, as its owner gets it."""
    return bound_api(binding, key) | {member: key[member] for member in ("sign_key", "sign_secret", "sign_type")}


def other_api(publish_id: str, key: Key | None) -> dict[str, Any]:
    """An API that has another key, or none."""
    return {
        "id": publish_id,
        "publish_id": publish_id,
        "name": _name(publish_id),
        "type": 1,
        "remark": "",
        "auth_type": "NONE",
        "group_id": _GROUP,
        "group_name": _GROUP,
        "run_env_id": ENVIRONMENT_ID,
        "run_env_name": ENVIRONMENT_NAME,
        "req_method": "GET",
        "req_uri": f"/{_name(publish_id)}",
        "tags": [],
    } | ({"signature_name": key["name"]} if key else {})


def _name(publish_id: str) -> str:
    return f"api_{publish_id}"
