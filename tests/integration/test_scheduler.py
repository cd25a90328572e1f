"""A real scheduler: one DAG's asset starts the next, from articles to a published release."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from warehouse import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE_SECONDS = 300


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def airflow_up(tmp_path: Path) -> Iterator[Path]:
    """Run what `make up` runs, on an empty data directory; give that directory."""
    data = tmp_path / "data"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
    environment["ARMSLEDGER_DATA"] = str(data)
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dags", "up", "--port", str(free_port())],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            yield data
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def query_airflow(data: Path, sql: str) -> list[tuple]:
    """Query Airflow's own database; no rows while it is being made."""
    path = data / "airflow" / "airflow.db"
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30) as connection:
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []


@pytest.mark.slow
def test_assets_trigger_the_dags_up_to_a_release(airflow_up: Path) -> None:
    published = airflow_up / "warehouse" / "armsledger.duckdb"
    runs: dict[str, tuple[str, str]] = {}
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        rows = query_airflow(airflow_up, "select dag_id, run_type, state from dag_run order by id desc")
        runs = {dag_id: (run_type, state) for dag_id, run_type, state in rows}
        states = {state for _, state in runs.values()}
        if "failed" in states or (len(runs) == 3 and states == {"success"}):
            break
        time.sleep(2)
    log = (airflow_up.parent / "up.log").read_text(encoding="utf-8", errors="replace")
    assert runs == {
        "ingest_articles": ("scheduled", "success"),
        "extract_claims": ("asset_triggered", "success"),
        "build_warehouse": ("asset_triggered", "success"),
    }, log[-5000:]
    assert database.query(published, "select count(*) as deals from marts.fct_deals")["deals"][0].as_py() > 0
