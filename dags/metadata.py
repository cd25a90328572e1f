"""Airflow's own database: old runs are removed by Airflow's own command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dags.embedded import airflow_settings
from warehouse import clock
from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from warehouse.settings import Settings

BLOCKED = "airflow-db-not-allowed"
"""What Airflow puts in the place of the connection in the environment of a task."""


def find_environment(settings: Settings) -> dict[str, str] | None:
    """Return an environment in which Airflow finds its database, or None where it is out of reach.

    A task sees no connection. On one machine the database is a file whose place we know.
    """
    told = os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    if told and not told.startswith(BLOCKED):
        return dict(os.environ)
    if not (settings.data.airflow / "airflow.db").is_file():
        return None
    kept = {key: value for key, value in os.environ.items() if not value.startswith(BLOCKED)}
    return {**kept, **airflow_settings(settings)}


def require_environment(settings: Settings) -> dict[str, str]:
    """Return an environment in which Airflow finds its database.

    Raises:
        ArmsledgerError: it is out of reach.
    """
    environment = find_environment(settings)
    if environment is None:
        raise ArmsledgerError(
            f"no database of Airflow in {settings.data.airflow}; start it with `make run` or `make up`"
        )
    return environment


def clean(environment: Mapping[str, str], age: timedelta, *, is_dry_run: bool = False) -> str:
    """Remove what is older than ``age`` from Airflow's database (``airflow db clean``).

    The last run of each DAG stays, so that schedules go on.

    Args:
        environment: Airflow's settings.
        age: time that runs stay.
        is_dry_run: whether only to list.

    Returns:
        What the command said.

    Raises:
        ArmsledgerError: it failed; the message ends with its last words.
    """
    before = (clock.now() - age).isoformat()
    command = [
        *(str(Path(sys.executable).with_name("airflow")), "db", "clean", "--clean-before-timestamp", before),
        *("--skip-archive", "--yes", "--error-on-cleanup-failure"),
        *(["--dry-run"] if is_dry_run else []),
    ]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = " / ".join((done.stdout + done.stderr).strip().splitlines()[-4:])
        raise ArmsledgerError(f"airflow db clean failed: {told}")
    return done.stdout
