"""What each release changed: dbt finds it, publishing appends it to the lake, where it outlives the kept releases.

A candidate carries its changes as Parquet, under a name that stands for the release it may become. Publishing puts the
release's id in its place, in the database and in the files, and appends the files to ``history/`` of the lake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import appended
from warehouse.contracts import HISTORY_TABLES
from warehouse.database import literal, quoted
from warehouse.parquet import Part, write_empty

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from warehouse.settings import DataDirectory

EMPTY_FILE = "0-empty.parquet"
UNPUBLISHED = "candidate"
"""Stands for the release to be; the dbt macro ``this_release`` writes the same."""

_CHANGES = {
    "published_claims": "intermediate.int_claims__changed",
    "published_deal_years": "intermediate.int_deal_years__changed",
    "published_country_years": "intermediate.int_country_years__changed",
}
"""History table -> relation of the build that holds the candidate's changes."""


def files(data: DataDirectory, name: str, *, until: str | None) -> list[Path | Part]:
    """Return the Parquet files of a history table, oldest release first; the first one always exists and has no rows.

    Of a file that also holds later releases, the part that counts is given.

    Args:
        data: data directory.
        name: history table.
        until: newest release to read; None for none, before the first release.
    """
    table = next(table for table in HISTORY_TABLES if table.name == name)
    folder = data.history / name
    write_empty(folder / EMPTY_FILE, table.schema, storage=data.storage)
    if until is None:
        return [folder / EMPTY_FILE]
    merged, single = appended.current_files(folder, storage=data.storage)
    parts: list[Path | Part] = []
    for one in merged:
        wanted = tuple(release_id for release_id in one.holds if release_id <= until)
        if wanted:
            path = folder / one.name
            parts.append(path if wanted == one.holds else Part(path, "release_id", wanted))
    parts += [path for path in single if path.name != EMPTY_FILE and path.stem <= until]
    data.storage.fetch(part.path if isinstance(part, Part) else part for part in parts)
    return [folder / EMPTY_FILE, *parts]


def newest_release(data: DataDirectory) -> str | None:
    """Return the release that was appended last; None before the first one."""
    found = data.storage.names(data.history, "*/[1-9]*.parquet")
    names = {name.partition("/")[2].removesuffix(".parquet") for name in found}
    for name in data.storage.names(data.history, f"*/{appended.INDEX_FILE}"):
        index = appended.read_index((data.history / name).parent, storage=data.storage)
        names |= {release_id for one in index.merged for release_id in one.holds}
    return max(names, default=None)


def export_changes(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write a candidate's changes beside it; what dbt couldn't build is left out.

    Args:
        connection: the candidate's database, before its intermediate relations are dropped.
        folder: folder of the candidate.
    """
    built = {
        f"{schema}.{name}"
        for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    }
    for name, relation in _CHANGES.items():
        if relation in built:
            target = _file(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy {relation} to {literal(target)} (format parquet, compression zstd)")


def name_release(connection: duckdb.DuckDBPyConnection, candidate: Path, release: Path, release_id: str) -> None:
    """Put a release's id in the place of the candidate's: in its published tables, and in its copy of the changes.

    Args:
        connection: the release's database, open for writing.
        candidate: folder of the candidate.
        release: folder of the release to be.
        release_id: id of the release.
    """
    columns = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name = 'marts' and column_name like '%release_id' order by all"
    ).fetchall()
    for schema, table, column in columns:
        relation = f"{quoted(schema)}.{quoted(table)}"
        connection.execute(
            f"update {relation} set {quoted(column)} = ? where {quoted(column)} = ?", [release_id, UNPUBLISHED]
        )
    for name in _CHANGES:
        source, target = _file(candidate, name), _file(release, name)
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select * replace ({literal(release_id)} as release_id) from read_parquet({literal(source)})) "
                f"to {literal(target)} (format parquet, compression zstd)"
            )


def append_changes(data: DataDirectory, release: Path, release_id: str) -> None:
    """Append a release's changes to the lake; appending them again changes nothing.

    Args:
        data: data directory.
        release: folder of the release.
        release_id: id of the release.
    """
    for name in _CHANGES:
        source = _file(release, name)
        data.storage.fetch([source])
        merged = appended.read_index(data.history / name, storage=data.storage).merged
        if source.exists() and not any(release_id in one.holds for one in merged):
            data.storage.place(source, data.history / name / f"{release_id}.parquet")


def _file(folder: Path, name: str) -> Path:
    return folder / "history" / f"{name}.parquet"
