"""Keep the data directory small: put small files of the lake together, and remove what nobody needs any more.

Rows, reviews, quarantine, history and the kept releases are never removed; how long the rest stays is told by
``ARMSLEDGER_KEEP_<WHAT>_DAYS``. Readers and other DAGs may run at the same time. Each removal is listed in the task's
log and in ``logs/maintenance-<time>.json`` of the data directory.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags import stages
from dags.alerts import late_after
from dags.assets import START_DATE, TASK_DEFAULTS


@dag(
    schedule="@weekly",
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=late_after(minutes=120),
    doc_md=__doc__,
    tags=["armsledger", "lake"],
)
def maintain_lake() -> None:
    """Wire the tasks."""

    @task
    def clean_airflow() -> None:
        """Remove old runs from Airflow's own database, where it is the one of this machine."""
        if not stages.clean_airflow():
            raise AirflowSkipException(
                "Airflow's database is out of a task's reach; run `python -m dags clean` where its scheduler runs"
            )

    maintained = task(stages.maintain_lake)()
    [maintained, clean_airflow()] >> task(stages.refresh_reports)().as_teardown()


maintain_lake()
