"""Metrics by statsd, beside Airflow's own: pages, claims, rows set aside, verdicts, durations. Off by default.

``ARMSLEDGER_STATSD=host:port`` switches them on; names begin with ``ARMSLEDGER_STATSD_PREFIX`` (default
``armsledger``). They go by UDP: nobody waits for the server, and a run doesn't notice when it is away.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import statsd

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTING = "ARMSLEDGER_STATSD"
PREFIX = "armsledger"
_ADDRESS = re.compile(r"(?P<host>[^\s:]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_STAGE_COUNTS = {
    ("ingest", "rows_in"): "pages",
    ("ingest", "rows_out"): "staged.{table_name}",
    ("extract", "rows_out"): "claims",
    ("gate", "rows_out"): "promoted.{table_name}",
    ("gate", "rows_quarantined"): "quarantined.{table_name}",
}
"""Stage and column of ``ops.loads`` -> counter that grows by its value."""


def read_address(setting: str) -> tuple[str, int]:
    """Return host and port of a setting.

    Raises:
        SettingsError: it isn't ``host:port``.

    >>> read_address("127.0.0.1:8125")
    ('127.0.0.1', 8125)
    """
    told = _ADDRESS.fullmatch(setting.strip())
    if not told or not 0 < int(told["port"]) < 65536:
        raise SettingsError(f"{SETTING}={setting}: write it as host:port, for instance 127.0.0.1:8125")
    return told["host"].strip("[]"), int(told["port"])


def count(table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Send what follows from facts, or nothing where no server is set.

    Args:
        table: ops table.
        rows: values by column.
    """
    setting = os.environ.get(SETTING)
    if not setting:
        return
    counts, seconds = measure(table, rows)
    with _client(setting, os.environ.get("ARMSLEDGER_STATSD_PREFIX") or PREFIX).pipeline() as pipe:
        for name, number in counts.items():
            pipe.incr(name, number)
        for name, duration in seconds:
            pipe.timing(name, duration * 1000)


def measure(table: str, rows: Sequence[dict[str, Any]]) -> tuple[Counter[str], list[tuple[str, float]]]:
    """Return how far each counter grows, and durations in seconds by name.

    Args:
        table: ops table.
        rows: values by column.
    """
    counts: Counter[str] = Counter()
    seconds: list[tuple[str, float]] = []
    for row in rows:
        if table == "loads":
            counts[f"stage.{row['stage']}.{row['outcome']}"] += 1
            for (stage, column), name in _STAGE_COUNTS.items():
                if row["stage"] == stage and row[column]:
                    counts[name.format(**row)] += row[column]
            if row["seconds"] is not None:
                seconds.append((f"stage.{row['stage']}", row["seconds"]))
        elif table == "validations":
            counts[f"gate.{row['table_name']}.{row['verdict']}"] += 1
            seconds.append((f"gate.{row['table_name']}", row["seconds"]))
        elif table == "refusals":
            counts[f"refused.{row['reason']}"] += 1
    return counts, seconds


@cache
def _client(setting: str, prefix: str) -> statsd.StatsClient:
    host, port = read_address(setting)
    return statsd.StatsClient(host, port, prefix=prefix, ipv6=":" in host)
