"""Extract transfer claims from the articles that no current claims load covers yet.

A new version of the extractor reads the others again, too: its claims pass their gate and stand beside the current
ones until somebody has compared and adopted them.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags import stages
from dags.alerts import late_after
from dags.assets import ARTICLES, CLAIMS, START_DATE, TASK_DEFAULTS


@dag(
    schedule=[ARTICLES],
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=late_after(minutes=60),
    doc_md=__doc__,
    tags=["armsledger", "lake"],
)
def extract_claims() -> None:
    """Wire the tasks."""

    @task
    def stage_claims() -> list[str]:
        """Run the extractor; gives the ids of the staged loads: released, new, and those of a new version."""
        load_ids = stages.stage_claims()
        if not load_ids:
            raise AirflowSkipException("every article is covered by the present extractor")
        return load_ids

    @task(outlets=[CLAIMS])
    def gate_claims(load_ids: list[str]) -> None:
        """Validate the loads and promote them; a refused load goes to quarantine and fails the task."""
        for load_id in load_ids:
            stages.settle_load("transfer_claims", load_id)

    gate_claims(stage_claims()) >> task(stages.refresh_reports)().as_teardown()


extract_claims()
