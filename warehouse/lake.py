"""The lake: loads are staged, validated, and then promoted or set aside. There is no other way into ``raw/``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from warehouse import clock, ops
from warehouse.contracts import RAW_TABLES, raw_table
from warehouse.errors import LakeError
from warehouse.files import sync_file, write_json
from warehouse.manifests import LoadEntry, Manifest, change_manifest, read_manifest
from warehouse.receipts import AuditReceipt, file_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

LOAD_FILE = "_load.json"
STATE_FILE = "state.json"
RECEIPT_FILE = "receipt.json"


@dataclass(frozen=True)
class StagedLoad:
    """A load that waits for its gate, or that one refused.

    Attributes:
        table: contract of its rows.
        load_id: load.
        folder: where its files lie.
        files: Parquet files, by name.
        rows: number of rows.
        fingerprint: sha256 over its Parquet files; a receipt is bound to it.
        attributes: what the stage noted, for instance ``source_id``.
        state_key: whose state it carries, or None.
    """

    table: Table
    load_id: str
    folder: Path
    files: tuple[str, ...]
    rows: int
    fingerprint: str
    attributes: dict[str, Any] = field(default_factory=dict)
    state_key: str | None = None

    @property
    def subject(self) -> str:
        """Name of the load in a receipt."""
        return f"{self.table.name}/load={self.load_id}"

    def read(self) -> pa.Table:
        """Read its rows.

        Raises:
            LakeError: a file is damaged or has changed since it was staged.
        """
        if _fingerprint(self.folder, self.files) != self.fingerprint:
            raise LakeError(f"{self.folder}: its files have changed since they were staged; stage the load again")
        return _read_files(self.table, [self.folder / name for name in self.files])


class LoadWriter:
    """Writes one load to staging; it appears there whole when the block ends without an error.

    A load staged before under the same id is replaced.

    Args:
        data: data directory.
        table: contract of the rows.
        load_id: load; letters, digits, ``-``, ``_``.
        attributes: what later stages should know, JSON values.
    """

    def __init__(self, data: DataDirectory, table: Table, load_id: str, **attributes: Any) -> None:
        if not load_id.replace("-", "").replace("_", "").isalnum():
            raise LakeError(f"load id {load_id!r}: use letters, digits, - and _")
        self._data = data
        self._table = table
        self._load_id = load_id
        self._attributes = attributes
        self._state: tuple[str, dict[str, Any]] | None = None
        self._final = data.staging / table.name / f"load={load_id}"
        self.folder = self._final.with_name(f".load={load_id}.writing")
        self._part = self.folder / "part-0.parquet"
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0
        self.staged: StagedLoad | None = None

    def __enter__(self) -> LoadWriter:
        """Begin with an empty folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows.

        Raises:
            ContractError: they don't have the contract's columns or types.
        """
        if isinstance(rows, pa.RecordBatch):
            rows = pa.Table.from_batches([rows])
        rows = self._table.conform(rows)
        if rows.num_rows == 0:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._part, rows.schema, compression="zstd")
        self._writer.write_table(rows)
        self._rows += rows.num_rows

    def set_state(self, key: str, state: dict[str, Any]) -> None:
        """Carry the state that becomes current when this load is promoted."""
        self._state = (key, state)

    def set_attributes(self, **attributes: Any) -> None:
        """Note more about the load, once it is known."""
        self._attributes.update(attributes)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files; on success let the load appear in staging."""
        if self._writer is not None:
            self._writer.close()
        if kind is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        files = (self._part.name,) if self._rows else ()
        for name in files:
            sync_file(self.folder / name)
        if self._state:
            write_json(self.folder / STATE_FILE, {"key": self._state[0], "state": self._state[1]})
        write_json(
            self.folder / LOAD_FILE,
            {
                "table": self._table.name,
                "version": self._table.version,
                "load_id": self._load_id,
                "files": files,
                "rows": self._rows,
                "fingerprint": _fingerprint(self.folder, files),
                "attributes": self._attributes,
                "state_key": self._state[0] if self._state else None,
                "staged_at": clock.now().isoformat(),
            },
        )
        shutil.rmtree(self._final, ignore_errors=True)
        self.folder.rename(self._final)
        self.staged = read_staged(self._data, self._table.name, self._load_id)


