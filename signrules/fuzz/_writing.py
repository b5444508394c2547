"""Bodies that are written piece by piece, so that they can be what no writer of JSON writes."""

import json
from collections.abc import Callable
from typing import Any, Final

from .._requirement import REQUIREMENTS
from .._table import DEFAULT_SIGN_TYPE
from .._vocabulary import FIELDS_BY_TYPE, SIGN_TYPES
from ._candidates import right_word
from ._rows import filler

# From the name of the key to the bytes.
Write = Callable[[str], bytes]

WRONG_VALUE: Final = "!"
KEY, SECRET = FIELDS_BY_TYPE
RIGHT_KEY: Final = right_word(KEY)
# A right value of the key, as short as may be.
SHORTEST_KEY: Final = filler(REQUIREMENTS[KEY, DEFAULT_SIGN_TYPE, None].rules[0].min_length)


def member_of(name: str, value: Any) -> bytes:
    """A member of an object. The name is in UTF-8, the value in ASCII."""
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value)}".encode()


def object_of(*members: bytes) -> bytes:
    """An object with these members, in their order."""
    return b"{" + b", ".join(members) + b"}"


def with_name(*members: bytes) -> Write:
    """A body with a name and these members."""
    return lambda name: object_of(member_of("name", name), *members)


def around(before: bytes, behind: bytes) -> Write:
    """A body with a name alone, and something before and behind it."""
    return lambda name: before + object_of(member_of("name", name)) + behind


def wrong_name(name: str) -> str:
    """A wrong name that begins with the right one: a key by that name, even cut, is known to be ours."""
    return name + WRONG_VALUE * REQUIREMENTS["name", DEFAULT_SIGN_TYPE, None].rules[0].max_length


def of_another_type() -> tuple[str, str]:
    """A type, and a key that is right with it, but not without it."""
    usual = REQUIREMENTS[KEY, DEFAULT_SIGN_TYPE, None].rules[0].charset
    rules = {each: REQUIREMENTS[KEY, each, None].rules[0] for each in SIGN_TYPES}
    sign_type, rule = next((each, rule) for each, rule in rules.items() if set(rule.charset) > set(usual))
    return sign_type, filler(rule.min_length - 1) + min(set(rule.charset) - set(usual))
