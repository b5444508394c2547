"""Bugs that the bug models of the library do not know of, planted in a gateway of our own: are they found all the same?

The gateway and its bugs are written from the document's facts (`oracle`) and import nothing of ours; only the cases
that are tried on them do. `planted` is a list of plausible mistakes, `drawn` makes any number of random ones.
"""

import html
import random
import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from signrules.fuzz import Case, cases

from .. import oracle
from ..labelled import labelled_bodies
from ..oracle import ALGORITHMS, FACTS, MEMBERS, TYPES, Fact

LETTERS, DIGITS = frozenset(string.ascii_letters), frozenset(string.digits)
ASCII = frozenset(map(chr, range(128)))
ENDLESS = 10**6

Requirement = Callable[[str], bool]
Change = Callable[[str], str]
Read = Callable[[dict[str, Any]], Any]


class Bug(NamedTuple):
    """A gateway with one mistake: in these rows, or, if there are none, in what it makes of a body."""

    kind: str
    facts: tuple[Fact, ...]
    judge: Requirement | None = None  # of a value, in the place of the rows
    read: Read = dict

    def __str__(self) -> str:
        return f"{' and '.join(map(row_name, self.facts)) or 'body'}: {self.kind}"

    def accepts(self, body: Any) -> bool:
        if isinstance(body, dict):
            body = self.read(body)
        if not isinstance(body, dict) or not {"name"} <= set(body) <= set(MEMBERS):
            return False
        if not all(isinstance(value, str) for value in body.values()):
            return False
        sign_type, algorithm = body.get("sign_type", "hmac"), body.get("sign_algorithm")
        if sign_type not in TYPES or (algorithm is not None and (algorithm not in ALGORITHMS or sign_type != "aes")):
            return False
        return all(
            any(self._accepts(fact, body[field]) for fact in oracle.applying(field, sign_type, algorithm))
            for field in ("name", "sign_key", "sign_secret")
            if field in body
        )

    def _accepts(self, fact: Fact, value: str) -> bool:
        return self.judge(value) if self.judge and fact in self.facts else right(fact, value)


RIGHT = Bug("none", ())


def right(fact: Fact, value: str) -> bool:
    return (
        fact.min_length <= len(value) <= fact.max_length and fact.charset.issuperset(value) and value[:1] in fact.first
    )


def row_name(fact: Fact) -> str:
    return " ".join(filter(None, fact[:3]))


# Plausible mistakes, one by one.


@cache
def planted() -> list[Bug]:
    of_rows = [
        Bug(kind, (fact,), judge)
        for fact in FACTS
        for kind, judge in (*_wrong_columns(fact), *_wrong_engines(fact), *_changed_values(fact), *_unchecked(fact))
    ]
    return [*of_rows, *_mixed_up(), *_wrong_bodies()]


def _wrong_columns(fact: Fact) -> Iterator[tuple[str, Requirement]]:
    for kind, changed in _wrong_facts(fact):
        yield kind, partial(right, changed)


def _wrong_facts(fact: Fact) -> Iterator[tuple[str, Fact]]:
    shortest, longest, charset, first = fact[3:]
    for step in (-1, 1):
        yield f"shortest {step:+}", fact._replace(min_length=shortest + step)
        yield f"longest {step:+}", fact._replace(max_length=longest + step)
    yield "no shortest", fact._replace(min_length=1)
    yield "no longest", fact._replace(max_length=ENDLESS)
    for c in sorted(charset - LETTERS - DIGITS):
        yield f"{c} missing", fact._replace(charset=charset - {c}, first=first - {c})
    for c in sorted({*"_-!@#$%+/=. *"} - charset):
        yield f"{c} added", fact._replace(charset=charset | {c})
    yield "A-z", fact._replace(charset=charset | {*"[\\]^_`"})
    yield "+-/", fact._replace(charset=charset | {*"+,-./"})
    yield "no first rule", fact._replace(first=charset)
    for c in sorted(charset - first - DIGITS):
        yield f"{c} first", fact._replace(first=first | {c})
    for c in sorted(first - LETTERS - DIGITS):
        yield f"{c} not first", fact._replace(first=first - {c})
    yield "digit first" if not first & DIGITS else "no digit first", fact._replace(first=first ^ DIGITS)
    yield "only lower case first", fact._replace(first=first - {*string.ascii_uppercase})
    yield (
        "lower case alone",
        fact._replace(charset=charset - {*string.ascii_uppercase}, first=first - {*string.ascii_uppercase}),
    )


