"""The cases of the profile `wire`: bytes that no JSON value says, or that readers of JSON read in different ways.

In every way to read them, a body that is accepted has a name that holds the whole name of the case, so that the runner
can tell its keys. The wrong values are so wrong that hardly any other bug of a gateway lets them in.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, Final

from .._check import REQUIREMENTS
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import FIELDS_BY_TYPE, SIGN_TYPES
from ._candidates import prerequisites, right_word
from ._case import Case, Raw, Result, named
from ._decoder import Decoder
from ._rows import filler

# From the name of the key to the bytes.
_Write = Callable[[str], bytes]
_Make = Callable[..., Case]

_WRONG: Final = "!"
_KEY, _SECRET = FIELDS_BY_TYPE
_RIGHT: Final = right_word(_KEY)
# A value that every row takes which has no other requirement than its length.
_SHORTEST: Final = filler(REQUIREMENTS[_KEY, DEFAULT_SIGN_TYPE, None].rules[0].min_length)


@cache
def wire_cases() -> dict[str, tuple[Case, ...]]:
    """The cases by their topics, which are the fields of a `Decoder`; the same at every run."""
    makers: dict[str, tuple[str, Callable[[_Make], Iterator[Case]]]] = {
        "unknown": ("Member", _unknown),
        "escapes": ("Encoded", _escapes),
        "twins": ("Member", _twins),
        "case": ("Member", _letter_case),
        "lookalikes": ("Member", _lookalikes),
        "numbers": ("Type", _numbers),
        "behind": ("", _behind),
        "nul": ("Nul", _nul),
        "controls": ("Control", _controls),
        "surrogates": ("Surrogate", _surrogates),
        "invalid": ("", _invalid),
        "overlong": ("", _overlong),
        "mark": ("", _mark),
        "utf16": ("", partial(_wide, 16)),
        "utf32": ("", partial(_wide, 32)),
        "gzip": ("", _gzip),
        "comments": ("", _comments),
        "comma": ("", _comma),
        "quotes": ("", _quotes),
        "bare": ("", _bare),
        "constants": ("", _constants),
    }
    return {topic: tuple(cases(partial(_case, topic, flag))) for topic, (flag, cases) in makers.items()}


def _case(
    topic: str,
    flag: str,
    slug: str,
    comment: str,
    write: _Write,
    *,
    field: str = "",
    result: Result = "acceptable",
    content_encoding: str | None = None,
) -> Case:
    case_id = f"wire:{topic}.{slug}"
    try:
        body = Decoder().read(write(named(case_id)), content_encoding)
    except ValueError:
        body = None
    flags = {"valid": ("Right",), "invalid": (flag,), "acceptable": (flag, "Silent")}[result]
    raw = Raw(write, content_encoding)
    return Case(case_id, body, result, field, (), tuple(filter(None, flags)), comment, raw=raw)


def _member(name: str, value: Any) -> bytes:
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value)}".encode()


def _object(*members: bytes) -> bytes:
    return b"{" + b", ".join(members) + b"}"


def _with(*members: bytes) -> _Write:
    """A body with a name and these members."""
    return lambda name: _object(_member("name", name), *members)


def _around(before: bytes, behind: bytes) -> _Write:
    """A body with a name alone, and something before and behind it."""
    return lambda name: before + _object(_member("name", name)) + behind


def _wrong_name(name: str) -> str:
    """A wrong name that begins with the right one: a key by that name, even cut, is known to be ours."""
    return name + _WRONG * REQUIREMENTS["name", DEFAULT_SIGN_TYPE, None].rules[0].max_length


def _of_another_type() -> tuple[str, str]:
    """A type, and a key that is right with it, but not without it."""
    usual = REQUIREMENTS[_KEY, DEFAULT_SIGN_TYPE, None].rules[0].charset
    rules = {each: REQUIREMENTS[_KEY, each, None].rules[0] for each in SIGN_TYPES}
    sign_type, rule = next((each, rule) for each, rule in rules.items() if set(rule.charset) > set(usual))
    return sign_type, filler(rule.min_length - 1) + min(set(rule.charset) - set(usual))


def _unknown(make: _Make) -> Iterator[Case]:
    yield make("note", "a member that the page does not have", _with(b'"note": "x"'))


def _escapes(make: _Make) -> Iterator[Case]:
    sign_type, key = _of_another_type()
    members = _member("sign_type", sign_type).replace(b"sign_", rb"sign\u005f"), _member(_KEY, key)
    yield make("right", "an escape in the name of a member", _with(*members), field="sign_type", result="valid")
    member = _member(_KEY, _WRONG).replace(b"sign_", rb"sign\u005f")
    comment = "a wrong value, and an escape in the name of its member"
    yield make("wrong", comment, _with(member), field=_KEY, result="invalid")


def _twins(make: _Make) -> Iterator[Case]:
    for member in MEMBERS:
        for slug, order, words in (("right-first", 1, "right, then wrong"), ("wrong-first", -1, "wrong, then right")):
            yield make(f"{member}-{slug}", f"{member} twice: {words}", partial(_twice, member, order), field=member)
    yield make(f"{_KEY}-right", f"{_KEY} twice: both right", _with(*[_member(_KEY, _RIGHT)] * 2), field=_KEY)
    both = _with(_member(_KEY, _WRONG), _member(_KEY, _WRONG * 2))
    yield make(f"{_KEY}-wrong", f"{_KEY} twice: both wrong", both, field=_KEY, result="invalid")


def _twice(member: str, order: int, name: str) -> bytes:
    """A body in which a member stands twice: right and wrong, or the other way round if the order is -1."""
    if member in MANDATORY:
        return _object(*[_member(member, value) for value in (name, _wrong_name(name))][::order])
    values = [_member(member, value) for value in (right_word(member), _WRONG)]
    before = [_member(*each) for each in prerequisites(member).items()]
    return _object(_member("name", name), *before, *values[::order])


def _letter_case(make: _Make) -> Iterator[Case]:
    sign_type, key = _of_another_type()
    members = _member("SIGN_TYPE", sign_type), _member(_KEY, key)
    yield make("type", "SIGN_TYPE, and a key that is right with that type alone", _with(*members), field="sign_type")
    other = _KEY.title()
    yield make("key", f"{other}, and it is wrong", _with(_member(other, _WRONG)), field=_KEY)
    right, wrong = _member(_KEY, _RIGHT), _member(other, _WRONG)
    yield make("key-right-first", f"{_KEY} is right, then {other} is wrong", _with(right, wrong), field=_KEY)
    yield make("key-wrong-first", f"{other} is wrong, then {_KEY} is right", _with(wrong, right), field=_KEY)

    def name_first(name: str) -> bytes:
        return _object(_member("name", name), _member("NAME", _wrong_name(name)))

    def name_last(name: str) -> bytes:
        return _object(_member("NAME", _wrong_name(name)), _member("name", name))

    yield make("name-right-first", "name is right, then NAME is wrong", name_first, field="name")
    yield make("name-wrong-first", "NAME is wrong, then name is right", name_last, field="name")


def _lookalikes(make: _Make) -> Iterator[Case]:
    for letter, other in ("s", "\u017f"), ("k", "\u212a"):
        comment = f"a wrong {_KEY}, with U+{ord(other):04X} for the {letter} in the name of the member"
        yield make(letter, comment, _with(_member(_KEY.replace(letter, other, 1), _WRONG)), field=_KEY)


def _numbers(make: _Make) -> Iterator[Case]:
    for member, digits in (_KEY, "12345678"), (_SECRET, "1234567890123456"):
        comment = f"a number as {member}, with as many digits as the value needs"
        write = _with(_member(member, int(digits)))
        yield make(member, comment, write, field=member, result="invalid")


def _behind(make: _Make) -> Iterator[Case]:
    yield make("text", "text behind the body", _around(b"", b" x"))
    yield make("nul", "NUL and text behind the body", _around(b"", b"\0x"))

    def second(name: str) -> bytes:
        return b"\n".join(_object(_member("name", each)) for each in (name, _wrong_name(name)))

    yield make("body", "a second body behind the body, and it is wrong", second)


def _nul(make: _Make) -> Iterator[Case]:
    yield make("note", "an escaped NUL in a member that the page does not have", _with(_member("note", "a\0b")))
    sign_type, key = _of_another_type()
    members = _member("sign_type\0x", sign_type), _member(_KEY, key)
    comment = "sign_type, an escaped NUL and more as the name of a member, and a key that is right with that type alone"
    yield make("type", comment, _with(*members), field="sign_type")
    comment = f"{_KEY}, an escaped NUL and more as the name of a member, and it is wrong"
    yield make("key", comment, _with(_member(f"{_KEY}\0x", _WRONG)), field=_KEY)


def _controls(make: _Make) -> Iterator[Case]:
    for slug, character, words in ("tab", b"\t", "a tab"), ("nul", b"\0", "NUL"):
        comment = f"{words}, not escaped, in a string of a member that the page does not have"
        yield make(slug, comment, _with(b'"note": "a' + character + b'b"'))


def _surrogates(make: _Make) -> Iterator[Case]:
    half = rb"\ud800"
    comment = "half a surrogate pair as an escape, in a member that the page does not have"
    yield make("note", comment, _with(b'"note": "' + half + b'"'))
    member = _member(_KEY, _RIGHT)[:-1] + half + b'"'
    comment = f"half a surrogate pair as an escape behind a right {_KEY}"
    yield make("key", comment, _with(member), field=_KEY, result="invalid")


def _invalid(make: _Make) -> Iterator[Case]:
    comment = "a byte that is not UTF-8, in a member that the page does not have"
    yield make("note", comment, _with(b'"note": "\xff"'))
    comment = f"a byte that is not UTF-8 behind a right {_KEY}"
    yield make("key", comment, _with(_member(_KEY, _RIGHT)[:-1] + b'\xff"'), field=_KEY)


def _overlong(make: _Make) -> Iterator[Case]:
    comment = f"the bytes C1 A1, an overlong form of the letter a, as the last character of a right {_KEY}"
    yield make("key", comment, _with(_member(_KEY, _SHORTEST[:-1])[:-1] + b'\xc1\xa1"'), field=_KEY)


def _mark(make: _Make) -> Iterator[Case]:
    mark = "\ufeff".encode()
    yield make("first", "a byte order mark before the body", _around(mark, b""))
    write = _with(mark + _member(_KEY, _RIGHT))
    yield make("within", "a byte order mark before a member", write, field=_KEY)


def _wide(bits: int, make: _Make) -> Iterator[Case]:
    """The body in UTF-16 or UTF-32, with a byte order mark and without."""
    for order, words in ("le", "little-endian"), ("be", "big-endian"):
        for slug, mark, with_or_without in ("marked", "\ufeff", "with"), ("bare", "", "without"):
            write = partial(_encoded, f"utf-{bits}-{order}", mark)
            comment = f"the body in UTF-{bits}, {words}, {with_or_without} a byte order mark"
            yield make(f"{order}-{slug}", comment, write)


def _encoded(encoding: str, mark: str, name: str) -> bytes:
    return (mark + json.dumps({"name": name})).encode(encoding)


def _gzip(make: _Make) -> Iterator[Case]:
    def zipped(name: str) -> bytes:
        return gzip.compress(_object(_member("name", name)), mtime=0)

    yield make("said", "the body as gzip, and Content-Encoding says so", zipped, content_encoding="gzip")
    yield make("unsaid", "the body as gzip, and no header says so", zipped)
    yield make("plain", "Content-Encoding says gzip, and the body is plain", _with(), content_encoding="gzip")


def _comments(make: _Make) -> Iterator[Case]:
    for slug, comment in ("block", b"/* x */"), ("line", b"// x\n"), ("hash", b"# x\n"):
        words = f"a comment: {comment.decode().strip()}"
        yield make(slug, words, _with(comment + _member(_KEY, _RIGHT)))


def _comma(make: _Make) -> Iterator[Case]:
    yield make("last", "a comma behind the last member", lambda name: _object(_member("name", name) + b","))


def _quotes(make: _Make) -> Iterator[Case]:
    yield make("single", "single quotes for double ones", lambda name: f"{{'name': '{name}'}}".encode())


def _bare(make: _Make) -> Iterator[Case]:
    yield make("name", "a name of a member without quotes", lambda name: f'{{name: "{name}"}}'.encode())


def _constants(make: _Make) -> Iterator[Case]:
    yield make("nan", "NaN in a member that the page does not have", _with(b'"note": NaN'))