def initialise(data: DataDirectory) -> None:
    """Make the folders, and one zero-row Parquet file per table version, so that an empty lake can be read."""
    for table in RAW_TABLES:
        folder = _table_folder(data, table)
        empty = folder / "empty.parquet"
        if not empty.exists():
            folder.mkdir(parents=True, exist_ok=True)
            aside = folder / f".empty.{os.getpid()}"
            pq.write_table(table.schema.empty_table(), aside, compression="zstd")
            aside.replace(empty)
    for folder in (data.staging, data.quarantine, data.archive, data.reviews, data.reports, data.logs):
        folder.mkdir(parents=True, exist_ok=True)


def read_staged(data: DataDirectory, table_name: str, load_id: str) -> StagedLoad:
    """Return a load that waits in staging.

    Raises:
        LakeError: it isn't there; the message says where it is and what to run.
    """
    table = raw_table(table_name)
    return _read_load_file(table, data.staging / table.name / f"load={load_id}", load_id)


def list_staged(data: DataDirectory, table_name: str) -> list[str]:
    """Return the ids of the loads that wait in staging, oldest id first."""
    folder = data.staging / raw_table(table_name).name
    return sorted(path.name.removeprefix("load=") for path in folder.glob("load=*") if (path / LOAD_FILE).is_file())


def promote(data: DataDirectory, table_name: str, load_id: str, receipt: AuditReceipt) -> LoadEntry:
    """Make a staged load current: files first, then the manifest (the commit point), then staging is cleared.

    Loads named in the attribute ``replaces`` leave the manifest in the same step.

    Args:
        data: data directory.
        table_name: raw table.
        load_id: load in staging.
        receipt: passing verdict on exactly this content.

    Raises:
        GateError: the receipt doesn't let it pass.
        LakeError: the load isn't in staging or is damaged.
    """
    staged = read_staged(data, table_name, load_id)
    receipt.require(subject=staged.subject, fingerprint=_fingerprint(staged.folder, staged.files))
    target = _table_folder(data, staged.table) / f"load={load_id}-{staged.fingerprint[:8]}"
    target.mkdir(parents=True, exist_ok=True)
    for name in staged.files:
        _copy(staged.folder / name, target / name)
    _archive_responses(data, staged)
    entry = LoadEntry(
        load_id=load_id,
        files=tuple(f"v{staged.table.version}/{target.name}/{name}" for name in staged.files),
        rows=staged.rows,
        fingerprint=staged.fingerprint,
        promoted_at=clock.now().isoformat(),
        attributes=staged.attributes,
    )

    def change(manifest: Manifest) -> Manifest:
        manifest = manifest.without_loads(set(staged.attributes.get("replaces", ()))).with_load(entry)
        return _with_staged_state(manifest, staged)

    change_manifest(data, staged.table, change)
    ops.append(
        data,
        "loads",
        [
            {
                "load_id": load_id,
                "table_name": table_name,
                "source_id": staged.attributes.get("source_id"),
                "stage": "gate",
                "outcome": "promoted",
                "rows_in": staged.rows,
                "rows_out": staged.rows,
            }
        ],
    )
    shutil.rmtree(staged.folder)
    return entry


def settle_empty(data: DataDirectory, table_name: str, load_id: str) -> None:
    """Commit the state of a load that brought no rows, and clear it from staging. There is nothing to validate.

    Raises:
        LakeError: the load has rows and must pass its gate.
    """
    staged = read_staged(data, table_name, load_id)
    if staged.rows:
        raise LakeError(
            f"{staged.subject} has {staged.rows} rows: validate it with "
            f"python -m expectations {table_name} --load {load_id}"
        )
    _archive_responses(data, staged)
    if staged.state_key:
        change_manifest(data, staged.table, lambda manifest: _with_staged_state(manifest, staged))
    shutil.rmtree(staged.folder)


def quarantine(data: DataDirectory, table_name: str, load_id: str, receipt: AuditReceipt) -> Path:
    """Set a refused load aside with the verdict; the state it carried doesn't become current.

    Returns:
        The folder in quarantine.

    Raises:
        LakeError: the load isn't in staging.
    """
    staged = read_staged(data, table_name, load_id)
    receipt.write(staged.folder / RECEIPT_FILE)
    target = data.quarantine / staged.table.name / f"load={load_id}"
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(target.with_name(f"{target.name}-until-{clock.compact(clock.now())}"))
    staged.folder.rename(target)
    facts = {"load_id": load_id, "table_name": table_name, "reason": "; ".join(receipt.failures)}
    ops.append(
        data,
        "quarantine",
        [
            {
                **facts,
                "validation_id": receipt.validation_id,
                "row_count": staged.rows,
                "report_path": receipt.report_path,
            }
        ],
    )
    ops.append(
        data,
        "loads",
        [
            {
                **facts,
                "source_id": staged.attributes.get("source_id"),
                "stage": "gate",
                "outcome": "quarantined",
                "rows_in": staged.rows,
                "rows_out": 0,
            }
        ],
    )
    return target