def _pattern(fact: Fact, more: str = "") -> str:
    first, charset = ("".join(map(re.escape, sorted(characters))) for characters in (fact.first, fact.charset))
    return f"[{first}{more}][{charset}{more}]{{{fact.min_length - 1},{fact.max_length - 1}}}"


def _wrong_engines(fact: Fact) -> Iterator[tuple[str, Requirement]]:
    pattern = _pattern(fact)
    for kind, text, flags in [
        ("$", f"^{pattern}$", 0),
        ("no end", f"^{pattern}", 0),
        ("no start", rf"{pattern}\Z", 0),
        ("no anchor", pattern, 0),
        ("line by line", f"^{pattern}$", re.MULTILINE),
        ("ignoring case", rf"^{pattern}\Z", re.IGNORECASE),
        (r"\w", "^" + _pattern(fact, r"\w") + r"\Z", 0),
        (r"\d", "^" + _pattern(fact, r"\d") + r"\Z", 0),
        (r"\s at the end", rf"^{pattern}\s*\Z", 0),
    ]:
        yield kind, partial(_searched, re.compile(text, flags))
    for kind, more in [
        ("letters of any script", str.isalpha),
        ("digits of any script", str.isdigit),
        ("Chinese", lambda c: "一" <= c <= "鿿"),
        ("above ASCII", lambda c: c > "\x7f"),
        ("control characters", lambda c: c < " "),
        ("white space", str.isspace),
    ]:
        yield kind, partial(_also, fact, more)


def _searched(pattern: re.Pattern[str], value: str) -> bool:
    return bool(pattern.search(value))


def _also(fact: Fact, more: Requirement, value: str) -> bool:
    """With more characters, but not as the first."""
    letter = min(fact.charset & LETTERS)
    return right(fact, value[:1] + "".join(letter if more(c) else c for c in value[1:]))


def _changed_values(fact: Fact) -> Iterator[tuple[str, Requirement]]:
    """Values are made into others before they are judged."""
    for kind, change in CHANGES.items():
        yield kind, partial(_changed, fact, change)
    yield "cut at the longest", lambda value: right(fact, value[: fact.max_length])


def _changed(fact: Fact, change: Change, value: str) -> bool:
    return right(fact, change(value))


CHANGES: dict[str, Change] = {
    "trimmed": str.strip,
    "trimmed left": str.lstrip,
    "trimmed right": str.rstrip,
    "spaces trimmed": lambda value: value.strip(" "),
    "line break chopped": lambda value: value.removesuffix("\n"),
    "NUL ends it": lambda value: value.partition("\0")[0],
    "NUL removed": lambda value: value.replace("\0", ""),
    "line ends it": lambda value: value.partition("\n")[0],
    "spaces removed": lambda value: value.replace(" ", ""),
    "NFKC": lambda value: unicodedata.normalize("NFKC", value),
    "NFKD, ASCII alone": lambda value: unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode(),
    "folded": str.casefold,
    "percent-decoded": unquote,
}


def _unchecked(fact: Fact) -> Iterator[tuple[str, Requirement]]:
    """Some characters are not looked at."""
    for kind, keep in [
        ("first alone", lambda value: value[:1]),
        ("last unchecked", lambda value: value[:-1]),
        ("ends alone", lambda value: value[:1] + value[-1:]),
        ("the first eight alone", lambda value: value[:8]),
        ("no characters checked", lambda _: ""),
    ]:
        yield kind, partial(_partly, fact, keep)


def _partly(fact: Fact, keep: Change, value: str) -> bool:
    return (
        fact.min_length <= len(value) <= fact.max_length
        and fact.charset.issuperset(keep(value))
        and (value[:1] in fact.first or not keep(value))
    )


