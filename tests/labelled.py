"""The one list of values and bodies, with verdicts, that goes through every engine.

Three sources: every ASCII character, and what is easily mistaken for one, at the first, a middle and the last place
of a valid value; the edges of the lengths, and what an engine may do to a text (cut it at a NUL or a line break, search
instead of match); and values and bodies that a seeded generator makes right or wrong in several ways at once. The
oracle judges, not the library.
"""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from signrules.strategies import classic_near_misses

from . import oracle
from .questions import AES_KEY_WITHOUT_ALGORITHM, ROW_QUESTIONS, Question

QUESTIONS = [*ROW_QUESTIONS, AES_KEY_WITHOUT_ALGORITHM]

LOOK_ALIKES = (
    "\x80\x85\xa0\xad\xb5\xbaßéÿŁıſΑаΩКé٣०໓၅㏒㈠①²½Ⅷ𝐀𝟎🅰😀\N{KELVIN SIGN}ＡａＺ０９＿－＋／＝！"
    "\u0300\u200b\u200d\u2010\u2011\u2013\u2028\u2029\u202e\u2212\u3000\ufeff\ufffd\uffff\U0010ffff"
)
SURROGATES = "\ud800\udfff"
FOREIGN = [*map(chr, range(128)), *LOOK_ALIKES, *SURROGATES]

NO_STRINGS: list[object] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**70,
    1.5,
    -0.0,
    1e308,
    [],
    ["a" * 16],
    [[]],
    {},
    {"name": "orders"},
]
STRANGERS = ["sign_secert", "Name", "sign-key", "id", "", "0", "__proto__", "constructor", "é", "\U0010ffff"]
TYPES = [*oracle.TYPES, "HMAC", "Aes", "aes ", " aes", "aes\n", "", "none", "constructor", "__proto__"]
ALGORITHMS = [*oracle.ALGORITHMS, "AES-128-CFB", "aes-128-cfb\n", "aes", "", "toString"]


class Value(NamedTuple):
    """A value to be judged under a question; what the oracle says of it."""

    question: Question
    text: str
    broken: list[tuple[str, int | None]]

    @property
    def is_valid(self) -> bool:
        return not self.broken


def is_unicode(value: object) -> bool:
    """Whether it has no lone surrogate, which some engines cannot hold."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def labelled_values() -> list[Value]:
    return [
        Value(question, text, question.broken_by(text))
        for question in QUESTIONS
        for text in dict.fromkeys(_texts(question))
    ]


@cache
def labelled_bodies() -> list[tuple[Any, list[tuple[str, str, int | None]]]]:
    """Bodies as a JSON parser returns them, with the oracle's fields, codes and positions."""
    source = random.Random("bodies")
    whole = [
        {"name": "orders", **_kind(value.question), value.question.field: value.text}
        for value in labelled_values()[::5]
    ]
    made = [_body(source, wrong) for wrong in (0.0, 0.1, 0.3, 0.6) for _ in range(400)]
    bodies = [*NO_STRINGS, "name", ["name"], [{"name": "orders"}], *made, *whole, *_enumerations()]
    as_json = dict.fromkeys(map(json.dumps, bodies))
    return [(body, oracle.broken_members(body)) for body in map(json.loads, as_json)]


def a_valid_text(question: Question, length: int | None = None) -> str:
    """A valid one that has special characters where there may be any."""
    fact = question.facts()[0]
    length = length or fact.min_length
    special = "".join(sorted(fact.charset.difference("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")))
    return ("aB3" + special * length)[:length]


def _kind(question: Question) -> dict[str, str]:
    return {member: word for member, word in question.kind.items() if isinstance(word, str)}


