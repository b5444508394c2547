"""No part of a value is in what comes back: str, repr, args, attributes, pickle, tracebacks with local variables."""

import inspect
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import signrules
import signrules.export
import signrules.fuzz
import signrules.strategies
from signrules import RULES, check, check_request, complete_request, gateway_error, is_valid, progress, validate
from signrules import validate_request as validate_body
from signrules._accelerator import ACCELERATED
from signrules._guard import guarded
from signrules._marks import first_foreign, fits, plain
from signrules._request import _members

from ..questions import EVERY_QUESTION
from ..silence import FOREIGN, HERE, LONG, Carrier, assert_silent, told
from ..threads import untraced
from ..unmeasured import unmeasured


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


# However an error comes about, no frame of ours holds an argument.


def public_functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """All that take an argument."""
    for module in (signrules, signrules.export, signrules.strategies, signrules.fuzz):
        for name in module.__all__:
            function = getattr(module, name)
            if inspect.isroutine(function) and inspect.signature(function).parameters:
                yield f"{module.__name__}.{name}", function
    yield "signrules.Rule.accepts", RULES[1].accepts


PUBLIC = dict(public_functions())
each_public_function = pytest.mark.parametrize("name", PUBLIC)
# Right for a key and a secret of hmac, so that the fast ways are gone too.
RIGHT = LONG[:16]
# Arguments that are right where nothing else is said.
GOOD: dict[str, object] = {
    "field": "sign_key",
    "value": RIGHT,
    "body": {"name": "orders", "sign_key": RIGHT, "sign_secret": RIGHT},
    "attributes": {"pattern": "a"},
    "violation": check("name", "")[0],
    "observations": [],
    "answer": is_valid,
    "target": "vault",
}


def calls_of(function: Callable[..., object], values: tuple[object, ...]) -> Iterator[Callable[[], object]]:
    """Calls with each value in each place alone, in all of them, and in one too many."""
    parameters = inspect.signature(function).parameters.values()
    given = {p.name: GOOD[p.name] for p in parameters if p.default is p.empty}
    for value in values:
        yield partial(function, **{p.name: value for p in parameters})
        yield partial(function, *[value] * len(parameters))
        yield partial(function, *[value] * (len(parameters) + 1))
        for parameter in parameters:
            yield partial(function, **{**given, parameter.name: value})


def outcome(call: Callable[[], object]) -> BaseException | None:
    """What the call raised, having left nothing in our frames."""
    try:
        call()
    except BaseException as caught:
        error = caught
    else:
        return None
    assert error.__cause__ is error.__context__ is None
    assert_silent(repr(getattr(error, "obj", None)))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(HERE):
            assert_silent(repr(frame.f_locals))
    return error


@each_public_function
def test_no_argument_is_left_in_a_frame(name: str) -> None:
    values = (RIGHT, FOREIGN, FOREIGN.encode(), [FOREIGN], {"name": FOREIGN, "sign_key": FOREIGN}, Carrier())
    assert sum(isinstance(outcome(call), Exception) for call in calls_of(PUBLIC[name], values))


def with_room_for(frames: int, call: Callable[[], object]) -> BaseException | None:
    """The outcome of the call where only so many more frames may be entered."""
    depth = sum(1 for _ in traceback.walk_stack(None))
    limit = sys.getrecursionlimit()

    def limited() -> None:
        sys.setrecursionlimit(depth + frames)
        try:
            call()
        finally:
            sys.setrecursionlimit(limit)

    return outcome(limited)


def deeper(levels: int, call: Callable[[], object]) -> Any:
    """The result of the call, so many frames further down."""
    return deeper(levels - 1, call) if levels else call()


def outcomes_where_the_stack_ends(call: Callable[[], object], frames: range) -> list[BaseException | None]:
    """The outcomes with so many frames left. What follows each step, as coverage does, fails there itself."""
    assert deeper(1, lambda: with_room_for(1000, lambda: None)) is None
    # All threads have the same limit, and the others are a hundred frames deep.
    found: list[BaseException | None] = untraced(
        lambda: deeper(400, lambda: [with_room_for(left, call) for left in frames])
    )
    return found


@each_public_function
def test_no_argument_is_left_where_the_stack_ends(name: str) -> None:
    for call in calls_of(PUBLIC[name], (RIGHT, FOREIGN, {"name": FOREIGN, "sign_key": FOREIGN})):
        outcome(call)  # what is loaded or made once is there now
        *ended, last = outcomes_where_the_stack_ends(call, range(4, 40))
        assert any(isinstance(error, RecursionError) for error in ended)
        assert not isinstance(last, RecursionError)


