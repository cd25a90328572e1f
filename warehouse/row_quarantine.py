"""Rows in quarantine: a gate sets bad rows of a staged load aside, and the rest goes on.

A row is known by its content (`quarantine_id`), so the same row has one name however many loads bring it. Its file
lies in ``quarantine/<table>/rows/`` with the columns of the table's contract; what analysts read about it is in
``ops.quarantined_rows``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import ops
from warehouse.errors import LakeError
from warehouse.parquet import fingerprint, iterate_rows, write_rows
from warehouse.staging import StagedLoad, rewrite_description, staging_lock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

PROVENANCE = ("load_id", "fetched_at", "extractor_version")
"""Columns that tell how a row came in; two rows that differ in nothing else are the same row."""
ID_COLUMN = "quarantine_id"
EXPECTATIONS_COLUMN = "quarantine_expectations"
COUNT_ATTRIBUTE = "rows_set_aside"
"""Attribute of a staged load: rows that a gate took out of it."""
SHOWN_CHARACTERS = 300
"""A longer text is cut in ``ops``: the published warehouse must not carry whole articles."""


@dataclass(frozen=True)
class BadRow:
    """Why one row of a load is set aside.

    Attributes:
        expectations: critical expectations that it broke, each as ``type(columns)``.
        is_waivable: whether a reviewer may let it pass.
    """

    expectations: tuple[str, ...]
    is_waivable: bool


@dataclass(frozen=True)
class GateRun:
    """The run of a gate that sets rows aside.

    Attributes:
        validation_id: run, as in ``ops.validations``.
        report_path: its report, relative to the data directory, or None.
    """

    validation_id: str
    report_path: str | None


def quarantine_id(table: Table, row: dict[str, Any]) -> str:
    """Return the name of a row: 12 hexadecimal digits of a hash over its content without `PROVENANCE`.

    Args:
        table: contract of the row.
        row: values by column.
    """
    content = {name: value for name, value in row.items() if name not in PROVENANCE}
    text = json.dumps([table.name, content], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def rows_folder(data: DataDirectory, table: Table) -> Path:
    """Return where the files of a table's rows in quarantine lie."""
    return data.quarantine / table.name / "rows"


def set_rows_aside(data: DataDirectory, staged: StagedLoad, bad: Mapping[int, BadRow], run: GateRun) -> StagedLoad:
    """Take rows out of a staged load and keep them in quarantine; the rest stays staged under a new fingerprint.

    First the rows are written, then told, then the load's description is replaced, which is the step that counts:
    killed before it, the load still waits whole, and the next gate does the same again.

    Args:
        data: data directory.
        staged: load that a gate has seen.
        bad: number of a row in the load, from 0 -> why it is set aside; not all of its rows.
        run: run of the gate.

    Returns:
        The load as it waits now.

    Raises:
        LakeError: no row would be left, or the load has changed since the gate saw it.
    """
    if len(bad) >= staged.rows:
        raise LakeError(f"{staged.subject}: all {staged.rows} rows are bad; set the load aside as a whole")
    with staging_lock(data, staged.table):
        if fingerprint(staged.folder, staged.files) != staged.fingerprint:
            raise LakeError(f"{staged.folder}: its files have changed since the gate saw them; run the gate again")
        rest = staged.folder / f"part-{staged.fingerprint[:8]}.parquet"
        _keep_aside(data, staged, _split(staged, bad, rest), [bad[number] for number in sorted(bad)], run)
        attributes = dict(staged.attributes)
        attributes[COUNT_ATTRIBUTE] = attributes.get(COUNT_ATTRIBUTE, 0) + len(bad)
        changed = replace(
            staged,
            files=(rest.name,),
            rows=staged.rows - len(bad),
            fingerprint=fingerprint(staged.folder, [rest.name]),
            attributes=attributes,
        )
        rewrite_description(changed)
        for name in staged.files:
            data.storage.remove(staged.folder / name)
    return changed


def _split(staged: StagedLoad, bad: Mapping[int, BadRow], rest: Path) -> pa.Table:
    """Write the good rows to a file, batch by batch, and return the bad ones in their order."""
    relaxed = pa.schema([field.with_nullable(True) for field in staged.table.schema], staged.table.schema.metadata)
    numbers = pa.array(sorted(bad), pa.int64())
    taken, first = [], 0
    with pq.ParquetWriter(rest, relaxed, compression="zstd") as writer:
        for batch in iterate_rows(staged.table.schema, staged.paths, batch_rows=50_000):
            is_bad = pc.is_in(pa.array(range(first, first + batch.num_rows), pa.int64()), value_set=numbers)
            first += batch.num_rows
            taken.append(batch.filter(is_bad))
            writer.write_batch(batch.filter(pc.invert(is_bad)).cast(relaxed))
    staged.storage.store(rest)
    return pa.Table.from_batches(taken, taken[0].schema)


def _keep_aside(
    data: DataDirectory, staged: StagedLoad, rows: pa.Table, reasons: Sequence[BadRow], run: GateRun
) -> None:
    values = rows.to_pylist()
    ids = [quarantine_id(staged.table, row) for row in values]
    kept = rows.append_column(ID_COLUMN, pa.array(ids, pa.string())).append_column(
        EXPECTATIONS_COLUMN, pa.array([list(reason.expectations) for reason in reasons], pa.list_(pa.string()))
    )
    name = f"{staged.load_id}-{hashlib.sha256(' '.join(sorted(ids)).encode()).hexdigest()[:8]}"
    write_rows(rows_folder(data, staged.table) / f"{name}.parquet", kept, storage=data.storage)
    facts = [
        {
            "quarantine_id": one,
            "table_name": staged.table.name,
            "load_id": staged.load_id,
            "source_id": staged.attributes.get("source_id"),
            "validation_id": run.validation_id,
            "row_key": row[staged.table.key],
            "expectations": "; ".join(reason.expectations),
            "is_waivable": reason.is_waivable,
            "raw_row": json.dumps(_shorten(row), default=str, ensure_ascii=False),
            "report_path": run.report_path,
        }
        for one, row, reason in zip(ids, values, reasons, strict=True)
    ]
    ops.append(data, "quarantined_rows", facts, once=f"{staged.table.name}-{name}")


def _shorten(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:SHOWN_CHARACTERS] + "…" if isinstance(value, str) and len(value) > SHOWN_CHARACTERS else value
        for name, value in row.items()
        if not isinstance(value, list)
    }


__all__ = ["COUNT_ATTRIBUTE", "BadRow", "GateRun", "quarantine_id", "rows_folder", "set_rows_aside"]
