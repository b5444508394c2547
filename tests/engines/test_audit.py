"""`signrules audit` on every format: it counts what the oracle counts, and says where; no value comes out of it."""

import csv
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from signrules._vocabulary import Kind, given
from signrules.audit import _engine
from signrules.audit._audit import Audit
from signrules.audit._columns import AuditError, Columns
from signrules.audit._engine import Engine

from .. import oracle
from ..labelled import labelled_bodies
from ..silence import FOREIGN, LONG, assert_silent, told
from ..terminal import Terminal
from . import servers
from .judged import judged

duckdb = pytest.importorskip("duckdb", reason="needs duckdb: in a clone, pip install '.[dev]'")
pytest.importorskip("duckdb_extension_sqlite_scanner", reason="needs its package: in a clone, pip install '.[dev]'")
pytest.importorskip("duckdb_extension_postgres_scanner", reason="needs its package: in a clone, pip install '.[dev]'")

Body = dict[str, Any]
Where = set[tuple[int, str, str]]

GOOD_KEY, GOOD_SECRET = "abcdefgh1", "abcdefghijklmnop"


@cache
def bodies() -> list[Any]:
    """The labelled bodies that UTF-8 can hold, without members that no column is for."""
    found = []
    for body, _ in labelled_bodies():
        try:
            json.dumps(body, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            continue
        found.append({m: v for m, v in body.items() if m in oracle.MEMBERS} if isinstance(body, dict) else body)
    return found


@cache
def rows() -> list[Body]:
    """Those of the bodies that a row of texts can hold: what is no string is left out."""
    return [{m: v for m, v in body.items() if isinstance(v, str)} for body in bodies() if isinstance(body, dict)]


def wrong(of: list[Any]) -> Where:
    """The number of each wrong body, the member and the code, as the oracle says."""
    return {(n, field, code) for n, body in enumerate(of, 1) for field, code, _ in oracle.broken_members(body)}


def counted(of: list[Any]) -> Counter[tuple[Any, ...]]:
    """How many values of which kind have which code, as the oracle says."""
    found: Counter[tuple[Any, ...]] = Counter()
    for body in of:
        for field, code, _ in oracle.broken_members(body):
            sign_type = sign_algorithm = None
            if field in ("sign_key", "sign_secret"):
                sign_type = body.get("sign_type", "hmac")
                if (field, sign_type) == ("sign_key", "aes") and body.get("sign_algorithm") in oracle.ALGORITHMS:
                    sign_algorithm = body["sign_algorithm"]
            found[field, sign_type, sign_algorithm, code] += 1
    return found


def tables(of: list[Body]) -> list[tuple[str | None, ...]]:
    return [tuple(body.get(member) for member in oracle.MEMBERS) for body in of]


def write_json_lines(path: Path) -> list[Any]:
    lines = (
        json.dumps(body, ensure_ascii=n % 2 == 0) + ("\r\n" if n % 3 else "\n\n") for n, body in enumerate(bodies())
    )
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return bodies()


def write_json_array(path: Path) -> list[Any]:
    path.write_text(json.dumps(bodies(), indent=1), encoding="utf-8")
    return bodies()


def write_json_bodies(path: Path) -> list[Any]:
    several_lines = [body for body in rows() if body]
    path.write_text("\n".join(json.dumps(body, indent=1) for body in several_lines), encoding="utf-8")
    return several_lines


def write_csv(path: Path) -> list[Any]:
    """Every string in quotes, so that only a cell that is left out has none."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"id,{','.join(oracle.MEMBERS)}\r\n")
        for n, row in enumerate(tables(rows())):
            cells = ("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row)
            file.write(f"{n},{','.join(cells)}\r\n")
    return rows()


def write_parquet(path: Path) -> list[Any]:
    """By way of JSON Lines, which DuckDB can read faster than it takes rows from Python."""
    lines = path.with_suffix(".tmp")
    lines.write_text("".join(json.dumps(body) + "\n" for body in rows()))
    columns = ", ".join(f"'{member}': 'VARCHAR'" for member in oracle.MEMBERS)
    duckdb.execute(f"COPY (FROM read_json('{lines}', columns = {{{columns}}})) TO '{path}' (FORMAT parquet)")
    return rows()


def write_sqlite(path: Path, encoding: str = "UTF-8") -> list[Any]:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute(f"CREATE TABLE keys ({', '.join(f'{member} text' for member in oracle.MEMBERS)})")
        connection.executemany("INSERT INTO keys VALUES (?, ?, ?, ?, ?)", tables(rows()))
    return rows()


FORMATS: Final[dict[str, Callable[[Path], list[Any]]]] = {
    "bodies.jsonl": write_json_lines,
    "array.json": write_json_array,
    "bodies.json": write_json_bodies,
    "keys.csv": write_csv,
    "keys.parquet": write_parquet,
    "keys.db": write_sqlite,
    "utf-16.db": lambda path: write_sqlite(path, "UTF-16"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(run: Terminal, *words: str) -> tuple[dict[str, Any], Where]:
    """What `--json` and `--rows` say of one file."""
    result = run("audit", *words, "--json", "--rows", "said.jsonl")
    assert result.err == ""
    record = json.loads(result.out)
    places = [json.loads(line) for line in Path("said.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {place["file"] for place in places} <= {record["file"]}
    assert [place["row"] for place in places] == sorted(place["row"] for place in places)
    assert result.status == (1 if record["wrong"] else 0)
    return record, {(place["row"], place["field"], code) for place in places for code in place["codes"]}


def codes_in(record: dict[str, Any]) -> Counter[tuple[Any, ...]]:
    kind = ("field", "sign_type", "sign_algorithm")
    codes = ("length", "charset", "first", "type", "missing", "unknown", "forbidden")
    return +Counter({(*(line[k] for k in kind), code): line[code] for line in record["counts"] for code in codes})


def assert_says(run: Terminal, of: list[Any], *words: str) -> None:
    record, where = said(run, *words)
    assert where == wrong(of)
    assert codes_in(record) == counted(of)
    assert (record["rows"], record["wrong"]) == (len(of), len({row for row, *_ in wrong(of)}))


@judged(
    "audit",
    "DuckDB",
    "pip duckdb",
    body="exactly",
    differences="reads no lone surrogate, and sees no member for which there is no column",
)
@pytest.mark.parametrize("name", FORMATS)
def test_an_audit_says_what_the_oracle_says(run: Terminal, folder: Path, name: str) -> None:
    assert_says(run, FORMATS[name](folder / name), name)


def test_there_is_enough_to_say() -> None:
    assert len(bodies()) > 4000
    assert len(counted(bodies())) > 35
    assert len(wrong(rows())) > 3000


def values_in(record: dict[str, Any]) -> dict[tuple[str, str | None, str | None], int]:
    return {
        (line["field"], line["sign_type"], line["sign_algorithm"]): line["values"]
        for line in record["counts"]
        if line["values"]
    }


# PostgreSQL.


@pytest.fixture(scope="module")
def postgresql() -> Iterator[tuple[str, Any]]:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: in a clone, pip install '.[dev]'")
    with servers.postgresql() as url, psycopg.connect(url, autocommit=True) as connection:
        yield url, connection.cursor()


@judged("audit", "DuckDB", "pip duckdb", form="a table of PostgreSQL", body="exactly")
@pytest.mark.usefixtures("folder")
def test_a_table_of_postgresql(run: Terminal, postgresql: tuple[str, Any]) -> None:
    url, cursor = postgresql
    held = [row for row in rows() if not any("\0" in value for value in row.values())]
    cursor.execute(f"CREATE TABLE keys ({', '.join(f'{member} text' for member in oracle.MEMBERS)})")
    with cursor.copy("COPY keys FROM STDIN") as copy:
        for row in tables(held):
            copy.write_row(row)
    # The rows are numbered as they are stored, and the server does not store them in the order in which they came.
    stored = cursor.execute("SELECT * FROM keys").fetchall()
    assert_says(run, [given(dict(zip(oracle.MEMBERS, row, strict=True))) for row in stored], url)
    cursor.execute("CREATE SCHEMA other")
    cursor.execute("CREATE TYPE kind AS ENUM ('basic', 'rot13')")
    cursor.execute(
        "CREATE TABLE other.keys (name varchar(9), sign_key char(9), sign_secret bytea, id int, sign_type kind)"
    )
    cursor.execute(
        f"INSERT INTO other.keys VALUES ('abc', '{GOOD_KEY}', 'abc', 1, 'basic'), ('x', 'a', NULL, 2, 'rot13')"
    )
    cursor.execute("CREATE VIEW other.some AS SELECT * FROM other.keys")
    for table in "other.keys", "some":
        _, where = said(run, url, "--table", table)
        assert where == {(1, "sign_secret", "type"), (2, "name", "length"), (2, "sign_type", "unknown")}
    _, where = said(run, url, "--table", "some", "--sign-key", "id", "--type", "hmac")
    assert where == {
        (1, "sign_key", "type"),
        (1, "sign_secret", "type"),
        (2, "name", "length"),
        (2, "sign_type", "unknown"),
    }
    for words, reason in (
        ([url], "has 3 tables: name one with --table"),
        ([url, "--table", "nothing"], "has no table of the name that --table gives"),
        (
            [url, "--table", "keys"],
            "has several tables of the name that --table gives: put the schema and a dot before it",
        ),
        (["postgres:///x?host=/nowhere"], f"cannot be reached, or lets nobody in; {PASSWORD}"),
        (["postgresql://[me:hunter2@host"], f"cannot be reached, or lets nobody in; {PASSWORD}"),
        (["postgresql://me:hunter2@host/x"], f"has a password in its URL, {SEEN}: {PASSWORD}"),
        (["postgresql://me@host/x?password=hunter2"], f"has a password in its URL, {SEEN}: {PASSWORD}"),
    ):
        result = run("audit", *words)
        assert (result.status, result.out) == (2, "")
        assert result.err == f"signrules audit: error: the database {reason}\n"


@pytest.mark.usefixtures("folder")
def test_postgresql_itself_tells_names_types_and_characters(run: Terminal, postgresql: tuple[str, Any]) -> None:
    """DuckDB would take a domain for text, the bytes of LATIN1 for UTF-8, and one of two similar names for another."""
    psycopg = pytest.importorskip("psycopg")
    url, cursor = postgresql
    cursor.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    url = url.replace("/postgres?", "/latin?")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DOMAIN number AS int")
        connection.execute("CREATE DOMAIN word AS text")
        connection.execute("CREATE TYPE kind AS ENUM ('basic')")
        connection.execute(
            'CREATE TABLE keys ("NAME" text, name word, sign_key number, sign_secret xml, sign_algorithm kind[])'
        )
        connection.execute("INSERT INTO keys VALUES ('abc', 'abc\u00e9', 12345678, 'abcdefghijklmnop', '{basic}')")
    no_texts = {(1, member, "type") for member in ("sign_key", "sign_secret", "sign_algorithm")}
    assert said(run, url)[1] == {(1, "name", "charset"), *no_texts}
    assert said(run, f"{url}&client_encoding=LATIN1")[1] == {(1, "name", "charset"), *no_texts}


@pytest.mark.usefixtures("folder")
def test_a_table_whose_rows_may_be_hidden_is_refused(run: Terminal, postgresql: tuple[str, Any]) -> None:
    url, cursor = postgresql
    cursor.execute("CREATE TABLE secured (name text)")
    cursor.execute("INSERT INTO secured VALUES ('x')")
    cursor.execute("ALTER TABLE secured ENABLE ROW LEVEL SECURITY")
    cursor.execute("CREATE ROLE reader LOGIN")
    cursor.execute("GRANT SELECT ON secured TO reader")
    assert said(run, url, "--table", "secured")[1] == {(1, "name", "length")}
    result = run("audit", url.replace("//postgres@", "//reader@"), "--table", "secured")
    reason = "may hide rows of this table from its user (row security): give a user who sees all"
    assert (result.status, result.out) == (2, "")
    assert result.err == f"signrules audit: error: the database {reason}\n"


PASSWORD: Final = "it takes a password from PGPASSWORD, PGPASSFILE or a service"
SEEN: Final = "which others can see in the list of processes"


# CSV.

KEYS: Final = "name,sign_key\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_of_a_csv_file_that_cannot_be_read_are_told(run: Terminal, folder: Path, end: str) -> None:
    text = (
        'name,sign_key,sign_secret\nab,,\n"","",""\nabc,x,y,z\n\nabc\n\n\n\xff\xfe,k,s\nabc,"a\nb","12345678\n90123456"\n'
        f'abc,"a"b,c\n\nlast,{GOOD_KEY},x\n,,{GOOD_SECRET}\n'
    )
    (folder / "keys.csv").write_bytes(text.replace("\n", end).encode("latin-1"))
    result = run("audit", "keys.csv", "--rows", "wrong.csv")
    assert result.status == 1
    assert result.err.splitlines() == [
        "signrules audit: keys.csv: row 3 cannot be read: too many cells",
        "signrules audit: keys.csv: row 4 cannot be read: too few cells",
        "signrules audit: keys.csv: row 5 cannot be read: bytes that are not UTF-8",
        "signrules audit: keys.csv: row 7 cannot be read: a quote that is never closed or stands alone in a cell; "
        "rows after it may be lost in it",
        "9 rows audited, 9 wrong",
    ]
    assert result.out.splitlines() == [
        "field        sign_type  sign_algorithm  values  length  charset  type  missing",
        "(the row)                                    9       0        0     4        0",
        "name                                         4       2        0     0        1",
        "sign_key     hmac                            3       2        1     0        0",
        "sign_secret  hmac                            4       2        1     0        0",
    ]
    assert (folder / "wrong.csv").read_text().splitlines() == [
        "file,row,field,codes",
        "keys.csv,1,name,length",
        "keys.csv,2,name,length",
        "keys.csv,2,sign_key,length",
        "keys.csv,2,sign_secret,length",
        "keys.csv,3,,type",
        "keys.csv,4,,type",
        "keys.csv,5,,type",
        "keys.csv,6,sign_key,length charset",
        "keys.csv,6,sign_secret,charset",
        "keys.csv,7,,type",
        "keys.csv,8,sign_secret,length",
        "keys.csv,9,name,missing",
    ]


def test_unread_rows_at_the_end_and_many_of_them(run: Terminal, folder: Path) -> None:
    (folder / "keys.csv").write_text("name,id\nabc,1\n" + "abc\n" * 12)
    result = run("audit", "keys.csv", "--rows", "wrong.csv")
    rows = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"
    assert result.err.splitlines()[0] == f"signrules audit: keys.csv: rows {rows} cannot be read: too few cells"
    assert len((folder / "wrong.csv").read_text().splitlines()) == 13
    (folder / "keys.csv").write_text("name,id\n" + "abc\n" * 2)
    assert run("audit", "keys.csv").err.splitlines()[-1] == "2 rows audited, 2 wrong"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_blank_line_in_a_cell_is_none_of_the_file(run: Terminal, folder: Path, end: str) -> None:
    text = f'name,sign_key,x\nabc,{GOOD_KEY},"a\n\n""\n\n,"\n\nabc,\n\nabc,short,\n'
    (folder / "keys.csv").write_text(text.replace("\n", end), newline="")
    result = run("audit", "keys.csv", "--rows", "wrong.csv")
    assert result.err.splitlines()[0] == "signrules audit: keys.csv: row 2 cannot be read: too few cells"
    assert (folder / "wrong.csv").read_text().splitlines()[1:] == ["keys.csv,2,,type", "keys.csv,3,sign_key,length"]


def test_bytes_that_are_not_utf_8_on_the_right_of_a_column_that_is_not_read(run: Terminal, folder: Path) -> None:
    (folder / "keys.csv").write_bytes(b"id,name\n1,abc\n2,\xff\n\xff,abc\n4,x\n")
    assert run("audit", "keys.csv", "--rows", "wrong.csv").err.splitlines() == [
        "signrules audit: keys.csv: rows 2, 3 cannot be read: bytes that are not UTF-8",
        "4 rows audited, 3 wrong",
    ]
    places = ["keys.csv,2,,type", "keys.csv,3,,type", "keys.csv,4,name,length"]
    assert (folder / "wrong.csv").read_text().splitlines()[1:] == places


def test_cells_in_quotes_and_long_lines_where_a_large_file_would_be_divided(run: Terminal, folder: Path) -> None:
    lines = f"x,{GOOD_KEY}\n" * 40
    (folder / "keys.csv").write_text("name,sign_key,x\n" + f'abc,{GOOD_KEY},"{lines}"\n' * 17_000)
    assert run("audit", "keys.csv").err == "17000 rows audited, all valid\n"
    (folder / "keys.csv").write_text(f"name,sign_key\nabc,{'x' * 32_100_000}\nabc,{GOOD_KEY}\n")
    assert run("audit", "keys.csv").err.splitlines() == [
        "signrules audit: keys.csv: row 1 cannot be read: more than two million bytes",
        "2 rows audited, 1 wrong",
    ]


def test_a_csv_file_of_ten_thousand_columns(run: Terminal, folder: Path) -> None:
    (folder / "keys.csv").write_text(f"{','.join(f'column{n}' for n in range(10_000))},name\n{10_000 * ','}x\n")
    assert said(run, "keys.csv")[1] == {(1, "name", "length")}


def test_a_csv_file_of_which_most_rows_cannot_be_read(
    run: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB would keep each of them in memory."""
    (folder / "keys.csv").write_text("name,id\n" + "abc,1,\n" * 200)
    reason = "has a header that does not fit: most rows have more cells, or fewer"
    assert run("audit", "keys.csv").err == f"signrules audit: error: keys.csv {reason}\n"
    monkeypatch.setattr("signrules.audit._csv.MOST_FAULTS", 5)
    (folder / "keys.csv").write_text("name,id,other\n" + "abc\n" * 3)  # with two faults each
    reason = "has 5 rows or more that cannot be read as CSV"
    assert run("audit", "keys.csv").err == f"signrules audit: error: keys.csv {reason}\n"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (
            '\ufeff"name";"sign key"\r\nabc;#x\r\n',
            {(1, "sign_key", "length"), (1, "sign_key", "charset"), (1, "sign_key", "first")},
        ),
        (
            "sign key\tname\n'x,y'\tabc\n",
            {(1, "sign_key", "length"), (1, "sign_key", "charset"), (1, "sign_key", "first")},
        ),
        (
            "sign key\nabcdefgh1\n\nabcdefgh1\n",
            {(1, "name", "missing"), (2, "name", "missing"), (3, "name", "missing")},
        ),
        ('"sign key",name,"a\nb"\nabcdefgh1,abc,\n', set()),
        ("sign key,name,name \nabcdefgh1,abc,x\n", set()),
        ("sign key,name\rabcdefgh1,abc\rabcdefgh1,a\r", {(2, "name", "length")}),
    ],
    ids=["semicolons", "tabs", "one-column", "break-in-header", "similar-names", "carriage-returns"],
)
def test_the_ways_to_write_csv(run: Terminal, folder: Path, text: str, where: Where) -> None:
    (folder / "keys.txt").write_text(text, encoding="utf-8", newline="")
    assert said(run, "keys.txt", "--sign-key", "sign key")[1] == where


