"""Compaction of ``ops`` and ``history``: files that were appended one by one become one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import appended, clock, ops
from warehouse.appended import Index, Merged
from warehouse.contracts import HISTORY_TABLES, OPS_TABLES
from warehouse.parquet import iterate_rows
from warehouse.receipts import file_sha256
from warehouse.storage import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.maintenance.settings import Upkeep
    from warehouse.settings import DataDirectory
    from warehouse.storage import Storage

_EMPTY = "0-empty.parquet"
_GROUP_ROWS = 50_000


@dataclass(frozen=True)
class Folder:
    """A folder of appended files.

    Attributes:
        path: folder.
        table: contract of the rows.
        name_of: gives the name by which the owner knows an append, or None where nobody asks for it.
        storage: what keeps its files.
    """

    path: Path
    table: Table
    name_of: Callable[[Path], str | None]
    storage: Storage = LOCAL


@dataclass(frozen=True)
class Merge:
    """Files that became one.

    Attributes:
        folder: folder.
        files: files that held the rows, by name.
        size: bytes of them.
        made: the file that holds them now; None in a dry run.
    """

    folder: Path
    files: tuple[str, ...]
    size: int
    made: str | None


def list_folders(data: DataDirectory) -> Iterator[Folder]:
    """Yield the folders of facts and of history that exist."""
    for table in OPS_TABLES:
        yield Folder(data.ops / table.name, table, ops.event_of, data.storage)
    for table in HISTORY_TABLES:
        yield Folder(data.history / table.name, table, lambda path: path.stem, data.storage)


def merge_folder(folder: Folder, upkeep: Upkeep, *, is_dry_run: bool = False) -> Merge | None:
    """Merge the single files of a folder into the last merged one, or a new one where that is large enough.

    Args:
        folder: folder.
        upkeep: settings.
        is_dry_run: whether only to say what would be done.

    Returns:
        What was merged; None where the files are too few.

    Raises:
        LakeError: a file is damaged; the message names it. Nothing has changed then.
    """
    merged, listed = appended.current_files(folder.path, storage=folder.storage)
    single = [path for path in listed if path.name != _EMPTY]
    if len(single) < upkeep.fewest_files:
        return None
    folder.storage.fetch([*single, *(folder.path / one.name for one in merged[-1:])])
    last = merged[-1] if merged and (folder.path / merged[-1].name).stat().st_size < upkeep.target_bytes else None
    sources = [*([folder.path / last.name] if last else []), *single]
    names = tuple(path.name for path in sources)
    size = sum(path.stat().st_size for path in sources)
    if is_dry_run:
        return Merge(folder.path, names, size, None)
    made = _write(folder, sources, newest=max(path.name.partition("-")[0] for path in single))
    told = [name for path in single if (name := folder.name_of(path)) is not None]
    now = clock.now().isoformat()
    index = appended.read_index(folder.path, storage=folder.storage)
    appended.write_index(
        folder.path,
        Index(
            merged=(
                *(one for one in index.merged if one != last),
                Merged(made, (*(last.holds if last else ()), *told)),
            ),
            covered={**index.covered, **dict.fromkeys(names, now)},
        ),
        storage=folder.storage,
    )
    return Merge(folder.path, names, size, made)


def list_covered(folder: Folder, grace: timedelta) -> list[Path]:
    """Return the files of a folder that nothing reads any more since the grace time, and those of a killed merge."""
    index = appended.read_index(folder.path, storage=folder.storage)
    now = clock.now()
    old = [name for name, since in index.covered.items() if now - datetime.fromisoformat(since) >= grace]
    known = {one.name for one in index.merged} | index.covered.keys()
    listed = set(folder.storage.names(folder.path, "*.parquet"))
    killed = [name for name in listed if name.startswith(appended.MERGED_PREFIX) and name not in known]
    covered = sorted([*(name for name in old if name in listed), *killed])
    folder.storage.fetch(folder.path / name for name in covered)
    return [folder.path / name for name in covered]


def forget_covered(folder: Folder, removed: Sequence[Path]) -> None:
    """Drop from the index what was gone before this run.

    What is removed now stays there until the next run: a reader may have listed the folder a moment ago.
    """
    index = appended.read_index(folder.path, storage=folder.storage)
    stays = {path.name for path in removed} | set(folder.storage.names(folder.path, "*.parquet"))
    kept = {name: since for name, since in index.covered.items() if name in stays}
    if kept != index.covered:
        appended.write_index(folder.path, Index(index.merged, kept), storage=folder.storage)


def _write(folder: Folder, sources: Sequence[Path], *, newest: str) -> str:
    """Write the rows of files as one, named after its newest source and its content; memory holds one row group."""
    schema = pa.schema([field.with_nullable(True) for field in folder.table.schema])
    aside = folder.path / f".{appended.MERGED_PREFIX}{uuid.uuid4().hex}"
    waiting: list[pa.RecordBatch] = []
    try:
        with pq.ParquetWriter(aside, schema, compression="zstd") as writer:
            for batch in iterate_rows(folder.table.schema, sources, batch_rows=_GROUP_ROWS):
                waiting.append(batch)
                if sum(one.num_rows for one in waiting) >= _GROUP_ROWS:
                    writer.write_table(pa.Table.from_batches(waiting).cast(schema))
                    waiting.clear()
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting).cast(schema))
        name = f"{appended.MERGED_PREFIX}{newest}-{file_sha256(aside)[:16]}.parquet"
        folder.storage.settle(aside, folder.path / name)
    finally:
        aside.unlink(missing_ok=True)
    return name


__all__ = ["Folder", "Merge", "forget_covered", "list_covered", "list_folders", "merge_folder"]
