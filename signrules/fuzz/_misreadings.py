"""The ways to read a body wrongly. Each makes another body of it, which is then judged by the rules."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple
from zlib import crc32

from .._check import is_valid
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._vocabulary import ENUMERATIONS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM

# Reads whatever JSON may hold.
BodyReader = Callable[[Any], Any]
# Reads an object.
_ObjectReader = Callable[[dict[str, Any]], dict[str, Any]]
_Condition = Callable[[dict[str, Any]], bool]


def as_it_is(body: Any) -> Any:
    """Reads a body rightly."""
    return body


class Misreading(NamedTuple):
    """A way to read a body wrongly.

    `subject` is what part of a body it is about, in words, or `""`; `does` says how such a gateway reads.
    `field` is the member to which it shows, `""` for more than one.
    """

    name: str
    subject: str
    does: str
    field: str
    read: BodyReader


_BOTH: Final = listed(FIELDS_BY_TYPE, "and")
_UNCHECKED: Final = "not checked at all, not even whether it is a string"


# The broadest mistakes: most of a body, or all of it, is not checked


def misreadings_of_everything() -> Iterator[Misreading]:
    """The broadest mistakes: most of a body, or all of it, is not checked, or refused."""
    yield Misreading("refused", "", "refuses everything", "", lambda _: None)
    for word in SIGN_TYPES:
        refuse = _if(_is("sign_type", word), _replacing({"sign_type": None}))
        yield Misreading(f"no-{word}", "", f"refuses sign_type {word}", "sign_type", _of_object(refuse))
    no_object: BodyReader = lambda body: body if isinstance(body, dict) else _accepted(body)  # noqa: E731
    yield Misreading("no-objects", "", "accepts what is no object", "", no_object)
    yield Misreading("unchecked", "", "accepts everything, even what is no object", "", _accepted)
    conditions: list[tuple[str, str, _Condition]] = [
        ("objects", "accepts every object, whatever its members are", lambda _: True),
        ("named", "checks only that there is a name", lambda body: "name" in body),
        ("named-not-empty", "checks only that there is a name that is not empty", lambda body: bool(body.get("name"))),
        ("strings", "checks only that there is a name, and that members are strings", _are_strings),
    ]
    for name, does, condition in conditions:
        yield Misreading(name, "", does, "", _of_object(_if(condition, _accepted)))


def _of_object(read: _ObjectReader) -> BodyReader:
    return lambda body: read(body) if isinstance(body, dict) else body


def _accepted(body: Any) -> dict[str, Any]:
    """A right body in the place of any."""
    return {"name": _right_name(body.get("name") if isinstance(body, dict) else body)}


def _right_name(name: Any) -> str:
    """The name if it is right, or else one made from it: no two keys may have the same."""
    right = isinstance(name, str) and is_valid("name", name)
    return name if right else f"n{crc32(json.dumps(name).encode())}"


def _are_strings(body: dict[str, Any]) -> bool:
    return isinstance(body.get("name"), str) and all(isinstance(body[m], str) for m in MEMBERS if m in body)


# An object is read as another object, which the rules then judge


def misreadings() -> Iterator[Misreading]:
    """The ways to read an object wrongly."""
    for wrong in (*_of_members(), *_of_values(), *_of_enumerations(), *_of_algorithm()):
        yield wrong._replace(read=_of_object(wrong.read))


def _of_members() -> Iterator[Misreading]:
    """Members that are not checked, not demanded, or demanded."""
    does = f"checks {listed(MANDATORY, 'and')} alone"
    yield Misreading("mandatory-alone", "", does, "", lambda body: {m: v for m, v in body.items() if m in MANDATORY})
    yield Misreading(f"unchecked.{'-'.join(FIELDS_BY_TYPE)}", _BOTH, _UNCHECKED, "", _without(*FIELDS_BY_TYPE))
    unchecked = _if(lambda body: "sign_type" not in body, _without(*FIELDS_BY_TYPE))
    yield Misreading("unchecked.no-type", _BOTH, "not checked where sign_type is left out", "", unchecked)
    for fields in (FIELDS_BY_TYPE, *((field,) for field in FIELDS_BY_TYPE)):
        name, field = f"unchecked.{DEFAULT_SIGN_TYPE}.{'-'.join(fields)}", fields[0] if len(fields) == 1 else ""
        unchecked = _if(_is_of_default_type, _without(*fields))
        yield Misreading(name, f"{listed(fields, 'and')} of {DEFAULT_SIGN_TYPE}", _UNCHECKED, field, unchecked)
    for member in MEMBERS:
        if member in MANDATORY:
            yield Misreading(f"unchecked.{member}", member, _UNCHECKED, member, _with_right_name)
        elif member in FIELDS_BY_TYPE:
            yield Misreading(f"unchecked.{member}", member, _UNCHECKED, member, _without(member))
    for member, good in ENUMERATIONS.items():
        does = f"accepts anything as {member}, and takes it for one that is left out"
        unchecked = _if(_is_none_of(member, good), _without(member))
        yield Misreading(f"unchecked.{member}", "", does, member, unchecked)
        yield Misreading(f"ignored.{member}", "", f"does not look at {member}", member, _without(member))
    for member in MEMBERS:
        if member in MANDATORY:
            does, read = f"does not demand a {member}", _by_default({member: "abc"})
            yield Misreading(f"optional.{member}", "", does, member, read)
        else:
            does, read = f"demands a {member}", _by_default({member: None})
            yield Misreading(f"mandatory.{member}", "", does, member, read)


def _of_values() -> Iterator[Misreading]:
    """Values that are taken for others, or for none."""
    chinese = _changing("name", lambda name: name[:1] + re.sub("[\u4e00-\u9fff]", "a", name[1:]))
    does = "accepts Chinese characters in a name, as the Chinese page does"
    yield Misreading("chinese-names", "", does, "name", chinese)
    yield Misreading("null", "", "takes null for a member that is left out", "", _without_optional(None))
    yield Misreading("empty", "", 'takes "" for a member that is left out', "", _without_optional(""))
    yield Misreading("number", "", "takes a number for a string", "", _numbers_as_strings)
    kinds: list[tuple[str, str, Callable[[Any], bool]]] = [
        ("null", "null", lambda value: value is None),
        ("empty", '""', lambda value: value == ""),
        ("number", "a number", lambda value: type(value) in (int, float)),
    ]
    for name, words, is_of_kind in kinds:
        for member in MEMBERS:
            accepted = _with_right_name if member in MANDATORY else _without(member)
            taken = _if(_has(member, is_of_kind), accepted)
            yield Misreading(f"{name}.{member}", "", f"accepts {words} as {member}", member, taken)


def _of_enumerations() -> Iterator[Misreading]:
    """Words that are compared inexactly."""
    for word in SIGN_TYPES:
        if word != DEFAULT_SIGN_TYPE:
            does = f"takes {word} for the sign_type that is left out"
            yield Misreading(f"default-{word}", "", does, "sign_type", _by_default({"sign_type": word}))
    for member, good in ENUMERATIONS.items():
        changes: list[tuple[str, str, Callable[[str], str]]] = [
            ("case", f"ignores the case of {member}", str.lower),
            ("strip", f"strips white space around {member}", str.strip),
            (
                "line-end",
                f"accepts a line break at the end of {member} (a `$` anchor)",
                lambda word: word.removesuffix("\n"),
            ),
            ("prefix", f"accepts anything after a right {member} (no anchor)", _beginning(good)),
        ]
        for name, does, change in changes:
            yield Misreading(f"{name}.{member}", "", does, member, _changing(member, change))
        does = f"takes an unknown {member} for one that is left out"
        unknown = _if(_is_word_outside(member, good), _without(member))
        yield Misreading(f"any.{member}", "", does, member, unknown)


def _of_algorithm() -> Iterator[Misreading]:
    """The algorithm with a type that has none, and without one; and members that the page does not have."""
    unbound = _if(
        lambda body: (
            body.get("sign_type") not in TYPES_WITH_ALGORITHM and body.get("sign_algorithm") in SIGN_ALGORITHMS
        ),
        _without("sign_algorithm"),
    )
    yield Misreading("algorithm-unbound", "", "accepts sign_algorithm with any sign_type", "sign_algorithm", unbound)
    demanded = _if(_is("sign_type", *TYPES_WITH_ALGORITHM), _by_default({"sign_algorithm": None}))
    does = f"demands sign_algorithm with sign_type {listed(TYPES_WITH_ALGORITHM, 'or')}"
    yield Misreading("algorithm-mandatory", "", does, "sign_algorithm", demanded)
    strict = _if(lambda body: not set(body) <= set(MEMBERS), lambda _: {})
    yield Misreading("unknown-members", "", "refuses a member that it does not know", "", strict)


def _if(condition: _Condition, read: _ObjectReader) -> _ObjectReader:
    return lambda body: read(body) if condition(body) else body


def _without(*members: str) -> _ObjectReader:
    return lambda body: {member: value for member, value in body.items() if member not in members}


def _without_optional(value: object) -> _ObjectReader:
    """Takes an optional member with this value for one that is left out."""
    return lambda body: {member: v for member, v in body.items() if member in MANDATORY or v != value}


def _replacing(members: dict[str, Any]) -> _ObjectReader:
    """Puts the members in the place of those that are there."""
    return lambda body: {**body, **members}


def _by_default(members: dict[str, Any]) -> _ObjectReader:
    """Adds the members, unless they are there."""
    return lambda body: {**members, **body}


def _changing(member: str, change: Callable[[str], str]) -> _ObjectReader:
    return _if(lambda body: isinstance(body.get(member), str), lambda body: {**body, member: change(body[member])})


def _is(member: str, *words: object) -> _Condition:
    return lambda body: body.get(member) in words


def _is_of_default_type(body: dict[str, Any]) -> bool:
    return bool(body.get("sign_type", DEFAULT_SIGN_TYPE) == DEFAULT_SIGN_TYPE)


def _has(member: str, is_of_kind: Callable[[Any], bool]) -> _Condition:
    return lambda body: member in body and is_of_kind(body[member])


def _is_none_of(member: str, words: tuple[str, ...]) -> _Condition:
    return lambda body: member in body and body[member] not in words


def _is_word_outside(member: str, words: tuple[str, ...]) -> _Condition:
    return lambda body: isinstance(body.get(member), str) and body[member] not in words


def _with_right_name(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"name": _right_name(body["name"])} if "name" in body else body


def _numbers_as_strings(body: dict[str, Any]) -> dict[str, Any]:
    """Puts a letter before each number, so that what may be a name is one."""
    return {member: f"n{value}" if type(value) in (int, float) else value for member, value in body.items()}


def _beginning(words: tuple[str, ...]) -> Callable[[str], str]:
    return lambda text: next((word for word in words if text.startswith(word)), text)