# JSON and other types.


def test_lines_that_are_no_bodies_are_counted(run: Terminal, folder: Path) -> None:
    lines = [
        b'{"name": "abc"}',
        b"{broken",
        b"[1]",
        b'"x"',
        b'{"name": "\xff"}',
        b"",
        b'{"name": "abc"} {}',
        b'{"name": null}',
    ]
    (folder / "keys.ndjson").write_bytes(b"\n".join(lines))
    record, where = said(run, "keys.ndjson")
    assert where == {*((n, "", "type") for n in (2, 3, 4, 5, 6)), (7, "name", "type")}
    assert values_in(record) == {("", None, None): 7, ("name", None, None): 2}


def test_the_first_of_two_members_counts_and_a_lone_surrogate_is_no_text(run: Terminal, folder: Path) -> None:
    """Here `check`, which reads JSON as Python does, says something else."""
    (folder / "keys.jsonl").write_text('{"name": "abc", "name": "1"}\n{"name": "\\ud800abc"}\n')
    assert said(run, "keys.jsonl")[1] == {(2, "", "type")}


def test_members_of_any_name(run: Terminal, folder: Path) -> None:
    names = {
        "name": "a/b~c",
        "sign_key": "'\"",
        "sign_secret": "name",
        "sign_type": "$.x[0]",
        "sign_algorithm": "sign_key",
    }
    body = {"name": "abc", "sign_key": "short", "sign_secret": "b" * 16, "sign_type": "aes", "sign_algorithm": "rot13"}
    (folder / "keys.jsonl").write_text(json.dumps({names[member]: value for member, value in body.items()}))
    with closing(sqlite3.connect("keys.db")) as connection, connection:
        columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names.values())
        connection.execute(f"""CREATE TABLE "a'""b" ({columns})""")
        connection.execute("""INSERT INTO "a'""b" VALUES (?, ?, ?, ?, ?)""", [body[member] for member in names])
    duckdb.execute("COPY (FROM read_json('keys.jsonl')) TO 'keys.parquet'")
    with (folder / "keys.csv").open("w", newline="") as file:
        csv.writer(file).writerows([names.values(), [body[member] for member in names]])
    options = [word for member, name in names.items() for word in (f"--{member.replace('_', '-')}", name)]
    for path in "keys.jsonl", "keys.parquet", "keys.csv", "keys.db":
        assert said(run, path, *options)[1] == {(1, "sign_key", "length"), (1, "sign_algorithm", "unknown")}, path


