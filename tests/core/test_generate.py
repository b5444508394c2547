"""Generation: right, exactly uniform, from `secrets` alone."""

import math
import random
import secrets
import traceback
from collections import Counter
from itertools import product
from typing import Any

import pytest

from signrules import Rule, _generate, check, entropy_bits, generate
from signrules._generate import Source

from .. import oracle
from ..questions import AES_KEY_WITHOUT_ALGORITHM, EVERY_QUESTION, ROW_QUESTIONS, Question

PORTABLE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
each_row = pytest.mark.parametrize("question", ROW_QUESTIONS, ids=str)
each_alphabet = pytest.mark.parametrize("alphabet", ["portable", "full"])


def fact_of(question: Question) -> oracle.Fact:
    (fact,) = question.facts()
    return fact


def alphabet_of(fact: oracle.Fact, alphabet: str) -> set[str]:
    return fact.charset & PORTABLE if alphabet == "portable" else fact.charset


@each_row
@each_alphabet
def test_every_length_is_made_and_valid(question: Question, alphabet: Any) -> None:
    fact = fact_of(question)
    for length in range(fact.min_length, fact.max_length + 1):
        value = generate(question.field, **question.kind, length=length, alphabet=alphabet)
        assert len(value) == length
        assert check(question.field, value, **question.kind) == ()
        assert set(value) <= alphabet_of(fact, alphabet)
    assert len(generate(question.field, **question.kind, alphabet=alphabet)) == min(fact.max_length, 64)


@pytest.mark.parametrize("question", EVERY_QUESTION, ids=str)
def test_every_question_but_one_has_an_answer(question: Question) -> None:
    if question == AES_KEY_WITHOUT_ALGORITHM:
        for ask in (generate, entropy_bits):
            with pytest.raises(
                ValueError,
                match=r"^sign_algorithm must be aes-128-cfb or aes-256-cfb to generate a sign_key of sign_type aes$",
            ) as e:
                ask(question.field, **question.kind, length=16)
            assert type(e.value) is ValueError
    else:
        assert check(question.field, generate(question.field, **question.kind), **question.kind) == ()


