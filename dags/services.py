"""Airflow's services on one machine: what ``make up`` starts, watches and ends."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dags.embedded import airflow_settings, make_home, sample_sources
from dags.supervision import GRACE_SECONDS, told_to_stop
from warehouse import lake
from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from warehouse.settings import Settings

# Task logs are read from the disk, so that nobody needs the log servers, which listen on every address.
COMPONENTS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}


def serve_airflow(settings: Settings, *, port: int) -> None:
    """Run Airflow's API server, scheduler, DAG processor and triggerer until interrupted or terminated.

    Args:
        settings: settings.
        port: port of Airflow's page on 127.0.0.1.

    Raises:
        ArmsledgerError: a service ended by itself; the message names its log.
    """
    lake.initialise(settings.data)
    make_home(settings)
    os.environ.update(airflow_settings(settings, port=port))
    # the services must share these two; they live no longer than the services
    os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = secrets.token_urlsafe(32)
    os.environ["AIRFLOW__API__SECRET_KEY"] = secrets.token_urlsafe(32)
    with sample_sources(settings), told_to_stop() as stop:
        migration = _start(settings, "db-migrate", ("db", "migrate"))
        if migration.wait() != 0:
            raise ArmsledgerError(f"Airflow's database can't be brought up to date; see {_log(settings, 'db-migrate')}")
        _set_pools(settings)
        running = {name: _start(settings, name, arguments) for name, arguments in COMPONENTS.items()}
        try:
            while not stop.wait(0.5):
                for name, process in running.items():
                    if process.poll() is not None:
                        code = process.returncode
                        raise ArmsledgerError(f"{name} ended with code {code}; see {_log(settings, name)}")
        finally:
            _end(running)


def _set_pools(settings: Settings) -> None:
    with _log(settings, "pools").open("ab") as log:
        done = subprocess.run([sys.executable, "-m", "dags.pools"], stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise ArmsledgerError(f"Airflow's pools can't be set; see {_log(settings, 'pools')}")


def _start(settings: Settings, name: str, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
    airflow = Path(sys.executable).with_name("airflow")
    with _log(settings, name).open("ab") as log:
        return subprocess.Popen([airflow, *arguments], stdout=log, stderr=subprocess.STDOUT, process_group=0)


def _log(settings: Settings, name: str) -> Path:
    return settings.data.logs / f"airflow-{name}.log"


def _end(running: dict[str, subprocess.Popen[bytes]]) -> None:
    """End every service and what it started, the hard way where it takes too long."""
    for process in running.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in running.values():
        try:
            process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