@pytest.mark.usefixtures("folder")
def test_a_value_that_is_no_string(run: Terminal) -> None:
    duckdb.execute(
        f"COPY (SELECT 5 AS name, '{GOOD_KEY}'::BLOB AS sign_key, '{GOOD_SECRET}' AS sign_secret) TO 'k.parquet'"
    )
    assert said(run, "k.parquet")[1] == {(1, "name", "type"), (1, "sign_key", "type")}
    with closing(sqlite3.connect("k.db")) as connection, connection:
        connection.execute("CREATE TABLE keys (name text, sign_key, sign_secret varchar(3), sign_type integer)")
        connection.execute("CREATE VIEW names AS SELECT name FROM keys")
        rows = [("abc", 5, GOOD_SECRET, "hmac"), ("a\0b", 1.5, "", None), (b"abc", None, b"", 5), (None, "", "x", None)]
        connection.executemany("INSERT INTO keys VALUES (?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO keys (name) VALUES (CAST(x'ff4142' AS text))")  # is not UTF-8
    wrong_names = {(2, "name", "charset"), (3, "name", "type"), (4, "name", "missing"), (5, "name", "type")}
    others = {
        (1, "sign_key", "type"),
        (2, "sign_key", "type"),
        (2, "sign_secret", "length"),
        (3, "sign_type", "type"),
        (4, "sign_key", "length"),
        (4, "sign_secret", "length"),
    }
    assert said(run, "k.db", "--table", "keys")[1] == wrong_names | others
    assert said(run, "k.db", "--table", "main.names")[1] == wrong_names


