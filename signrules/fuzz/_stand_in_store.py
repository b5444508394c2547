"""The signature keys of the stand-in, in memory, and what they are bound to. Errors repeat nothing of a body."""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from .._endpoint import (
    APIS_WITH_KEY,
    APIS_WITHOUT_KEY,
    INVALID_IN_BINDING,
    INVALID_PARAMETER,
    KEYS_OF_API,
    NAME_EXISTS,
    NO_SUCH_API,
    NO_SUCH_BINDING,
    NO_SUCH_KEY,
    QUOTA_USED_UP,
)
from ._stand_in_answers import Key, Refused, now, page
from ._stand_in_bindings import Bindings, bound_api, bound_key, is_asked_for, is_id, other_api


class Where(NamedTuple):
    """A gateway: each project has its own of the same instance."""

    project_id: str
    instance_id: str


class Store:
    """The signature keys of one gateway."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._keys: dict[str, Key] = {}
        self._bindings = Bindings()

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The keys as a query lists them, in the order in which they were made."""
        numbers = Counter(binding.sign_id for binding in self._bindings)
        for key in list(self._keys.values()):
            yield {**key, "bind_num": numbers[key["id"]], "ldapi_bind_num": 0}

    def create(self, given: Key) -> Key:
        """A new key. The ID and the moments are made unless they are given."""
        self._check_name(given)
        if len(self._keys) >= self._quota:
            raise Refused(QUOTA_USED_UP)
        moment = now()
        made = {"id": secrets.token_hex(16), "create_time": moment, "update_time": moment}
        key = {**given, **made, **given}
        return self._keys.setdefault(key["id"], key)

    def modify(self, key_id: str, given: Key) -> Key:
        """The key with other members."""
        old = self._known(key_id)
        self._check_name(given, but=key_id)
        key = given | {"id": key_id, "create_time": old["create_time"], "update_time": now()}
        self._keys[key_id] = key
        return key

    def delete(self, key_id: str) -> None:
        """Deletes the key and its bindings."""
        self._known(key_id)
        for binding in self._bindings.of(key_id):
            self._bindings.unbind(binding)
        del self._keys[key_id]

    def query(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a query."""
        name, precise = query.get("name", ""), "name" in query.get("precise_search", "").split(",")
        found = [
            key
            for key in self
            if query.get("id", "") in ("", key["id"])
            and (key["name"] == name if name and precise else name in key["name"])
        ]
        return page("signs", found, query, INVALID_PARAMETER)

    def bind(self, body: object) -> dict[str, Any]:
        """Binds a key to APIs."""
        if not isinstance(body, dict):
            raise Refused(INVALID_IN_BINDING, parameter="body")
        key = self._asked_for(body)
        publish_ids = body.get("publish_ids")
        if not isinstance(publish_ids, list) or not publish_ids or not all(map(is_id, publish_ids)):
            raise Refused(INVALID_IN_BINDING, parameter="publish_ids")
        return {"bindings": [bound_key(binding, key) for binding in self._bindings.bind(key, publish_ids)]}

    def unbind(self, binding_id: str) -> None:
        """Ends a binding."""
        binding = next((binding for binding in self._bindings if binding.id == binding_id), None)
        if binding is None:
            raise Refused(NO_SUCH_BINDING)
        self._bindings.unbind(binding)

    def apis_with_key(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a query for the APIs that have a key."""
        key = self._asked_for(query)
        bound = [b for b in self._bindings.of(key["id"]) if is_asked_for(b.publish_id, query)]
        return page("bindings", [bound_api(b, key) for b in bound], query, INVALID_IN_BINDING)

    def apis_without_key(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a query for the APIs that have not this key. It knows those that were ever bound."""
        key = self._asked_for(query)
        found = [
            other_api(publish_id, self._keys[binding.sign_id] if binding else None)
            for publish_id, binding in self._bindings.without(key["id"])
            if is_asked_for(publish_id, query)
        ]
        return page("apis", found, query, INVALID_IN_BINDING)

    def keys_of_api(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a query for the keys that an API has."""
        api_id = query.get("api_id", "")
        if not api_id:
            raise Refused(INVALID_IN_BINDING, parameter="api_id")
        if not self._bindings.knows(api_id):
            raise Refused(NO_SUCH_API, id=api_id)
        bound = [bound_key(b, self._keys[b.sign_id]) for b in self._bindings if is_asked_for(b.publish_id, query)]
        found = [b for b in bound if all(query.get(word, "") in ("", b[word]) for word in ("sign_id", "sign_name"))]
        return page("bindings", found, query, INVALID_IN_BINDING)

    def publish_ids(self, key_id: str) -> list[str]:
        """The APIs that have a key, by the IDs of their publications."""
        return [binding.publish_id for binding in self._bindings.of(key_id)]

    def knows(self, some_id: str) -> bool:
        """Whether a key or a binding has this ID."""
        return some_id in self._keys or any(binding.id == some_id for binding in self._bindings)

    def _known(self, key_id: str) -> Key:
        if key_id not in self._keys:
            raise Refused(NO_SUCH_KEY, id=key_id)
        return self._keys[key_id]

    def _asked_for(self, given: Mapping[str, Any]) -> Key:
        """The key that a request about bindings names."""
        key_id = given.get("sign_id")
        if not isinstance(key_id, str) or not (key_id in self._keys or is_id(key_id)):
            raise Refused(INVALID_IN_BINDING, parameter="sign_id")
        return self._known(key_id)

    def _check_name(self, given: Key, *, but: str = "") -> None:
        if any(key["name"] == given["name"] and key["id"] != but for key in self._keys.values()):
            raise Refused(NAME_EXISTS)


# What a query about bindings finds, by the last part of its path.
QUERIES = {APIS_WITH_KEY: Store.apis_with_key, APIS_WITHOUT_KEY: Store.apis_without_key, KEYS_OF_API: Store.keys_of_api}


class Stores:
    """The gateways that have keys. A request that makes none takes no memory for long."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._stores: dict[Where, Store] = {}

    @contextmanager
    def at(self, where: Where) -> Iterator[Store]:
        """The keys of a gateway, to look at and to change."""
        store = self._stores.get(where) or Store(self._quota)
        yield store
        if store:
            self._stores[where] = store
        else:
            self._stores.pop(where, None)

    def __iter__(self) -> Iterator[tuple[Where, Store]]:
        return iter(list(self._stores.items()))
