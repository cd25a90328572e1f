"""The lake: loads are staged, validated, and then promoted or set aside; what is current is read here.

Writing lives in ``staging`` and ``promotion``; their names are offered here too, since callers think of one lake.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from warehouse.contracts import ARTICLES, RAW_TABLES, REGISTER_DELIVERIES, REVIEWS, TRANSFER_CLAIMS, raw_table
from warehouse.errors import LakeError
from warehouse.manifests import LoadEntry, Manifest, manifest_path, read_manifest, table_folder
from warehouse.parquet import Part, find_difference, fingerprint, iterate_rows, read_rows, write_empty
from warehouse.promotion import finish_interrupted, promote, quarantine, settle_empty
from warehouse.receipts import file_sha256
from warehouse.staging import LoadWriter, StagedLoad, list_staged, load_lock, read_staged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

EMPTY_FILE = "empty.parquet"
_REMADE = {
    ARTICLES.name: "python -m extract ingest --source ID --load LOAD",
    TRANSFER_CLAIMS.name: "python -m extract events",
    REGISTER_DELIVERIES.name: "python -m extract register",
    REVIEWS.name: "python -m expectations reviews",
}
"""Raw table -> command that brings a load of it once more."""


def initialise(data: DataDirectory) -> None:
    """Make the folders, and one zero-row Parquet file per table version, so that an empty lake can be read."""
    for table in RAW_TABLES:
        write_empty(table_folder(data, table) / EMPTY_FILE, table.schema, storage=data.storage)
    for folder in (data.staging, data.quarantine, data.archive, data.reviews, data.reports, data.logs):
        folder.mkdir(parents=True, exist_ok=True)


def current_files(data: DataDirectory, table_name: str, *, manifest: Manifest | None = None) -> list[Path | Part]:
    """Return the current Parquet files of a raw table, the zero-row file of its contract first.

    Args:
        data: data directory.
        table_name: raw table.
        manifest: the manifest to go by; the current one if left out.

    Returns:
        Files; where a file also holds rows of loads that have left the manifest, the part that counts.

    Raises:
        LakeError: the manifest names a file that is missing.
    """
    table = raw_table(table_name)
    initialise(data)
    manifest = manifest or read_manifest(data, table)
    return [table_folder(data, table) / EMPTY_FILE, *_parts_of(data, table, manifest, manifest.loads)]


def is_current(data: DataDirectory, table_name: str, load_id: str) -> bool:
    """Whether a load is in the current manifest of a raw table."""
    return any(entry.load_id == load_id for entry in read_manifest(data, raw_table(table_name)).loads)


def is_promoted(data: DataDirectory, table_name: str, load_id: str) -> bool:
    """Whether a load has passed its gate: it is current, or stands beside what is."""
    return read_manifest(data, raw_table(table_name)).load(load_id) is not None


def is_quarantined(data: DataDirectory, table_name: str, load_id: str) -> bool:
    """Whether a gate has set a load aside whole."""
    return data.storage.exists(data.quarantine / raw_table(table_name).name / f"load={load_id}")


def require_intact(data: DataDirectory, manifest: Manifest) -> None:
    """Check that every file of a manifest is, byte for byte, what its gate saw.

    Raises:
        LakeError: a file is missing or has changed; the message names the load and the way out.
    """
    table = raw_table(manifest.table)
    shared = {bundle.file for bundle in manifest.bundles}
    for entry in manifest.loads:
        files = _files_of(data, table, entry)
        if files and not shared.issuperset(entry.files):
            _require_as_seen(data, manifest, entry, files)
    for bundle in manifest.bundles:
        path = data.raw / table.name / bundle.file
        held = [entry.load_id for entry in manifest.loads if bundle.file in entry.files]
        if held and not _holds(data, [path], partial(_has_sha256, path, bundle.sha256)):
            raise LakeError(
                f"{data.storage.address(path)} isn't what compaction wrote; restore it from a backup, or take its "
                f"loads out of {data.storage.address(manifest_path(data, table))} and make them again "
                f"({_REMADE[table.name]}): {', '.join(held)}"
            )


def _has_sha256(path: Path, digest: str) -> bool:
    return file_sha256(path) == digest


def _require_as_seen(data: DataDirectory, manifest: Manifest, entry: LoadEntry, files: list[Path]) -> None:
    folder, names = files[0].parent, [path.name for path in files]
    if not _holds(data, files, lambda: fingerprint(folder, names) == entry.fingerprint):
        listed = data.storage.address(manifest_path(data, raw_table(manifest.table)))
        raise LakeError(
            f"{data.storage.address(folder)}: {', '.join(names)} isn't what the gate saw; restore it from a backup, "
            f"or take load {entry.load_id} out of {listed} and make it again: {_REMADE[manifest.table]}"
        )


def _holds(data: DataDirectory, files: list[Path], is_intact: Callable[[], bool]) -> bool:
    """Whether files are intact; a copy on this machine may have been damaged, while the kept file is whole."""
    if is_intact():
        return True
    data.storage.refresh(files)
    return data.storage.is_remote and is_intact()


def require_contract(data: DataDirectory, manifest: Manifest) -> None:
    """Check that every file of a manifest has the columns of its table's present contract.

    A column that may be NULL can be absent: a file written before the column was added reads as NULL there.

    Raises:
        LakeError: a file is of another version of the contract, or lacks a column, or has one of another type; the
            message names it and the way out.
    """
    table = raw_table(manifest.table)
    seen: set[Path] = set()
    for entry in manifest.loads:
        for path in _files_of(data, table, entry):
            if path in seen:
                continue
            seen.add(path)
            difference = find_difference(table, path)
            if path.relative_to(data.raw / table.name).parts[0] != f"v{table.version}":
                difference = f"written by another version of the contract, which is {table.version} now"
            if difference:
                raise LakeError(
                    f"{data.storage.address(path)}: {difference} (warehouse/contracts/{table.name}.py); "
                    f"bring load {entry.load_id} in again with the present version, or take it out of "
                    f"{manifest.table}'s manifest"
                )


def read_current(
    data: DataDirectory, table_name: str, *, columns: list[str] | None = None, load_ids: Iterable[str] | None = None
) -> pa.Table:
    """Read the current rows of a raw table.

    Args:
        data: data directory.
        table_name: raw table.
        columns: only these columns, or all.
        load_ids: only these loads, or all.

    Raises:
        LakeError: a file is missing or damaged, or a load isn't in the manifest.
    """
    table = raw_table(table_name)
    return read_rows(table.schema, _selected_files(data, table, load_ids), columns=columns)


def iterate_current(
    data: DataDirectory, table_name: str, *, load_ids: Iterable[str] | None = None, batch_rows: int = 2000
) -> Iterator[pa.RecordBatch]:
    """Yield the current rows of a raw table in batches, so that memory stays flat.

    Raises:
        LakeError: as `read_current` does.
    """
    table = raw_table(table_name)
    yield from iterate_rows(table.schema, _selected_files(data, table, load_ids), batch_rows=batch_rows)


def iterate_promoted(
    data: DataDirectory, table_name: str, entries: Iterable[LoadEntry], *, columns: list[str] | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of loads that passed their gate, load by load, those beside the current ones too.

    Args:
        data: data directory.
        table_name: raw table.
        entries: loads of its manifest.
        columns: only these columns, or all.

    Raises:
        LakeError: a file is missing or damaged.
    """
    table = raw_table(table_name)
    manifest = read_manifest(data, table)
    for entry in entries:
        if entry.files:
            yield read_rows(table.schema, _parts_of(data, table, manifest, [entry]), columns=columns)