@pytest.mark.usefixtures("folder")
def test_columns_of_parquet_whose_names_differ_in_case_or_not_at_all(run: Terminal) -> None:
    """DuckDB changes the name of the second, and writes no such file itself."""
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra bench: pip install -e '.[bench]'")
    parquet = pytest.importorskip("pyarrow.parquet")
    nested = [{"name": "x", "b": ["x"]}]
    for columns, where in (
        ([("name", ["abc"]), ("x", nested), ("NAME", ["x"])], set()),
        ([("x", nested), ("NAME", ["abc"]), ("name_1", ["abc"]), ("name", ["x"])], {(1, "name", "length")}),
        ([("name", ["abc"]), ("", ["x"])], {(1, "sign_key", "length")}),
    ):
        names, values = zip(*columns, strict=True)
        parquet.write_table(pyarrow.table(values, names), "k.parquet")
        assert said(run, "k.parquet", *(["--sign-key", ""] if "" in names else []))[1] == where
    parquet.write_table(pyarrow.table([["abc"], ["abc"]], ["name", "name"]), "k.parquet")
    assert run("audit", "k.parquet").err == "signrules audit: error: k.parquet has two columns of the name of --name\n"


@pytest.mark.usefixtures("folder")
def test_a_column_that_a_folder_states_is_that_of_a_file_without_it(run: Terminal) -> None:
    path = Path("sign_type=basic/sign_key=12345678/id=x/c0=orders/json=x/k.parquet")
    path.parent.mkdir(parents=True)
    duckdb.execute(f"COPY (SELECT 1 AS id, 'abc' AS name) TO '{path}'")
    assert said(run, str(path))[1] == {(1, "sign_key", "first")}
    duckdb.execute(f"COPY (SELECT 'abc' AS name, 'abcd' AS sign_key, 'aes' AS sign_type) TO '{path}'")
    assert said(run, str(path))[1] == {(1, "sign_key", "length")}
    for name, text in (("k.csv", "name,sign_key\nx,\n"), ("k.jsonl", '{"name": "x"}')):
        path.with_name(name).write_text(text)
        assert said(run, str(path.with_name(name)))[1] == {(1, "name", "length")}


