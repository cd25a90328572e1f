"""Extract transfer claims from the articles that no current claims load covers yet.

A new version of the extractor covers all articles again and replaces the older claims.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags import stages
from dags.assets import ARTICLES, CLAIMS, START_DATE, TASK_DEFAULTS


@dag(
    schedule=[ARTICLES],
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["armsledger", "lake"],
)
def extract_claims() -> None:
    """Wire the tasks."""

    @task
    def stage_claims() -> str:
        """Run the extractor; gives the id of the staged load."""
        load_id = stages.stage_claims()
        if load_id is None:
            raise AirflowSkipException("every article is covered by the present extractor")
        return load_id

    @task(outlets=[CLAIMS])
    def gate_claims(load_id: str) -> None:
        """Validate the load and promote it; a refused load goes to quarantine and fails the task."""
        stages.settle_load("transfer_claims", load_id)

    gate_claims(stage_claims()) >> task(stages.refresh_reports)().as_teardown()


extract_claims()
