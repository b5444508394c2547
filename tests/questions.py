"""What the tests ask about: every field with every type and algorithm, and the rows as questions."""

from typing import NamedTuple, TypedDict

import pytest

from signrules import RULES, Field, SignAlgorithm, SignType

from . import oracle

FIELDS: list[Field] = ["name", "sign_key", "sign_secret"]
TYPES: list[SignType] = ["hmac", "basic", "public_key", "aes"]
ALGORITHMS: list[SignAlgorithm] = ["aes-128-cfb", "aes-256-cfb"]

# The types, and for aes also the algorithms.
KINDS: list[tuple[SignType, SignAlgorithm | None]] = [
    ("hmac", None),
    ("basic", None),
    ("public_key", None),
    ("aes", "aes-128-cfb"),
    ("aes", "aes-256-cfb"),
]


class Kind(TypedDict):
    """The qualifiers of a question, as keyword arguments."""

    sign_type: SignType
    sign_algorithm: SignAlgorithm | None


class Question(NamedTuple):
    field: Field
    kind: Kind

    def __str__(self) -> str:
        return "-".join(filter(None, [self.field, self.kind["sign_type"], self.kind["sign_algorithm"]]))

    def facts(self) -> list[oracle.Fact]:
        """The document's rows that apply."""
        return oracle.applying(self.field, self.kind["sign_type"], self.kind["sign_algorithm"])

    def broken_by(self, value: str) -> list[tuple[str, int | None]]:
        """The codes and positions that the oracle sees."""
        return oracle.broken_columns(self.field, value, self.kind["sign_type"], self.kind["sign_algorithm"])


EVERY_QUESTION = [
    Question(field, {"sign_type": sign_type, "sign_algorithm": algorithm})
    for field in FIELDS
    for sign_type in TYPES
    for algorithm in (None, *ALGORITHMS)
]
# One question for each row, in the order of the table, and the one that has two rows.
ROW_QUESTIONS = [
    Question(rule.field, {"sign_type": rule.sign_type or "hmac", "sign_algorithm": rule.sign_algorithm})
    for rule in RULES
]
AES_KEY_WITHOUT_ALGORITHM = Question("sign_key", {"sign_type": "aes", "sign_algorithm": None})

every_question = pytest.mark.parametrize("question", EVERY_QUESTION, ids=str)
each_row = pytest.mark.parametrize("question", [*ROW_QUESTIONS, AES_KEY_WITHOUT_ALGORITHM], ids=str)