class Stream:
    """Bytes from a given sequence, in place of the system's; runs dry with `EOFError`."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def token_bytes(self, count: int) -> bytes:
        taken, self.data = self.data[:count], self.data[count:]
        if len(taken) < count:
            raise EOFError
        return taken


def values_of_every_stream(source: Source, symbols: bytes, length: int, drawn: int) -> Counter[str]:
    """How often each value comes out when every sequence of the symbols comes in once."""
    counts: Counter[str] = Counter()
    for sequence in product(symbols, repeat=drawn):
        stream = Stream(bytes(sequence))
        source.secrets = stream  # type: ignore[assignment]  # the stand-in for the module
        try:
            counts[source.fill(b"", length).decode()] += 1
        except EOFError:
            continue
    return counts


@pytest.mark.parametrize(
    ("charset", "first", "spare"),
    [("ABCD", "ABCD", 0), ("ABCD", "AB", 0), ("ABCD", "C", 0), ("ABC", "ABC", 0), ("ABC", "AC", 0), ("ABC", "AC", 2)],
)
def test_small_alphabets_are_exhausted_evenly(charset: str, first: str, spare: int) -> None:
    rule = Rule("name", None, None, 2, 3, charset, first)
    source = Source(rule, "full")
    kept = 256 // len(charset) * len(charset)
    # Each character stands for the same number of bytes; what is left over is rejected.
    assert Counter(source.table[:kept].decode()) == dict.fromkeys(charset, 256 // len(charset))
    assert source.rejected == bytes(range(kept, 256))
    # So one byte for each character, and one for all that are rejected, go through every order of six.
    symbols = bytes(range(len(charset))) + source.rejected[:1]
    source.spare = spare
    for length in (2, 3):
        counts = values_of_every_stream(source, symbols, length, drawn=6)
        assert set(counts) == {a + "".join(rest) for a in first for rest in product(charset, repeat=length - 1)}
        assert len(set(counts.values())) == 1


@each_row
@each_alphabet
def test_each_character_is_as_frequent_as_another(
    question: Question, alphabet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seeded, so that the verdict is always the same; significance one in a million.
    monkeypatch.setattr(secrets, "token_bytes", random.Random(20261123).randbytes)
    fact = fact_of(question)
    values = [
        generate(question.field, **question.kind, length=fact.min_length, alphabet=alphabet) for _ in range(20_000)
    ]
    later = alphabet_of(fact, alphabet)
    for place, allowed in ((0, later & fact.first), (1, later), (fact.min_length - 1, later)):
        counts = Counter(value[place] for value in values)
        assert set(counts) == allowed
        share = len(values) / len(allowed)
        freedom = len(allowed) - 1
        chi_square = sum((count - share) ** 2 / share for count in counts.values())
        # Wilson and Hilferty's approximation of the quantile; 4.75 is the normal one.
        assert chi_square < freedom * (1 - 2 / (9 * freedom) + 4.75 * math.sqrt(2 / (9 * freedom))) ** 3


def test_all_randomness_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def token_bytes(count: int) -> bytes:
        asked.append(count)
        return b"\0" * count

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    assert generate("sign_key") == "A" * 32
    assert asked == [32]


def test_a_value_that_was_begun_is_left_in_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    # A "-" and 31 letters: the "-" may not come first, and for the character that is missing the system fails.
    monkeypatch.setattr(secrets, "token_bytes", Stream(bytes([63, *[0] * 31])).token_bytes)
    with pytest.raises(EOFError) as caught:
        generate("sign_key")
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)][1:-1]
    assert [frame.f_code.co_name for frame in frames] == ["generate", "fill"]
    assert not any("text" in frame.f_locals for frame in frames)


def test_the_portable_characters_are_those_of_base64_in_urls() -> None:
    assert sorted(_generate.PORTABLE) == sorted(PORTABLE)


def test_values_differ() -> None:
    assert len({generate("sign_key", sign_type="aes", sign_algorithm="aes-128-cfb") for _ in range(1000)}) == 1000


# Entropy


@each_row
@each_alphabet
def test_entropy_is_the_logarithm_of_the_number_of_values(question: Question, alphabet: Any) -> None:
    fact = fact_of(question)
    later = alphabet_of(fact, alphabet)
    for length in (None, fact.min_length, fact.max_length):
        size = min(fact.max_length, 64) if length is None else length
        count = len(later & fact.first) * len(later) ** (size - 1)
        bits = entropy_bits(question.field, **question.kind, length=length, alphabet=alphabet)
        assert bits == pytest.approx(math.log2(count), rel=1e-12)


def test_the_portable_alphabet_costs_2_6_bits_in_16_characters() -> None:
    full, portable = (
        entropy_bits("sign_secret", sign_type="aes", alphabet=alphabet) for alphabet in ("full", "portable")
    )
    assert full - portable == pytest.approx(2.6, abs=0.1)


# Wrong use


class Lying(int):
    __le__ = __ge__ = lambda *_: True


@pytest.mark.parametrize("ask", [generate, entropy_bits])
@pytest.mark.parametrize(
    ("field", "wrong", "error", "message"),
    [
        ("key", {}, LookupError, "field must be name, sign_key or sign_secret"),
        ([], {}, LookupError, "field must be name, sign_key or sign_secret"),
        ("name", {"sign_type": "rsa"}, LookupError, "sign_type must be hmac, basic, public_key or aes"),
        ("name", {"sign_algorithm": ""}, LookupError, "sign_algorithm must be aes-128-cfb, aes-256-cfb or None"),
        ("name", {"alphabet": "hex"}, LookupError, "alphabet must be portable or full"),
        ("name", {"alphabet": None}, LookupError, "alphabet must be portable or full"),
        ("name", {"alphabet": []}, LookupError, "alphabet must be portable or full"),
        ("name", {"length": 2}, ValueError, "length must be 3 to 64 for a name"),
        ("name", {"length": 65}, ValueError, "length must be 3 to 64 for a name"),
        ("name", {"length": Lying(65)}, ValueError, "length must be 3 to 64 for a name"),
        ("name", {"length": True}, ValueError, "length must be 3 to 64 for a name"),
        ("sign_key", {"length": 33}, ValueError, "length must be 8 to 32 for a sign_key of sign_type hmac"),
        (
            "sign_secret",
            {"sign_type": "aes", "length": 0},
            ValueError,
            "length must be 16 for a sign_secret of sign_type aes",
        ),
        ("name", {"length": 16.0}, TypeError, "length must be an int, not float"),
        ("name", {"length": "16"}, TypeError, "length must be an int, not str"),
        ("name", {"length": []}, TypeError, "length must be an int, not list"),
    ],
)
def test_wrong_use(ask: Any, field: Any, wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    generate("name", length=16)  # what was made before must not change the answer
    with pytest.raises(error) as caught:
        ask(field, **wrong)
    assert type(caught.value) is error
    assert str(caught.value) == message
    assert caught.value.__context__ is None


@pytest.mark.parametrize("argument", ["field", "sign_type", "sign_algorithm", "alphabet"])
def test_a_word_of_a_class_that_raises_is_the_text_that_it_is(argument: str) -> None:
    class Raising(str):
        __slots__ = ()

        def __hash__(self) -> int:
            raise ZeroDivisionError

    words: dict[str, Any] = {
        "field": "sign_key",
        "sign_type": "aes",
        "sign_algorithm": "aes-128-cfb",
        "alphabet": "full",
    }
    assert len(generate(**words | {argument: Raising(words[argument])})) == 16
