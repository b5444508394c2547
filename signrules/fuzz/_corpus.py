"""The cases as files, for tests in other languages: vectors in the shape of Project Wycheproof, and a dictionary."""

import json
from collections.abc import Iterator
from typing import Any, Final, get_args

from .._spelling import DIGITS, LETTERS
from .._table import MEMBERS
from .._version import version
from .._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES
from ..export import SCHEMA_DIALECT
from ._case import Case, Result, named, wire_members
from ._cases import TextProfile, cases
from ._flags import FLAGS

_SCHEMA_NAME: Final = "signature_key_test_schema_v1.json"
_GROUP_TYPE: Final = "SignatureKeyTest"
_HEADER: Final = (
    "Test vectors of type SignatureKeyTest are request bodies that create a signature key of an API gateway.",
    "A body with the result valid must be accepted, one with invalid must be refused; acceptable may be either.",
    "An invalid body is wrong in the field of its group alone, so a wrong answer shows which field is judged wrongly.",
)
# In the words of Wycheproof. Every other kind is a check that may be missing.
_BUG_TYPES: Final = {"Right": "FUNCTIONALITY", "Length": "EDGE_CASE", "Silent": "UNKNOWN"}
_BUG_TYPE: Final = "MISSING_STEP"

# The longest token that AFL takes, in bytes. libFuzzer passes over those of more than 64.
_LONGEST_TOKEN: Final = 128


def corpus(profile: TextProfile = "quick") -> dict[str, Any]:
    """All cases of a profile as one JSON document in the shape of Project Wycheproof (`corpus_schema`).

    A group has the tests of one `field` ("" for the body) with the same `sign_type` and `sign_algorithm`; these are
    `None` for bodies that give none of the page's. `tcId` is the place, from 1, in the order that finds the most bugs
    soonest; "full" begins as "quick" does, so a test has the same in both.
    """
    source = {"name": "signrules", "version": version()}
    groups: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for number, case in enumerate(cases(profile), 1):
        words = (_known_word(case, "sign_type", SIGN_TYPES), _known_word(case, "sign_algorithm", SIGN_ALGORITHMS))
        groups.setdefault((case.field, *words), []).append(_test(number, case))
    return {
        "algorithm": "SignatureKey",
        "schema": _SCHEMA_NAME,
        "numberOfTests": sum(map(len, groups.values())),
        "header": [*_HEADER],
        "notes": {
            flag: {"bugType": _BUG_TYPES.get(flag, _BUG_TYPE), "description": words} for flag, words in FLAGS.items()
        },
        "testGroups": [
            {
                "type": _GROUP_TYPE,
                "source": source,
                "field": field,
                "sign_type": sign_type,
                "sign_algorithm": sign_algorithm,
                "tests": tests,
            }
            for (field, sign_type, sign_algorithm), tests in groups.items()
        ],
    }


def _known_word(case: Case, member: str, good: tuple[str, ...]) -> str | None:
    word = case.body.get(member) if isinstance(case.body, dict) else None
    return word if word in good else None


def _test(number: int, case: Case) -> dict[str, Any]:
    members = ("id", "comment", "flags", "body", "wire", "result")
    known = document(case)
    return {"tcId": number} | {member: known[member] for member in members if member in known}


def document(case: Case) -> dict[str, Any]:
    """A case for programs: what it says of itself, and as `wire` the JSON text to send, in ASCII.

    Raw bytes are there as `wire_base64`, without a `body`. There is no `body` either if that holds half a surrogate
    pair: jq and parsers in Rust refuse such a file, and Go's parser puts another character in its place.
    """
    known = {
        "id": case.id,
        "body": case.body,
        "result": case.result,
        "field": case.field,
        "codes": [*case.codes],
        "flags": [*case.flags],
        "comment": case.comment,
        **wire_members(case),
    }
    if case.raw or any("\ud800" <= c <= "\udfff" for c in json.dumps(case.body, ensure_ascii=False)):
        del known["body"]
    return known


_TEXT: Final = {"type": "string"}


def corpus_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `corpus` returns."""
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Test vectors for signature keys of an API gateway",
        **_closed(
            algorithm=_TEXT,
            schema={"const": _SCHEMA_NAME},
            numberOfTests={"type": "integer", "minimum": 1},
            header={"type": "array", "items": _TEXT},
            notes={
                "type": "object",
                "propertyNames": {"enum": [*FLAGS]},
                "additionalProperties": _closed(bugType=_TEXT, description=_TEXT),
            },
            testGroups={"type": "array", "items": _group_schema()},
        ),
    }


def _group_schema() -> dict[str, Any]:
    return _closed(
        type={"const": _GROUP_TYPE},
        source=_closed(name={**_TEXT, "minLength": 1}, version={**_TEXT, "minLength": 1}),
        field={"enum": ["", *MEMBERS]},
        sign_type={"enum": [*SIGN_TYPES, None]},
        sign_algorithm={"enum": [*SIGN_ALGORITHMS, None]},
        tests={"type": "array", "items": _test_schema(), "minItems": 1},
    )


def _test_schema() -> dict[str, Any]:
    return _closed(
        ("body",),
        tcId={"type": "integer", "minimum": 1},
        id={**_TEXT, "description": "stable from version to version, unlike tcId"},
        comment=_TEXT,
        flags={"type": "array", "items": {"enum": [*FLAGS]}, "minItems": 1, "uniqueItems": True},
        body={"description": "the request body; not there where it holds half a surrogate pair: take wire"},
        wire={**_TEXT, "description": "the request body as the exact JSON text to send, in ASCII"},
        result={"enum": [*get_args(Result)]},
    )


def _closed(optional: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """The schema of an object that has all of these members, but for optional ones, and no other."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def dictionary() -> str:
    """The tokens of the cases, for libFuzzer (`-dict=`) and AFL (`-x`): members, words, characters, whole values.

    A token that JSON spells otherwise is there in both forms: in UTF-8, and as JSON spells it. AFL loads whole values
    at level 1 (`-x FILE@1`).
    """
    tokens = {(name, token) for name, value in _tokens() for token in _spellings(value)}
    # libFuzzer refuses a whole file that has an empty token.
    lines = [f'{name}="{_escaped(token)}"' for name, token in sorted(tokens) if 0 < len(token) <= _LONGEST_TOKEN]
    return "\n".join(["# Signature keys of an API gateway", *lines, ""])


def _tokens() -> Iterator[tuple[str, Any]]:
    """The tokens, each after the kind of thing that it is."""
    for case in cases("full"):
        for member, value in case.body.items() if isinstance(case.body, dict) else ():
            yield "member", member
            if member in FIELDS and isinstance(value, str):
                yield from (("character", c) for c in set(value).difference(LETTERS, DIGITS))
            elif value != named(case.id):
                yield "word", value
    for case in cases():
        if case.field in FIELDS and case.field in case.body:
            yield "value@1", case.body[case.field]


def _spellings(value: Any) -> Iterator[bytes]:
    spelled = json.dumps(value)
    if isinstance(value, str):
        yield value.encode("utf-8", "surrogatepass")
        spelled = spelled[1:-1]
    yield spelled.encode()


def _escaped(token: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02x}" for b in token)
