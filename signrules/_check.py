"""One value: whether it is right, and what exactly is wrong with it.

A question is a field, a sign_type and a sign_algorithm. There are few questions, so the rules that apply are worked out
once for each. A wrong question raises `LookupError`, and a value that is not a `str` raises `TypeError`. A broken rule
is a `Violation`, which `validate` raises as `ViolationError`. No argument whatever brings about anything else.

The law of empty frames (`_guard`) holds here too: before an exception leaves a function, all its arguments are deleted,
since a caller who swaps two may have passed the secret as any of them. Where the guard would cost too much time, the
function deletes them itself, without a call. No exception is raised inside an `except`: it would keep another one.
"""

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal

from ._guard import guarded
from ._marks import first_foreign, fits, plain
from ._rule import (
    Field,
    Rule,
    SignAlgorithm,
    SignType,
    bounded_pattern,
    lengths_in_words,
    must_be_str,
    tables_by_length,
)
from ._spelling import charset_in_words, first_in_words, listed
from ._table import DEFAULT_SIGN_TYPE, RULES
from ._violation import Violation, ViolationError
from ._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES

if TYPE_CHECKING:
    import regex

Progress = Literal["valid", "incomplete", "invalid"]

# A console or a response shows a secret with most of it starred out. No character set has a "*", so such a value is
# refused anyway; where this run of stars begins, the message says why. docs/decisions.md#a-masked-value
MASK: Final = "***"
MASKED: Final = "; the value looks masked: give the real one"


class Requirement:
    """What a value must be, for one question: the rules that apply, with the violations of each."""

    __slots__ = ("charset_message", "first", "length", "lengths", "marks", "rules", "tables")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        rule = rules[0]
        self.rules = rules
        self.lengths = frozenset().union(*(range(rule.min_length, rule.max_length + 1) for rule in rules))
        self.tables = tables_by_length(rules)
        self.marks = self.tables[rule.max_length]
        self.length = Violation(rule.field, "length", f"must be {lengths_in_words(rules)} characters long")
        self.first = Violation(rule.field, "first", f"must start with a {first_in_words(rule.first)}", 0)
        self.charset_message = f"may contain only {charset_in_words(rule.charset)}"

    def charset(self, position: int, *, masked: bool) -> Violation:
        """The violation of a value whose first foreign character stands at `position`."""
        message = self.charset_message
        if masked:
            message += MASKED
        return Violation(self.rules[0].field, "charset", message, position)

    def in_words(self) -> str:
        """The whole rule as one line."""
        return "; ".join([self.length.message, self.charset_message, self.first.message])


_requirement = cache(Requirement)  # most questions have the same rules as another


# Without an algorithm, both rows of an aes key apply: docs/decisions.md#an-aes-key-without-sign_algorithm
def _applies(rule: Rule, field: str, sign_type: str, sign_algorithm: str | None) -> bool:
    """Whether the row answers the question. Without an algorithm, the rows of every algorithm do."""
    return (
        rule.field == field
        and rule.sign_type in (None, sign_type)
        and (rule.sign_algorithm is None or sign_algorithm in (None, rule.sign_algorithm))
    )


REQUIREMENTS: Final = {
    question: _requirement(tuple(rule for rule in RULES if _applies(rule, *question)))
    for question in product(FIELDS, SIGN_TYPES, (None, *SIGN_ALGORITHMS))
}
# For `is_valid`: three look-ups of one word each in small dicts cost less than one look-up of all three.
_TABLES: Final = {
    sign_algorithm: {
        sign_type: {field: REQUIREMENTS[field, sign_type, sign_algorithm].tables for field in FIELDS}
        for sign_type in SIGN_TYPES
    }
    for sign_algorithm in (None, *SIGN_ALGORITHMS)
}


def wrong_question(field: object, sign_type: object, sign_algorithm: object) -> LookupError | None:
    """The error for a field, type or algorithm that does not exist, or `None`; the callers are guarded.

    It lists the good words and never repeats the given one: a caller who swaps two arguments has passed the secret as
    the field.
    """
    for name, given, good in (
        ("field", field, FIELDS),
        ("sign_type", sign_type, SIGN_TYPES),
        ("sign_algorithm", sign_algorithm, (*SIGN_ALGORITHMS, None)),
    ):
        if not (given is None or type(given) is str) or given not in good:
            return LookupError(f"{name} must be {listed(map(str, good), 'or')}")
    return None


