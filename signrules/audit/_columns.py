"""Which column of a file or table holds which member of a body."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from .._spelling import listed
from .._table import MEMBERS
from .._vocabulary import FIELDS, SIGN_ALGORITHMS, SIGN_TYPES, Kind

# The option that names the column of a member, and the option that states the kind of all rows in its place.
OPTIONS: Final = {member: f"--{member.replace('_', '-')}" for member in MEMBERS}
_STATED_BY: Final = {
    "sign_type": ("--type", SIGN_TYPES),
    "sign_algorithm": ("--algorithm", SIGN_ALGORITHMS),
}


class AuditError(Exception):
    """A file or table cannot be audited. The sentence has the file for its subject, and holds no value."""


class Columns(NamedTuple):
    """The columns that the user names, by member, and the kind of a row that states none."""

    named: dict[str, str]
    kind: Kind

    def by_member(self) -> dict[str, str]:
        """The column of each member: the one that is named, or one of the name of the member."""
        return {member: self.named.get(member, member) for member in MEMBERS}

    def found_in(self, existing: Sequence[str]) -> dict[str, int]:
        """The place of each member's column among the existing ones. Members without a column are left out.

        Raises `AuditError` if a named column, or every column of a field, does not exist, or stands twice.
        """
        places: dict[str, int] = {}
        for member, column in self.by_member().items():
            if column in existing:
                if existing.count(column) > 1:
                    raise AuditError(f"has two columns of the name of {OPTIONS[member]}")
                places[member] = existing.index(column)
            elif member in self.named:
                raise self.not_found(member)
        if not set(FIELDS) & set(places):
            options = listed([f"{OPTIONS[field]} COLUMN" for field in FIELDS], "or")
            raise AuditError(f"has no column {listed(FIELDS, 'or')}: name one with {options}")
        return places

    def not_found(self, member: str) -> AuditError:
        """The error for a column that the user names and that does not exist."""
        option, words = _STATED_BY.get(member, ("", ()))
        column = self.named[member]
        hint = f": if every row has this {member}, say {option} {column}" if column in words else ""
        return AuditError(f"has no column of the name that {OPTIONS[member]} gives{hint}")
