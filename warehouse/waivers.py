"""Decisions of reviewers on what a gate has set aside: a released row comes back under a waiver, a dropped one not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import clock, lake, ops
from warehouse.contracts import raw_table
from warehouse.errors import LakeError
from warehouse.receipts import RECEIPT_FILE
from warehouse.row_quarantine import EXPECTATIONS_COLUMN, ID_COLUMN, rows_folder
from warehouse.staging import LOAD_FILE, LoadWriter, read_staged, rewrite_description, staged_folder, staging_lock

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory
    from warehouse.staging import StagedLoad

Status = Literal["open", "released", "dropped", "returned"]
RETURNED_ATTRIBUTE = "returned"
"""Attribute of a staged load: rows of the quarantine that it brings back, by their ids."""
REVIEWED_ATTRIBUTE = "reviewed"
"""Attribute of a staged load that a reviewer has released: bad rows go to quarantine one by one, however many."""


@dataclass(frozen=True)
class Entry:
    """One row, or one load as a whole, that a gate has set aside.

    Attributes:
        entry_id: the row's `quarantine_id`, or the load's id.
        kind: row or load.
        table_name: table.
        key: key of a row, None for a load.
        load_id: load that brought it last.
        source_id: source of an article, else None.
        status: open: nobody has decided; released: comes back in the next run; returned: is in the lake; dropped.
        rows: rows of it.
        times: how often it was set aside.
        why: expectations that it broke.
        is_waivable: whether it can be released.
        seen_at: when it was set aside last, UTC.
        report_path: report of the gate, relative to the data directory.
        decided_by: who decided, or None.
        decision_reason: why, or None.
    """

    entry_id: str
    kind: Literal["row", "load"]
    table_name: str
    key: str | None
    load_id: str
    source_id: str | None
    status: Status
    rows: int
    times: int
    why: tuple[str, ...]
    is_waivable: bool
    seen_at: datetime.datetime
    report_path: str | None
    decided_by: str | None
    decision_reason: str | None


def list_entries(data: DataDirectory) -> list[Entry]:
    """Return all that lies in quarantine or was decided on, newest first."""
    decisions: dict[tuple[str, str], dict[str, Any]] = {}
    for row in ops.read(data, "quarantine_decisions").to_pylist():
        decisions[row["table_name"], row["quarantine_id"]] = row
    seen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in ops.read(data, "quarantined_rows").to_pylist():
        seen.setdefault((row["table_name"], row["quarantine_id"]), []).append(row)
    loads = {(row["table_name"], row["load_id"]): row for row in ops.read(data, "quarantine").to_pylist()}
    entries = [_as_row_entry(facts, decisions.get(name)) for name, facts in seen.items()]
    entries += [_as_load_entry(fact, decisions.get(name)) for name, fact in loads.items()]
    return sorted(entries, key=lambda entry: entry.seen_at, reverse=True)


def find_entry(data: DataDirectory, entry_id: str) -> Entry:
    """Return the entry of an id, or of the first characters of one.

    Raises:
        LakeError: there is none, or several begin so.
    """
    entries = list_entries(data)
    found = [entry for entry in entries if entry.entry_id == entry_id] or [
        entry for entry in entries if entry.entry_id.startswith(entry_id)
    ]
    if len(found) != 1:
        said = "no row or load" if not found else f"{len(found)} entries"
        raise LakeError(f"quarantine: {said} {entry_id!r}; python -m expectations quarantine list --all shows them")
    return found[0]


def read_row(data: DataDirectory, entry: Entry) -> dict[str, Any]:
    """Return the whole row of an entry, values by column.

    Raises:
        LakeError: its file is gone.
    """
    table = raw_table(entry.table_name)
    rows = _read_kept(data, table, [entry.entry_id]).to_pylist()
    if not rows:
        raise LakeError(
            f"{data.storage.address(rows_folder(data, table))}: no file has row {entry.entry_id}; "
            "restore the folder from a backup"
        )
    return {name: value for name, value in rows[-1].items() if name not in (ID_COLUMN, EXPECTATIONS_COLUMN)}


def decide(data: DataDirectory, entry: Entry, decision: Literal["released", "dropped"], *, by: str, why: str) -> None:
    """Record a reviewer's decision on a row. The latest decision counts.

    Raises:
        LakeError: the row is in the lake already, or breaks its table's contract and can't be released.
    """
    if entry.status == "returned":
        raise LakeError(f"{entry.entry_id} is in the lake already; correct its claims in reviews/reviews.csv")
    if decision == "released" and not entry.is_waivable:
        raise LakeError(
            f"{entry.entry_id} breaks the contract of {entry.table_name} ({'; '.join(entry.why)}), which no waiver "
            "covers: mend the source or the extractor and load it again, or drop it"
        )
    fact = {
        "quarantine_id": entry.entry_id,
        "table_name": entry.table_name,
        "decision": decision,
        "waived": "; ".join(entry.why) if decision == "released" else None,
        "decided_by": by,
        "reason": why,
    }
    ops.append(data, "quarantine_decisions", [fact])


def restage_load(data: DataDirectory, entry: Entry, *, by: str, why: str) -> StagedLoad:
    """Bring a load that was refused whole back to staging, so that its gate sets only its bad rows aside.

    The state that it carried stays behind: its source may have been read again since.

    Raises:
        LakeError: its folder isn't in quarantine any more, or a load of this id waits in staging.
    """
    table = raw_table(entry.table_name)
    folder = data.quarantine / table.name / f"load={entry.load_id}"
    target = staged_folder(data, table, entry.load_id)
    with staging_lock(data, table):
        if not data.storage.exists(folder / LOAD_FILE):
            raise LakeError(f"{data.storage.address(folder)} is gone: the load was released already")
        if data.storage.exists(target):
            raise LakeError(
                f"{data.storage.address(target)} waits for its gate: "
                f"python -m expectations {table.name} --load {entry.load_id}"
            )
        data.storage.remove(folder / RECEIPT_FILE)
        data.storage.move_folder(folder, target, marker=LOAD_FILE)
        staged = read_staged(data, table.name, entry.load_id)
        changed = replace(staged, attributes={**staged.attributes, REVIEWED_ATTRIBUTE: {"by": by, "reason": why}})
        rewrite_description(changed, state_key=None)
    decide(data, replace(entry, is_waivable=True), "released", by=by, why=why)
    return read_staged(data, table.name, entry.load_id)


def read_waivers(data: DataDirectory, table_name: str) -> dict[str, frozenset[str]]:
    """Return which expectations reviewers waived, by the row's `quarantine_id`."""
    waivers: dict[str, frozenset[str]] = {}
    for row in ops.read(data, "quarantine_decisions").to_pylist():
        if row["table_name"] != table_name:
            continue
        if row["decision"] == "dropped":
            waivers.pop(row["quarantine_id"], None)
        elif row["waived"]:
            waivers[row["quarantine_id"]] = frozenset(row["waived"].split("; "))
    return waivers