@pytest.mark.usefixtures("folder")
def test_tables_and_columns_that_duckdb_does_not_see_in_sqlite(run: Terminal) -> None:
    with closing(sqlite3.connect("k.db")) as connection, connection:
        connection.execute('CREATE TABLE "" (id integer PRIMARY KEY AUTOINCREMENT, k, name AS (k), "" AS (k) STORED)')
        connection.execute("INSERT INTO \"\" (k) VALUES ('x')")
    assert said(run, "k.db", "--sign-key", "")[1] == {(1, "name", "length"), (1, "sign_key", "length")}
    with closing(sqlite3.connect("k.db")) as connection, connection:
        connection.execute("CREATE VIEW broken AS SELECT name FROM no_such_table")
    assert said(run, "k.db", "--table", "")[1] == {(1, "name", "length")}
    assert run("audit", "k.db").err == "signrules audit: error: k.db has 2 tables: name one with --table\n"


# Types, algorithms, several files.


def test_the_type_and_the_algorithm_of_rows_that_state_none(run: Terminal, folder: Path) -> None:
    (folder / "k.csv").write_text(f"name,sign_key\nabc,{GOOD_SECRET}\n")
    for words, kind, is_right in (
        ([], ("hmac", None), True),
        (["--type", "aes"], ("aes", None), True),
        (["--type", "aes", "--algorithm", "aes-128-cfb"], ("aes", "aes-128-cfb"), True),
        (["--type", "aes", "--algorithm", "aes-256-cfb"], ("aes", "aes-256-cfb"), False),
    ):
        record, where = said(run, "k.csv", *words)
        assert ("sign_key", *kind) in values_in(record)
        assert where == (set() if is_right else {(1, "sign_key", "length")})
    (folder / "k.csv").write_text(
        f"name,sign_key,sign_type,sign_algorithm\nabc,{GOOD_SECRET},,\nabc,{GOOD_SECRET},hmac,\n"
    )
    assert said(run, "k.csv", "--type", "aes", "--algorithm", "aes-256-cfb")[1] == {(1, "sign_key", "length")}
    assert said(run, "k.csv", "--algorithm", "aes-256-cfb")[1] == set()
    result = run("audit", "k.csv", "--type", "basic", "--algorithm", "aes-256-cfb")
    assert (result.status, result.err) == (2, "signrules audit: error: --algorithm goes with --type aes\n")


