"""Build a candidate warehouse with dbt, validate it, publish it, draw its atlas, and refresh the reports.

Nothing is built when the published release was made from the same inputs. A refused candidate stays in the data
directory for inspection; readers keep the last good release.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags import stages
from dags.alerts import late_after
from dags.assets import CLAIMS, REGISTERS, RELEASE, REVIEWS, START_DATE, TASK_DEFAULTS


@dag(
    schedule=CLAIMS | REGISTERS | REVIEWS,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=late_after(minutes=60),
    doc_md=__doc__,
    tags=["armsledger", "warehouse"],
)
def build_warehouse() -> None:
    """Wire the tasks."""

    @task
    def build_candidate() -> str:
        """Let dbt build a new database from the lake; gives the id of the build."""
        build_id = stages.build_candidate()
        if build_id is None:
            raise AirflowSkipException("the published release is built from the same inputs")
        return build_id

    gated = task(stages.gate_candidate)(build_candidate())
    published = task(outlets=[RELEASE])(stages.publish_release)(gated)
    reports = task(stages.refresh_reports)().as_teardown()
    published >> task(stages.build_atlas)() >> reports
    published >> reports


build_warehouse()