def stage_released(data: DataDirectory, table_name: str, *, source_id: str | None = None) -> list[str]:
    """Stage the rows that reviewers released and that aren't in the lake yet; one load for each extractor's version.

    A row whose key came in meanwhile by another load is only noted as returned.

    Args:
        data: data directory.
        table_name: raw table.
        source_id: only articles of this source, or all rows.

    Returns:
        Loads that wait for their gate, those that a killed run left in staging included.
    """
    table = raw_table(table_name)
    waiting = [
        load_id
        for load_id in lake.list_staged(data, table_name)
        if RETURNED_ATTRIBUTE in (attributes := read_staged(data, table_name, load_id).attributes)
        and (source_id is None or attributes.get("source_id") == source_id)
    ]
    under_way = {
        one for load_id in waiting for one in read_staged(data, table_name, load_id).attributes[RETURNED_ATTRIBUTE]
    }
    wanted = [
        entry.entry_id
        for entry in list_entries(data)
        if (entry.table_name, entry.kind, entry.status) == (table_name, "row", "released")
        and (source_id is None or entry.source_id == source_id)
        and entry.entry_id not in under_way
    ]
    if not wanted:
        return waiting
    rows = _note_known(data, table, _read_kept(data, table, wanted))
    return [*waiting, *_stage_by_version(data, table, rows, source_id)]


def note_returned(data: DataDirectory, staged: StagedLoad) -> None:
    """Record that what a load brought back is in the lake: single rows, or itself after a reviewer released it.

    Telling it again does nothing.
    """
    own = [staged.load_id] if REVIEWED_ATTRIBUTE in staged.attributes else []
    back = [*staged.attributes.get(RETURNED_ATTRIBUTE, ()), *own]
    facts = [_as_return(staged.table, one, staged.load_id) for one in back]
    ops.append(data, "quarantine_decisions", facts, once=f"returned-{staged.table.name}-{staged.load_id}")


def _as_return(table: Table, entry_id: str, load_id: str | None) -> dict[str, Any]:
    return {
        "quarantine_id": entry_id,
        "table_name": table.name,
        "decision": "returned",
        "decided_by": "gate",
        "reason": _tell_return(entry_id, load_id),
        "load_id": load_id,
    }


def _tell_return(entry_id: str, load_id: str | None) -> str:
    if load_id is None:
        return "another load has brought a row of this key"
    return "its good rows passed" if entry_id == load_id else "passed under its waiver"