def _texts(question: Question) -> Iterator[str]:
    facts = question.facts()
    shortest, longest = facts[0].min_length, facts[-1].max_length
    base = a_valid_text(question)
    for character in FOREIGN:
        yield character + base[1:]
        yield base[: shortest // 2] + character + base[shortest // 2 + 1 :]
        yield base[:-1] + character
    edges = {edge + step for fact in facts for edge in (fact.min_length, fact.max_length) for step in (-1, 0, 1)}
    for length in sorted(edges | {0, 1, 2, 24, 255, 256, 257, 1000, 1001, 1002, 2 * longest}):
        yield a_valid_text(question, length) if length else ""
        yield "é" * length
        yield "😀" * (length // 2)
        yield "-" * length
    full = a_valid_text(question, longest)
    for junk in (*"\n\r\0 \t\x0b\x85\u2028\ufeffé*'\"", "\r\n", "\n\n", "%0A", "\\n"):
        for text in (base, full):
            yield from (text + junk, junk + text, text + junk + text, text + junk * 3)
    yield from (f"{full[:3]}******{full[-3:]}", "*" * shortest, f"{base}\0!!", f"!!\n{base}", f"!!\n{base}\n!!")
    yield from (text for text, _ in classic_near_misses(question.field, **question.kind))
    source = random.Random(str(question))
    for fact in facts:
        yield from (_right(source, fact) for _ in range(60 // len(facts)))
        yield from (_wrong(source, fact) for _ in range(150 // len(facts)))


def _right(source: random.Random, fact: oracle.Fact) -> str:
    """As often the shortest and the longest as any between."""
    length = source.choice((fact.min_length, fact.max_length, source.randint(fact.min_length, fact.max_length)))
    return source.choice(sorted(fact.first)) + "".join(source.choices(sorted(fact.charset), k=length - 1))


def _wrong(source: random.Random, fact: oracle.Fact) -> str:
    """Mostly wrong in one to three ways: its length, its first character, one character or the whole rest."""
    value = _right(source, fact)
    if source.random() < 0.4:
        length = source.choice((fact.min_length - 1, fact.max_length + 1, source.randint(1, 2 * fact.max_length)))
        value = (value * (length // len(value) + 1))[:length]
    if source.random() < 0.4:
        value = source.choice([*sorted(fact.charset - fact.first), "*"]) + value[1:]
    if source.random() < 0.6:
        place = source.choice((0, len(value) // 2, len(value) - 1, source.randrange(len(value))))
        foreign = source.choice((source.choice(FOREIGN), chr(source.randrange(0x110000)), "*" * (len(value) - place)))
        value = value[:place] + foreign + value[place + len(foreign) :]
    return value


def _body(source: random.Random, wrong: float) -> dict[str, Any]:
    """Members in any order, each of them wrong in some way with the probability `wrong`."""
    fact = source.choice([fact for fact in oracle.FACTS if fact.sign_type])
    body: dict[str, Any] = {}
    if fact.sign_type != "hmac" or source.random() < 0.5:
        body["sign_type"] = fact.sign_type
    algorithm = source.choice([None, *oracle.ALGORITHMS]) if fact.sign_type == "aes" else None
    if algorithm:
        body["sign_algorithm"] = algorithm
    for field in ("name", "sign_key", "sign_secret"):
        row = source.choice(oracle.applying(field, fact.sign_type or "hmac", algorithm))
        if source.random() < wrong:
            body[field] = _wrong(source, row)
        elif field == "name" or source.random() < 0.7:
            body[field] = _right(source, row)
    for member, words in (("sign_type", TYPES), ("sign_algorithm", ALGORITHMS)):
        if source.random() < wrong:
            body[member] = source.choice(words)
    for member in [*oracle.MEMBERS, source.choice(STRANGERS)]:
        if source.random() < wrong / 4:
            body[member] = source.choice(NO_STRINGS)
    if source.random() < wrong / 4:
        body.pop("name", None)
    return dict(source.sample(list(body.items()), len(body)))


def _enumerations() -> Iterator[dict[str, Any]]:
    """Every type with every algorithm, near misses of both, and every combination of members."""
    for sign_type in (None, *TYPES):
        for algorithm in (None, *ALGORITHMS):
            for length in (None, 8, 16, 17, 24, 32):
                members = {"sign_type": sign_type, "sign_algorithm": algorithm}
                body: dict[str, Any] = {"name": "orders"} | {m: word for m, word in members.items() if word is not None}
                yield body | ({"sign_key": "k" * length} if length else {})
    for member in STRANGERS:
        yield {"name": "orders", member: "x"}
