"""What a value must be, for each question: a field, a sign_type and a sign_algorithm.

There are few questions, so the rules that apply are worked out once for each, when it is first asked.
"""

from functools import cache
from itertools import product
from typing import Final

from ._marks import Tables, first_foreign
from ._rule import Rule, lengths_in_words, tables_by_length
from ._spelling import charset_in_words, first_in_words, listed
from ._table import RULES
from ._violation import Violation
from ._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES

# A console or a response shows a secret with most of it starred out. No character set has a "*", so such a value is
# refused anyway; where this run of stars begins, the message says why. docs/decisions.md#a-masked-value
MASK: Final = "***"
_STAR: Final = MASK[0]
MASKED: Final = "; the value looks masked: give the real one"


_new: Final = tuple.__new__  # to call a class that is a `NamedTuple` takes twice as long


class Requirement:
    """What a value must be, for one question: the rules that apply, with the violations of each."""

    __slots__ = (
        "charset_message",
        "field",
        "first",
        "firsts",
        "length",
        "lengths",
        "marks",
        "masked",
        "rules",
        "tables",
    )

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        rule = rules[0]
        self.rules = rules
        self.field = rule.field
        self.firsts = rule.first
        self.lengths = frozenset().union(*(range(rule.min_length, rule.max_length + 1) for rule in rules))
        self.tables = tables_by_length(rules)
        self.marks = self.tables[rule.max_length]
        self.length = Violation(rule.field, "length", f"must be {lengths_in_words(rules)} characters long")
        self.first = Violation(rule.field, "first", f"must start with a {first_in_words(rule.first)}", 0)
        self.charset_message = f"may contain only {charset_in_words(rule.charset)}"
        self.masked = self.charset_message + MASKED

    def violations(self, value: str) -> tuple[Violation, ...]:
        """The violations of a value: at most one for each of length, charset and first, in this order."""
        try:
            violations = []
            # An empty value is a value: docs/decisions.md#the-empty-text
            if len(value) not in self.lengths:
                violations.append(self.length)
            position = first_foreign(value, self.marks)
            if position is not None:
                masked = value[position] == _STAR and value.startswith(MASK, position)
                message = self.masked if masked else self.charset_message
                violations.append(_new(Violation, (self.field, "charset", message, position)))
            if value and value[0] not in self.firsts:
                violations.append(self.first)
            return tuple(violations)
        finally:
            del value

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


class _Requirements(dict[tuple[str, str, str | None], Requirement]):
    """The requirement of each question. It is made when it is first looked up; the question must be right."""

    def __missing__(self, question: tuple[str, str, str | None]) -> Requirement:
        requirement = self[question] = _requirement(tuple(rule for rule in RULES if _applies(rule, *question)))
        field, sign_type, sign_algorithm = question
        ASKED[sign_algorithm][sign_type][field] = requirement
        TABLES[sign_algorithm][sign_type][field] = requirement.tables
        return requirement


REQUIREMENTS: Final = _Requirements()
# The same, of the questions that were asked before. Three look-ups of one word each in small dicts cost less than one
# look-up of all three.
ASKED: Final[dict[str | None, dict[str, dict[str, Requirement]]]] = {
    sign_algorithm: {sign_type: {} for sign_type in SIGN_TYPES} for sign_algorithm in (None, *SIGN_ALGORITHMS)
}
TABLES: Final[dict[str | None, dict[str, dict[str, Tables]]]] = {
    sign_algorithm: {sign_type: {} for sign_type in SIGN_TYPES} for sign_algorithm in ASKED
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


def every_requirement() -> tuple[Requirement, ...]:
    """The requirements of all questions, each once, whatever was asked before."""
    questions = product(FIELDS, SIGN_TYPES, (None, *SIGN_ALGORITHMS))
    return tuple(dict.fromkeys(REQUIREMENTS[question] for question in questions))
