"""Import a register of arms transfers that you downloaded, and announce that the lake has changed.

Started by hand, with the path of the file as parameter. The same file again changes nothing. A name that isn't known
halts the import with a list; nothing of the file is in the lake then.
"""

from __future__ import annotations

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags import stages
from dags.alerts import late_after
from dags.assets import REGISTERS, START_DATE, TASK_DEFAULTS


@dag(
    schedule=None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=late_after(minutes=30),
    doc_md=__doc__,
    tags=["armsledger", "lake"],
    params={
        "file": Param("", type="string", description="Path of the CSV file, where the worker sees it."),
        "register": Param("sipri", type="string", enum=["sipri"], description="Register that it comes from."),
        "edition": Param(None, type=["null", "string"], description="Year, month or day; else as the file tells it."),
        "replace": Param(False, type="boolean", description="Take the place of all loads of this edition."),
    },
)
def import_register() -> None:
    """Wire the tasks."""

    @task
    def stage_register() -> str:
        """Read the file; gives the id of the staged load."""
        told = get_current_context()["params"]
        load_id = stages.stage_register(
            told["register"], told["file"], edition=told["edition"], replace=told["replace"]
        )
        if load_id is None:
            raise AirflowSkipException("exactly this file is in the lake already")
        return load_id

    @task(outlets=[REGISTERS])
    def gate_register(load_id: str) -> None:
        """Validate the load and promote it; a refused load goes to quarantine and fails the task."""
        stages.settle_load("register_deliveries", load_id)

    gate_register(stage_register()) >> task(stages.refresh_reports)().as_teardown()


import_register()
