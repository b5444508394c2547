"""What is wrong with a value or a body.

The law of this module: no part of a value is stored, not one character and not its length. What was never
kept cannot reach a log, a traceback or an HTTP answer.
"""

from typing import Literal, NamedTuple

# The broken column of the rule table, or what is wrong with a member of a body. These strings are stable
# (docs/compatibility.md); the wording of a message is not.
Code = Literal["length", "charset", "first", "type", "missing", "unknown", "forbidden"]


class Violation(NamedTuple):
    """One broken rule: what a program branches on, and a sentence for people.

    `field` is the member's name, or `""` for the body itself. `position` is the 0-based index, in characters, of the
    first offending character for the codes `charset` and `first`, otherwise `None`.
    """

    field: str
    code: Code
    message: str
    position: int | None = None

    def __str__(self) -> str:
        # The name of an unknown member is anyone's text: it must neither forge a log line nor fail to be printed.
        plain = self.field.isascii() and self.field.isidentifier()
        subject = self.field if plain else ascii(self.field) if self.field else "the body"
        return f"{subject} {self.message}"


class ViolationError(ValueError):
    """A value or a body breaks a rule; `violations`, never empty, says which."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__(violations)
        self.violations = violations

    def __str__(self) -> str:
        return "; ".join(map(str, self.violations))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ViolationError) and self.violations == other.violations

    def __hash__(self) -> int:
        return hash(self.violations)
