"""What follows when a stage appends facts to ``ops``: counts, log lines, and a note for the run's lineage."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.observing import logs, metrics, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.settings import DataDirectory

KEPT = 20_000
"""Facts of one run that are kept for its lineage: a build tells some thousand results of tests."""


@dataclass(frozen=True)
class Fact:
    """One row of an ops table.

    Attributes:
        table: ops table.
        values: values by column.
    """

    table: str
    values: dict[str, Any]


_of_this_run: deque[Fact] = deque(maxlen=KEPT)


def tell(data: DataDirectory, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Count, log and remember facts; whatever goes wrong here is logged and stops nothing.

    Args:
        data: data directory.
        table: ops table.
        rows: values by column, as they were appended.
    """
    try:
        metrics.count(table, rows)
        logs.write_facts(data, table, rows)
        if runs.current():
            _of_this_run.extend(Fact(table, row) for row in rows)
    except Exception:  # observing must not end what it looks at
        logging.getLogger(__name__).warning("facts of ops.%s could not be observed", table, exc_info=True)


def begin(run: runs.Run) -> None:
    """Begin a run in this process: what an earlier one told is forgotten."""
    _of_this_run.clear()
    runs.begin(run)


def list_told() -> list[Fact]:
    """Return what was told in this process since the run began, oldest first."""
    return list(_of_this_run)