def test_several_files_and_patterns(run: Terminal, folder: Path) -> None:
    (folder / "a*[1].csv").write_text("name\nabc\n")
    (folder / "b.csv").write_text("name\nx\nabc\n")
    (folder / "c.csv").write_text("")
    result = run("audit", "*.csv", "--rows", "wrong.txt")
    assert result.status == 2
    assert (
        result.out
        == "field  sign_type  sign_algorithm  values  length\nname                                   3       1\n"
    )
    assert result.err.splitlines() == [
        "signrules audit: error: c.csv is empty",
        "3 rows in 2 of 3 files audited, 1 wrong",
    ]
    assert (folder / "wrong.txt").read_text() == "file,row,field,codes\nb.csv,1,name,length\n"
    result = run("audit", "a*[1].csv", "b.csv", "--json")
    assert [json.loads(line)["file"] for line in result.out.splitlines()] == ["a*[1].csv", "b.csv"]
    result = run("audit", "a*[1].csv")
    assert (result.status, result.err) == (0, "1 row audited, all valid\n")


FIELD_OPTIONS: Final = "--name COLUMN, --sign-key COLUMN or --sign-secret COLUMN"
NO_COLUMN: Final = f"has no column name, sign_key or sign_secret: name one with {FIELD_OPTIONS}"


