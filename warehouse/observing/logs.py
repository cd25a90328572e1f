"""Structured log: one JSON line for each fact and for each command that failed, with the run's id.

``ARMSLEDGER_LOG`` says where: ``file`` (default; ``logs/events-<day>.jsonl`` of the data directory), ``stderr`` (for
containers; of a task it is in the task's log) or ``off``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from warehouse import clock
from warehouse.observing import runs
from warehouse.observing.day_files import append_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.settings import DataDirectory

SETTING = "ARMSLEDGER_LOG"
LOGGED = ("loads", "validations", "refusals", "quarantine", "quarantined_rows", "quarantine_decisions", "releases")
"""Ops tables whose facts are logged; single results of expectations are in ``ops.validation_results``."""
LEVELS = {
    "failed": "error",
    "quarantined": "error",
    "unreachable": "warning",
    "rows_set_aside": "warning",
    "warned": "warning",
}
"""Outcome or verdict -> level; all others are ``info``."""
_LEFT_OUT = ("event_id", "occurred_at", "run_id", "task", "raw_row")


def write_facts(data: DataDirectory, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Log facts, one line each.

    Args:
        data: data directory.
        table: ops table.
        rows: values by column.
    """
    if table not in LOGGED:
        return
    for row in rows:
        outcome = row.get("outcome") or row.get("verdict") or row.get("decision")
        default = "warning" if table in ("refusals", "quarantine", "quarantined_rows") else "info"
        told = {name: value for name, value in row.items() if value is not None and name not in _LEFT_OUT}
        write(data, LEVELS.get(str(outcome), default), f"ops.{table}", **told)


def write(data: DataDirectory, level: str, event: str, **fields: Any) -> None:
    """Log one event.

    Args:
        data: data directory.
        level: info, warning or error.
        event: what happened, in a word that can be searched for.
        **fields: what else to tell; values that JSON doesn't know are written as text.
    """
    where = os.environ.get(SETTING) or "file"
    if where == "off":
        return
    run = runs.current()
    document = {
        "at": clock.now().isoformat(timespec="milliseconds"),
        "level": level,
        "event": event,
        "run_id": run.run_id if run else None,
        "task": run.task if run else None,
        **fields,
    }
    line = json.dumps(document, default=str, ensure_ascii=False)
    if where == "stderr":
        print(line, file=sys.stderr, flush=True)
    else:
        append_line(data.logs, "events", line)
