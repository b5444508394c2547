"""The plausible ways to get the rules wrong: small variations of the table, of the engine, of how a body is read.

A bug changes one of three things: which values a row accepts, which rows apply to a question, or what is read from a
body. `refused` judges a body by a gateway that has one such bug, or none.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from zlib import crc32

from .._check import JUDGES, is_valid
from .._request import check_request
from .._rule import Field, Rule
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS, RULES
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._variations import WIDE, Accepts, column_names, described, engine_names, row_name, variations

Rows = Callable[[str, str, str | None], tuple[Rule, ...]]
# Of an object, and of whatever else JSON may hold.
_ReadObject = Callable[[dict[str, Any]], dict[str, Any]]
Read = Callable[[Any], Any]


def _rows(field: Any, sign_type: Any, sign_algorithm: Any) -> tuple[Rule, ...]:
    return JUDGES[field, sign_type, sign_algorithm].rules


def _read(body: Any) -> Any:
    return body


class Bug(NamedTuple):
    """One way to get one thing wrong: what some rows accept, which rows apply, or how a body is read.

    `name` is stable, for `--bug`; `words` say what a gateway with this bug does. `field` is the member to which it
    shows, `""` for more than one.
    """

    name: str
    words: str
    field: str = ""
    accepts: Mapping[Rule, Accepts] = {}
    rows: Rows = _rows
    read: Read = _read


RIGHT: Final = Bug("none", "keeps every rule")


def refused(body: object, bug: Bug = RIGHT) -> str | None:
    """The first member that a gateway with this bug refuses, `""` for the body itself; `None` if it accepts the body.

    Unknown members are ignored, as the gateway does.
    """
    body = bug.read(body)
    if not isinstance(body, dict):
        return ""
    wrong = misshapen(body) | {
        field
        for field, value, rules in judged(body, bug.rows)
        if not any(bug.accepts.get(rule, rule.accepts)(value) for rule in rules)
    }
    return next((member for member in MEMBERS if member in wrong), None)


def misshapen(body: dict[str, Any]) -> set[str]:
    """The members that are wrong by anything but a row of the table."""
    return {v.field for v in check_request(body) if v.code not in ("length", "charset", "first")} & set(MEMBERS)


def judged(body: dict[str, Any], rows: Rows = _rows) -> Iterator[tuple[Field, str, tuple[Rule, ...]]]:
    """The values that rows of the table judge, and which rows."""
    sign_type, sign_algorithm = body.get("sign_type", DEFAULT_SIGN_TYPE), body.get("sign_algorithm")
    known = sign_type in SIGN_TYPES
    for field in FIELDS:
        value = body.get(field)
        if isinstance(value, str) and (known or field not in FIELDS_BY_TYPE):
            algorithm = sign_algorithm if sign_algorithm in SIGN_ALGORITHMS else None
            yield field, value, rows(field, sign_type if known else DEFAULT_SIGN_TYPE, algorithm)


_ENUMERATIONS: Final = {"sign_type": SIGN_TYPES, "sign_algorithm": SIGN_ALGORITHMS}

# Which rows apply

# Each may ask otherwise than the body does: another field, another type, another algorithm.
_Ask = Callable[[str, str, str | None], tuple[str, str, str | None]]


def _rows_of(ask: _Ask) -> Rows:
    return lambda field, sign_type, algorithm: _rows(*ask(field, sign_type, algorithm))


def _rows_of_any_type(wrong: Collection[str]) -> Rows:
    return lambda field, *kind: (
        tuple(rule for rule in RULES if rule.field == field) if field in wrong else _rows(field, *kind)
    )


def _algorithm_as(only: str) -> _Ask:
    return lambda field, kind, algorithm: (field, kind, only if kind in TYPES_WITH_ALGORITHM else algorithm)


def _type_as(only: str, wrong: Collection[str]) -> _Ask:
    return lambda field, kind, algorithm: (field, only if field in wrong else kind, algorithm)


def _of_rows() -> Iterator[tuple[str, str, str, Rows]]:
    swap: dict[str | None, str] = dict(zip(SIGN_ALGORITHMS, reversed(SIGN_ALGORITHMS), strict=True))
    asks: list[tuple[str, str, str, _Ask]] = [
        ("algorithm-ignored", "ignores sign_algorithm", "sign_key", lambda f, t, _: (f, t, None)),
        ("algorithm-swapped", "swaps the algorithms", "sign_key", lambda f, t, a: (f, t, swap.get(a))),
        (
            "secret-as-key",
            "gives the secret the length of the key",
            "sign_secret",
            lambda f, t, a: ("sign_key" if f == "sign_secret" and a else f, t, a),
        ),
    ]
    for only in SIGN_ALGORITHMS:
        words = f"takes every key of {listed(TYPES_WITH_ALGORITHM, 'and')} for one of {only}"
        asks.append((f"algorithm-{only}", words, "sign_key", _algorithm_as(only)))
    for fields in (FIELDS_BY_TYPE, *((field,) for field in FIELDS_BY_TYPE)):
        where, both = "-".join(fields), listed(fields, "and")
        member: str = fields[0] if len(fields) == 1 else ""
        words = f"accepts as {both} of every sign_type what any of them allows"
        yield f"type-ignored.{where}", words, member, _rows_of_any_type(fields)
        for one in SIGN_TYPES:
            words = f"judges {both} of every sign_type as of {one}"
            asks.append((f"all-{one}.{where}", words, member, _type_as(one, fields)))
    for name, words, member, ask in asks:
        yield name, words, member, _rows_of(ask)


# The broadest mistakes: most of a body, or all of it, is not looked at


def _of_object(read: _ReadObject) -> Read:
    return lambda body: read(body) if isinstance(body, dict) else body


def _accepted(body: Any) -> dict[str, Any]:
    """A right body in the place of any."""
    return {"name": _right_name(body.get("name") if isinstance(body, dict) else body)}


def _right_name(name: Any) -> str:
    """The name if it is right, or else one of its own, for no two keys may have the same."""
    right = isinstance(name, str) and is_valid("name", name)
    return name if right else f"n{crc32(json.dumps(name).encode())}"


def _are_strings(body: dict[str, Any]) -> bool:
    return isinstance(body.get("name"), str) and all(isinstance(body[m], str) for m in MEMBERS if m in body)


def _of_whole() -> Iterator[tuple[str, str, str, Read]]:
    yield "refused", "refuses everything", "", lambda _: None
    for word in SIGN_TYPES:
        refuse = _when(_is("sign_type", word), _with({"sign_type": None}))
        yield f"no-{word}", f"refuses sign_type {word}", "sign_type", _of_object(refuse)
    no_objects = _when(lambda body: not isinstance(body, dict), _accepted)
    yield "no-objects", "accepts what is no object", "", no_objects
    yield "unchecked", "accepts everything, even what is no object", "", _accepted
    for name, words, condition in (
        ("objects", "accepts every object, whatever its members are", lambda _: True),
        ("named", "checks only that there is a name", lambda body: "name" in body),
        ("named-not-empty", "checks only that there is a name that is not empty", lambda body: bool(body.get("name"))),
        ("strings", "checks only that there is a name, and that members are strings", _are_strings),
    ):
        yield name, words, "", _of_object(_when(condition, _accepted))


# How an object is read: the changes after which it is judged as ever


def _without(*members: str) -> _ReadObject:
    return lambda body: {member: value for member, value in body.items() if member not in members}


def _when(condition: Callable[[Any], bool], change: Read) -> Read:
    return lambda body: change(body) if condition(body) else body


def _with(more: dict[str, Any]) -> _ReadObject:
    """The members in the place of those that are there."""
    return lambda body: {**body, **more}


def _by_default(more: dict[str, Any]) -> _ReadObject:
    """The members, unless they are there."""
    return lambda body: {**more, **body}


def _word(member: str, change: Callable[[str], str]) -> _ReadObject:
    return _when(lambda body: isinstance(body.get(member), str), lambda body: {**body, member: change(body[member])})


def _is(member: str, *words: object) -> Callable[[dict[str, Any]], bool]:
    return lambda body: body.get(member) in words


def _is_none_of(member: str, words: tuple[str, ...]) -> Callable[[dict[str, Any]], bool]:
    return lambda body: member in body and body[member] not in words


def _lacks(member: str) -> Callable[[dict[str, Any]], bool]:
    return lambda body: member not in body


def _with_right_name(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"name": _right_name(body["name"])} if "name" in body else body


def _taken_for_absent(value: object) -> _ReadObject:
    return lambda body: {m: given for m, given in body.items() if m in MANDATORY or given != value}


def _numbers_as_strings(body: dict[str, Any]) -> dict[str, Any]:
    """With a letter in front, so that what may be a name is one."""
    return {m: f"n{v}" if type(v) in (int, float) else v for m, v in body.items()}


def _beginning(good: tuple[str, ...]) -> Callable[[str], str]:
    return lambda word: next((each for each in good if word.startswith(each)), word)


def _unknown_word(member: str, good: tuple[str, ...]) -> Callable[[dict[str, Any]], bool]:
    return lambda body: isinstance(body.get(member), str) and body[member] not in good


def _of_body() -> Iterator[tuple[str, str, str, _ReadObject]]:
    words = f"checks {listed(MANDATORY, 'and')} alone"
    yield "mandatory-alone", words, "", lambda body: {m: v for m, v in body.items() if m in MANDATORY}
    both, not_even = listed(FIELDS_BY_TYPE, "and"), "not checked at all, not even whether it is a string"
    yield f"unchecked.{'-'.join(FIELDS_BY_TYPE)}", f"{both}: {not_even}", "", _without(*FIELDS_BY_TYPE)
    words = f"{both}: not checked where sign_type is left out"
    yield "unchecked.no-type", words, "", _when(_lacks("sign_type"), _without(*FIELDS_BY_TYPE))
    for member in MEMBERS:
        if member in MANDATORY:
            yield f"unchecked.{member}", f"{member}: {not_even}", member, _with_right_name
        elif member in FIELDS_BY_TYPE:
            yield f"unchecked.{member}", f"{member}: {not_even}", member, _without(member)
    for member, good in _ENUMERATIONS.items():
        words = f"accepts anything as {member}, and takes it for one that is left out"
        yield f"unchecked.{member}", words, member, _when(_is_none_of(member, good), _without(member))
        yield f"ignored.{member}", f"does not look at {member}", member, _without(member)
    for member in MEMBERS:
        if member in MANDATORY:
            yield f"optional.{member}", f"does not demand a {member}", member, _by_default({member: "abc"})
        else:
            yield f"mandatory.{member}", f"demands a {member}", member, _by_default({member: None})
    chinese = _word("name", lambda name: name[:1] + re.sub("[\u4e00-\u9fff]", "a", name[1:]))
    yield "chinese-names", "accepts Chinese characters in a name, as the Chinese page does", "name", chinese
    yield "null", "takes null for a member that is left out", "", _taken_for_absent(None)
    yield "empty", 'takes "" for a member that is left out', "", _taken_for_absent("")
    yield "number", "takes a number for a string", "", _numbers_as_strings
    for word in SIGN_TYPES:
        if word != DEFAULT_SIGN_TYPE:
            words = f"takes {word} for the sign_type that is left out"
            yield f"default-{word}", words, "sign_type", _by_default({"sign_type": word})
    for member, good in _ENUMERATIONS.items():
        yield f"case.{member}", f"ignores the case of {member}", member, _word(member, str.lower)
        yield f"strip.{member}", f"strips white space around {member}", member, _word(member, str.strip)
        words = f"accepts a line break at the end of {member} (a `$` anchor)"
        yield f"line-end.{member}", words, member, _word(member, lambda word: word.removesuffix("\n"))
        words = f"accepts anything after a right {member} (no anchor)"
        yield f"prefix.{member}", words, member, _word(member, _beginning(good))
        words = f"takes an unknown {member} for one that is left out"
        yield f"any.{member}", words, member, _when(_unknown_word(member, good), _without(member))
    unbound = _when(
        lambda body: (
            body.get("sign_type") not in TYPES_WITH_ALGORITHM and body.get("sign_algorithm") in SIGN_ALGORITHMS
        ),
        _without("sign_algorithm"),
    )
    yield "algorithm-unbound", "accepts sign_algorithm with any sign_type", "sign_algorithm", unbound
    demand = _when(_is("sign_type", *TYPES_WITH_ALGORITHM), _by_default({"sign_algorithm": None}))
    words = f"demands sign_algorithm with sign_type {listed(TYPES_WITH_ALGORITHM, 'or')}"
    yield "algorithm-mandatory", words, "sign_algorithm", demand
    strict = _when(lambda body: not set(body) <= set(MEMBERS), lambda _: {})
    yield "unknown-members", "refuses a member that it does not know", "", strict


# All of them

_Scope = tuple[str, tuple[Rule, ...], tuple[str, ...]]


@cache
def scopes() -> dict[str, _Scope]:
    """For each part of the table that a bug may touch, by name: words, its rows, and the names of the variations."""
    columns = column_names()
    every = (*columns, *engine_names())
    narrow = {rule: tuple(name for name in found if not name.startswith(WIDE)) for rule, found in variations().items()}
    found: dict[str, _Scope] = {row_name(rule): (described(rule), (rule,), narrow[rule]) for rule in RULES}
    for sign_type in SIGN_TYPES:
        of_type = [rule for rule in RULES if rule.sign_type == sign_type]
        for field in FIELDS_BY_TYPE:
            of_field = tuple(rule for rule in of_type if rule.field == field)
            if len(of_field) > 1:
                found[f"{field}.{sign_type}"] = (f"{field} of {sign_type}", of_field, columns)
        found[sign_type] = (f"{listed(FIELDS_BY_TYPE, 'and')} of {sign_type}", tuple(of_type), columns)
    for field in FIELDS_BY_TYPE:
        found[field] = (f"{field} of every type", tuple(rule for rule in RULES if rule.field == field), every)
    by_type = tuple(rule for rule in RULES if rule.field in FIELDS_BY_TYPE)
    found["-".join(FIELDS_BY_TYPE)] = (f"{listed(FIELDS_BY_TYPE, 'and')} of every type", by_type, every)
    found["all"] = ("every value", RULES, every)
    return found


@cache
def bugs() -> dict[str, Bug]:
    """Every bug model by its name: of most of a body, of some rows, of which rows apply, and of how a body is read.

    Where two of them cannot be told apart, the broader mistakes come first.
    """
    found = [Bug(f"body:{name}", words, field, read=read) for name, words, field, read in _of_whole()]
    for where, (subject, rules, names) in scopes().items():
        fields = {rule.field for rule in rules}
        field = "" if len(fields) > 1 else rules[0].field
        for name in names:
            varied = {rule: variations()[rule][name] for rule in rules if name in variations()[rule]}
            words = next(words for words, _ in varied.values())
            accepts = {rule: each for rule, (_, each) in varied.items()}
            found.append(Bug(f"{where}:{name}", f"{subject}: {words}", field, accepts))
    found += [Bug(f"rows:{name}", words, field, rows=rows) for name, words, field, rows in _of_rows()]
    found += [Bug(f"body:{name}", words, field, read=_of_object(read)) for name, words, field, read in _of_body()]
    return {bug.name: bug for bug in found}
