"""The plausible ways to get the rules wrong: small variations of the table, of the engine, of how a body is read.

A bug changes one of three things: which values a row accepts, which rows apply to a question, or what is read from a
body. `refused` judges a body by a gateway that has one such bug, or none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from .._check import FIELDS, JUDGES, SIGN_ALGORITHMS, SIGN_TYPES
from .._request import FIELDS_BY_TYPE, TYPES_WITH_ALGORITHM, check_request
from .._rule import Field, Rule, listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS, RULES
from ._variations import WIDE, Accepts, described, engine_names, row_name, variations

Rows = Callable[[str, str, str | None], tuple[Rule, ...]]
Read = Callable[[dict[str, Any]], dict[str, Any]]


def _rows(field: Any, sign_type: Any, sign_algorithm: Any) -> tuple[Rule, ...]:
    return JUDGES[field, sign_type, sign_algorithm].rules


def _read(body: dict[str, Any]) -> dict[str, Any]:
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
    if not isinstance(body, dict):
        return ""
    body = bug.read(body)
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


# Which rows apply

# Each may ask otherwise than the body does: another field, another type, another algorithm.
_Ask = Callable[[str, str, str | None], tuple[str, str, str | None]]


def _rows_of(ask: _Ask) -> Rows:
    return lambda field, sign_type, algorithm: _rows(*ask(field, sign_type, algorithm))


def _rows_for(wrong: str, rules: tuple[Rule, ...]) -> Rows:
    return lambda field, *kind: rules if field == wrong else _rows(field, *kind)


def _algorithm_as(only: str) -> _Ask:
    return lambda field, kind, algorithm: (field, kind, only if kind in TYPES_WITH_ALGORITHM else algorithm)


def _type_as(only: str, wrong: str) -> _Ask:
    return lambda field, kind, algorithm: (field, only if field == wrong else kind, algorithm)


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
    for field in FIELDS_BY_TYPE:
        words = f"accepts as {field} of every sign_type what any of them allows"
        yield f"type-ignored.{field}", words, field, _rows_for(field, tuple(r for r in RULES if r.field == field))
        for one in SIGN_TYPES:
            words = f"judges {field} of every sign_type as of {one}"
            asks.append((f"all-{one}.{field}", words, field, _type_as(one, field)))
    for name, words, member, ask in asks:
        yield name, words, member, _rows_of(ask)


# How a body is read: the changes after which it is judged as ever


def _without(member: str) -> Read:
    return lambda body: {other: value for other, value in body.items() if other != member}


def _when(condition: Callable[[dict[str, Any]], bool], change: Read) -> Read:
    return lambda body: change(body) if condition(body) else body


def _with(more: dict[str, Any]) -> Read:
    """The members in the place of those that are there."""
    return lambda body: {**body, **more}


def _by_default(more: dict[str, Any]) -> Read:
    """The members, unless they are there."""
    return lambda body: {**more, **body}


def _word(member: str, change: Callable[[str], str]) -> Read:
    return _when(lambda body: isinstance(body.get(member), str), lambda body: {**body, member: change(body[member])})


def _is(member: str, *words: object) -> Callable[[dict[str, Any]], bool]:
    return lambda body: body.get(member) in words


def _taken_for_absent(value: object) -> Read:
    return lambda body: {m: given for m, given in body.items() if m in MANDATORY or given != value}


def _numbers_as_strings(body: dict[str, Any]) -> dict[str, Any]:
    """With a letter in front, so that what may be a name is one."""
    return {m: f"n{v}" if type(v) in (int, float) else v for m, v in body.items()}


def _beginning(good: tuple[str, ...]) -> Callable[[str], str]:
    return lambda word: next((each for each in good if word.startswith(each)), word)


def _unknown_word(member: str, good: tuple[str, ...]) -> Callable[[dict[str, Any]], bool]:
    return lambda body: isinstance(body.get(member), str) and body[member] not in good


def _of_body() -> Iterator[tuple[str, str, str, Read]]:
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
        refuse = _when(_is("sign_type", word), _with({"sign_type": None}))
        yield f"no-{word}", f"refuses sign_type {word}", "sign_type", refuse
    for member, good in ("sign_type", SIGN_TYPES), ("sign_algorithm", SIGN_ALGORITHMS):
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


@cache
def scopes() -> dict[str, tuple[str, tuple[Rule, ...], tuple[str, ...]]]:
    """For each part of the table that a bug may touch, by name: words, its rows, and the names of the variations."""
    engine = engine_names()
    narrow = {rule: tuple(name for name in found if not name.startswith(WIDE)) for rule, found in variations().items()}
    return {
        **{row_name(rule): (described(rule), (rule,), narrow[rule]) for rule in RULES},
        **{
            field: (f"{field} of every type", tuple(rule for rule in RULES if rule.field == field), engine)
            for field in FIELDS_BY_TYPE
        },
        "all": ("every value", RULES, engine),
    }


@cache
def bugs() -> dict[str, Bug]:
    """Every bug model by its name: of one row, of all rows of a field, of all rows, and of the body."""
    found: list[Bug] = []
    for where, (subject, rules, names) in scopes().items():
        for name in names:
            varied = {rule: variations()[rule][name] for rule in rules if name in variations()[rule]}
            words, field = next((words, rule.field) for rule, (words, _) in varied.items())
            accepts = {rule: each for rule, (_, each) in varied.items()}
            found.append(Bug(f"{where}:{name}", f"{subject}: {words}", "" if where == "all" else field, accepts))
    found += [Bug(f"rows:{name}", words, field, rows=rows) for name, words, field, rows in _of_rows()]
    found += [Bug(f"body:{name}", words, field, read=read) for name, words, field, read in _of_body()]
    return {bug.name: bug for bug in found}
