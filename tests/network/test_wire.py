"""How the wire is read, over real sockets: the whole profile against the stand-in, plain and with readers planted."""

from functools import partial
from itertools import count
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="needs the extra fuzz: in a clone, pip install '.[fuzz]'")
pytest.importorskip("starlette", reason="needs the extra gateway: in a clone, pip install '.[gateway]'")

from signrules.fuzz import Observation, cases, diagnose
from signrules.fuzz._decoder import Decoder
from signrules.fuzz._runner import Run
from signrules.fuzz._wire_readers import wire_readers
from signrules.fuzz.bugs import RIGHT, Bug, bugs
from signrules.fuzz.gateway import gateway, serving

from ..threads import in_a_thread
from .faults import Right, error, saying
from .runs import Sleeper, fuzz, of, sent

WIRE = tuple(cases("wire"))
INSTANCES = count()


def run_against(decoder: Decoder, folder: Path, bug: Bug = RIGHT) -> Run:
    """A run of all cases, which leaves no key."""
    with serving(gateway(bug, decoder=decoder)) as url:
        where = f"{url}/v2/project/apigw/instances/{next(INSTANCES)}/signs"
        found = in_a_thread(
            partial(sent, where, WIRE, token="any", state=folder / "state", concurrency=8, sleep=Sleeper())
        )
    assert (found.left_behind, found.perhaps_ours, found.stopped, found.interrupted) == ((), (), "", False)
    assert not any(observation.accepted is None for observation in found.observations)
    return found


def names(observations: tuple[Observation, ...]) -> set[str]:
    return {reader.name for reading in diagnose(observations).readings for reader in reading.readers}


@pytest.mark.parametrize(
    "planted",
    [
        (),
        ("twins:first", "case:preferred", "mark:white-space"),
        ("twins:refused", "case:last", "invalid:replaced", "lookalikes:folded", "behind:ignored"),
        ("invalid:dropped", "utf16:any", "utf32:marked", "gzip:by-header", "comments:with-hash", "nul:ends-names"),
    ],
)
def test_the_readers_of_the_stand_in_are_named(planted: tuple[str, ...], tmp_path: Path) -> None:
    decoder = Decoder()
    for name in planted:
        decoder = wire_readers()[name].of(decoder)
    observations = run_against(decoder, tmp_path).observations
    expected = {reader.name for reader in wire_readers().values() if getattr(decoder, reader.topic) == reader.word}
    assert names(observations) == expected
    assert diagnose(observations).is_clean


def test_whichever_name_is_taken_the_key_is_deleted(tmp_path: Path) -> None:
    """The gateway checks no name, so it makes keys by the wrong one of two."""
    observations = run_against(Decoder(), tmp_path, bugs()["body:unchecked.name"]).observations
    accepted = {observation.case.id for observation in observations if observation.accepted}
    assert {"wire:twins.name-right-first", "wire:twins.name-wrong-first"} <= accepted
    (stored,) = diagnose(observations).stored
    assert (stored.member, [o.case.id for o in stored.observations]) == ("name", ["wire:twins.name-right-first"])


def test_a_gateway_that_judges_one_of_two_and_stores_the_other_is_told_so(tmp_path: Path) -> None:
    """The verdicts are those of one that takes the last; the answer shows the first."""

    async def first(right: Right) -> bytes:
        return right().replace(b'"kEy0kEy0kEy0kEy0"', b'"!"' + b" " * 15)

    pair = [case for case in WIRE if case.id.startswith("wire:twins.sign_key-") and case.result == "acceptable"]
    with of(lambda method, _: first if method == "POST" else None) as (_, url):
        found = fuzz(url, tmp_path, pair)
    diagnosis = diagnose(found.observations)
    (stored,) = diagnosis.stored
    assert stored.words == "sign_key: stores a value that breaks a rule, so it has judged another one"
    assert not diagnosis.is_clean


def test_an_unsupported_media_type_is_a_refusal_of_raw_bytes_alone(tmp_path: Path) -> None:
    (case,) = (case for case in WIRE if case.id == "wire:gzip.said")
    refusal = saying(error(415, "", "no"))
    with of(lambda method, n: refusal if method == "POST" and n > 2 else None) as (_, url):
        found = fuzz(url, tmp_path, [case, *cases()][:2])
    assert [observation.accepted for observation in found.observations] == [False, None]
