"""Compaction of a raw table: the rows of many small loads move into one file, by one change of the manifest.

The loads stay in the manifest with all that is known of them: id, fingerprint that the gate saw, attributes. Only
where their rows lie changes, so a build afterwards is made from the same inputs, and a receipt, a source's state or an
archive of responses means what it meant. The former files stay on disk as long as anything names them (`retention`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import lake
from warehouse.errors import LakeError
from warehouse.manifests import Bundle, Manifest, change_manifest, read_manifest, table_folder
from warehouse.parquet import iterate_rows
from warehouse.receipts import file_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.maintenance.settings import Upkeep
    from warehouse.manifests import LoadEntry
    from warehouse.settings import DataDirectory

PREFIX = "bundle-"
_GROUP_ROWS = 2_000
"""Rows of a row group: few, since gate 2 reads the texts of whole groups."""


@dataclass(frozen=True)
class Compacted:
    """Files that became one.

    Attributes:
        table: raw table.
        loads: loads whose rows moved.
        files: files that held them, relative to the table's folder.
        rows: rows.
        size: bytes of the files before.
        made: the file that holds them now; None in a dry run.
    """

    table: str
    loads: tuple[str, ...]
    files: tuple[str, ...]
    rows: int
    size: int
    made: str | None


def compact_table(data: DataDirectory, table: Table, upkeep: Upkeep, *, is_dry_run: bool = False) -> list[Compacted]:
    """Put the small files of a raw table together, each group in one change of the manifest.

    Loads that are promoted or replaced meanwhile stay as they are then: a load whose entry has changed is left alone.

    Args:
        data: data directory.
        table: contract.
        upkeep: settings.
        is_dry_run: whether only to say what would be done.

    Raises:
        LakeError: a file is damaged, missing or of another contract; the message names it. Nothing has changed then.
    """
    manifest = read_manifest(data, table)
    # whose sizes are asked for
    lake.current_files(data, table.name, manifest=replace(manifest, loads=manifest.promoted))
    # what stands beside shares no file with what is current, so that each keeps its own order
    groups = [*_choose(data, manifest, manifest.loads, upkeep), *_choose(data, manifest, manifest.beside, upkeep)]
    done = []
    for group in groups:
        files = tuple(dict.fromkeys(name for entry in group for name in entry.files))
        size = sum((data.raw / table.name / name).stat().st_size for name in files)
        made = None if is_dry_run else _replace(data, table, manifest, group)
        loads = tuple(entry.load_id for entry in group)
        done.append(Compacted(table.name, loads, files, sum(entry.rows for entry in group), size, made))
    return done


def _choose(
    data: DataDirectory, manifest: Manifest, entries: Sequence[LoadEntry], upkeep: Upkeep
) -> Iterator[list[LoadEntry]]:
    """Yield groups of neighbouring loads whose files are small, so that the order of rows stays.

    A group is worth a rewrite if it has many files, or a file of which half the rows don't count any more.
    """
    rows = {bundle.file: bundle.rows for bundle in manifest.bundles}
    alive: dict[str, int] = {}
    for entry in manifest.promoted:
        for name in entry.files:
            alive[name] = alive.get(name, 0) + entry.rows
    stale = {name for name, count in rows.items() if alive.get(name, 0) * 2 <= count}
    sizes = {name: (data.raw / manifest.table / name).stat().st_size for name in alive}
    group: list[LoadEntry] = []
    held: set[str] = set()

    def is_worth() -> bool:
        return len(held) >= upkeep.fewest_files or bool(held & stale)

    for entry in entries:
        if not entry.files:
            continue
        grown = held | set(entry.files)
        is_small = all(sizes[name] < upkeep.target_bytes or name in stale for name in entry.files)
        # a file may pass the target by the last load that still fitted, never by more
        is_full = sum(sizes[name] for name in held) >= upkeep.target_bytes and not grown <= held
        if not is_small or is_full:
            if is_worth():
                yield group
            group, held, grown = [], set(), set(entry.files)
        if is_small:
            group.append(entry)
            held = grown
        else:
            held = set()
    if is_worth():
        yield group


def _replace(data: DataDirectory, table: Table, manifest: Manifest, group: Sequence[LoadEntry]) -> str:
    """Write the rows of loads into one file and let the manifest name it."""
    ids = {entry.load_id for entry in group}
    names = {name for entry in group for name in entry.files}
    own = Manifest(
        table.name,
        manifest.sequence,
        tuple(group),
        {},
        tuple(bundle for bundle in manifest.bundles if bundle.file in names),
    )
    # what is damaged must not get a new fingerprint
    lake.require_intact(data, own)
    lake.require_contract(data, own)
    folder = table_folder(data, table)
    aside = folder / f".{PREFIX}{uuid.uuid4().hex}"
    try:
        counts = _write(table, aside, lake.current_files(data, table.name, manifest=own)[1:])
        wrong = {one.load_id for one in group if counts.get(one.load_id) != one.rows} | (counts.keys() - ids)
        if wrong:
            raise LakeError(
                f"raw/{table.name}: rows of {', '.join(sorted(wrong)[:5])} don't carry the id of their load, or are "
                "not as many as the manifest says, so they can't share a file; ingest the load again"
            )
        digest = file_sha256(aside)
        path = folder / f"{PREFIX}{digest[:16]}.parquet"
        bundle = Bundle(f"{folder.name}/{path.name}", sum(counts.values()), digest)
        data.storage.settle(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    change_manifest(data, table, lambda current: current.with_bundles({bundle: group}))
    return bundle.file


def _write(table: Table, path: Path, files: Sequence[Path | lake.Part]) -> dict[str, int]:
    """Write the rows of files as one, and count them by load; memory holds one row group."""
    relaxed = pa.schema([field.with_nullable(True) for field in table.schema], table.schema.metadata)
    counts: dict[str, int] = {}
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, relaxed, compression="zstd") as writer:

        def flush() -> None:
            writer.write_table(pa.Table.from_batches(waiting).cast(relaxed), row_group_size=_GROUP_ROWS)
            waiting.clear()

        for batch in iterate_rows(table.schema, files, batch_rows=_GROUP_ROWS):
            for told in batch["load_id"].value_counts().to_pylist():
                counts[told["values"]] = counts.get(told["values"], 0) + told["counts"]
            waiting.append(batch)
            if sum(one.num_rows for one in waiting) >= _GROUP_ROWS:
                flush()
        if waiting:
            flush()
    return counts


__all__ = ["Compacted", "compact_table"]
