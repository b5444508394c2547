"""One value's rule, as the validators of Django, WTForms and pydantic hold it; all callers are guarded."""

from typing import NamedTuple, cast

from .._check import check, exact_question
from .._request import not_a_string
from .._rule import Field, SignAlgorithm, SignType
from .._violation import Violation


class Question(NamedTuple):
    """A field, a type and an algorithm; make it by `question`, so that they exist."""

    field: Field
    sign_type: SignType
    sign_algorithm: SignAlgorithm | None

    def violations(self, value: object) -> tuple[Violation, ...]:
        """What is wrong with any object. If it is not a string, that is the violation `type`."""
        if not issubclass(type(value), str):
            return (not_a_string(self.field),)
        return check(self.field, cast("str", value), sign_type=self.sign_type, sign_algorithm=self.sign_algorithm)


def question(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None) -> Question:
    """The question. Raises `LookupError` for a field, type or algorithm that does not exist."""
    return Question(*exact_question(field, sign_type, sign_algorithm))
