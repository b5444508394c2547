"""The cases of the profile `wire`: bytes that no JSON value says, or that readers of JSON read in different ways.

In every way to read them, a body that is accepted has a name that holds the whole name of the case, so that the runner
can tell its keys. The wrong values are so wrong that hardly any other bug of a gateway lets them in.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from functools import cache, partial

from .._table import MANDATORY, MEMBERS
from ._candidates import prerequisites, right_word
from ._case import Case, Raw, Result, codes_of, named
from ._decoder import Decoder
from ._writing import (
    KEY,
    RIGHT_KEY,
    SECRET,
    SHORTEST_KEY,
    WRONG_VALUE,
    Write,
    around,
    member_of,
    object_of,
    of_another_type,
    with_name,
    wrong_name,
)

# A case of one topic, from its slug, its comment and what writes its bytes.
_Make = Callable[..., Case]


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
    write: Write,
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
    codes = codes_of(body) if result == "invalid" else ()
    flags = {"valid": ("Right",), "invalid": (flag,), "acceptable": (flag, "Silent")}[result]
    raw = Raw(write, content_encoding)
    return Case(case_id, body, result, field, codes, tuple(filter(None, flags)), comment, raw=raw)


def _unknown(make: _Make) -> Iterator[Case]:
    yield make("note", "a member that the page does not have", with_name(b'"note": "x"'))


def _escapes(make: _Make) -> Iterator[Case]:
    sign_type, key = of_another_type()
    members = member_of("sign_type", sign_type).replace(b"sign_", rb"sign\u005f"), member_of(KEY, key)
    yield make("right", "an escape in the name of a member", with_name(*members), field="sign_type", result="valid")
    member = member_of(KEY, WRONG_VALUE).replace(b"sign_", rb"sign\u005f")
    comment = "a wrong value, and an escape in the name of its member"
    yield make("wrong", comment, with_name(member), field=KEY, result="invalid")


def _twins(make: _Make) -> Iterator[Case]:
    for member in MEMBERS:
        for slug, order, words in (("right-first", 1, "right, then wrong"), ("wrong-first", -1, "wrong, then right")):
            yield make(f"{member}-{slug}", f"{member} twice: {words}", partial(_twice, member, order), field=member)
    yield make(f"{KEY}-right", f"{KEY} twice: both right", with_name(*[member_of(KEY, RIGHT_KEY)] * 2), field=KEY)
    both = with_name(member_of(KEY, WRONG_VALUE), member_of(KEY, WRONG_VALUE * 2))
    yield make(f"{KEY}-wrong", f"{KEY} twice: both wrong", both, field=KEY, result="invalid")


def _twice(member: str, order: int, name: str) -> bytes:
    """A body in which a member stands twice: right and wrong, or the other way round if the order is -1."""
    if member in MANDATORY:
        return object_of(*[member_of(member, value) for value in (name, wrong_name(name))][::order])
    values = [member_of(member, value) for value in (right_word(member), WRONG_VALUE)]
    before = [member_of(*each) for each in prerequisites(member).items()]
    return object_of(member_of("name", name), *before, *values[::order])


def _letter_case(make: _Make) -> Iterator[Case]:
    sign_type, key = of_another_type()
    members = member_of("SIGN_TYPE", sign_type), member_of(KEY, key)
    yield make(
        "type", "SIGN_TYPE, and a key that is right with that type alone", with_name(*members), field="sign_type"
    )
    other = KEY.title()
    yield make("key", f"{other}, and it is wrong", with_name(member_of(other, WRONG_VALUE)), field=KEY)
    right, wrong = member_of(KEY, RIGHT_KEY), member_of(other, WRONG_VALUE)
    yield make("key-right-first", f"{KEY} is right, then {other} is wrong", with_name(right, wrong), field=KEY)
    yield make("key-wrong-first", f"{other} is wrong, then {KEY} is right", with_name(wrong, right), field=KEY)

    def name_first(name: str) -> bytes:
        return object_of(member_of("name", name), member_of("NAME", wrong_name(name)))

    def name_last(name: str) -> bytes:
        return object_of(member_of("NAME", wrong_name(name)), member_of("name", name))

    yield make("name-right-first", "name is right, then NAME is wrong", name_first, field="name")
    yield make("name-wrong-first", "NAME is wrong, then name is right", name_last, field="name")


def _lookalikes(make: _Make) -> Iterator[Case]:
    for letter, other in ("s", "\u017f"), ("k", "\u212a"):
        comment = f"a wrong {KEY}, with U+{ord(other):04X} for the {letter} in the name of the member"
        yield make(letter, comment, with_name(member_of(KEY.replace(letter, other, 1), WRONG_VALUE)), field=KEY)


def _numbers(make: _Make) -> Iterator[Case]:
    for member, digits in (KEY, "12345678"), (SECRET, "1234567890123456"):
        comment = f"a number as {member}, with as many digits as the value needs"
        write = with_name(member_of(member, int(digits)))
        yield make(member, comment, write, field=member, result="invalid")


def _behind(make: _Make) -> Iterator[Case]:
    yield make("text", "text behind the body", around(b"", b" x"))
    yield make("nul", "NUL and text behind the body", around(b"", b"\0x"))

    def second(name: str) -> bytes:
        return b"\n".join(object_of(member_of("name", each)) for each in (name, wrong_name(name)))

    yield make("body", "a second body behind the body, and it is wrong", second)


def _nul(make: _Make) -> Iterator[Case]:
    yield make("note", "an escaped NUL in a member that the page does not have", with_name(member_of("note", "a\0b")))
    sign_type, key = of_another_type()
    members = member_of("sign_type\0x", sign_type), member_of(KEY, key)
    comment = "sign_type, an escaped NUL and more as the name of a member, and a key that is right with that type alone"
    yield make("type", comment, with_name(*members), field="sign_type")
    comment = f"{KEY}, an escaped NUL and more as the name of a member, and it is wrong"
    yield make("key", comment, with_name(member_of(f"{KEY}\0x", WRONG_VALUE)), field=KEY)


def _controls(make: _Make) -> Iterator[Case]:
    for slug, character, words in ("tab", b"\t", "a tab"), ("nul", b"\0", "NUL"):
        comment = f"{words}, not escaped, in a string of a member that the page does not have"
        yield make(slug, comment, with_name(b'"note": "a' + character + b'b"'))


def _surrogates(make: _Make) -> Iterator[Case]:
    half = rb"\ud800"
    comment = "half a surrogate pair as an escape, in a member that the page does not have"
    yield make("note", comment, with_name(b'"note": "' + half + b'"'))
    member = member_of(KEY, RIGHT_KEY)[:-1] + half + b'"'
    comment = f"half a surrogate pair as an escape behind a right {KEY}"
    yield make("key", comment, with_name(member), field=KEY, result="invalid")


def _invalid(make: _Make) -> Iterator[Case]:
    comment = "a byte that is not UTF-8, in a member that the page does not have"
    yield make("note", comment, with_name(b'"note": "\xff"'))
    comment = f"a byte that is not UTF-8 behind a right {KEY}"
    yield make("key", comment, with_name(member_of(KEY, RIGHT_KEY)[:-1] + b'\xff"'), field=KEY)


def _overlong(make: _Make) -> Iterator[Case]:
    comment = f"the bytes C1 A1, an overlong form of the letter a, as the last character of a right {KEY}"
    yield make("key", comment, with_name(member_of(KEY, SHORTEST_KEY[:-1])[:-1] + b'\xc1\xa1"'), field=KEY)


def _mark(make: _Make) -> Iterator[Case]:
    mark = "\ufeff".encode()
    yield make("first", "a byte order mark before the body", around(mark, b""))
    write = with_name(mark + member_of(KEY, RIGHT_KEY))
    yield make("within", "a byte order mark before a member", write, field=KEY)


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
        return gzip.compress(object_of(member_of("name", name)), mtime=0)

    yield make("said", "the body as gzip, and Content-Encoding says so", zipped, content_encoding="gzip")
    yield make("unsaid", "the body as gzip, and no header says so", zipped)
    yield make("plain", "Content-Encoding says gzip, and the body is plain", with_name(), content_encoding="gzip")


def _comments(make: _Make) -> Iterator[Case]:
    for slug, comment in ("block", b"/* x */"), ("line", b"// x\n"), ("hash", b"# x\n"):
        words = f"a comment: {comment.decode().strip()}"
        yield make(slug, words, with_name(comment + member_of(KEY, RIGHT_KEY)))


def _comma(make: _Make) -> Iterator[Case]:
    yield make("last", "a comma behind the last member", lambda name: object_of(member_of("name", name) + b","))


def _quotes(make: _Make) -> Iterator[Case]:
    yield make("single", "single quotes for double ones", lambda name: f"{{'name': '{name}'}}".encode())


def _bare(make: _Make) -> Iterator[Case]:
    yield make("name", "a name of a member without quotes", lambda name: f'{{name: "{name}"}}'.encode())


def _constants(make: _Make) -> Iterator[Case]:
    yield make("nan", "NaN in a member that the page does not have", with_name(b'"note": NaN'))