@pytest.mark.parametrize(
    ("name", "data", "words", "reason"),
    [
        ("k.csv", b"", [], "is empty"),
        ("k.csv", KEYS.encode(), [], "has no rows"),
        ("k.csv", b"id,mane\n1,abc\n", [], NO_COLUMN),
        ("k.csv", b"name\nabc\n", ["--sign-key", "key"], "has no column of the name that --sign-key gives"),
        ("k.csv", b"name,name\nabc,abc\n", [], "has two columns of the name of --name"),
        (
            "k.csv",
            b"name\nabc\n",
            ["--sign-type", "basic"],
            "has no column of the name that --sign-type gives: if every row has this sign_type, say --type basic",
        ),
        (
            "k.jsonl",
            b'{"name": "abc"}\n',
            ["--sign-algorithm", "aes-128-cfb"],
            "has no column of the name that --sign-algorithm gives: "
            "if every row has this sign_algorithm, say --algorithm aes-128-cfb",
        ),
        ("k.jsonl", b'\xef\xbb\xbf{"name": "abc"}\n', [], "begins with a byte order mark: write it without"),
        ("k.csv", "name\nabc\n".encode("utf-16"), [], "is UTF-16: make it UTF-8"),
        ("k.csv", b"name\nabc\n", ["--table", "keys"], "is no database, and --table is given"),
        (
            "k.csv",
            b"name,id\r\nabc,1\r\nabc,2\n",
            [],
            "cannot be read to its end as CSV; perhaps its lines end in two ways",
        ),
        (
            "k.csv",
            b'name,"' + bytes(200_000),
            [],
            "has a header of more than 131,071 bytes, or a quote in it that is never closed",
        ),
        ("k.xls", bytes(range(256)) * 9, [], "is none of CSV, JSON Lines, JSON, Parquet and SQLite"),
        ("k.json", b'[{"name": "abc"}, {"name": hunter2}]', [], "cannot be read to its end as JSON"),
        ("k.json", b'{"name":\n hunter2}', [], "cannot be read to its end as JSON"),
        ("k", b"PAR1hunter2", [], "cannot be read to its end as Parquet"),
        ("k", b"SQLite format 3\0hunter2" + bytes(99), [], "cannot be read to its end as a database of SQLite"),
    ],
)
def test_what_cannot_be_audited_is_told(
    run: Terminal, folder: Path, *, name: str, data: bytes, words: list[str], reason: str
) -> None:
    (folder / name).write_bytes(data)
    (folder / "right.csv").write_text("name,sign_key,sign_type,sign_algorithm,key,basic,aes-128-cfb\nabc,,,,,,\n")
    result = run("audit", name, *words)
    assert (result.status, result.out, result.err) == (2, "", f"signrules audit: error: {name} {reason}\n")
    result = run("audit", name, "right.csv", *words)
    assert (result.status, result.err.splitlines()[0]) == (2, f"signrules audit: error: {name} {reason}")
    assert "--table" in words or result.err.splitlines()[1:] == ["1 row in 1 of 2 files audited, all valid"]


@pytest.mark.usefixtures("folder")
def test_places_that_are_no_files(run: Terminal) -> None:
    os.mkfifo("pipe")
    for word, reason in (
        (".", ". is a directory"),
        ("hunter2", "FILE cannot be read: No such file or directory"),
        ("pipe", "pipe is not a file that can be read twice"),
        ("-", "standard input cannot be audited: give a file"),
    ):
        result = run("audit", word)
        assert (result.status, result.out, result.err) == (2, "", f"signrules audit: error: {reason}\n")


def test_a_member_that_only_bodies_of_an_unknown_type_have(run: Terminal, folder: Path) -> None:
    """Nobody judged it, so nobody can say that it is not there."""
    (folder / "k.jsonl").write_text('{"name": "abc", "sign_type": "rot13", "key": "x"}\n')
    assert said(run, "k.jsonl", "--sign-key", "key")[1] == {(1, "sign_type", "unknown")}


@pytest.mark.usefixtures("folder")
def test_a_column_whose_name_is_misspelt_is_told(run: Terminal) -> None:
    Path("k.csv").write_text('id,name,Sign_Key,sign_secert,hunter2,"sign_\nkey"\n1,abc,x,y,z,\n')
    duckdb.execute("COPY (FROM 'k.csv') TO 'k.parquet'")
    for path in "k.csv", "k.parquet":
        assert run("audit", path).err.splitlines() == [
            f"signrules audit: {path}: the column Sign_Key is not read: did you mean sign_key? "
            "If so, say --sign-key Sign_Key",
            f"signrules audit: {path}: the column sign_secert is not read: did you mean sign_secret? "
            "If so, say --sign-secret sign_secert",
            "1 row audited, all valid",
        ]
    assert run("audit", "k.csv", "--sign-key", "Sign_Key", "--sign-secret", "sign_secert").status == 1
    Path("k.csv").write_text("names,name,sign_type,sign_key,sign_secret,sign_algorithm\nx,abc,,,,\n")
    assert run("audit", "k.csv").err == "1 row audited, all valid\n"


def test_nothing_of_the_user_is_lost(run: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "k.csv").write_text("name\nx\n")
    (folder / "link.csv").symlink_to("k.csv")
    result = run("audit", "k.csv", "--rows", "link.csv")
    reason = "--rows: nothing is written: the file is one of those that are read"
    assert (result.status, result.err) == (2, f"signrules audit: error: {reason}\n")
    assert (folder / "k.csv").read_text() == "name\nx\n"
    result = run("audit", "k.csv", "--rows", "no/such")
    assert (result.status, result.err) == (
        2,
        "signrules audit: error: --rows: nothing is written: No such file or directory\n",
    )
    (folder / "rows.csv").write_text("earlier")

    def broken(*_: object) -> Iterator[Any]:
        raise AuditError("has changed")
        yield

    monkeypatch.setattr(Audit, "places", broken)
    result = run("audit", "k.csv", "--rows", "rows.csv")
    assert (result.status, result.err) == (2, "signrules audit: error: k.csv has changed\n")
    assert (folder / "rows.csv").read_text() == "earlier"
    assert sorted(path.name for path in folder.iterdir()) == ["k.csv", "link.csv", "rows.csv"]


