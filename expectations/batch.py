"""A batch: rows to validate, read column by column, with what their suite needs to know about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.parquet import iterate_rows, read_rows

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from warehouse.lake import StagedLoad

SAMPLED_ROWS = 20_000
"""Rows from which the size of a column is estimated."""


@dataclass(frozen=True)
class BatchFacts:
    """What a suite knows about its batch.

    Attributes:
        load_id: load or build.
        rows: number of rows; rates over few rows mean nothing.
        validated_at: now, UTC.
        is_first_of_source: whether its source has no promoted load yet; the first load brings a source's past.
        former: rows of the newest loads of the same source, of claims rows per article; newest first.
        per: what ``rows`` is divided by to compare with ``former``.
        refused: pages of the load that did not become articles.
        newest_load_at: when the newest load of the table was promoted, or None before the first.
    """

    load_id: str
    rows: int
    validated_at: datetime.datetime
    is_first_of_source: bool = False
    former: tuple[float, ...] = ()
    per: int = 1
    refused: int = 0
    newest_load_at: datetime.datetime | None = None


@dataclass(frozen=True)
class Batch:
    """Rows to validate. Columns are read when an expectation asks for them, so that not all need fit into memory.

    Attributes:
        facts: what the suite knows about them.
        schema: the contract's columns, then reference columns of the gate (``reference_…``), looked up elsewhere.
        read: gives these columns, in row order.
        bytes_per_row: size of each column in memory, estimated.
    """

    facts: BatchFacts
    schema: pa.Schema
    read: Callable[[Sequence[str]], pa.Table]
    bytes_per_row: dict[str, float]

    @classmethod
    def of_table(cls, facts: BatchFacts, rows: pa.Table) -> Batch:
        """Return a batch of rows that are in memory already."""
        return cls(facts, rows.schema, lambda names: rows.select(list(names)), _estimate(rows))

    @classmethod
    def of_load(cls, facts: BatchFacts, staged: StagedLoad, *, references: pa.Table | None = None) -> Batch:
        """Return a batch over a staged load's files.

        Args:
            facts: what the suite knows.
            staged: load; its files are read for each group of columns.
            references: columns of the gate, one value for each row of the load.
        """
        files = staged.paths
        relaxed = [field.with_nullable(True) for field in staged.table.schema]
        own = {field.name for field in relaxed}
        extra = list(references.schema) if references is not None else []

        def read(names: Sequence[str]) -> pa.Table:
            stored = [name for name in names if name in own]
            rows = read_rows(staged.table.schema, files, columns=stored or [staged.table.key])
            columns = {name: rows[name] if name in own or references is None else references[name] for name in names}
            return pa.table(columns)

        first = next(iter(iterate_rows(staged.table.schema, files, batch_rows=SAMPLED_ROWS)), None)
        sizes = _estimate(pa.Table.from_batches([first])) if first is not None else {}
        if references is not None:
            sizes |= _estimate(references)
        return cls(facts, pa.schema([*relaxed, *extra]), read, sizes)


def _estimate(rows: pa.Table) -> dict[str, float]:
    count = max(rows.num_rows, 1)
    return {name: rows[name].nbytes / count for name in rows.column_names}
