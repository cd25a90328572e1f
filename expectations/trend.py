"""The trend of the last loads as a small drawing: one bar per load, what passed and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_LOADS = 30
HEIGHT = 80.0
"""Units of the drawing's own coordinates for the largest load."""
STEP = 10.0
LEAST = 2.0
"""A load that had any row is seen, however small it was beside the others."""


@dataclass(frozen=True)
class Bar:
    """One load.

    Attributes:
        x: left edge.
        passed: height of the part that passed.
        aside: height of the part on top that was set aside or refused.
        verdict: verdict in ``ops.validations``.
        title: what the bar says when it is pointed at.
    """

    x: float
    passed: float
    aside: float
    verdict: str
    title: str


@dataclass(frozen=True)
class Trend:
    """The last loads of one table, oldest first.

    Attributes:
        table_name: table.
        bars: one per load.
        greatest: rows of the largest load.
        width: width of the drawing.
        total_in: rows of all these loads.
        total_aside: rows of them that were set aside or refused.
    """

    table_name: str
    bars: tuple[Bar, ...]
    greatest: int
    width: float
    total_in: int
    total_aside: int


def draw_trend(table_name: str, runs: Sequence[dict[str, Any]]) -> Trend | None:
    """Draw the newest `SHOWN_LOADS` loads of a table; None where it had none.

    Args:
        table_name: table.
        runs: rows of ``ops.validations``, newest first.
    """
    own = [run for run in runs if run["table_name"] == table_name][:SHOWN_LOADS][::-1]
    if not own:
        return None
    greatest = max(run["rows_in"] for run in own)
    bars = []
    for number, run in enumerate(own):
        title = (
            f"{run['occurred_at']:%Y-%m-%d %H:%M} {run['load_id']}: {run['rows_in']} rows in, {run['rows_out']} out, "
            f"{run['rows_quarantined']} in quarantine, {run['verdict'].replace('_', ' ')}"
        )
        heights = [_scale(run[name], greatest) for name in ("rows_out", "rows_quarantined")]
        bars.append(Bar(number * STEP, heights[0], heights[1], run["verdict"], title))
    return Trend(
        table_name=table_name,
        bars=tuple(bars),
        greatest=greatest,
        width=SHOWN_LOADS * STEP,
        total_in=sum(run["rows_in"] for run in own),
        total_aside=sum(run["rows_quarantined"] for run in own),
    )


def _scale(rows: int, greatest: int) -> float:
    return max(rows / greatest * HEIGHT, LEAST) if rows else 0.0
