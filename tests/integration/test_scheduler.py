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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from airflow_page import assert_login_is_on
from secret_search import find_secrets

from warehouse import clock, database, lake, ops
from warehouse.contracts import ARTICLES
from warehouse.manifests import change_manifest, read_manifest
from warehouse.settings import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_SECONDS = 900


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


def _assert_backfill_replays_the_archive(root: Path) -> None:
    """Let a load be one that a gate refused three hours ago, and have Airflow backfill that hour and the one before."""
    data = DataDirectory(root)
    before = set(lake.read_current(data, "articles", columns=["article_id"])["article_id"].to_pylist())
    entry = max(read_manifest(data, ARTICLES).loads, key=lambda one: one.rows)
    source_id, hour = entry.load_id.rsplit("-", 1)
    refused_at = datetime.strptime(hour, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) - timedelta(hours=3)
    refused = f"{source_id}-{clock.compact(refused_at)}"
    change_manifest(data, ARTICLES, lambda manifest: manifest.without_loads({entry.load_id}))
    (data.quarantine / "articles").mkdir(parents=True, exist_ok=True)
    (data.archive / "articles" / f"load={entry.load_id}").rename(data.quarantine / "articles" / f"load={refused}")
    span = [refused_at - timedelta(hours=1), refused_at]
    command = ["backfill", "create", "--dag-id", "ingest_articles", "--from-date", span[0].isoformat()]
    created = subprocess.run(
        [sys.executable, "-m", "dags", "airflow", *command, "--to-date", span[1].isoformat()],
        env={**os.environ, "ARMSLEDGER_DATA": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert created.returncode == 0, created.stderr[-3000:]
    deadline = time.monotonic() + DEADLINE_SECONDS
    backfilled: list[tuple] = []
    following = 0
    while time.monotonic() < deadline:
        backfilled = query_airflow(root, "select state from dag_run where run_type = 'backfill' order by logical_date")
        told = "select count(*) from dag_run where dag_id = 'build_warehouse' and state = 'success'"
        following = query_airflow(root, told)[0][0]
        if ("failed",) in backfilled or (backfilled == [("success",)] * 2 and following >= 2):
            break
        time.sleep(2)
    assert (backfilled, following >= 2) == ([("success",)] * 2, True)
    loads = [one.load_id for one in read_manifest(data, ARTICLES).loads]
    assert (refused in loads, entry.load_id in loads) == (True, False)
    assert set(lake.read_current(data, "articles", columns=["article_id"])["article_id"].to_pylist()) == before
    outcomes = [row["outcome"] for row in ops.read(data, "loads").to_pylist() if row["load_id"] == refused]
    assert outcomes.count("promoted") == 1
    released = database.query(
        data.published, f"select count(*) as n from marts.dim_articles where load_id = '{refused}'"
    )
    assert released["n"][0].as_py() == entry.rows


@pytest.mark.slow
@pytest.mark.timeout(3 * DEADLINE_SECONDS)
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
    _assert_backfill_replays_the_archive(data)
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
