"""One value: is it right, and if not, what exactly is wrong.

A question is a field, a sign_type and a sign_algorithm, and there are few of them, so the answer to "which rules
apply" is worked out once for each. A wrong question is `LookupError`, a value that is no `str` is `TypeError`, a broken
rule is a `Violation`, which `validate` raises as `ViolationError`; nothing else comes out, whatever goes in.

The law of empty frames (`_guard`) holds here too. Where the guard would cost too much time, each function that an
exception can leave deletes its arguments itself, and calls nothing for it. No exception is raised inside an `except`.
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
# refused anyway; this run of them tells why. docs/decisions.md#a-masked-value
MASK: Final = "***"
MASKED: Final = "; the value looks masked: give the real one"


class Judge:
    """What answers one question: the rules that apply, ready to judge a value and to explain it."""

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


_judge = cache(Judge)  # most questions have the same rules as another


# Without an algorithm, both rows of an aes key apply: docs/decisions.md#an-aes-key-without-sign_algorithm
def _applies(rule: Rule, field: str, sign_type: str, sign_algorithm: str | None) -> bool:
    return (
        rule.field == field
        and rule.sign_type in (None, sign_type)
        and (rule.sign_algorithm is None or sign_algorithm in (None, rule.sign_algorithm))
    )


JUDGES: Final = {
    question: _judge(tuple(rule for rule in RULES if _applies(rule, *question)))
    for question in product(FIELDS, SIGN_TYPES, (None, *SIGN_ALGORITHMS))
}
# What is_valid needs. Three looks into small dicts by one word each cost less than one by all three.
_TABLES: Final = {
    sign_algorithm: {
        sign_type: {field: JUDGES[field, sign_type, sign_algorithm].tables for field in FIELDS}
        for sign_type in SIGN_TYPES
    }
    for sign_algorithm in (None, *SIGN_ALGORITHMS)
}


def wrong_question(field: object, sign_type: object, sign_algorithm: object) -> LookupError | None:
    """The error for a field, type or algorithm that does not exist. It lists the good ones and repeats none given:
    whoever swaps two arguments has put the secret in the place of the field. Its callers are guarded."""
    for name, given, good in (
        ("field", field, FIELDS),
        ("sign_type", sign_type, SIGN_TYPES),
        ("sign_algorithm", sign_algorithm, (*SIGN_ALGORITHMS, None)),
    ):
        if not (given is None or type(given) is str) or given not in good:
            return LookupError(f"{name} must be {listed(map(str, good), 'or')}")
    return None


def _judge_of(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> Judge:
    question: Any = plain(field), plain(sign_type), plain(sign_algorithm)
    error = wrong_question(*question)
    if error is not None:
        raise error
    return JUDGES[question]


def _find(field: Field, value: str, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> Judge | None:
    """The judge of a right question about a value that is exactly a `str`."""
    try:
        return JUDGES[field, sign_type, sign_algorithm] if type(value) is str else None
    except (KeyError, TypeError):  # no such question; TypeError: not even hashable
        return None
    finally:
        del field, value, sign_type, sign_algorithm


@guarded
def _asked(field: Field, value: str, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> tuple[Judge, str]:
    """The judge of a question, and the characters of the value: for all that `_find` does not answer."""
    judge = _judge_of(field, sign_type, sign_algorithm)
    text = plain(value)
    if type(text) is not str:
        raise must_be_str(type(value))
    return judge, text


@guarded
def rules_for(
    field: Field, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> tuple[Rule, ...]:
    """The rows of the table that apply; a value is valid if any of them accepts it.

    Only an aes `sign_key` without `sign_algorithm` has two. A `sign_algorithm` that a row does not depend on changes
    nothing.

    Raises `LookupError` for a field, type or algorithm that does not exist.
    """
    return _judge_of(field, sign_type, sign_algorithm).rules


def check(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> tuple[Violation, ...]:
    """Every rule of Table 3 that `value` breaks, at most one for each of length, charset, first, in this order.

    `()` means valid. Where two rows apply, a length is wrong if it suits neither.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        judge = _find(field, value, sign_type, sign_algorithm)
        if judge is None:
            judge, value = _asked(field, value, sign_type, sign_algorithm)
        violations = []
        # An empty value is a value: docs/decisions.md#the-empty-text
        if len(value) not in judge.lengths:
            violations.append(judge.length)
        position = first_foreign(value, judge.marks)
        if position is not None:
            violations.append(judge.charset(position, masked=value.startswith(MASK, position)))
        if value and value[0] not in judge.rules[0].first:
            violations.append(judge.first)
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
    """Whether `check` would report nothing, told faster.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        try:
            tables = _TABLES[sign_algorithm][sign_type][field]
            if type(value) is str:  # and then `_rule.fits`, without the call, which would cost a quarter more
                table = tables[len(value)]
                marked = value.encode().translate(table)
                return marked.isascii() and not marked[0]
        except (IndexError, UnicodeEncodeError):
            return False
        except (KeyError, TypeError):
            pass
        judge, value = _asked(field, value, sign_type, sign_algorithm)
        return fits(value, judge.tables)
    finally:
        del field, value, sign_type, sign_algorithm


def progress(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> Progress:
    """How far a value has come that is still being typed.

    "valid": it may be sent as it is (more characters may or may not be allowed). "incomplete": more characters could
    make it valid. "invalid": none can.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        judge = _find(field, value, sign_type, sign_algorithm)
        if judge is None:
            judge, value = _asked(field, value, sign_type, sign_algorithm)
        if fits(value, judge.tables):
            return "valid"
        return "invalid" if _prefix(judge.rules).fullmatch(value, partial=True) is None else "incomplete"
    finally:
        del field, value, sign_type, sign_algorithm


# docs/decisions.md#progress-uses-regex
@cache
def _prefix(rules: tuple[Rule, ...]) -> "regex.Pattern[str]":
    import regex  # only regex matches partially; it is loaded by the first call

    return regex.compile(bounded_pattern(rules))
