"""The one list of values and bodies, with verdicts, that goes through every engine.

Three sources: every ASCII character, and what is easily mistaken for one, at the first, a middle and the last place
of a valid value; the edges of the lengths, and what an engine may do to a text (cut it at a NUL or a line break, search
instead of match); and what the strategies draw, which knows more of near misses. The oracle judges, not the library.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from signrules.strategies import invalid_requests, near_misses, requests, values

from . import oracle
from .questions import AES_KEY_WITHOUT_ALGORITHM, ROW_QUESTIONS, Question

QUESTIONS = [*ROW_QUESTIONS, AES_KEY_WITHOUT_ALGORITHM]

LOOK_ALIKES = (
    "\x80\x85\xa0\xad\xb5\xbaßéÿŁıſΑаΩКé٣०໓၅㏒㈠①²½Ⅷ𝐀𝟎🅰😀\N{KELVIN SIGN}ＡａＺ０９＿－＋／＝！"
    "\u0300\u200b\u200d\u2010\u2011\u2013\u2028\u2029\u202e\u2212\u3000\ufeff\ufffd\uffff\U0010ffff"
)
SURROGATES = "\ud800\udfff"


class Value(NamedTuple):
    """A value to be judged under a question; what the oracle says of it."""

    question: Question
    text: str
    broken: list[tuple[str, int | None]]

    @property
    def is_valid(self) -> bool:
        return not self.broken


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
    wrong = [body for body, _ in drawn(invalid_requests(), 1200)]
    whole = [
        {"name": "orders", **_kind(value.question), value.question.field: value.text}
        for value in labelled_values()[::5]
    ]
    bodies = [*drawn(requests(), 300), *wrong, *whole, *_enumerations()]
    as_json = {text: None for body in bodies if "NaN" not in (text := json.dumps(body)) and "Infinity" not in text}
    return [(body, oracle.broken_members(body)) for body in map(json.loads, as_json)]


def drawn(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """So many examples, always the same ones."""
    examples = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        examples.append(example)

    collect()
    return examples


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
    for character in chain(map(chr, range(128)), LOOK_ALIKES, SURROGATES):
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
    yield from drawn(values(question.field, **question.kind), 60)
    yield from (text for text, _ in drawn(near_misses(question.field, **question.kind), 150))


def _enumerations() -> Iterator[dict[str, Any]]:
    """Every type with every algorithm, near misses of both, and every combination of members."""
    words = [*oracle.TYPES, "HMAC", "Aes", "aes ", " aes", "aes\n", "", "none", "constructor", "__proto__"]
    algorithms = [*oracle.ALGORITHMS, "AES-128-CFB", "aes-128-cfb\n", "aes", "", "toString"]
    for sign_type in (None, *words):
        for algorithm in (None, *algorithms):
            for length in (None, 8, 16, 17, 24, 32):
                members = {"sign_type": sign_type, "sign_algorithm": algorithm}
                body: dict[str, Any] = {"name": "orders"} | {m: word for m, word in members.items() if word is not None}
                yield body | ({"sign_key": "k" * length} if length else {})
    for member in ("", "Name", "id", "sign_secert", "__proto__", "constructor", "0"):
        yield {"name": "orders", member: "x"}