def _mixed_up() -> Iterator[Bug]:
    """One row judged by another of the same field, or by one column of it."""
    for fact in FACTS:
        seen = [fact]
        for other in FACTS:
            lengths = fact._replace(min_length=other.min_length, max_length=other.max_length)
            characters = fact._replace(charset=other.charset, first=other.first)
            both = characters._replace(min_length=other.min_length, max_length=other.max_length)
            for kind, changed in ("like", both), ("the lengths of", lengths), ("the characters of", characters):
                if other.field == fact.field and changed not in seen:
                    seen.append(changed)
                    yield Bug(f"{kind} {row_name(other)}", (fact,), partial(right, changed))
    shorter, longer = oracle.applying("sign_key", "aes")
    for fact in shorter, longer:
        yield Bug("either length", (fact,), lambda value: right(shorter, value) or right(longer, value))
        yield Bug("lengths between", (fact,), partial(right, fact._replace(min_length=16, max_length=32)))


def _wrong_bodies() -> Iterator[Bug]:
    for kind, read in _wrong_readers():
        yield Bug(kind, (), read=read)


def _wrong_readers() -> Iterator[tuple[str, Read]]:
    for default in TYPES[1:]:
        yield f"{default} is the default", partial(_by_default, {"sign_type": default})
    for member, words in ("sign_type", TYPES), ("sign_algorithm", ALGORITHMS):
        yield f"{member}: any letter case", partial(_with, member, str.lower)
        yield f"{member}: trimmed", partial(_with, member, str.strip)
        yield f"{member}: the beginning is enough", partial(_with, member, partial(_begun, words))
        yield f"{member}: a beginning is enough", partial(_with, member, partial(_begins, words))
        yield f"{member}: any word", partial(_with, member, partial(_known, words))
    for member in "name", "sign_key", "sign_secret":
        yield f"{member}: numbers become text", partial(_with_number, member)
    for member in MEMBERS:
        yield f"{member}: the first of a list", partial(_with_first, member)
    yield "no name", partial(_by_default, {"name": "abc"})
    yield "null as name", lambda body: body | {"name": "abc"} if body.get("name", 0) is None else body
    for needed in MEMBERS[1:4]:
        yield f"needs {needed}", partial(_by_default, {needed: None})
    for one, other in ("sign_key", "sign_secret"), ("sign_secret", "sign_key"), ("name", "sign_key"):
        yield f"{one} unchecked beside {other}", partial(_without, one, other)
    for fields in ["sign_key", "sign_secret"], ["name"]:
        for sign_type in (None, *TYPES):
            kind = f"{' and '.join(fields)} unchecked with {sign_type or 'no type'}"
            yield kind, partial(_unchecked_with, fields, sign_type)


