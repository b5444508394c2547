"""Relations whose columns have types: a Parquet file, and a table of SQLite or PostgreSQL."""

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ..export._sql import sql_name
from ._columns import AuditError, Columns
from ._engine import Engine, Rows, file_literal, literal
from ._query import NO_TEXT, Cell, Relation

SCHEMES: Final = ("postgresql://", "postgres://")
_FROM_WHERE: Final = "it takes a password from PGPASSWORD, PGPASSFILE or a service"


class ParquetFile:
    """A Parquet file."""

    failed: Final = "cannot be read to its end as Parquet"

    def __init__(self, path: str, columns: Columns) -> None:
        self._path, self._columns = path, columns

    def relation(self, engine: Engine) -> Relation:
        """All rows, and the columns that the folders of a dataset state in place of its files."""
        in_file = _top_level(engine.ask(f"SELECT name, num_children FROM parquet_schema({file_literal(self._path)})"))
        folders = Path(os.path.abspath(self._path)).parent.parts
        in_path = {folder.partition("=")[0].lower() for folder in folders if "=" in folder}
        # DuckDB would read a column of both from the path alone.
        in_both = in_path.intersection(name.lower() for name in in_file)
        reads_path = in_both.isdisjoint(name.lower() for name in self._columns.by_member().values())
        source = (
            f"read_parquet({file_literal(self._path)}, hive_partitioning = {reads_path}, hive_types_autocast = false)"
        )
        described = engine.ask(f"DESCRIBE FROM {source}")
        holds_texts = {name: word == "VARCHAR" for name, word, *_ in described}
        names = [*in_file, *[*holds_texts][len(in_file) :]]
        return _typed(source, names, holds_texts, self._columns)


def _top_level(schema: Rows) -> list[str]:
    """The names of the columns, as they are: DuckDB changes one that differs from another in case alone."""
    names, inside = [], 0
    for name, children in schema[1:]:  # the first is the whole file
        if inside:
            inside -= 1
        else:
            names.append(name)
        inside += children or 0
    return names


def _typed(source: str, names: Sequence[str], holds_texts: Mapping[str, bool], columns: Columns) -> Relation:
    """The relation of columns that have types. In a column that holds no texts, no value is a string.

    `holds_texts` has what DuckDB calls each of the `names`, in their order.
    """
    called = [*holds_texts]
    cells = {}
    for member, place in columns.found_in(names).items():
        column = sql_name(called[place], "duckdb")
        is_text = holds_texts[called[place]]
        cells[member] = Cell(f"CAST({column} AS VARCHAR)") if is_text else Cell(NO_TEXT, f"{column} IS NOT NULL")
    return Relation(source, cells, columns=names)


class SqliteFile:
    """A table in a database of SQLite, where a column of any type may hold values of any type."""

    failed: Final = "cannot be read to its end as a database of SQLite"

    def __init__(self, path: str, head: bytes, table: str | None, columns: Columns) -> None:
        self._path, self._table, self._columns = path, table, columns
        self._is_utf_8 = head[59:60] == b"\x01"  # the text encoding, as SQLite describes the format of its files

    def relation(self, engine: Engine) -> Relation:
        """All rows, with the type of each value. SQLite itself is asked: DuckDB sees no type and not every column."""
        _attach(engine, self._path, "sqlite", self.failed)
        # The names that begin with "sqlite_" are those of its own tables.
        own = "type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'"
        tables = engine.ask(f"FROM {_sqlite_query(f'SELECT name FROM sqlite_schema WHERE {own}')}")
        schema, table = _found([("main", name) for [name] in tables], self._table)
        # A hidden column is not one of the table, but of its module.
        column_names = f"SELECT name FROM pragma_table_xinfo({literal(table)}, 'main') WHERE hidden <> 1 ORDER BY cid"
        names = [name for [name] in engine.ask(f"FROM {_sqlite_query(column_names)}")]
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
        return Relation(_sqlite_query(statement), cells, columns=names)


def _sqlite_query(statement: str) -> str:
    return f"sqlite_query('db', {literal(statement)})"


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
        # DuckDB takes the bytes that it gets for UTF-8. Of two options of one name, the last holds.
        url = f"{self._url}{'&' if '?' in self._url else '?'}client_encoding=UTF8"
        _attach(engine, url, "postgres", f"cannot be reached, or lets nobody in; {_FROM_WHERE}")
        tables = engine.ask(
            "FROM (SELECT database_name, schema_name, table_name FROM duckdb_tables()"
            " UNION SELECT database_name, schema_name, view_name FROM duckdb_views())"
            " SELECT schema_name, table_name WHERE database_name = 'db'"
            " AND schema_name NOT IN ('pg_catalog', 'information_schema')"
        )
        names = [sql_name(name, "duckdb") for name in _found(tables, self._table)]
        source = ".".join(["db", *names])
        the_table = f"{literal('.'.join(names))}::regclass"
        [[hides_rows]] = engine.ask(f"FROM {_postgresql_query(f'SELECT row_security_active({the_table})')}")
        if hides_rows:
            raise AuditError("may hide rows of this table from its user (row security): give a user who sees all")
        # The server tells what a column holds and what its name is. DuckDB takes every type that it does not know for a
        # text, such as a domain, and changes a name that differs from another in case alone.
        column_types = (
            "SELECT attname, typcategory IN ('S', 'E') FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid"
            f" WHERE attrelid = {the_table} AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        described = engine.ask(f"FROM {_postgresql_query(column_types)}")
        called = [name for name, *_ in engine.ask(f"DESCRIBE FROM {source}")]
        holds_texts = {name: is_text for name, (_, is_text) in zip(called, described, strict=True)}
        return _typed(source, [name for name, _ in described], holds_texts, self._columns)


def _postgresql_query(statement: str) -> str:
    return f"postgres_query('db', {literal(statement)})"


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


def _found(tables: Rows, table: str | None) -> tuple[str, str]:
    """The schema and the name of the table, or the view, that the user names, with or without its schema."""
    if table is None and len(tables) != 1:
        raise AuditError(f"has {len(tables)} tables: name one with --table")
    found = [(schema, name) for schema, name in tables if table in (None, name, f"{schema}.{name}")]
    if not found:
        raise AuditError("has no table of the name that --table gives")
    if len(found) > 1:
        raise AuditError("has several tables of the name that --table gives: put the schema and a dot before it")
    return found[0]
