"""The only way into ``raw/``: a staged load is promoted with a receipt, settled when it is empty, or set aside.

Each of the three may be killed at any point and run again: what counts happens in one step, and staging is cleared
after it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from warehouse import clock, ops
from warehouse.contracts import raw_table
from warehouse.errors import GateError, LakeError
from warehouse.manifests import LoadEntry, Manifest, change_manifest, read_manifest, table_folder
from warehouse.parquet import fingerprint
from warehouse.receipts import RECEIPT_FILE
from warehouse.row_quarantine import COUNT_ATTRIBUTE
from warehouse.staging import LOAD_FILE, StagedLoad, discard, list_staged, read_staged, staging_lock

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.receipts import AuditReceipt
    from warehouse.settings import DataDirectory

_ARCHIVED = ("*.warc.gz", "*.csv.gz")
"""Files of a load that hold what it was made from: raw responses, a register's file."""


def promote(data: DataDirectory, table_name: str, load_id: str, receipt: AuditReceipt) -> LoadEntry:
    """Make a staged load current: files first, then the manifest (the commit point), then staging is cleared.

    Loads named in the attribute ``replaces`` leave the manifest in the same step, those in ``displaces`` stand beside
    from then on; a load with the attribute ``is_beside`` stands there itself. A load whose content is current
    already leaves the manifest as it is.

    Args:
        data: data directory.
        table_name: raw table.
        load_id: load in staging.
        receipt: passing verdict on exactly this content.

    Raises:
        GateError: the receipt doesn't let it pass.
        LakeError: the load isn't in staging or is damaged.
    """
    with staging_lock(data, raw_table(table_name)):
        staged = read_staged(data, table_name, load_id)
        receipt.require(subject=staged.subject, fingerprint=fingerprint(staged.folder, staged.files))
        files = _place_files(data, staged)
        _archive_responses(data, staged)
        entry = _commit(data, staged, files)
        _note_promotion(data, staged, entry)
        discard(staged)
    return entry


def finish_interrupted(data: DataDirectory, table_name: str) -> list[str]:
    """Complete promotions that were killed after their commit point: tell the fact, clear staging.

    Returns:
        The loads that were current already and no longer lie in staging.
    """
    table = raw_table(table_name)
    finished = []
    with staging_lock(data, table):
        manifest = read_manifest(data, table)
        for load_id in list_staged(data, table_name):
            staged, entry = read_staged(data, table_name, load_id), manifest.load(load_id)
            if entry and entry.fingerprint == staged.fingerprint:
                _note_promotion(data, staged, entry)
                discard(staged)
                finished.append(load_id)
    return finished


def settle_empty(data: DataDirectory, table_name: str, load_id: str) -> None:
    """Commit what a load without rows means, and clear it from staging. There is nothing to validate.

    Its state becomes current. If it replaces loads, or rows promoted under its own id, those leave the manifest and
    it is entered there without files, so that the manifest says what took their place.

    Raises:
        LakeError: the load has rows and must pass its gate.
    """
    with staging_lock(data, raw_table(table_name)):
        staged = read_staged(data, table_name, load_id)
        if staged.rows:
            raise LakeError(
                f"{staged.subject} has {staged.rows} rows: validate it with "
                f"python -m expectations {table_name} --load {load_id}"
            )
        _archive_responses(data, staged)
        _commit(data, staged, ())
        discard(staged)


def quarantine(data: DataDirectory, table_name: str, load_id: str, receipt: AuditReceipt) -> Path:
    """Set a refused load aside with the verdict; the state it carried doesn't become current.

    Returns:
        The folder in quarantine.

    Raises:
        GateError: the receipt is for another load, or is a pass.
        LakeError: the load isn't in staging.
    """
    with staging_lock(data, raw_table(table_name)):
        staged = read_staged(data, table_name, load_id)
        if receipt.subject != staged.subject or receipt.has_passed:
            raise GateError(
                f"{staged.subject} can't be set aside by a receipt for {receipt.subject} with the verdict "
                f"{receipt.verdict}; run the gate on it"
            )
        receipt.write(staged.folder / RECEIPT_FILE, storage=data.storage)
        # first the facts, then the move: killed in between, the load still waits and is refused once more
        _note_quarantine(data, staged, receipt)
        target = data.quarantine / staged.table.name / f"load={load_id}"
        if data.storage.exists(target):
            former = f"{target.name}-until-{clock.compact(clock.now())}-{uuid.uuid4().hex[:6]}"
            data.storage.move_folder(target, target.with_name(former), marker=LOAD_FILE)
        data.storage.move_folder(staged.folder, target, marker=LOAD_FILE)
    return target


