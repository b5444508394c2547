"""What is wrong with a value or a body.

The law of this module: no part of a value is stored, not one character and not its length. What was never stored
cannot reach a log, a traceback or an HTTP answer.
"""

from typing import Final, Literal, NamedTuple

# The broken column of the rule table, or what is wrong with a member of a body. These strings are stable
# (docs/compatibility.md); the wording of a message is not.
Code = Literal["length", "charset", "first", "type", "missing", "unknown", "forbidden"]


# A sentence shows this many characters of the name of a member, and the text of an error this many violations: enough
# for all members of the page, and short whatever else a body holds.
LONGEST_TOLD: Final = 40
MOST_TOLD: Final = 20


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
        # The name of an unknown member is foreign text: it must not forge or fill a log line, and it must be printable.
        if not self.field and self.code != "unknown":
            return f"the body {self.message}"
        told = self.field[:LONGEST_TOLD]
        plain = told.isascii() and told.isidentifier()
        return f"{told if plain else ascii(told)}{'...' if told != self.field else ''} {self.message}"


class ViolationError(ValueError):
    """A value or a body breaks a rule; `violations`, never empty, says which."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__(violations)
        self.violations = violations

    def __str__(self) -> str:
        told = "; ".join(map(str, self.violations[:MOST_TOLD]))
        untold = len(self.violations) - MOST_TOLD
        return f"{told}; and {untold} more" if untold > 0 else told

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ViolationError) and self.violations == other.violations

    def __hash__(self) -> int:
        return hash(self.violations)
