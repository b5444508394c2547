"""Relations whose columns have types: a Parquet file, and a table of SQLite or PostgreSQL."""

import os
from importlib.util import find_spec
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ..export._sql import sql_name
from ._columns import AuditError, Columns
from ._engine import Engine, file_literal, literal
from ._query import NO_TEXT, Cell, Relation

SCHEMES: Final = ("postgresql://", "postgres://")
_FROM_WHERE: Final = "it takes a password from PGPASSWORD, PGPASSFILE or a service"


def _typed(source: str, engine: Engine, columns: Columns) -> Relation:
    """The relation of columns that have types. In a column of another type, no value is a string."""
    described = engine.ask(f"DESCRIBE SELECT * FROM {source}")
    names = [name for name, *_ in described]
    cells = {}
    for member, place in columns.found_in(names).items():
        column, type_name = sql_name(names[place], "duckdb"), described[place][1]
        if type_name == "VARCHAR":
            cells[member] = Cell(column)
        elif type_name.startswith("ENUM"):
            cells[member] = Cell(f"CAST({column} AS VARCHAR)")
        else:
            cells[member] = Cell(NO_TEXT, f"{column} IS NOT NULL")
    return Relation(source, cells, columns=names)


class ParquetFile:
    """A Parquet file."""

    failed: Final = "cannot be read to its end as Parquet"

    def __init__(self, path: str, columns: Columns) -> None:
        self._path, self._columns = path, columns

    def relation(self, engine: Engine) -> Relation:
        """All rows."""
        return _typed(f"read_parquet({file_literal(self._path)})", engine, self._columns)


class SqliteFile:
    """A table in a database of SQLite, where a column of any type may hold values of any type."""

    failed: Final = "cannot be read to its end as a database of SQLite"

    def __init__(self, path: str, head: bytes, table: str | None, columns: Columns) -> None:
        self._path, self._table, self._columns = path, table, columns
        self._is_utf_8 = head[59:60] == b"\x01"  # the text encoding, as SQLite describes the format of its files

    def relation(self, engine: Engine) -> Relation:
        """All rows, with the type of each value, which only SQLite itself tells."""
        _attach(engine, self._path, "sqlite", self.failed)
        schema, table = _found(engine, self._table)
        names = [name for name, *_ in engine.ask(f"DESCRIBE SELECT * FROM db.{sql_name(table, 'duckdb')}")]
        selected, cells = [], {}
        for member, place in self._columns.found_in(names).items():
            column = sql_name(names[place], "sqlite")
            # As hexadecimal digits, since one text that is not UTF-8 would end the reading of the whole table.
            text, decoded = f"hex({column})", f"try(decode(unhex(text{place})))"
            if not self._is_utf_8:
                text, decoded = column, f"text{place}"
            selected.append(f"typeof({column}) AS type{place}")
            selected.append(f"CASE typeof({column}) WHEN 'text' THEN {text} END AS text{place}")
            cells[member] = Cell(decoded, f"type{place} <> 'null' AND {decoded} IS NULL")
        statement = f"SELECT {', '.join(selected)} FROM {sql_name(schema, 'sqlite')}.{sql_name(table, 'sqlite')}"
        return Relation(f"sqlite_query('db', {literal(statement)})", cells, columns=names)


class PostgresqlTable:
    """A table of PostgreSQL. The password comes from where libpq looks for it, and never from the URL."""

    failed: Final = "does not let the table be read to its end"

    def __init__(self, url: str, table: str | None, columns: Columns) -> None:
        try:
            parts = urlsplit(url)
            has_password = parts.password is not None or "password" in parse_qs(parts.query)
        except ValueError:
            has_password = False
        if has_password:
            raise AuditError(f"has a password in its URL, which others can see in the list of processes: {_FROM_WHERE}")
        self._url, self._table, self._columns = url, table, columns

    def relation(self, engine: Engine) -> Relation:
        """All rows."""
        _attach(engine, self._url, "postgres", f"cannot be reached, or lets nobody in; {_FROM_WHERE}")
        schema, table = _found(engine, self._table)
        return _typed(f"db.{sql_name(schema, 'duckdb')}.{sql_name(table, 'duckdb')}", engine, self._columns)


def _attach(engine: Engine, place: str, kind: str, failed: str) -> None:
    _load(engine, f"{kind}_scanner")
    engine.ask(f"ATTACH {literal(place)} AS db (TYPE {kind}, READ_ONLY)", failed=failed)


def _load(engine: Engine, extension: str) -> None:
    """Loads the extension, which is a package or was installed by DuckDB. Nothing is downloaded."""
    [[version]] = engine.ask("SELECT version()")
    package = find_spec(f"duckdb_extension_{extension}")
    folder = os.path.dirname(package.origin or "") if package else ""
    path = os.path.join(folder, "extensions", version, f"{extension}.duckdb_extension")
    missing = f"needs an extension of DuckDB: pip install duckdb-extension-{extension.replace('_', '-')}"
    engine.ask(f"LOAD {literal(path) if os.path.exists(path) else extension}", failed=missing)


def _found(engine: Engine, table: str | None) -> tuple[str, str]:
    """The schema and the name of the table, or the view, that the user names, with or without its schema."""
    tables = engine.ask(
        "FROM (SELECT database_name, schema_name, table_name FROM duckdb_tables()"
        " UNION SELECT database_name, schema_name, view_name FROM duckdb_views())"
        " SELECT schema_name, table_name WHERE database_name = 'db'"
        " AND schema_name NOT IN ('pg_catalog', 'information_schema')"
    )
    if table is None and len(tables) != 1:
        raise AuditError(f"has {len(tables)} tables: name one with --table")
    found = [(schema, name) for schema, name in tables if table in (None, name, f"{schema}.{name}")]
    if not found:
        raise AuditError("has no table of the name that --table gives")
    if len(found) > 1:
        raise AuditError("has several tables of the name that --table gives: put the schema and a dot before it")
    return found[0]