def _read_kept(data: DataDirectory, table: Table, entry_ids: list[str]) -> pa.Table:
    """Return the newest kept row of each of these ids, with the columns of the quarantine."""
    schema = pa.schema(
        [
            *(field.with_nullable(True) for field in table.schema),
            pa.field(ID_COLUMN, pa.string()),
            pa.field(EXPECTATIONS_COLUMN, pa.list_(pa.string())),
        ]
    )
    wanted = pa.array(entry_ids, pa.string())
    found: dict[str, pa.Table] = {}
    folder = rows_folder(data, table)
    paths = [folder / name for name in data.storage.names(folder, "*.parquet")]
    data.storage.fetch(paths)
    for path in sorted(paths, key=_written_at):
        kept = pq.read_table(path, schema=schema)
        for number in pc.indices_nonzero(pc.is_in(kept[ID_COLUMN], value_set=wanted)).to_pylist():
            row = kept.slice(number, 1)
            found[row[ID_COLUMN][0].as_py()] = row
    return pa.concat_tables(found.values()) if found else schema.empty_table()


def _written_at(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def _note_known(data: DataDirectory, table: Table, rows: pa.Table) -> pa.Table:
    known = lake.read_current(data, table.name, columns=[table.key])[table.key].combine_chunks()
    is_known = pc.is_in(rows[table.key], value_set=known, skip_nulls=True)
    facts = [_as_return(table, one, None) for one in rows.filter(is_known)[ID_COLUMN].to_pylist()]
    ops.append(data, "quarantine_decisions", facts)
    return rows.filter(pc.invert(is_known))


def _stage_by_version(data: DataDirectory, table: Table, rows: pa.Table, source_id: str | None) -> list[str]:
    column = "extractor_version"
    versions = pc.unique(rows[column]).to_pylist() if column in rows.column_names else [None]
    staged = []
    for number, version in enumerate(versions):
        part = rows.filter(pc.equal(rows[column], version)) if version is not None else rows
        if not part.num_rows:
            continue
        # rows of one source carry it as their state's owner does, so that its history counts them
        attributes: dict[str, Any] = {RETURNED_ATTRIBUTE: part[ID_COLUMN].to_pylist()}
        if source_id is not None:
            attributes["source_id"] = source_id
        if version is not None:
            attributes |= {column: version, "inputs": []}
        load_id = f"released-{source_id or table.name}-{clock.compact(clock.now())}-{number}"
        own = part.select([field.name for field in table.schema])
        place = own.schema.get_field_index("load_id")
        with LoadWriter(data, table, load_id, **attributes) as writer:
            writer.write(own.set_column(place, "load_id", pa.array([load_id] * own.num_rows, pa.string())))
        staged.append(load_id)
    return staged


def _as_row_entry(facts: list[dict[str, Any]], decision: dict[str, Any] | None) -> Entry:
    last = max(facts, key=lambda fact: fact["occurred_at"])
    status: Status = decision["decision"] if decision else "open"
    if decision and status != "dropped" and last["occurred_at"] > decision["occurred_at"]:
        # set aside again since: by an expectation that the waiver doesn't cover
        status = "open"
    return Entry(
        entry_id=last["quarantine_id"],
        kind="row",
        table_name=last["table_name"],
        key=last["row_key"],
        load_id=last["load_id"],
        source_id=last["source_id"],
        status=status,
        rows=1,
        times=len(facts),
        why=tuple(sorted({one for fact in facts for one in fact["expectations"].split("; ")})),
        is_waivable=all(fact["is_waivable"] for fact in facts),
        seen_at=last["occurred_at"],
        report_path=last["report_path"],
        decided_by=decision["decided_by"] if decision else None,
        decision_reason=decision["reason"] if decision else None,
    )


def _as_load_entry(fact: dict[str, Any], decision: dict[str, Any] | None) -> Entry:
    is_newer = decision is not None and decision["occurred_at"] >= fact["occurred_at"]
    return Entry(
        entry_id=fact["load_id"],
        kind="load",
        table_name=fact["table_name"],
        key=None,
        load_id=fact["load_id"],
        source_id=None,
        status=decision["decision"] if decision and is_newer else "open",
        rows=fact["row_count"],
        times=1,
        why=(fact["reason"],),
        is_waivable=True,
        seen_at=fact["occurred_at"],
        report_path=fact["report_path"],
        decided_by=decision["decided_by"] if decision else None,
        decision_reason=decision["reason"] if decision else None,
    )


__all__ = [
    "RETURNED_ATTRIBUTE",
    "REVIEWED_ATTRIBUTE",
    "Entry",
    "decide",
    "find_entry",
    "list_entries",
    "note_returned",
    "read_row",
    "read_waivers",
    "restage_load",
    "stage_released",
]
