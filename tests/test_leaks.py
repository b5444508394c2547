"""No part of a value is in what comes back: str, repr, args, attributes, pickle, tracebacks with local variables."""

import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import signrules
from signrules import RULES, check, check_request, complete_request, gateway_error, is_valid, progress, validate
from signrules import validate_request as validate_body
from tests.questions import EVERY_QUESTION

HERE = str(Path(signrules.__file__).parent)
CANARY = "Zq~7ßWx€Vu"  # no three neighbours of it stand in any message

FOREIGN = CANARY * 3
LONG = CANARY.replace("~", "K").replace("ß", "J").replace("€", "Y") * 400


def pieces(canary: str) -> set[str]:
    return {canary[n : n + 3] for n in range(len(canary) - 2)} | {"ß", "€"}


def told(error: BaseException) -> Iterator[str]:
    """All that an error tells, and the local variables of our frames in its traceback."""
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
    yield pickle.dumps(error).decode("utf-8", "replace")
    yield from in_our_frames(error)
    assert error.__cause__ is error.__context__ is None


def our_part(error: BaseException) -> Iterator[str]:
    """The same, but of an error that another library made for an argument of its own, our frames alone."""
    return told(error) if isinstance(error, LookupError) else in_our_frames(error)


def in_our_frames(error: BaseException) -> Iterator[str]:
    for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
        if frame.filename.startswith(HERE):
            yield repr(frame.locals)


def assert_silent(text: str) -> None:
    found = {piece for piece in pieces(CANARY) | pieces(LONG[:20]) if piece in text}
    assert not found, found


class Carrier:
    """No string, but it shows the canary when it is printed."""

    def __repr__(self) -> str:
        return FOREIGN


def calls() -> Iterator[Callable[[], object]]:
    for value in (FOREIGN, LONG, FOREIGN.encode(), Carrier(), [FOREIGN]):
        for question in EVERY_QUESTION:
            for ask in (check, is_valid, progress, validate):
                yield lambda ask=ask, q=question, v=value: ask(q.field, v, **q.kind)  # type: ignore[misc]  # bound now
        for ask in (check, is_valid, progress, validate):
            yield lambda ask=ask, v=value: ask(v, "name")  # type: ignore[misc]  # the arguments swapped
            yield lambda ask=ask, v=value: ask("name", v, sign_type=v)  # type: ignore[misc]
            yield lambda ask=ask, v=value: ask("name", v, sign_algorithm=v)  # type: ignore[misc]
        for make in (signrules.generate, signrules.entropy_bits):
            yield lambda make=make, v=value: make(v)  # type: ignore[misc]
            for argument in ("sign_type", "sign_algorithm", "length", "alphabet"):
                yield lambda make=make, v=value, a=argument: make("sign_key", **{a: v})  # type: ignore[misc]
        yield lambda v=value: signrules.rules_for(v)  # type: ignore[misc]
        yield lambda v=value: RULES[0].accepts(v)  # type: ignore[misc]
        for body in (
            {"name": value, "sign_key": value, "sign_secret": value},
            {"name": "abc", "sign_type": value, "sign_algorithm": value},
            {"name": "abc", "sign_type": "aes", "sign_secret": "ZqK7JWxYVuZqK7JW"},
            {"name": "abc", "sign_key": value, "sign_secert": value},
            {"name": "abc", "sign_type": [value], "sign_algorithm": {"a": value}},
            value,
            [value],
        ):
            for judge in (check_request, validate_body, complete_request):
                yield lambda judge=judge, body=body: judge(body)  # type: ignore[misc]


def test_nothing_tells_the_value() -> None:
    raised = 0
    for call in calls():
        try:
            result = call()
        except (LookupError, TypeError, ValueError) as error:
            raised += 1
            for text in told(error):
                assert_silent(text)
        else:
            if isinstance(result, tuple):
                assert_silent(repr(result) + " ".join(map(str, result)))
                for violation in result:
                    assert_silent(pickle.dumps(violation).decode("utf-8", "replace"))
                    assert_silent(repr(gateway_error(violation)))
    assert raised > 200


def test_the_search_finds_what_it_should() -> None:
    def leak(value: str) -> None:
        raise ValueError(value)

    with pytest.raises(ValueError, match="Zq") as caught:
        leak(FOREIGN)
    with pytest.raises(AssertionError):
        assert_silent("".join(told(caught.value)))
    assert_silent("".join(told(ValueError("sign_key must be 8 to 32 characters long"))))
