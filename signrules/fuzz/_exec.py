"""A judge over a pipe: any program that reads a JSON body from each line, and prints its verdict as a line.

The law of this module: nothing that a judge does or fails to do can hold us up for longer than the timeout.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import Any, Final, Generic, NamedTuple, TypeVar

from .._guard import guarded
from .._table import MEMBERS
from ._case import Case, Observation
from ._dialogue import Dialogue
from ._signals import signals_cancel

T = TypeVar("T")

_INPUT, _OUTPUT = 0, 1
# Bytes. No verdict is nearly as long.
_LONGEST: Final = 1 << 16
# Seconds that a judge has to end after its input is closed, or after it has closed its output.
_PATIENCE: Final = 1.0


class JudgeError(Exception):
    """The judge cannot be asked, or not any more; the message says what it did, and at which case."""


class OutOfStepError(JudgeError):
    """The judge printed a line that nobody asked for, so nobody can say which verdict is for which case."""


class Judged(NamedTuple, Generic[T]):
    """What a judge has said.

    `result` is that of the dialogue, `None` if the dialogue did not come to its end. `observations` come in the order
    of the questions. `interrupted` is whether a signal ended it. `stopped` is another reason why it ended early, or "".
    """

    result: T | None
    observations: tuple[Observation, ...]
    interrupted: bool
    stopped: str


@guarded
def judged_by(
    command: Sequence[str],
    dialogue: Dialogue[T],
    *,
    timeout: float,
    progress: Callable[[int], object] = lambda _done: None,
) -> Judged[T]:
    """Asks a program for its verdict on each case of the dialogue.

    `command` is the program and its arguments; no shell reads it. It runs once, gets the body of each case as a line of
    JSON in ASCII, and answers each with a line `{"accepted": true}` or `{"accepted": false, "member": "sign_key"}`. The
    member may be left out. The next line comes only after the answer. What the program writes to standard error goes
    to ours. `timeout` is the number of seconds that an answer may take. `progress` is called with the number of
    verdicts so far.

    Ctrl-C, SIGTERM or SIGHUP ends the run; a second signal ends it at once. In any case the program is ended: its input
    is closed, and a second later it is killed. The run has an event loop of its own, so it must not be called within
    another.

    Raises `JudgeError` if the program cannot be started, if it gives no verdict at all, or if it prints more lines than
    it is asked for. If it fails later, the verdicts so far come back, and `stopped` says why there are no more.
    """
    with closing(dialogue):
        return asyncio.run(_judged_by(tuple(command), dialogue, timeout, progress))


async def _judged_by(
    command: tuple[str, ...], dialogue: Dialogue[T], timeout: float, progress: Callable[[int], object]
) -> Judged[T]:
    result: T | None = None
    seen: list[Observation] = []
    interrupted, stopped = False, ""
    with signals_cancel(asyncio.current_task()):
        try:
            judge = await _started(command, timeout)
            try:
                result = await _asked(judge, dialogue, seen, progress)
            finally:
                await judge.end()
        except asyncio.CancelledError:  # by a signal
            interrupted = True
        except JudgeError as reason:
            if not seen or isinstance(reason, OutOfStepError):
                raise
            stopped = str(reason)
    return Judged(result, tuple(seen), interrupted, stopped)


async def _asked(
    judge: "_Judge", dialogue: Dialogue[T], seen: list[Observation], progress: Callable[[int], object]
) -> T:
    """The result of the dialogue. Adds each verdict to `seen` as soon as it is there."""
    try:
        batch = next(dialogue)
        while True:
            before = len(seen)
            for case in batch:
                seen.append(await judge.ask(case))
                progress(len(seen))
            batch = dialogue.send(seen[before:])
    except StopIteration as end:
        result: T = end.value
    await judge.finish()
    return result


class _Pipes(asyncio.SubprocessProtocol):
    """What comes out of a program: `printed` is what nobody has read yet, `is_open` whether more may come."""

    def __init__(self) -> None:
        self.printed = bytearray()
        self.is_open, self.has_ended = True, False
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Future[None] = self._loop.create_future()

    def pipe_data_received(self, _number: int, data: bytes) -> None:
        self.printed += data
        self._tell()

    def pipe_connection_lost(self, number: int, _error: Exception | None) -> None:
        self.is_open = self.is_open and number != _OUTPUT
        self._tell()

    def process_exited(self) -> None:
        self.has_ended = True
        self._tell()

    async def wait(self, is_there: Callable[[], bool], seconds: float) -> None:
        """Waits until something is there, but not longer than some seconds."""
        end = self._loop.time() + seconds
        while not is_there() and (left := end - self._loop.time()) > 0:
            self._news = self._loop.create_future()
            await asyncio.wait([self._news], timeout=left)

    def _tell(self) -> None:
        if not self._news.done():
            self._news.set_result(None)


class _Judge:
    def __init__(self, transport: asyncio.SubprocessTransport, pipes: _Pipes, timeout: float) -> None:
        self._transport, self._pipes, self._timeout = transport, pipes, timeout
        self._input: Any = transport.get_pipe_transport(_INPUT)

    async def ask(self, case: Case) -> Observation:
        """The verdict on a case."""
        if self._pipes.printed:
            raise OutOfStepError(f"the judge printed a line that nobody asked for, before case {case.id}")
        self._input.write(case.wire + b"\n")
        try:
            answer = json.loads(await self._line(case))
        except (ValueError, RecursionError):
            raise JudgeError(f"the judge printed no JSON at case {case.id}") from None
        accepted = answer.get("accepted") if isinstance(answer, dict) else None
        if not isinstance(accepted, bool):
            raise JudgeError(f'the judge did not print {{"accepted": true}} or {{"accepted": false}} at case {case.id}')
        member = answer.get("member")
        return Observation(case, accepted, member if not accepted and member in MEMBERS else None)

    async def finish(self) -> None:
        """Lets the judge come to its end, and makes sure that it has answered each case once."""
        self._input.close()
        await self._pipes.wait(lambda: not self._pipes.is_open, _PATIENCE)
        if self._pipes.printed:
            raise OutOfStepError("the judge printed more lines than it was asked for")

    async def end(self) -> None:
        """Closes the input of the judge, and kills it if it does not end by itself."""

        def has_ended() -> bool:
            return self._pipes.has_ended and not self._pipes.is_open

        self._input.close()
        try:
            await self._pipes.wait(has_ended, _PATIENCE)
        finally:  # a second signal may have ended the wait
            if not has_ended():
                with suppress(AttributeError, ProcessLookupError):  # Windows has no groups: there `close` kills it
                    os.killpg(self._transport.get_pid(), signal.SIGKILL)
                await self._pipes.wait(has_ended, _PATIENCE)
            self._transport.close()

    async def _line(self, case: Case) -> bytes:
        printed = self._pipes.printed

        def is_settled() -> bool:
            return b"\n" in printed or len(printed) > _LONGEST or not self._pipes.is_open

        await self._pipes.wait(is_settled, self._timeout)
        line, end, _ = printed[: _LONGEST + 1].partition(b"\n")
        if not end:
            raise JudgeError(f"the judge {await self._failure()} at case {case.id}")
        del printed[: len(line) + 1]
        return bytes(line)

    async def _failure(self) -> str:
        """What the judge did instead of printing a line."""
        if len(self._pipes.printed) > _LONGEST:
            return f"printed a line of more than {_LONGEST} bytes"
        if not self._pipes.is_open:  # most judges do that by ending
            await self._pipes.wait(lambda: self._pipes.has_ended, _PATIENCE)
        status = self._transport.get_returncode()
        if status is None and self._pipes.is_open:
            what = f"gave no answer within {self._timeout:g} s (does it flush each line?)"
        elif status is None:
            what = "closed its output"
        elif status < 0:
            what = f"was ended by signal {-status} ({signal.strsignal(-status)})"
        else:
            what = f"ended with exit status {status}"
        return f"printed a line without an end, and {what}" if self._pipes.printed else what


async def _started(command: tuple[str, ...], timeout: float) -> _Judge:
    """Runs the judge in a group of processes of its own: Ctrl-C is for us alone, and a kill reaches all of them."""
    try:
        transport, pipes = await asyncio.get_running_loop().subprocess_exec(
            _Pipes, *command, stderr=None, start_new_session=True
        )
    except OSError as error:
        raise JudgeError(f"the judge cannot be started: {error.strerror}") from None
    return _Judge(transport, pipes, timeout)
