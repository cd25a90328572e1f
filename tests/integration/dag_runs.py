"""Runs DAGs one after the other in one process of Airflow, as `airflow dags test` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.settings import Settings

_RUN = """
import json, sys
from dags import embedded
from warehouse.settings import Settings
embedded.prepare_airflow(Settings.from_environment())
from airflow.dag_processing.dagbag import DagBag
for dag_id, conf in json.loads(sys.argv[1]):
    dag = DagBag(dag_folder=f"dags/{dag_id}.py").dags[dag_id]
    dag.deadline = []  # without a scheduler, Airflow 3.3.2 can't end a run that has one
    run = dag.test(run_conf=conf)
    tasks = run.get_task_instances()
    states = {f"{ti.task_id}{'' if ti.map_index < 0 else ti.map_index}": str(ti.state) for ti in tasks}
    print("RESULT" + json.dumps([str(run.state), states]))
"""


@dataclass(frozen=True)
class DagRun:
    """How one run ended.

    Attributes:
        state: of the run.
        tasks: state of each task, mapped ones with their number.
        output: what all runs of this call printed.
    """

    state: str
    tasks: dict[str, str]
    output: str


def run_dags(settings: Settings, runs: Sequence[tuple[str, dict[str, Any]]]) -> list[DagRun]:
    """Run DAGs on a data directory, each with its conf; all of them end."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(runs)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "ARMSLEDGER_DATA": str(settings.data.root)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    told = [json.loads(line.removeprefix("RESULT")) for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert len(told) == len(runs), done.stderr[-3000:]
    return [DagRun(state, tasks, done.stdout + done.stderr) for state, tasks in told]
