"""What values and bodies share: the rules as the peers spell them, every fact from `signrules.RULES`, and reports."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

import pydantic

import signrules
from tests.implementations import implementations

from ._timing import Candidate

# The peers that are the project itself: with the accelerator, and without it.
OURS: Final = "signrules"
PURE: Final = "signrules, pure Python"


def ours() -> Iterator[tuple[str, ModuleType]]:
    """Both implementations of the package, by the names of the peers."""
    both = implementations()
    yield from ((OURS, both.accelerated), (PURE, both.pure))


def constraints(rule: signrules.Rule) -> dict[str, Any]:
    """The keyword arguments of pydantic's `StringConstraints` and of msgspec's `Meta`."""
    return {"min_length": rule.min_length, "max_length": rule.max_length, "pattern": f"^{rule.pattern}$"}


def string_schema(*rules: signrules.Rule) -> dict[str, Any]:
    """The JSON Schema of a value; rules that apply together differ only in their lengths."""
    lengths = [{"minLength": rule.min_length, "maxLength": rule.max_length} for rule in rules]
    # fastjsonschema takes every bare "$" for the end of the value, also within a class.
    pattern = rules[0].pattern.replace("$", r"\x24")
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return {**schema, **lengths[0]} if len(lengths) == 1 else {**schema, "anyOf": lengths}


def longest(rule: signrules.Rule) -> str:
    """A value as long as the rule allows."""
    return (rule.first * rule.max_length)[: rule.max_length]


def calling(peer: str, function: Callable[..., object], value: object, *raises: type[Exception]) -> Candidate:
    """A peer that takes the value as its only argument."""
    return Candidate(peer, "judge(value)", {"judge": function, "value": value}, raises)


def listing(peer: str, function: Callable[..., object], value: object) -> Candidate:
    """A peer that yields the errors of the value one by one."""
    return Candidate(peer, "list(errors(value))", {"errors": function, "value": value})


def reporting(candidate: Candidate) -> Candidate:
    """A candidate that returns or raises all the errors it finds, remarked with how many these are."""
    try:
        errors = len(candidate.run())
    except pydantic.ValidationError as error:
        errors = error.error_count()
    except candidate.raises:
        errors = 1
    assert errors, candidate.peer
    then = "error.errors()" if pydantic.ValidationError in candidate.raises else "pass"
    return candidate._replace(remark=str(errors)).caught(then)