def _requirement_of(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> Requirement:
    question: Any = plain(field), plain(sign_type), plain(sign_algorithm)
    error = wrong_question(*question)
    if error is not None:
        raise error
    return REQUIREMENTS[question]


def _find(field: Field, value: str, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> Requirement | None:
    """The requirement, if the question is right and the value is exactly a `str`; otherwise `None`."""
    try:
        return REQUIREMENTS[field, sign_type, sign_algorithm] if type(value) is str else None
    except (KeyError, TypeError):  # there is no such question, or an argument cannot be hashed
        return None
    finally:
        del field, value, sign_type, sign_algorithm


@guarded
def _asked(
    field: Field, value: str, sign_type: SignType, sign_algorithm: SignAlgorithm | None
) -> tuple[Requirement, str]:
    """The requirement and the characters of the value, or the error: for every call that `_find` does not answer."""
    requirement = _requirement_of(field, sign_type, sign_algorithm)
    text = plain(value)
    if type(text) is not str:
        raise must_be_str(type(value))
    return requirement, text


@guarded
def rules_for(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> tuple[Rule, ...]:
    """The rows of the table that apply; a value is valid if any of them accepts it.

    Only an aes `sign_key` without `sign_algorithm` has two rows. Where the rows do not depend on `sign_algorithm`, it
    changes nothing.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """
    return _requirement_of(field, sign_type, sign_algorithm).rules


def check(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> tuple[Violation, ...]:
    """The violations of Table 3: at most one for each of length, charset and first, in this order.

    `()` means valid. Where two rows apply, a length is wrong if neither row allows it.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        requirement = _find(field, value, sign_type, sign_algorithm)
        if requirement is None:
            requirement, value = _asked(field, value, sign_type, sign_algorithm)
        violations = []
        # An empty value is a value: docs/decisions.md#the-empty-text
        if len(value) not in requirement.lengths:
            violations.append(requirement.length)
        position = first_foreign(value, requirement.marks)
        if position is not None:
            violations.append(requirement.charset(position, masked=value.startswith(MASK, position)))
        if value and value[0] not in requirement.rules[0].first:
            violations.append(requirement.first)
        return tuple(violations)
    finally:
        del field, value, sign_type, sign_algorithm


def validate(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> str:
    """The very same object, if it is valid; nothing is stripped, lowered, normalised or cut.

    Raises `ViolationError` with all that `check` reports, and `LookupError` and `TypeError` as `check` does.
    """
    try:
        violations = check(field, value, sign_type=sign_type, sign_algorithm=sign_algorithm)
        if violations:
            raise ViolationError(violations)
        return value
    finally:
        del field, value, sign_type, sign_algorithm


def is_valid(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> bool:
    """Whether `check` would report nothing. It is faster than `check`.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        try:
            tables = _TABLES[sign_algorithm][sign_type][field]
            if type(value) is str:  # `fits` is written out here: the call would cost a quarter more
                table = tables[len(value)]
                marked = value.encode().translate(table)
                return marked.isascii() and not marked[0]
        except (IndexError, UnicodeEncodeError):
            return False
        except (KeyError, TypeError):
            pass
        requirement, value = _asked(field, value, sign_type, sign_algorithm)
        return fits(value, requirement.tables)
    finally:
        del field, value, sign_type, sign_algorithm


def progress(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> Progress:
    """How far a value is from being valid while it is typed.

    "valid": it may be sent as it is (more characters may or may not be allowed). "incomplete": more characters could
    make it valid. "invalid": no more characters can.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        requirement = _find(field, value, sign_type, sign_algorithm)
        if requirement is None:
            requirement, value = _asked(field, value, sign_type, sign_algorithm)
        if fits(value, requirement.tables):
            return "valid"
        return "invalid" if _prefix(requirement.rules).fullmatch(value, partial=True) is None else "incomplete"
    finally:
        del field, value, sign_type, sign_algorithm


# docs/decisions.md#progress-uses-regex
@cache
def _prefix(rules: tuple[Rule, ...]) -> "regex.Pattern[str]":
    import regex  # the first call loads it; `re` cannot match partially

    return regex.compile(bounded_pattern(rules))
