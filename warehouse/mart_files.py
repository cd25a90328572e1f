"""Every mart of a release as one Parquet file, for tools that read Parquet and no DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.database import list_relations, quoted, read_database
from warehouse.files import sync

if TYPE_CHECKING:
    from pathlib import Path

MARTS_FOLDER = "marts"


def write_mart_files(database: Path, folder: Path) -> list[Path]:
    """Write each table of the schema ``marts`` to ``<folder>/marts/<table>.parquet``.

    Args:
        database: release that is complete.
        folder: the release's folder.

    Returns:
        The files, sorted.

    Raises:
        ReleaseError: the database can't be opened.
    """
    target = folder / MARTS_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    written = []
    names = list_relations(database, "marts")
    with read_database(database) as connection:
        for name in names:
            path = target / f"{name}.parquet"
            told = str(path).replace("'", "''")
            connection.execute(f"copy marts.{quoted(name)} to '{told}' (format parquet, compression zstd)")
            sync(path)
            written.append(path)
    sync(target)
    return written
