"""How the wire is read, by readers of JSON that others have written: which models name them."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pydantic_core
import pytest

from signrules.fuzz import Observation, cases
from signrules.fuzz._wire_readers import readings, wire_readers

from .. import oracle
from ..needs import node

WIRE = list(cases("wire"))
# Where a reader differs from the stand-in: by its documentation, or by the language's.
PYDANTIC = {"constants:taken", "surrogates:refused"}
NODE = {"invalid:replaced"}
NODE_TEXT_DECODER = {"invalid:replaced", "mark:skipped"}

PROGRAM = """
for (const line of require("fs").readFileSync(0, "latin1").split("\\n")) {
    let read = "";
    try { read = JSON.stringify(JSON.parse(DECODE(Buffer.from(line, "base64")))); } catch {}
    console.log(read);
}
"""


def read_by(read: Callable[[bytes], Any]) -> set[str]:
    """The names of the models that explain a reader, where it differs from the stand-in."""

    def accepts(content: bytes) -> bool:
        try:
            return oracle.first_refused(read(content)) is None
        except ValueError:
            return False

    found = list(readings([Observation(case, accepts(case.wire)) for case in WIRE]))
    usual = {reader.topic: reader for reader in reversed(wire_readers().values())}
    assert all(len(reading.readers) == 1 for reading in found)
    return {reader.name for reading in found for reader in reading.readers if reader != usual[reading.topic]}


def test_the_reader_of_pydantic() -> None:
    assert read_by(pydantic_core.from_json) == PYDANTIC


@pytest.mark.parametrize(
    ("decode", "expected"),
    [
        ("((bytes) => bytes.toString())", NODE),
        ("((bytes) => new TextDecoder().decode(bytes))", NODE_TEXT_DECODER),
    ],
)
def test_the_reader_of_node(decode: str, expected: set[str]) -> None:
    sent = "\n".join(b64encode(case.wire).decode() for case in WIRE)
    printed = node("-e", PROGRAM.replace("DECODE", decode), text=sent).splitlines()
    read = dict(zip((case.wire for case in WIRE), printed, strict=True))
    assert read_by(lambda content: json.loads(read[content])) == expected
