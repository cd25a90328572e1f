"""A batch: rows to validate, with what their suite needs to know about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

    import pyarrow as pa


@dataclass(frozen=True)
class BatchFacts:
    """What a suite knows about its batch.

    Attributes:
        load_id: load or build.
        rows: number of rows; rates over few rows mean nothing.
        validated_at: now, UTC.
        is_first_of_source: whether its source has no promoted load yet; the first load brings a source's past.
    """

    load_id: str
    rows: int
    validated_at: datetime.datetime
    is_first_of_source: bool = False


@dataclass(frozen=True)
class Batch:
    """Rows to validate.

    Attributes:
        facts: what the suite knows about them.
        rows: the contract's columns, then reference columns of the gate (``reference_…``), looked up elsewhere.
    """

    facts: BatchFacts
    rows: pa.Table
