"""Facts about runs: every stage appends, dbt reads them into schema ``ops`` of the published database."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from warehouse import clock
from warehouse.contracts import OPS_TABLES
from warehouse.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory


def ops_table(name: str) -> Table:
    """Return the contract of an ops table.

    Raises:
        ContractError: no ops table has this name.
    """
    for table in OPS_TABLES:
        if table.name == name:
            return table
    raise ContractError(f"no ops table {name!r}; there are: {', '.join(t.name for t in OPS_TABLES)}")


def as_rows(name: str, facts: Sequence[dict[str, Any]]) -> pa.Table:
    """Shape facts as rows of an ops table; ``event_id`` and ``occurred_at`` are filled in where absent.

    Args:
        name: ops table.
        facts: one dict per row; nullable columns may be left out.

    Raises:
        ContractError: a fact has an unknown field, or lacks one that must be told.
    """
    table = ops_table(name)
    names = {column.name for column in table.columns}
    filled = []
    for fact in facts:
        row: dict[str, Any] = dict.fromkeys(names)
        if "event_id" in names:
            row["event_id"] = uuid.uuid4().hex
        if "occurred_at" in names:
            row["occurred_at"] = clock.now()
        unknown = fact.keys() - names
        if unknown:
            raise ContractError(f"ops.{name}: unknown fields {sorted(unknown)}")
        row.update(fact)
        absent = [c.name for c in table.columns if not c.nullable and row[c.name] is None]
        if absent:
            raise ContractError(f"ops.{name}: fields {absent} must be told")
        filled.append(row)
    return pa.Table.from_pylist(filled, schema=table.schema)


def append(data: DataDirectory, name: str, facts: Sequence[dict[str, Any]]) -> None:
    """Append facts to an ops table, as one Parquet file that appears whole.

    Args:
        data: data directory.
        name: ops table.
        facts: as for `as_rows`; none writes nothing.
    """
    if not facts:
        return
    rows = as_rows(name, facts)
    folder = data.ops / name
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{clock.compact(clock.now())}-{uuid.uuid4().hex[:12]}"
    aside = folder / f".{stem}.writing"
    pq.write_table(rows, aside, compression="zstd")
    aside.rename(folder / f"{stem}.parquet")


def files(data: DataDirectory, name: str) -> list[Path]:
    """Return the Parquet files of an ops table, oldest first; the first one always exists and has no rows."""
    table = ops_table(name)
    folder = data.ops / name
    empty = folder / "0-empty.parquet"
    if not empty.exists():
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{uuid.uuid4().hex}.writing"
        pq.write_table(table.schema.empty_table(), aside, compression="zstd")
        aside.replace(empty)
    return sorted(folder.glob("*.parquet"))


def read(data: DataDirectory, name: str) -> pa.Table:
    """Read all facts of an ops table, in the order in which they were appended."""
    schema = ops_table(name).schema
    return pa_dataset.dataset([str(path) for path in files(data, name)], schema=schema, format="parquet").to_table()
