"""Takes a promoted load out of the lake by decision: a rolled back release's bad load must not be built again.

Nothing is lost: the load's files are kept in ``quarantine/<table>/retired/`` beside its entry and the reason.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse import clock, ops
from warehouse.contracts import ARTICLES, raw_table
from warehouse.errors import LakeError
from warehouse.manifests import LoadEntry, Manifest, change_manifest, read_manifest
from warehouse.staging import staging_lock

if TYPE_CHECKING:
    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

RETIRED_ATTRIBUTE = "retired"
"""Attribute of a load's entry that stays without files: why and when it was retired, and how many rows it had."""
ENTRY_FILE = "entry.json"


@dataclass(frozen=True)
class Retired:
    """A load that has left the lake.

    Attributes:
        table_name: raw table.
        load_id: load.
        rows: rows that it had.
        folder: where its files and its entry are kept.
        is_new: False where it was retired before.
    """

    table_name: str
    load_id: str
    rows: int
    folder: Path
    is_new: bool


def retire(data: DataDirectory, table_name: str, load_id: str, *, reason: str) -> Retired:
    """Take a load out of a raw table, so that no later build reads it. Killed at any point, it can be run again.

    An entry without files stays in the manifest, so that the same extractor doesn't make the same claims again. An
    articles load leaves it altogether: claims that were read from it are made anew without them by the next extraction.

    Args:
        data: data directory.
        table_name: raw table.
        load_id: load that is current.
        reason: why, for ``ops.loads`` and the entry.

    Raises:
        LakeError: the reason is empty, the table has no such load, or a file of it is missing.
    """
    table = raw_table(table_name)
    if not reason.strip():
        raise LakeError(f'say why load {load_id} is retired: --reason "..."')
    folder = _folder(data, table, load_id)
    with staging_lock(data, table):
        manifest = read_manifest(data, table)
        entry = next((one for one in manifest.loads if one.load_id == load_id), None)
        if entry is None and data.storage.exists(folder / ENTRY_FILE):
            return Retired(table.name, load_id, 0, folder, is_new=False)
        if entry is None:
            known = ", ".join(other.load_id for other in manifest.loads[-5:]) or "none"
            raise LakeError(f"raw/{table.name} has no load {load_id}; the latest are: {known}")
        if RETIRED_ATTRIBUTE in entry.attributes:
            return Retired(table.name, load_id, entry.rows, folder, is_new=False)
        _keep_files(data, table, entry, folder, reason)
        # told first: killed in between, the fact stands for the attempt, as with a rollback
        _tell(data, table, entry, reason)
        change_manifest(data, table, lambda current: _without(current, table, entry, reason))
    return Retired(table.name, load_id, entry.rows, folder, is_new=True)


def is_retired(data: DataDirectory, table_name: str, load_id: str) -> bool:
    """Whether a load was taken out of a raw table by decision."""
    return data.storage.exists(_folder(data, raw_table(table_name), load_id) / ENTRY_FILE)


def _folder(data: DataDirectory, table: Table, load_id: str) -> Path:
    return data.quarantine / table.name / "retired" / f"load={load_id}"


def _keep_files(data: DataDirectory, table: Table, entry: LoadEntry, folder: Path, reason: str) -> None:
    """Link the load's files beside its entry; a file that compaction made holds other loads' rows, too."""
    for name in entry.files:
        source = data.raw / table.name / name
        if not data.storage.exists(source):
            raise LakeError(
                f"{data.storage.address(source)} is missing; restore it from a backup before load {entry.load_id} is "
                "retired"
            )
        data.storage.copy(source, folder / Path(name).name)
    data.storage.write_json(
        folder / ENTRY_FILE, {"entry": asdict(entry), "reason": reason, "retired_at": clock.now().isoformat()}
    )


def _without(manifest: Manifest, table: Table, entry: LoadEntry, reason: str) -> Manifest:
    if table is ARTICLES:
        return manifest.without_loads({entry.load_id})
    note = {"reason": reason, "at": clock.now().isoformat(), "rows": entry.rows}
    attributes = {**entry.attributes, RETIRED_ATTRIBUTE: note}
    return manifest.with_load(replace(entry, files=(), rows=0, attributes=attributes))


def _tell(data: DataDirectory, table: Table, entry: LoadEntry, reason: str) -> None:
    fact = {
        "load_id": entry.load_id,
        "table_name": table.name,
        "source_id": entry.attributes.get("source_id"),
        "stage": "retire",
        "outcome": "retired",
        "rows_in": entry.rows,
        "rows_out": 0,
        "rows_quarantined": entry.rows,
        "reason": reason,
    }
    ops.append(data, "loads", [fact], once=f"retired-{table.name}-{entry.load_id}-{entry.fingerprint[:8]}")
