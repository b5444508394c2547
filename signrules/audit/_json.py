"""A JSON file: an array of bodies, JSON Lines, or bodies that extend over several lines."""

from typing import Final

from ._columns import Columns
from ._engine import Engine, file_literal, literal
from ._query import Cell, Relation

# The three formats, as DuckDB calls them. Only the lines of the first are read one by one, so that a fault in one of
# them does not end the reading.
LINES: Final = "newline_delimited"
ARRAY: Final = "array"
BODIES: Final = "unstructured"


class JsonFile:
    """A JSON file in one of the formats."""

    failed: Final = "cannot be read to its end as JSON"

    def __init__(self, path: str, json_format: str, columns: Columns) -> None:
        self._path, self._format, self._columns = path, json_format, columns

    def relation(self, _: Engine) -> Relation:
        """All bodies; a line that is not JSON is no body. A body may have each member, so each has a cell."""
        members = self._columns.by_member()
        pointers = ", ".join(literal(_pointer(column)) for column in members.values())
        bodies = (
            f"read_json_objects({file_literal(self._path)}, format = '{self._format}', hive_partitioning = false,"
            f" ignore_errors = {self._format == LINES})"
        )
        source = (
            f"(SELECT json_type(json) AS type, json_type(json, [{pointers}]) AS types,"
            f" json_extract_string(json, [{pointers}]) AS texts FROM {bodies})"
        )
        cells = {
            member: Cell(
                f"CASE WHEN types[{place}] = 'VARCHAR' THEN texts[{place}] END", f"types[{place}] <> 'VARCHAR'"
            )
            for place, member in enumerate(members, 1)
        }
        return Relation(source, cells, "type IS DISTINCT FROM 'OBJECT'")


def _pointer(member: str) -> str:
    """The JSON pointer to a member."""
    return "/" + member.replace("~", "~0").replace("/", "~1")
