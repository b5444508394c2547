"""How many values have which code: the counts of a file, added up from the groups of the query."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

from .._rule import SignAlgorithm, SignType
from .._table import MEMBERS
from .._violation import Code
from .._vocabulary import FIELDS_BY_TYPE
from ._query import JUDGED, codes_of, rules_of


class Line(NamedTuple):
    """A row of the rule table, or a member without one: what one line of the report is about.

    An aes key without an algorithm has a line of its own, since two rows of the table apply to it. `member` is `""` for
    the body itself.
    """

    member: str
    sign_type: SignType | None = None
    sign_algorithm: SignAlgorithm | None = None


_BODY = Line("")


def _line(member: Any, kind: int | None) -> Line:
    if member not in FIELDS_BY_TYPE or kind is None:
        return Line(member)
    rules = rules_of(member, JUDGED[kind])
    return Line(member, rules[0].sign_type, rules[0].sign_algorithm if len(rules) == 1 else None)


# In the order of the report.
LINES = tuple(dict.fromkeys([_BODY, *(_line(member, kind) for member in MEMBERS for kind in range(len(JUDGED)))]))


class Tally:
    """The counts of a file, or of several."""

    def __init__(self) -> None:
        self.rows = self.wrong = 0
        self.values: Counter[Line] = Counter()
        self.codes: Counter[tuple[Line, Code]] = Counter()

    def add(self, other: "Tally") -> None:
        """Adds the counts of another file."""
        self.rows += other.rows
        self.wrong += other.wrong
        self.values += other.values
        self.codes += other.codes

    def may_have(self, member: str) -> bool:
        """Whether there was a value of the member, as far as it was judged."""
        unjudged = any(self.codes[Line("sign_type"), code] for code in get_args(Code))
        return any(self.values[line] for line in LINES if line.member == member) or (
            unjudged and member in FIELDS_BY_TYPE
        )

    def add_group(self, no_body: bool, kind: int | None, masks: Iterable[int | None], count: int) -> None:  # noqa: FBT001  a row of the query
        """Adds the rows of one group of `groups_query`."""
        self.rows += count
        self.values[_BODY] += count
        is_wrong = no_body
        for member, mask in zip(MEMBERS, masks, strict=True):
            if mask is None:
                continue
            line, codes = _line(member, kind), codes_of(mask)
            is_wrong = is_wrong or bool(codes)
            if "missing" not in codes:
                self.values[line] += count
            for code in codes:
                self.codes[line, code] += count
        if no_body:
            self.codes[_BODY, "type"] += count
        self.wrong += count if is_wrong else 0

    def add_unread(self, count: int) -> None:
        """Adds rows that could not be read."""
        self.add_group(True, None, [None] * len(MEMBERS), count)  # noqa: FBT003  as above