def _by_default(more: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return more | body


def _begun(words: list[str], text: str) -> str:
    return next((word for word in words if text.startswith(word)), text)


def _begins(words: list[str], text: str) -> str:
    return next((word for word in words if text and word.startswith(text)), text)


def _known(words: list[str], text: str) -> str:
    return text if text in words else words[0]


def _with(member: str, change: Change, body: dict[str, Any]) -> dict[str, Any]:
    value = body.get(member)
    return body | {member: change(value)} if isinstance(value, str) else body


def _with_number(member: str, body: dict[str, Any]) -> dict[str, Any]:
    value = body.get(member)
    return body | {member: "n" * len(str(value))} if isinstance(value, int | float) else body


def _with_first(member: str, body: dict[str, Any]) -> dict[str, Any]:
    value = body.get(member)
    return body | {member: value[0]} if isinstance(value, list) and value else body


def _without(member: str, beside: str, body: dict[str, Any]) -> dict[str, Any]:
    if beside not in body:
        return body
    return {"name": "abc"} | {other: value for other, value in body.items() if other != member}


def _unchecked_with(fields: list[str], sign_type: str | None, body: dict[str, Any]) -> dict[str, Any]:
    if body.get("sign_type") != sign_type:
        return body
    return {"name": "abc"} | {member: value for member, value in body.items() if member not in fields}


# Random mistakes.


def drawn_bugs(count: int) -> list[Bug]:
    """The same ones every time. A third of them are two mistakes at once."""
    source = random.Random(459)
    return [_drawn(source) for _ in range(count)]


def _drawn(source: random.Random) -> Bug:
    fact = source.choice(FACTS)
    kinds = source.sample(list(DRAWS), source.choice((1, 1, 2)))
    words = []
    changed = fact
    change: Change = str
    for kind in sorted(kinds):
        what, result = DRAWS[kind](source, fact)
        words.append(f"{kind} {what}")
        if isinstance(result, Fact):
            new = {name: column for name, column in result._asdict().items() if column != getattr(fact, name)}
            changed = changed._replace(**new)
        else:
            change = result
    return Bug(" and ".join(words), (fact,), partial(_changed, changed, change))


Mistake = tuple[str, Fact | Change]


def _draw_bound(source: random.Random, fact: Fact) -> Mistake:
    column = source.choice(("min_length", "max_length"))
    right = getattr(fact, column)
    wrong = right
    while wrong == right:
        near = (right + source.randint(-3, 3), right * 2, right // 2, 1, 100, 255, 256, 1000, 1024, ENDLESS)
        wrong = max(1, source.choice(near))
    return f"{column} {wrong}", fact._replace(**{column: wrong})


def _draw_lost(source: random.Random, fact: Fact) -> Mistake:
    special = sorted(fact.charset - LETTERS - DIGITS)
    lost = {*source.sample(special, source.randint(1, len(special)))}
    return "".join(sorted(lost)), fact._replace(charset=fact.charset - lost, first=fact.first - lost)


def _draw_lost_letters(source: random.Random, fact: Fact) -> Mistake:
    lost = source.choice(("z", "Z", "0", "9", "a", "A", string.ascii_lowercase, string.ascii_uppercase, string.digits))
    return lost, fact._replace(charset=fact.charset - {*lost}, first=fact.first - {*lost})


def _draw_added(source: random.Random, fact: Fact) -> Mistake:
    added = {*source.sample(sorted(ASCII - fact.charset), source.choice((1, 1, 2, 5)))}
    first = added if source.random() < 0.5 else set()
    return f"{sorted(added)}", fact._replace(charset=fact.charset | added, first=fact.first | first)


def _draw_script(source: random.Random, fact: Fact) -> Mistake:
    """A class of characters, or all in a range, is as good as a letter."""
    kind = source.choice(("L", "Lu", "Ll", "Lo", "N", "Nd", "No", "Z", "Zs", "P", "Pd", "S", "Sm", "M", "Cc", "Cf"))
    letter = min(fact.first)
    if source.random() < 0.5:
        return kind, lambda value: "".join(
            letter if unicodedata.category(c).startswith(kind) and c > "\x7f" else c for c in value
        )
    low, high = source.choice(RANGES)
    return f"{low:X}-{high:X}", lambda value: "".join(letter if low <= ord(c) <= high else c for c in value)


RANGES = (
    *((0x80, 0xFF), (0x80, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF), (0x80, 0x7FF)),
    *((0x80, 0xFFFF), (0x10000, 0x10FFFF), (0x2000, 0x206F), (0x3000, 0x303F), (0xD800, 0xDFFF)),
)


def _draw_first(source: random.Random, fact: Fact) -> Mistake:
    special = sorted(fact.charset - LETTERS - DIGITS)
    wrong = [fact.charset, {*LETTERS}, {*LETTERS, *DIGITS}, fact.first ^ DIGITS]
    wrong += [fact.first ^ {*changed} for changed in (*"09azAZ", *special)]
    first = source.choice([first for first in wrong if first != fact.first])
    added, lost = ("".join(sorted(some)) for some in (first - fact.first, fact.first - first))
    return f"with {added!r} without {lost!r}", fact._replace(first=first)


def _draw_another_row(source: random.Random, fact: Fact) -> Mistake:
    while True:
        column = source.choice(("min_length", "max_length", "charset", "first"))
        other = source.choice(FACTS)
        changed = fact._replace(**{column: getattr(other, column)})
        if changed._replace(first=changed.first & changed.charset) != fact:
            return f"{column} of {row_name(other)}", changed


def _draw_change(source: random.Random, _: Fact) -> Mistake:
    kind = source.choice(sorted(MORE_CHANGES))
    return kind, MORE_CHANGES[kind]


def _draw_cut(source: random.Random, _: Fact) -> Mistake:
    """One to three characters are stripped, or end the value, or are dropped from it."""
    odd = "".join(source.sample(["\n", "\r", "\0", "\t", " ", '"', "'", "\\", ";", ","], 3))
    few = odd[: source.choice((1, 1, 3))]
    way = source.choice(("strip", "rstrip", "lstrip", "dropped", "ends"))
    changes: dict[str, Change] = {
        "strip": lambda value: value.strip(few),
        "rstrip": lambda value: value.rstrip(few),
        "lstrip": lambda value: value.lstrip(few),
        "dropped": lambda value: "".join(c for c in value if c not in few),
        "ends": lambda value: re.split("[" + re.escape(few) + "]", value)[0],
    }
    return f"{way} {few!r}", changes[way]


def _draw_unchecked(source: random.Random, fact: Fact) -> Mistake:
    """Characters are checked in some places alone; elsewhere, anything is as good as a letter."""
    count = source.choice([count for count in (1, 2, 3, 4, 8, 16, 32, 64, 256) if count < fact.max_length])
    letter = min(LETTERS)
    ways: dict[str, Callable[[int, int], bool]] = {
        "in the first": lambda n, _: n < count,
        "in the last": lambda n, length: n >= length - count,
        "after the first": lambda n, _: n >= count,
        "before the last": lambda n, length: n < length - count,
        "in every second of": lambda n, _: n % 2 == 0,
    }
    way = source.choice(sorted(ways))
    checked = ways[way]
    return f"{way} {count}", lambda value: "".join(c if checked(n, len(value)) else letter for n, c in enumerate(value))


MORE_CHANGES: dict[str, Change] = {
    **CHANGES,
    "lower": str.lower,
    "upper": str.upper,
    "NFC": lambda value: unicodedata.normalize("NFC", value),
    "NFD": lambda value: unicodedata.normalize("NFD", value),
    "ASCII alone": lambda value: value.encode("ascii", "ignore").decode(),
    "Latin-1 alone": lambda value: value.encode("latin-1", "ignore").decode("latin-1"),
    "low bytes": lambda value: "".join(chr(ord(c) & 0xFF) for c in value),
    "seven bits": lambda value: "".join(chr(ord(c) & 0x7F) for c in value),
    "form-decoded": unquote_plus,
    "HTML-decoded": html.unescape,
    "escapes decoded": lambda value: re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), value),
    "first line": lambda value: (value.splitlines() or [""])[0],
    "last line": lambda value: (value.splitlines() or [""])[-1],
    "white space removed": lambda value: "".join(value.split()),
    "white space becomes _": lambda value: re.sub(r"\s", "_", value),
    "controls removed": lambda value: "".join(c for c in value if c >= " "),
    "quotes removed": lambda value: value.strip("\"'"),
    "byte order mark removed": lambda value: value.removeprefix("\ufeff"),
    "accents removed": lambda value: "".join(
        c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c)
    ),
}

