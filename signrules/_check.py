"""One value: whether it is right, and what exactly is wrong with it.

A question is a field, a sign_type and a sign_algorithm (`_requirement`). A wrong question raises `LookupError`, and a
value that is not a `str` raises `TypeError`. A broken rule is a `Violation`, which `validate` raises as
`ViolationError`. No argument whatever brings about anything else.

Most values are right. `check` and `is_valid` judge these first, in the quick way of `fits`, which is written out there.

The law of empty frames (`_guard`) holds here too: before an exception leaves a function, all its arguments are deleted,
since a caller who swaps two may have passed the secret as any of them. Where the guard would cost too much time, the
function deletes them itself, without a call. No exception is raised inside an `except`: it would keep another one.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from ._accelerator import accelerated
from ._guard import guarded
from ._marks import FIRST_MARK, fits, plain
from ._requirement import ASKED, REQUIREMENTS, TABLES, Requirement, wrong_question
from ._rule import Field, Rule, SignAlgorithm, SignType, bounded_pattern, must_be_str
from ._table import DEFAULT_SIGN_TYPE
from ._violation import Violation, ViolationError
from ._vocabulary import are_exact

if TYPE_CHECKING:
    import regex

# Without an algorithm; most questions have none, and a look-up takes longer than to compare with `None`.
_TABLES: Final = TABLES[None]

Progress = Literal["valid", "incomplete", "invalid"]


ExactQuestion = tuple[Field, SignType, SignAlgorithm | None]


def exact_question(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> ExactQuestion:
    """The question in exact words, since a subclass of `str` may be compared and printed as another text.

    Raises `LookupError` for a field, type or algorithm that does not exist. The callers are guarded.
    """
    question: Any = plain(field), plain(sign_type), plain(sign_algorithm)
    error = wrong_question(*question)
    if error is not None:
        raise error
    return cast("ExactQuestion", question)


def requirement_of(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> Requirement:
    """The requirement of a question; raises what `exact_question` does."""
    return REQUIREMENTS[exact_question(field, sign_type, sign_algorithm)]


@guarded
def _asked(
    field: Field, value: str, sign_type: SignType, sign_algorithm: SignAlgorithm | None
) -> tuple[Requirement, str]:
    """The requirement and the characters of the value, or the error: for a question that is not in `ASKED`, and for a
    value that is not exactly a `str`.
    """
    requirement = requirement_of(field, sign_type, sign_algorithm)
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
    return requirement_of(field, sign_type, sign_algorithm).rules


def _violations(
    field: Field, value: str, sign_type: SignType, sign_algorithm: SignAlgorithm | None
) -> tuple[Violation, ...]:
    """What `check` returns, whatever the question and the value."""
    requirement = None
    try:
        try:
            if type(value) is str:
                requirement = ASKED[sign_algorithm][sign_type][field]
        except (KeyError, RecursionError, TypeError):
            pass  # the question is asked for the first time, or there is no such question
        except Exception:
            if are_exact(field, sign_type, sign_algorithm):
                raise
        if requirement is None:
            requirement, value = _asked(field, value, sign_type, sign_algorithm)
        return requirement.violations(value)
    finally:
        del field, value, sign_type, sign_algorithm


@accelerated(TABLES, DEFAULT_SIGN_TYPE, _violations)
def check(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> tuple[Violation, ...]:
    """The violations of Table 3: at most one for each of length, charset and first, in this order.

    `()` means valid. Where two rows apply, a length is wrong if neither row allows it.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        try:
            if type(value) is str:  # as in `is_valid`
                tables = (_TABLES if sign_algorithm is None else TABLES[sign_algorithm])[sign_type][field]
                table = tables[len(value)]  # a long value is not read
                marked = value.encode().translate(table)
                if marked.isascii() and marked >= FIRST_MARK:
                    return ()
        except (IndexError, KeyError, RecursionError, TypeError, UnicodeEncodeError):
            pass  # also if the value is wrong
        except Exception:
            if are_exact(field, sign_type, sign_algorithm):
                raise
        return _violations(field, value, sign_type, sign_algorithm)
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


@accelerated(TABLES, DEFAULT_SIGN_TYPE)
def is_valid(
    field: Field, value: str, *, sign_type: SignType = DEFAULT_SIGN_TYPE, sign_algorithm: SignAlgorithm | None = None
) -> bool:
    """Whether `check` would report nothing. It is faster than `check`.

    Raises `LookupError` for a field, type or algorithm that does not exist, `TypeError` if `value` is not a `str`.
    """
    try:
        try:
            tables = (_TABLES if sign_algorithm is None else TABLES[sign_algorithm])[sign_type][field]
            if type(value) is str:  # a call of `fits` would cost a quarter more
                table = tables[len(value)]  # a long value is not read
                marked = value.encode().translate(table)
                return marked.isascii() and marked >= FIRST_MARK
        except (IndexError, UnicodeEncodeError):
            return False
        except (KeyError, RecursionError, TypeError):
            pass  # the question is asked for the first time, or there is no such question
        except Exception:
            if are_exact(field, sign_type, sign_algorithm):
                raise
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
    requirement = None
    try:
        try:
            if type(value) is str:
                requirement = ASKED[sign_algorithm][sign_type][field]
        except (KeyError, RecursionError, TypeError):
            pass  # the question is asked for the first time, or there is no such question
        except Exception:
            if are_exact(field, sign_type, sign_algorithm):
                raise
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