def _place_files(data: DataDirectory, staged: StagedLoad) -> tuple[str, ...]:
    """Link the Parquet files into a folder named after their content; gives them as the manifest names them."""
    target = table_folder(data, staged.table) / f"load={staged.load_id}-{staged.fingerprint[:8]}"
    for name in staged.files:
        data.storage.place(staged.folder / name, target / name)
    return tuple(f"v{staged.table.version}/{target.name}/{name}" for name in staged.files)


def _commit(data: DataDirectory, staged: StagedLoad, files: tuple[str, ...]) -> LoadEntry:
    entry = LoadEntry(
        load_id=staged.load_id,
        files=files,
        rows=staged.rows,
        fingerprint=staged.fingerprint,
        promoted_at=clock.now().isoformat(),
        attributes=staged.attributes,
    )
    carried = staged.read_state()

    def change(manifest: Manifest) -> Manifest:
        known = manifest.load(staged.load_id)
        if known and known.fingerprint == entry.fingerprint and known.attributes == entry.attributes:
            # a rerun after a kill: by now a later load may have brought newer state
            return manifest
        if staged.is_beside:
            manifest = manifest.with_beside(entry)
        elif files or known or staged.replaces or staged.displaces:
            rest = manifest.without_loads(staged.replaces).swap(enter=set(), leave=staged.displaces)
            manifest = rest.with_load(entry)
        return manifest.with_state(*carried) if carried else manifest

    return change_manifest(data, staged.table, change).load(staged.load_id) or entry


def _note_promotion(data: DataDirectory, staged: StagedLoad, entry: LoadEntry) -> None:
    aside = staged.attributes.get(COUNT_ATTRIBUTE, 0)
    fact = _fact(staged, outcome="promoted", rows_out=staged.rows) | {
        "rows_in": staged.rows + aside,
        "rows_quarantined": aside,
    }
    moment = "".join(character for character in entry.promoted_at if character.isdigit())
    ops.append(data, "loads", [fact], once=f"promoted-{staged.table.name}-{staged.load_id}-{moment}")


def _note_quarantine(data: DataDirectory, staged: StagedLoad, receipt: AuditReceipt) -> None:
    reason = "; ".join(receipt.failures)
    aside = {
        "load_id": staged.load_id,
        "table_name": staged.table.name,
        "validation_id": receipt.validation_id,
        "row_count": staged.rows,
        "reason": reason,
        "report_path": receipt.report_path,
    }
    once = f"quarantined-{staged.table.name}-{staged.load_id}-{receipt.validation_id}"
    ops.append(data, "quarantine", [aside], once=once)
    fact = _fact(staged, outcome="quarantined", rows_out=0, rows_quarantined=staged.rows, reason=reason)
    ops.append(data, "loads", [fact], once=once)


def _fact(staged: StagedLoad, **more: Any) -> dict[str, Any]:
    return {
        "load_id": staged.load_id,
        "table_name": staged.table.name,
        "source_id": staged.attributes.get("source_id"),
        "stage": "gate",
        "rows_in": staged.rows,
        **more,
    }


def _archive_responses(data: DataDirectory, staged: StagedLoad) -> None:
    for name in sorted(one for form in _ARCHIVED for one in data.storage.names(staged.folder, form)):
        data.storage.copy(staged.folder / name, data.archive / staged.table.name / f"load={staged.load_id}" / name)


__all__ = ["finish_interrupted", "promote", "quarantine", "settle_empty"]