DRAWS: dict[str, Callable[[random.Random, Fact], Mistake]] = {
    "bound": _draw_bound,
    "lost": _draw_lost,
    "lost letters": _draw_lost_letters,
    "added": _draw_added,
    "script": _draw_script,
    "first": _draw_first,
    "row": _draw_another_row,
    "change": _draw_change,
    "cut": _draw_cut,
    "checked": _draw_unchecked,
}


# What finds them.


def finds(bug: Bug, case: Case) -> bool:
    return case.result != "acceptable" and bug.accepts(case.body) is not (case.result == "valid")


def missed(bugs: list[Bug], tried: list[Case]) -> list[Bug]:
    by_row = {row_name(fact): [case for case in tried if _asks(case.body, fact)] for fact in FACTS}
    return [
        bug
        for bug in bugs
        if not any(finds(bug, case) for case in (by_row[row_name(bug.facts[0])] if bug.facts else tried))
    ]


def _asks(body: Any, fact: Fact) -> bool:
    return (
        isinstance(body, dict)
        and fact.field in body
        and (fact.sign_type is None or body.get("sign_type", "hmac") == fact.sign_type)
    )


def test_without_a_bug_the_gateway_is_right() -> None:
    for body, broken in labelled_bodies():
        if not any(code == "forbidden" for _, code, _ in broken):
            assert RIGHT.accepts(body) is not bool(broken)
    assert not any(finds(RIGHT, case) for case in cases("full"))


def test_nothing_is_planted_twice() -> None:
    assert len({str(bug) for bug in planted()}) == len(planted()) > 700


def test_what_is_planted_is_found() -> None:
    full = [*cases("full")]
    left = missed(planted(), full[: len([*cases("quick")])])
    assert len(left) <= len(planted()) / 13
    assert not [*map(str, missed(left, full))]


def test_most_of_what_is_drawn_is_found() -> None:
    full = [*cases("full")]
    left = missed(drawn_bugs(1500), full[: len([*cases("quick")])])
    assert len(left) <= 380
    assert len(missed(left, full)) <= 15
