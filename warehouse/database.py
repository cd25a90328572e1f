"""DuckDB: the only module that opens a database file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.errors import LakeError, ReleaseError
from warehouse.parquet import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

STORAGE_VERSION = "v1.4.0"
"""Storage format of every file written here: the oldest DuckDB that analysts' tools carry can open it."""


@contextlib.contextmanager
def write_database(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database for writing, new files in the format that DuckDB 1.4 reads; leave one whole file behind.

    Raises:
        ReleaseError: a write-ahead log remains, so that the file alone would be incomplete.
    """
    connection = duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})
    try:
        yield connection
        connection.execute("checkpoint")
    finally:
        connection.close()
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        raise ReleaseError(f"{log}: DuckDB left a write-ahead log; another process holds {path.name} open")


@contextlib.contextmanager
def read_database(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database read-only.

    Raises:
        ReleaseError: there is no such file, or it can't be opened.
    """
    if not path.is_file():
        raise ReleaseError(f"{path} doesn't exist yet; run `make run` to build and publish it")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise ReleaseError(f"{path} can't be opened: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def read_databases(paths: Mapping[str, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open several databases read-only in one connection, each under its name, so that one query can read them all.

    Raises:
        ReleaseError: one of them can't be opened.
    """
    with contextlib.closing(duckdb.connect()) as connection:
        for name, path in paths.items():
            try:
                connection.execute(f"attach {literal(path)} as {quoted(name)} (read_only)")
            except duckdb.Error as error:
                raise ReleaseError(f"{path} can't be opened: {error}") from error
        yield connection


def query(path: Path, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
    """Run one query on a database, read-only.

    Raises:
        ReleaseError: the database can't be opened, or the query fails.
    """
    with read_database(path) as connection:
        try:
            return connection.sql(sql, params=list(parameters)).to_arrow_table()
        except duckdb.Error as error:
            raise ReleaseError(f"{path.name}: {error}") from error


def list_relations(path: Path, schema: str) -> list[str]:
    """Return the names of the tables and views of a schema, sorted."""
    rows = query(
        path,
        "select table_name from information_schema.tables where table_schema = ? order by table_name",
        [schema],
    )
    return list(rows["table_name"].to_pylist())


def read_relation(path: Path, relation: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table such as ``marts.fct_deals``.

    Args:
        path: database file.
        relation: schema and name.
        columns: only these, or all.
    """
    selected = ", ".join(quoted(name) for name in columns) if columns else "*"
    name = ".".join(quoted(part) for part in relation.split("."))
    return query(path, f"select {selected} from {name}")


def count_rows(path: Path, schemas: Sequence[str]) -> dict[str, int]:
    """Return the number of rows of each table of these schemas, by ``schema.table``."""
    counts: dict[str, int] = {}
    with read_database(path) as connection:
        for schema in schemas:
            tables = connection.execute(
                "select table_name from information_schema.tables where table_schema = ? order by table_name", [schema]
            ).fetchall()
            for (table,) in tables:
                row = connection.execute(f"select count(*) from {quoted(schema)}.{quoted(table)}").fetchone()
                counts[f"{schema}.{table}"] = row[0] if row else 0
    return counts


def create_parquet_view(connection: duckdb.DuckDBPyConnection, relation: str, files: Sequence[Path | Part]) -> None:
    """Create a view over Parquet files, whole or parts; columns that only newer files have are NULL in older ones.

    Raises:
        LakeError: DuckDB can't read a file; the message names it.
    """
    listed = ", ".join(literal(file) for file in files if not isinstance(file, Part))
    selects = [f"select * from read_parquet([{listed}], union_by_name = true)"]
    for part in files:
        if isinstance(part, Part):
            values = ", ".join(literal(value) for value in part.values)
            selects.append(
                f"select * from read_parquet({literal(part.path)}) where {quoted(part.column)} in ({values})"
            )
    try:
        connection.execute(f"create view {relation} as {' union all by name '.join(selects)}")
    except duckdb.Error as error:
        told = str(error).partition("\n")[0]
        raise LakeError(f"{relation}: {told}; restore the file from a backup, or move it away") from error


def quoted(identifier: str) -> str:
    """Quote an SQL identifier.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: object) -> str:
    """Quote an SQL text.

    >>> literal("l'art")
    "'l''art'"
    """
    return "'" + str(text).replace("'", "''") + "'"
