"""The gateway's list of keys: reads its pages, and tells whether it is whole."""

from collections.abc import Mapping
from typing import Final, Literal

from .._endpoint import LONGEST_PAGE
from ._answer import Unsuitable, unsuitable
from ._http import Endpoint

# The most pages of the list: a longer one is taken for one without an end.
_MOST_PAGES: Final = 1000
# Seconds. A list may lag behind what it counts.
_PAUSES_UNTIL_WHOLE: Final = (0.5, 1.0)


class KeyList:
    """The list of keys at an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def read(self) -> tuple[dict[str, str], int]:
        """The names of all keys by their ids, and how many more the gateway counts."""
        listed, total = await self._pages(until="end")
        for pause in _PAUSES_UNTIL_WHOLE:
            if total <= len(listed):
                break
            await self._endpoint.sleep(pause)
            listed, total = await self._pages(until="end")
        return listed, max(0, total - len(listed))

    async def whole(self) -> dict[str, str]:
        """The names of all keys by their ids. Raises `Unsuitable` if the list is not whole."""
        listed, hidden = await self.read()
        if hidden:
            raise Unsuitable(f"the gateway's list of keys is not whole: it counts {hidden} more than it shows")
        return listed

    async def glance(self) -> dict[str, str]:
        """The names of the listed keys by their ids. Reading ends at the gateway's own count, which may be wrong."""
        return (await self._pages(until="total"))[0]

    async def _pages(self, *, until: Literal["end", "total"]) -> tuple[dict[str, str], int]:
        """The names of the listed keys by their ids, and how many the gateway counts.

        If a key is deleted between two pages, the rest moves up, and a key may be passed over. So the highest count is
        taken.
        """
        listed: dict[str, str] = {}
        total = 0
        for _ in range(_MOST_PAGES):
            keys, count = await self._page(len(listed))
            total = max(total, count)
            if keys.keys() <= listed.keys():
                return listed, total
            listed |= keys
            if until == "total" and len(listed) == total:
                return listed, total
        raise Unsuitable("the gateway's list of keys has no end")

    async def _page(self, offset: int) -> tuple[Mapping[str, str], int]:
        params = {"limit": LONGEST_PAGE, "offset": offset}
        answer = await self._endpoint.insist("GET", params=params)
        for pause in _PAUSES_UNTIL_WHOLE:
            if answer.keys is not None or not answer.is_good:
                break
            await self._endpoint.sleep(pause)
            answer = await self._endpoint.insist("GET", params=params)
        if answer.keys is None:
            raise unsuitable(answer)
        return answer.keys, answer.total or 0
