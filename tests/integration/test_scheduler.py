"""A real scheduler: one DAG's asset starts the next, from articles to a published release."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from airflow_page import assert_login_is_on
from secret_search import find_secrets

from warehouse import database, ops
from warehouse.settings import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_SECONDS = 300


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Airflow:
    """What `make up` started: its data directory, the port of its page, and its process."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]

    def descendants(self) -> set[int]:
        """Return the ids of all processes that it has started, and that those have started."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        found = {self.process.pid}
        while more := {child for child, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}

    def listening_addresses(self) -> set[str]:
        """Return the addresses on which its processes listen, in the hexadecimal form of /proc/net."""
        inodes = set()
        for descriptor in (link for pid in self.descendants() for link in Path(f"/proc/{pid}/fd").glob("*")):
            with contextlib.suppress(OSError):
                inodes.update(re.findall(r"socket:\[(\d+)\]", str(descriptor.readlink())))
        lines = [
            line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()
        ]
        return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and line[9] in inodes}


@pytest.fixture
def airflow_up(tmp_path: Path) -> Iterator[Airflow]:
    """Run what `make up` runs, on an empty data directory, and end it by SIGTERM."""
    data = tmp_path / "data"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
    environment["ARMSLEDGER_DATA"] = str(data)
    port = free_port()
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dags", "up", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            yield Airflow(data, port, process)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=120)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for has no command line."""
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


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
def test_assets_trigger_the_dags_up_to_a_release(airflow_up: Airflow) -> None:
    data = airflow_up.data
    published = data / "warehouse" / "armsledger.duckdb"
    runs: dict[str, tuple[str, str]] = {}
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        # maintain_lake has a schedule of its own, and may run meanwhile
        told = "select dag_id, run_type, state from dag_run where dag_id <> 'maintain_lake' order by id desc"
        rows = query_airflow(data, told)
        runs = {dag_id: (run_type, state) for dag_id, run_type, state in rows}
        states = {state for _, state in runs.values()}
        if "failed" in states or (len(runs) == 3 and states == {"success"}):
            break
        time.sleep(2)
    log = "".join(
        path.read_text(encoding="utf-8", errors="replace")[-2000:] for path in data.glob("logs/airflow-*.log")
    )
    assert runs == {
        "ingest_articles": ("scheduled", "success"),
        "extract_claims": ("asset_triggered", "success"),
        "build_warehouse": ("asset_triggered", "success"),
    }, log[-5000:]
    pools = query_airflow(data, "select distinct pool from task_instance where task_id = 'ingest_source'")
    assert pools == [("sources",)]
    # the hour may turn meanwhile, and bring a second run
    run_ids = query_airflow(data, "select 'ingest_articles/' || run_id from dag_run where dag_id = 'ingest_articles'")
    loads = ops.read(DataDirectory(data), "loads").to_pylist()
    told_by = {row["run_id"] for row in loads if row["stage"] == "ingest"}
    assert told_by
    assert told_by <= {run_id for (run_id,) in run_ids}
    lines = "".join(path.read_text(encoding="utf-8") for path in (data / "lineage").glob("*.jsonl")).splitlines()
    ends = [event for event in map(json.loads, lines) if event["eventType"] == "COMPLETE"]
    written = {dataset["name"] for event in ends for dataset in event["outputs"]}
    assert {"raw.articles", "raw.transfer_claims", "candidate", "marts.fct_deals", "release"} <= written
    # the last run's own event is sent by a process of the scheduler, a moment after its end
    assert {"ingest_articles", "extract_claims"} <= {event["job"]["name"] for event in ends}
    assert database.query(published, "select count(*) as deals from marts.fct_deals")["deals"][0].as_py() > 0
    assert airflow_up.listening_addresses() == {"0100007F"}, "something listens on more than 127.0.0.1"
    passwords = data / "airflow" / "passwords.json"
    assert (passwords.stat().st_mode & 0o777, passwords.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    password = json.loads(passwords.read_text(encoding="utf-8"))["admin"]
    assert_login_is_on(f"http://127.0.0.1:{airflow_up.port}", password)
    assert find_secrets(data / "logs", {"password": password}) == []
    started = airflow_up.descendants()
    assert len(started) >= 4
    airflow_up.process.send_signal(signal.SIGTERM)
    assert airflow_up.process.wait(timeout=120) == 0
    assert not [
        pid for pid in started if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