# What is missing.


@pytest.mark.parametrize(("kind", "path"), [("sqlite", "k.db"), ("postgres", "postgresql:///x?host=/nowhere")])
def test_an_extension_of_duckdb_that_is_missing_is_named(
    run: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, path: str
) -> None:
    write_sqlite(folder / "k.db")
    monkeypatch.setattr("signrules.audit._tables.find_spec", lambda _: None)
    monkeypatch.setitem(_engine._SETTINGS, "extension_directory", f"'{folder}'")
    name = "the database" if kind == "postgres" else path
    reason = f"needs an extension of DuckDB: pip install duckdb-extension-{kind}-scanner"
    assert run("audit", path).err == f"signrules audit: error: {name} {reason}\n"


def test_memory_is_limited(run: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(folder / "k.parquet")
    monkeypatch.setitem(_engine._SETTINGS, "memory_limit", "'1MB'")
    assert run("audit", "k.parquet").err == "signrules audit: error: k.parquet needs more memory than 640MiB\n"


# Silence.


def write_hidden(folder: Path) -> list[str]:
    """Files that hold the canary in every place where an error may be found."""
    quoted = ", ".join(f'"{member}": {json.dumps(FOREIGN)}' for member in oracle.MEMBERS)
    header, cells = ",".join(oracle.MEMBERS), ",".join([FOREIGN] * 5)
    texts = {
        "k.jsonl": f"{{{quoted}}}\n{{{quoted}\n{FOREIGN}\n",
        "k.json": f"[{{{quoted}}}, {{{quoted}, {FOREIGN}}}]",
        "b.json": f"{{\n{quoted}, {FOREIGN}}}",
        "k.csv": f'{header}\n{cells}\n{FOREIGN}\n{LONG},{cells},{FOREIGN}\n{FOREIGN},"{FOREIGN}"{LONG}\n',
        "two.csv": f"{header}\r\n{cells}\r\n{cells}\n",
        "h.csv": f"{FOREIGN},{LONG}\n{FOREIGN},{LONG}\n",
        "k": f"PAR1{FOREIGN}",
        "k.db": f"SQLite format 3\0{FOREIGN}{'x' * 99}",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    columns = ", ".join(f"'{FOREIGN}' AS {member}" for member in oracle.MEMBERS)
    duckdb.execute(f"COPY (SELECT {columns}) TO '{folder}/k.parquet'")
    return [*texts, "k.parquet"]


@pytest.mark.parametrize(
    "words",
    [["--rows", "rows.csv"], ["--json", "--rows", "rows.jsonl"], ["--sign-key", FOREIGN], ["--type", FOREIGN]],
    ids=["csv", "json", "column", "type"],
)
def test_no_part_of_a_value_comes_out(run: Terminal, folder: Path, words: list[str]) -> None:
    names = write_hidden(folder)
    result = run("audit", *names, FOREIGN, f"postgresql://{FOREIGN}", "--debug", *words)
    assert result.status == 2
    assert_silent(result.out + result.err)
    for path in folder.glob("rows.*"):
        assert len(path.read_text(encoding="utf-8").splitlines()) > 12
        assert_silent(path.read_text(encoding="utf-8"))


def test_an_error_holds_nothing(folder: Path) -> None:
    raised = 0
    for name in write_hidden(folder):
        try:
            Audit(name, Columns({}, Kind())).count(lambda _: None)
        except AuditError as error:
            raised += 1
            for text in told(error):
                assert_silent(text)
    assert raised == 6


@pytest.mark.usefixtures("folder")
def test_nothing_is_written_beside_the_file() -> None:
    with Engine("fails") as engine:
        assert engine.ask("SELECT current_setting('temp_directory')") == [("",)]
        with pytest.raises(AuditError, match="fails"):
            engine.ask("INSTALL httpfs FROM 'nowhere'")
        with pytest.raises(AuditError, match="fails"):
            engine.ask("FROM folder")  # a variable of Python


# The bar and signals.


def test_the_progress_is_shown(run: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(folder / "k.parquet")
    seen: list[float] = []
    monkeypatch.setattr(_engine, "_PAUSE", 1e-4)
    monkeypatch.setattr("signrules.cli._bar.Bar.show", lambda _, done: seen.append(done()))
    assert run("audit", "k.parquet", "--rows", "rows.csv").status == 1
    assert len(seen) > 2
    assert all(0 <= percentage <= 100 for percentage in seen)


def test_a_signal_ends_a_query_at_once() -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with Engine("fails") as engine, pytest.raises(KeyboardInterrupt):
        engine.ask("SELECT count(*) FROM range(10_000_000_000_000) WHERE hash(range) = 0", show=interrupted)
