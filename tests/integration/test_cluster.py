"""The services of `make cluster` on object storage: faults in a run lead to the release of an undisturbed process.

That process had a local directory; here Airflow and both workers have nothing in common but the bucket.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from airflow_page import Page, assert_login_is_on
from s3_server import BUCKET, SECRET, ObjectServer, serve_objects
from secret_search import find_secrets
from test_run import rows_of_marts
from test_scheduler import Airflow, free_port, is_alive

from dags import cluster
from dags.compose_file import fill_in, make_secrets, read_services
from dags.embedded import DAG_ORDER
from warehouse.errors import SettingsError
from warehouse.settings import PROJECT_ROOT, DataDirectory, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEADLINE_SECONDS = 540
# A lost worker is noticed in half a minute, and a lost message, for the test's sake; by default it is minutes.
QUICK = {
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}


@dataclass
class Running:
    """A running cluster.

    Attributes:
        airflow: its processes and data directory.
        page: Airflow's page.
        reports_port: port of the reports.
        output: file that holds what the command printed.
        store: what holds the lake and its releases.
    """

    airflow: Airflow
    page: Page
    reports_port: int
    output: Path
    store: ObjectServer

    def log(self) -> str:
        """Return the ends of all logs, for a failing test."""
        paths = [self.output, *sorted(self.airflow.data.glob("logs/cluster-*.log"))]
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in paths)

    def wait_for(self, what: str, is_so: Callable[[], object]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not is_so():
            assert self.airflow.process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS} s: {what}\n{self.log()}"
            time.sleep(0.5)

    def find(self, word: str) -> set[int]:
        """Return the services' processes whose command line or title holds a word."""
        found = set()
        for pid in self.airflow.descendants():
            with contextlib.suppress(OSError):
                if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.add(pid)
        return found

    def kill(self, pid: int) -> None:
        """Kill a process and all that it has started, as a machine does that is lost."""
        for each in (pid, *Airflow(self.airflow.data, 0, _Process(pid)).descendants()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


@dataclass
class _Process:
    pid: int


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run what `make cluster` runs, on an empty bucket, and end it by SIGTERM."""
    for find in (cluster.find_postgres, cluster.find_redis):
        try:
            find()
        except SettingsError as error:
            pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("cluster")
    with serve_objects() as store:
        yield from _run_cluster(folder, store)


def _run_cluster(folder: Path, store: ObjectServer) -> Iterator[Running]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
    environment = {**kept, **QUICK, **store.environment, "ARMSLEDGER_SCRATCH": str(folder)}
    port, reports_port = free_port(), free_port()
    command = [sys.executable, "-m", "dags", "cluster", "--port", str(port), "--reports-port", str(reports_port)]
    with (folder / "output.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, process_group=0)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (*store.environment.items(), ("ARMSLEDGER_SCRATCH", str(folder))):
            patch.setenv(name, value)
        data = Settings.from_environment().data.root
    passwords = data / "airflow" / "passwords.json"
    page = Page(f"http://127.0.0.1:{port}", "")
    try:
        one = Running(Airflow(data, port, process), page, reports_port, Path(log.name), store)
        one.wait_for("a password", passwords.exists)
        page.password = json.loads(passwords.read_text(encoding="utf-8"))["admin"]
        yield one
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_lost_broker_database_and_worker_change_nothing_in_the_release(
    running: Running, first_run: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    """Redis is killed while articles come in, Postgres behind them, and a worker while dbt builds on it."""
    page = running.page
    running.wait_for("a task that runs", lambda: "running" in {state for state, _ in page.list_tasks().values()})
    (redis,) = running.find("redis-server")
    running.kill(redis)
    running.wait_for("articles", lambda: page.list_runs().get("ingest_articles") == "success")
    (postgres,) = running.find("listen_addresses=127.0.0.1")
    running.kill(postgres)
    running.wait_for("dbt on a worker", lambda: running.find("dbt\0--no-use-colors\0build"))
    (dbt,) = running.find("dbt\0--no-use-colors\0build")
    (worker,) = [
        pid for pid in running.find("worker-") if dbt in Airflow(running.airflow.data, 0, _Process(pid)).descendants()
    ]
    running.kill(worker)

    def has_ended() -> bool:
        runs = page.list_runs()
        assert "failed" not in runs.values(), f"{page.list_tasks()}\n{running.log()}"
        return {name for name, state in runs.items() if state == "success"} >= set(DAG_ORDER)

    running.wait_for("three DAG runs that succeed", has_ended)
    tries = {name: tries for name, (_, tries) in page.list_tasks().items()}
    assert tries["build_warehouse.build_candidate[-1]"] >= 2, tries
    told = running.output.read_text(encoding="utf-8")
    assert told.count("redis ended with code -9; it is started again") == 1
    assert "postgres ended with code -9; it is started again" in told
    assert "worker-" in told
    assert rows_of_marts(fetch_published(running)) == rows_of_marts(first_run[0])
    assert len([key for key in running.store.list_keys() if key.endswith("/release.json")]) == 1
    databases = [(method, path) for method, path in running.store.requests if path.endswith(".duckdb")]
    sent = [path for method, path in databases if method == "PUT" and "/candidates/" not in path]
    assert ["/releases/" in path for path in sent] == [True], "the atlas sends the release's database again"


def fetch_published(running: Running) -> Path:
    """Bring the published database to a machine that has seen nothing of it yet; return its data directory."""
    scratch = running.output.parent / "analyst"
    done = subprocess.run(
        [sys.executable, "-m", "warehouse", "sql", "-q", "select count(*) from fct_deals"],
        env={**os.environ, **running.store.environment, "ARMSLEDGER_SCRATCH": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (published,) = scratch.glob("*/warehouse/armsledger.duckdb")
    return published.parent.parent


@pytest.mark.slow
def test_its_pages_want_a_login_and_listen_on_this_machine_alone(running: Running) -> None:
    assert_login_is_on(running.page.address, running.page.password)
    health = running.page.get("monitor/health")
    assert {name for name, told in health.items() if told["status"] == "healthy"} >= {
        "metadatabase",
        "scheduler",
        "triggerer",
        "dag_processor",
    }
    with urllib.request.urlopen(f"http://127.0.0.1:{running.reports_port}/", timeout=20) as answer:
        assert answer.status == 200
    assert running.airflow.listening_addresses() == {"0100007F"}, "something listens on more than 127.0.0.1"
    if os.geteuid() == 0:
        for word in ("redis-server", "listen_addresses=127.0.0.1"):
            assert {os.stat(f"/proc/{pid}").st_uid for pid in running.find(word)}.isdisjoint({0}), word


@pytest.mark.slow
def test_no_secret_of_it_is_in_a_log_or_a_report(running: Running, tmp_path: Path) -> None:
    settings = Settings(DataDirectory(running.airflow.data), PROJECT_ROOT / "extract" / "sources.toml")
    secrets = cluster.keep_secrets(cluster.make_folder(settings)) | {"password": running.page.password}
    secrets = {name: value for name, value in secrets.items() if name != "COMPOSE_PROJECT_NAME"}
    client = running.store.client()
    objects = {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in running.store.list_keys()}
    for key, content in objects.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    secrets["S3 secret"] = SECRET
    # what is in the bucket, the logs, and the copies of each worker
    assert len(objects) > 100
    for folder in (tmp_path, running.airflow.data / "logs", running.airflow.data / "airflow" / "logs"):
        assert find_secrets(folder, secrets) == []
    for copies in (running.output.parent / f"worker-{number}" for number in (1, 2)):
        assert list(copies.glob("*/raw"))
        assert find_secrets(copies, secrets) == []
    lines = {Path(f"/proc/{pid}/cmdline").read_text(errors="replace") for pid in running.airflow.descendants()}
    assert not [line for line in lines if any(value in line for value in secrets.values())], "seen in the process list"


@pytest.mark.slow
def test_sigterm_ends_all(running: Running) -> None:
    started = running.airflow.descendants()
    assert len(started) > 10
    running.airflow.process.send_signal(signal.SIGTERM)
    assert running.airflow.process.wait(timeout=120) == 0
    assert [pid for pid in started if is_alive(pid)] == []


@pytest.mark.parametrize(("program", "package"), [("find_postgres", "postgresql"), ("find_redis", "redis-server")])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, program: str, package: str) -> None:
    monkeypatch.setattr(cluster.shutil, "which", lambda _: None)
    monkeypatch.setattr(cluster.Path, "glob", lambda *_: iter(()))
    with pytest.raises(SettingsError, match=f"apt install {package}"):
        getattr(cluster, program)()


def test_compose_variables_are_filled_in() -> None:
    assert fill_in("a ${X:-b} ${X:?no} ${Y:-} $$HOME", {"X": "1"}) == "a 1 1  $HOME"
    with pytest.raises(SettingsError, match="REDIS_PASSWORD is not set: run make env first"):
        read_services(PROJECT_ROOT / "docker-compose.yml", make_secrets() | {"REDIS_PASSWORD": ""})
    services = read_services(PROJECT_ROOT / "docker-compose.yml", make_secrets())
    assert services["scheduler"].environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert services["worker"].command == ("airflow", "celery", "worker")
