"""Airflow on one machine: its settings, and the embedded run of ``make run``.

Airflow reads its settings from the environment when it is first imported, so nothing here imports it at the top.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dags import observing, pools
from extract.sample.server import serve_samples
from extract.sources import host_of, load_sources
from warehouse import clock, lake
from warehouse.errors import SettingsError
from warehouse.files import write_json
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

DAG_ORDER = ("ingest_articles", "extract_claims", "build_warehouse")
WEB_PORT = 8080


@dataclass(frozen=True)
class TaskRun:
    """One task of the embedded run.

    Attributes:
        dag_id: DAG.
        task_id: task.
        map_index: number of a mapped task, -1 for others.
        state: Airflow's final state.
        seconds: duration.
    """

    dag_id: str
    task_id: str
    map_index: int
    state: str
    seconds: float


@dataclass(frozen=True)
class DagOutcome:
    """One DAG of the embedded run.

    Attributes:
        dag_id: DAG.
        has_succeeded: whether Airflow calls the DAG run a success.
        seconds: duration.
        tasks: its tasks, in the order in which they ended.
    """

    dag_id: str
    has_succeeded: bool
    seconds: float
    tasks: tuple[TaskRun, ...]


@dataclass(frozen=True)
class EmbeddedRun:
    """One embedded run of all DAGs.

    Attributes:
        began: when it began; facts about runs from then on belong to it.
        log: file that holds everything Airflow and its tasks printed.
        outcomes: DAGs that ran, in order.
        seconds: duration of each stage.
    """

    began: datetime
    log: Path
    outcomes: tuple[DagOutcome, ...]
    seconds: dict[str, float]

    @property
    def has_succeeded(self) -> bool:
        """Whether every DAG run was a success."""
        return all(outcome.has_succeeded for outcome in self.outcomes)


def airflow_settings(settings: Settings, *, port: int = WEB_PORT, retry_seconds: int = 30) -> dict[str, str]:
    """Return Airflow's environment variables for one machine: SQLite, no examples, local addresses only.

    Args:
        settings: settings.
        port: port of Airflow's page and of the API that its tasks talk to.
        retry_seconds: delay before a failed task's first retry.
    """
    home = settings.data.airflow
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).resolve().parent),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": str(retry_seconds),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__SCHEDULER__ENABLE_TRACEMALLOC": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "ARMSLEDGER_DATA": settings.data.address(),
        "ARMSLEDGER_SOURCES": str(settings.sources),
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **observing.lineage_settings(settings.data, os.environ),
        **observing.metrics_settings(os.environ),
    }


def passwords_file(settings: Settings) -> Path:
    """Return the file that holds the password of Airflow's page."""
    return settings.data.airflow / "passwords.json"


def make_home(settings: Settings) -> None:
    """Make Airflow's home, which only its owner may look into, and in it a password for its page.

    Airflow would make one itself, and print it to its log.
    """
    settings.data.airflow.mkdir(parents=True, exist_ok=True)
    settings.data.airflow.chmod(0o700)
    if not passwords_file(settings).exists():
        write_json(passwords_file(settings), {"admin": secrets.token_urlsafe(16)}, is_secret=True)


@contextlib.contextmanager
def sample_sources(settings: Settings) -> Iterator[None]:
    """Serve the bundled publishers on loopback while the block runs, if the registry enables any of them."""
    hosts = [host_of(source) or "" for source in load_sources(settings.sources) if source.is_enabled]
    if not any(host.endswith(".example") for host in hosts) or os.environ.get("ARMSLEDGER_HOST_OVERRIDES"):
        yield
        return
    with serve_samples() as address:
        os.environ["ARMSLEDGER_HOST_OVERRIDES"] = f"*.example={address}"
        try:
            yield
        finally:
            del os.environ["ARMSLEDGER_HOST_OVERRIDES"]


@contextlib.contextmanager
def output_to(log: Path) -> Iterator[None]:
    """Send everything that this process and its children print to a log file while the block runs."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with log.open("ab") as handle:
        os.dup2(handle.fileno(), 1)
        os.dup2(handle.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, number in zip(saved, (1, 2), strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)


def prepare_airflow(settings: Settings) -> None:
    """Set Airflow's environment and bring its database up to date, in this process."""
    os.environ.update(airflow_settings(settings, retry_seconds=1))
    make_home(settings)
    lake.initialise(settings.data)
    from airflow.utils.db import initdb

    initdb()
    pools.set_pools()


def prepare_services(environment: Mapping[str, str]) -> None:
    """Prepare what several services share: Airflow's database, and the file that holds the password of its page.

    Args:
        environment: Airflow's settings, and ``AIRFLOW_ADMIN_PASSWORD``.

    Raises:
        SettingsError: a needed variable is not set.
    """
    names = ("AIRFLOW_ADMIN_PASSWORD", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE")
    for name in names:
        if not environment.get(name):
            raise SettingsError(f"{name} is not set; run `make env` and start with docker compose")
    password, path = (environment[name] for name in names)
    lake.initialise(Settings.from_environment().data)
    write_json(Path(path), {"admin": password}, is_secret=True)
    from airflow.utils.db import initdb

    initdb()
    pools.set_pools()


def run_dag(dag_id: str) -> DagOutcome:
    """Run one DAG once in this process, as ``dag.test()`` does.

    Args:
        dag_id: DAG, which is also the stem of its file.
    """
    from airflow.dag_processing.dagbag import DagBag

    began = time.monotonic()
    bag = DagBag(dag_folder=str(Path(__file__).with_name(f"{dag_id}.py")))
    if bag.import_errors:
        raise SettingsError(f"{dag_id}.py can't be imported: {'; '.join(bag.import_errors.values())}")
    dag = bag.dags[dag_id]
    # no scheduler looks after deadlines here, and Airflow 3.3.2 can't end a test run of a DAG that has one
    dag.deadline = []
    run = dag.test()
    tasks = [
        TaskRun(dag_id, ti.task_id, ti.map_index, str(ti.state), ti.duration or 0.0)
        for ti in sorted(run.get_task_instances(), key=lambda ti: str(ti.end_date))
    ]
    return DagOutcome(dag_id, str(run.state) == "success", time.monotonic() - began, tuple(tasks))


def log_file(settings: Settings) -> Path:
    """Return the log file of a run that begins now."""
    return settings.data.logs / f"run-{clock.compact(clock.now())}.log"