def current_files(data: DataDirectory, table_name: str) -> list[Path]:
    """Return the current Parquet files of a raw table, the zero-row file of its contract first.

    Raises:
        LakeError: the manifest names a file that is missing.
    """
    table = raw_table(table_name)
    initialise(data)
    files = [_table_folder(data, table) / "empty.parquet"]
    for entry in read_manifest(data, table).loads:
        for name in entry.files:
            path = data.raw / table.name / name
            if not path.is_file():
                raise LakeError(
                    f"{path} is missing, but the manifest of {table_name} names it; restore it from a backup, "
                    f"or take load {entry.load_id} out of the manifest and ingest it again"
                )
            files.append(path)
    return files


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
    files = _selected_files(data, table, load_ids)
    return _read_files(table, files, columns=columns)


def iterate_current(
    data: DataDirectory, table_name: str, *, load_ids: Iterable[str] | None = None, batch_rows: int = 2000
) -> Iterator[pa.RecordBatch]:
    """Yield the current rows of a raw table in batches, so that memory stays flat."""
    table = raw_table(table_name)
    for path in _selected_files(data, table, load_ids):
        try:
            yield from pq.ParquetFile(path).iter_batches(batch_size=batch_rows)
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(path, error) from error


def _selected_files(data: DataDirectory, table: Table, load_ids: Iterable[str] | None) -> list[Path]:
    files = current_files(data, table.name)
    if load_ids is None:
        return files
    manifest = read_manifest(data, table)
    selected = []
    for load_id in load_ids:
        entry = manifest.load(load_id)
        if entry is None:
            raise LakeError(f"raw/{table.name} has no load {load_id}; it may still wait in staging or quarantine")
        selected += [data.raw / table.name / name for name in entry.files]
    return selected


def _read_files(table: Table, files: list[Path], *, columns: list[str] | None = None) -> pa.Table:
    relaxed = pa.schema([f.with_nullable(True) for f in table.schema])
    parts = []
    for path in files:
        try:
            parts.append(pa_dataset.dataset(str(path), schema=relaxed, format="parquet").to_table(columns=columns))
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(path, error) from error
    if not parts:
        empty = relaxed.empty_table()
        return empty.select(columns) if columns else empty
    return pa.concat_tables(parts)


def _damaged(path: Path, error: Exception) -> LakeError:
    return LakeError(f"{path}: not a readable Parquet file ({error}); restore it from a backup or stage the load again")


def _table_folder(data: DataDirectory, table: Table) -> Path:
    return data.raw / table.name / f"v{table.version}"


def _read_load_file(table: Table, folder: Path, load_id: str) -> StagedLoad:
    try:
        document = json.loads((folder / LOAD_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LakeError(
            f"{table.name}/load={load_id} is not in staging; it was promoted, quarantined or never staged "
            f"(python -m extract ingest, python -m extract events)"
        ) from error
    return StagedLoad(
        table=table,
        load_id=load_id,
        folder=folder,
        files=tuple(document["files"]),
        rows=document["rows"],
        fingerprint=document["fingerprint"],
        attributes=document["attributes"],
        state_key=document["state_key"],
    )


def _with_staged_state(manifest: Manifest, staged: StagedLoad) -> Manifest:
    if staged.state_key is None:
        return manifest
    document = json.loads((staged.folder / STATE_FILE).read_text(encoding="utf-8"))
    return manifest.with_state(document["key"], document["state"])


def _archive_responses(data: DataDirectory, staged: StagedLoad) -> None:
    for path in sorted(staged.folder.glob("*.warc.gz")):
        target = data.archive / staged.table.name / f"load={staged.load_id}" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(path, target)


def _copy(source: Path, target: Path) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    try:
        os.link(source, aside)
    except OSError:
        shutil.copyfile(source, aside)
    sync_file(aside)
    aside.replace(target)


def _fingerprint(folder: Path, files: tuple[str, ...]) -> str:
    lines = [f"{name} {file_sha256(folder / name)}" for name in sorted(files)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


__all__ = [
    "LoadEntry",
    "LoadWriter",
    "StagedLoad",
    "current_files",
    "initialise",
    "iterate_current",
    "list_staged",
    "promote",
    "quarantine",
    "read_current",
    "read_staged",
    "settle_empty",
]