def _selected_files(data: DataDirectory, table: Table, load_ids: Iterable[str] | None) -> list[Path | Part]:
    if load_ids is None:
        return current_files(data, table.name)
    manifest = read_manifest(data, table)
    known = {entry.load_id: entry for entry in manifest.loads}
    selected = []
    for load_id in load_ids:
        if load_id not in known:
            raise LakeError(f"raw/{table.name} has no load {load_id}; it may still wait in staging or quarantine")
        selected.append(known[load_id])
    return _parts_of(data, table, manifest, selected)


def _parts_of(data: DataDirectory, table: Table, manifest: Manifest, entries: Iterable[LoadEntry]) -> list[Path | Part]:
    """Return the files of these loads, each once, in the order of the loads; of a shared file what is theirs."""
    held: dict[Path, list[LoadEntry]] = {}
    for entry in entries:
        for path in _files_of(data, table, entry):
            held.setdefault(path, []).append(entry)
    rows = {data.raw / table.name / bundle.file: bundle.rows for bundle in manifest.bundles}
    return [
        path
        if path not in rows or rows[path] == sum(entry.rows for entry in own)
        else Part(path, "load_id", tuple(entry.load_id for entry in own))
        for path, own in held.items()
    ]


def _files_of(data: DataDirectory, table: Table, entry: LoadEntry) -> list[Path]:
    files = [data.raw / table.name / name for name in entry.files]
    data.storage.fetch(files)
    for path in files:
        if not path.is_file():
            raise LakeError(
                f"{data.storage.address(path)} is missing, but the manifest of {table.name} names it; "
                f"restore it from a backup, or take load {entry.load_id} out of the manifest and ingest it again"
            )
    return files


__all__ = [
    "LoadEntry",
    "LoadWriter",
    "Part",
    "StagedLoad",
    "current_files",
    "finish_interrupted",
    "initialise",
    "is_current",
    "is_promoted",
    "is_quarantined",
    "iterate_current",
    "iterate_promoted",
    "list_staged",
    "load_lock",
    "promote",
    "quarantine",
    "read_current",
    "read_staged",
    "require_contract",
    "require_intact",
    "settle_empty",
]