class Text(str):
    __slots__ = ()


def test_no_argument_is_left_where_the_stack_ends_before_its_characters_are_read() -> None:
    text = Text(FOREIGN)
    body = {"sign_key": FOREIGN, "name": text}
    for call in (partial(plain, text), partial(RULES[0].accepts, text), partial(_members, body)):
        ended = outcomes_where_the_stack_ends(call, range(4, 20))
        assert any(isinstance(error, RecursionError) for error in ended)


class Signalling(str):
    """A word in the middle of whose comparison a signal comes."""

    __slots__ = ()
    __eq__ = str.__eq__

    def __hash__(self) -> int:
        return signal.raise_signal(signal.SIGINT) or 0  # type: ignore[func-returns-value]  # it never returns


@pytest.mark.parametrize(
    "function",
    [check, is_valid, progress, validate, signrules.generate, check_request, validate_body, complete_request],
)
def test_no_argument_is_left_by_the_handler_of_a_signal(function: Callable[..., object]) -> None:
    body = {"name": FOREIGN, "sign_key": FOREIGN, "sign_secret": FOREIGN, "sign_type": Signalling("hmac")}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored here
    try:
        outcomes = [outcome(call) for call in calls_of(function, (Signalling(RIGHT), body))]
    finally:
        signal.signal(signal.SIGINT, before)
    assert any(isinstance(error, KeyboardInterrupt) for error in outcomes)


class TimeLimitError(Exception):
    pass


class Interrupted:
    """A table in which a look-up is interrupted."""

    def __getitem__(self, _: object) -> None:
        raise TimeLimitError


@pytest.mark.parametrize(
    ("table", "ask"),
    [
        ("signrules._check.ASKED", partial(progress, "sign_key", FOREIGN)),
        ("signrules._check.ASKED", partial(check, "sign_key", FOREIGN)),
        ("signrules._generate._SOURCES", partial(signrules.generate, "sign_key")),
        *[  # the accelerator does not look here
            ("signrules._check._TABLES", partial(check, "sign_key", FOREIGN)),
            ("signrules._check._TABLES", partial(is_valid, "sign_key", FOREIGN)),
            ("signrules._request._TABLES", partial(check_request, {"name": FOREIGN})),
        ]
        * (not ACCELERATED),
    ],
)
def test_a_look_up_that_is_interrupted_is_not_begun_anew(
    monkeypatch: pytest.MonkeyPatch, table: str, ask: Callable[[], object]
) -> None:
    monkeypatch.setattr(table, Interrupted())
    assert isinstance(outcome(ask), TimeLimitError)


def test_a_time_limit_is_never_lost() -> None:
    """A task queue ends a task by an exception from the handler of a signal. It may come at any instruction.

    Not in this process: coverage holds a lock now and then, which the exception would leave locked.
    """
    script = """
import signal
from functools import partial
from signrules import RULES, check, check_request, generate, is_valid, progress

class TimeLimit(Exception): pass

def end(*_):
    raise TimeLimit

def asked_on(ask):
    signal.setitimer(signal.ITIMER_REAL, 0.0005)
    for _ in range(100_000):
        ask()

signal.signal(signal.SIGALRM, end)
key, lost = "abcdefgh01234567", []
for ask in (
    partial(check, "sign_key", key),
    partial(check, "sign_key", ""),
    partial(is_valid, "sign_key", key),
    partial(progress, "sign_key", key),
    partial(RULES[1].accepts, key),
    partial(generate, "sign_key"),
    partial(check_request, {"name": "orders", "sign_key": key, "sign_secret": key}),
):
    ask()  # the first call loads and makes what it needs
    for _ in range(20):
        try:
            asked_on(ask)
            lost.append(ask.func.__name__)
        except TimeLimit:
            pass
print(lost)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=unmeasured())
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("judge", [fits, first_foreign])
def test_no_value_is_left_where_it_is_judged(judge: Callable[..., object]) -> None:
    """The error of a wrong table stands for what only a signal brings about."""
    assert isinstance(outcome(partial(judge, FOREIGN, 5)), TypeError)


def test_a_frame_that_still_runs_is_passed_over() -> None:
    error = KeyError()
    with pytest.raises(KeyError):
        raise error

    @guarded
    def raise_again(value: str) -> None:  # noqa: ARG001  it stands in the frame
        raise error

    assert outcome(partial(raise_again, FOREIGN)) is error
