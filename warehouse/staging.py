"""Staging: where a load waits for its gate. It appears there whole or not at all."""

from __future__ import annotations

import fcntl
import json
import shutil
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import clock
from warehouse.contracts import raw_table
from warehouse.disk import full_disk_as
from warehouse.errors import LakeError
from warehouse.files import exclusive, sync
from warehouse.parquet import fingerprint, read_rows
from warehouse.storage import LOCAL, Storage

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

LOAD_FILE = "_load.json"
STATE_FILE = "state.json"
_WRITER_FILE = ".writer"
_LOAD_LOCKS = 16
_written_here: set[Path] = set()
"""Folders that this process is writing: a record lock tells processes apart, but not threads."""


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
        storage: what keeps its files.
    """

    table: Table
    load_id: str
    folder: Path
    files: tuple[str, ...]
    rows: int
    fingerprint: str
    attributes: dict[str, Any] = field(default_factory=dict)
    state_key: str | None = None
    storage: Storage = LOCAL

    @property
    def subject(self) -> str:
        """Name of the load in a receipt."""
        return f"{self.table.name}/load={self.load_id}"

    @property
    def paths(self) -> list[Path]:
        """Its Parquet files."""
        return [self.folder / name for name in self.files]

    @property
    def replaces(self) -> set[str]:
        """Loads that leave the manifest when this one is settled, as its attribute ``replaces`` lists them."""
        return set(self.attributes.get("replaces", ()))

    @property
    def displaces(self) -> set[str]:
        """Loads that are current no more when this one is settled, but are kept beside."""
        return set(self.attributes.get("displaces", ()))

    @property
    def is_beside(self) -> bool:
        """Whether it shall not be current when it is settled, but stand beside what is."""
        return bool(self.attributes.get("is_beside", False))

    def require_unchanged(self) -> None:
        """Check that its files are those that were staged.

        Raises:
            LakeError: a file is missing or has changed.
        """
        if fingerprint(self.folder, self.files) != self.fingerprint:
            raise LakeError(f"{self.folder}: its files have changed since they were staged; stage the load again")

    def read(self) -> pa.Table:
        """Read its rows.

        Raises:
            LakeError: a file is damaged or has changed since it was staged.
        """
        self.require_unchanged()
        return read_rows(self.table.schema, self.paths)

    def read_state(self) -> tuple[str, dict[str, Any]] | None:
        """Return whose state it carries and that state, or None.

        Raises:
            LakeError: the file is missing or damaged.
        """
        if self.state_key is None:
            return None
        path = self.folder / STATE_FILE
        try:
            document = json.loads(self.storage.read(path) or b"")
            return document["key"], document["state"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LakeError(f"{path}: not a load's state ({error}); stage the load again") from error


class LoadWriter:
    """Writes one load to staging, once; it appears there whole when the block ends without an error.

    A load staged before under the same id is replaced. What a killed process left unfinished is cleared.

    Args:
        data: data directory.
        table: contract of the rows.
        load_id: load; letters, digits, ``-``, ``_``.
        attributes: what later stages should know, JSON values.

    Attributes:
        folder: where the load grows; a ``*.warc.gz`` or ``*.csv.gz`` put there is archived when the load is settled.
        staged: the load, once the block has ended.
    """

    def __init__(self, data: DataDirectory, table: Table, load_id: str, **attributes: Any) -> None:
        if not load_id.replace("-", "").replace("_", "").isalnum():
            raise LakeError(f"load id {load_id!r}: use letters, digits, - and _")
        self._data = data
        self._table = table
        self._load_id = load_id
        self._attributes = attributes
        self._state: tuple[str, dict[str, Any]] | None = None
        self._final = staged_folder(data, table, load_id)
        self.folder = self._final.with_name(f".load={load_id}.writing")
        self._part = self.folder / "part-0.parquet"
        self._writer: pq.ParquetWriter | None = None
        self._mark: IO[str] | None = None
        self._rows = 0
        self.staged: StagedLoad | None = None

    def __enter__(self) -> LoadWriter:
        """Begin with an empty folder.

        Raises:
            LakeError: this load is being staged right now, or this writer was used before.
        """
        if self._mark is not None:
            raise LakeError(f"{self._table.name}/load={self._load_id}: a LoadWriter writes once; make a new one")
        with self._machine_lock():
            _clear_unfinished(self.folder.parent)
            if self.folder.exists():
                raise LakeError(
                    f"{self._table.name}/load={self._load_id} is being staged by another process; wait until it ends"
                )
            self.folder.mkdir(parents=True)
            self._mark = (self.folder / _WRITER_FILE).open("w")
            fcntl.lockf(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _written_here.add(self.folder)
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
        with full_disk_as(LakeError, self._part):
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
        """Close the files; on success let the load appear in staging.

        Raises:
            LakeError: the disk is full, or an attribute or the state isn't made of JSON values.
        """
        is_whole = False
        try:
            if self._writer is not None:
                with full_disk_as(LakeError, self._part):
                    self._writer.close()
            if error is not None and isinstance(error, OSError):
                # what the block itself wrote here: raw responses, a register's file
                with full_disk_as(LakeError, self.folder):
                    raise error
            if kind is None:
                self._finish()
                is_whole = True
        finally:
            with self._machine_lock():
                if not is_whole:
                    shutil.rmtree(self.folder, ignore_errors=True)
                    _written_here.discard(self.folder)
                if self._mark is not None:
                    self._mark.close()
        if is_whole:
            self.staged = read_staged(self._data, self._table.name, self._load_id)

    def _finish(self) -> None:
        files = (self._part.name,) if self._rows else ()
        for name in files:
            sync(self.folder / name)
        if self._state:
            self._write_document(STATE_FILE, {"key": self._state[0], "state": self._state[1]})
        self._write_document(
            LOAD_FILE,
            {
                "table": self._table.name,
                "version": self._table.version,
                "load_id": self._load_id,
                "files": list(files),
                "rows": self._rows,
                "fingerprint": fingerprint(self.folder, files),
                "attributes": self._attributes,
                "state_key": self._state[0] if self._state else None,
                "staged_at": clock.now().isoformat(),
            },
        )
        with staging_lock(self._data, self._table):
            (self.folder / _WRITER_FILE).unlink()
            self._data.storage.settle_folder(self.folder, self._final, marker=LOAD_FILE)
            _written_here.discard(self.folder)

    def _write_document(self, name: str, document: dict[str, Any]) -> None:
        try:
            json.dumps(document)
        except (TypeError, ValueError) as error:
            raise LakeError(
                f"{self._table.name}/load={self._load_id}: {name} would not read back as written ({error}); "
                "use text, numbers, lists and dicts for attributes and state"
            ) from error
        LOCAL.write_json(self.folder / name, document)

    def _machine_lock(self) -> AbstractContextManager[None]:
        """Hold off other writers of this machine: what is being written lies here alone."""
        return exclusive(_lock_file(self._data, self._table))


def staged_folder(data: DataDirectory, table: Table, load_id: str) -> Path:
    """Return where a load waits for its gate."""
    return data.staging / table.name / f"load={load_id}"


def staging_lock(data: DataDirectory, table: Table) -> AbstractContextManager[None]:
    """Hold off other processes and machines that let loads of this table appear in staging or leave it."""
    return data.storage.exclusive(_lock_file(data, table))


def load_lock(data: DataDirectory, table: Table, load_id: str) -> AbstractContextManager[None]:
    """Hold off others that settle this load, or stage it anew while it waits: two runs of one date take turns.

    Whoever holds it may take the table's `staging_lock`, not the other way round, and not the lock of a second load:
    loads share a few lock files, so that none is left behind by each.
    """
    number = zlib.crc32(load_id.encode()) % _LOAD_LOCKS
    waiting = f"{table.name}/load={load_id}: another process is at work on it or on a neighbour; this one goes on then"
    return data.storage.exclusive(data.staging / table.name / f".load-{number}.lock", waiting=waiting)


def _lock_file(data: DataDirectory, table: Table) -> Path:
    return data.staging / table.name / ".lock"


def read_staged(data: DataDirectory, table_name: str, load_id: str) -> StagedLoad:
    """Return a load that waits in staging.

    Raises:
        LakeError: it isn't there, or what describes it is damaged; the message says what to run.
    """
    table = raw_table(table_name)
    folder = staged_folder(data, table, load_id)
    path = folder / LOAD_FILE
    try:
        content = data.storage.read(path)
        if content is None:
            raise LakeError(
                f"{table.name}/load={load_id} is not in staging; it was promoted, quarantined or never staged. "
                f"python -m expectations quarantine list shows the refused ones; "
                f"stage it again with python -m extract ingest or python -m extract events"
            )
        document = json.loads(content)
        staged = StagedLoad(
            table=table,
            load_id=load_id,
            folder=folder,
            files=tuple(document["files"]),
            rows=document["rows"],
            fingerprint=document["fingerprint"],
            attributes=document["attributes"],
            state_key=document["state_key"],
            storage=data.storage,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(f"{data.storage.address(path)}: doesn't describe a load ({error}); stage it again") from error
    data.storage.refresh(staged.paths)
    return staged


def rewrite_description(staged: StagedLoad, **changes: Any) -> None:
    """Replace what describes a load in staging by this, in one step: other files, rows, attributes.

    The caller holds the table's `staging_lock`.

    Args:
        staged: the load as it shall be.
        **changes: further fields of the description.
    """
    path = staged.folder / LOAD_FILE
    document = json.loads(staged.storage.read(path) or b"{}")
    document |= {
        "files": list(staged.files),
        "rows": staged.rows,
        "fingerprint": staged.fingerprint,
        "attributes": staged.attributes,
        **changes,
    }
    staged.storage.write_json(path, document)


def list_staged(data: DataDirectory, table_name: str) -> list[str]:
    """Return the ids of the loads that wait in staging, oldest id first."""
    folder = data.staging / raw_table(table_name).name
    return [name.split("/")[0].removeprefix("load=") for name in data.storage.names(folder, f"load=*/{LOAD_FILE}")]


def discard(staged: StagedLoad) -> None:
    """Remove a settled load from staging: out of sight in one step, whatever happens to its files.

    The caller holds the table's `staging_lock`.
    """
    staged.storage.remove_folder(staged.folder, marker=LOAD_FILE)


def _clear_unfinished(folder: Path) -> None:
    """Remove what killed processes left; an unfinished load of a living one is locked by its writer."""
    for settled in list(folder.glob(".load=*.settled")):
        shutil.rmtree(settled)
    for unfinished in list(folder.glob(".load=*.writing")):
        if unfinished in _written_here:
            continue
        with (unfinished / _WRITER_FILE).open("a") as mark:
            try:
                # a record lock, unlike flock, dies with the writer even where children of it live on
                fcntl.lockf(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                continue
            shutil.rmtree(unfinished)


__all__ = [
    "LOAD_FILE",
    "STATE_FILE",
    "LoadWriter",
    "StagedLoad",
    "discard",
    "list_staged",
    "load_lock",
    "read_staged",
    "rewrite_description",
    "staged_folder",
    "staging_lock",
]
