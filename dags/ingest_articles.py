"""Fetch new articles of every enabled source into the lake.

One mapped task per source fetches, parses, stages, validates and promotes; a source that is down fails alone.
The last task owns the articles asset and emits it only when rows were promoted.

A backfill (``airflow backfill create``) reads what was archived in each hour again, and asks nobody.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags import stages
from dags.alerts import late_after
from dags.assets import ARTICLES, REVIEWS, START_DATE, TASK_DEFAULTS
from dags.pools import SOURCES_POOL


def is_backfill() -> bool:
    """Whether the run of the present task belongs to a backfill."""
    return get_current_context()["dag_run"].run_type == "backfill"


@dag(
    schedule=CronTriggerTimetable("@hourly", timezone="UTC", run_immediately=True),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=late_after(minutes=45),
    doc_md=__doc__,
    tags=["armsledger", "lake"],
)
def ingest_articles() -> None:
    """Wire the tasks."""

    @task(pool=SOURCES_POOL)
    def ingest_source(source_id: str) -> int:
        """Bring one source's new articles into the lake; gives the number of rows promoted."""
        bring = stages.replay_source if is_backfill() else stages.ingest_source
        return bring(source_id, run_after=get_current_context()["dag_run"].run_after)

    @task(outlets=[ARTICLES], trigger_rule=TriggerRule.ALL_DONE)
    def announce_articles(promoted: Any) -> int:
        """Emit the articles asset when something changed; fail when no source at all went through."""
        counts = [rows for rows in promoted if rows is not None]
        if not counts:
            raise AirflowFailException("no source could be ingested; see the tasks of ingest_source")
        if not sum(counts):
            raise AirflowSkipException("no new articles")
        return sum(counts)

    @task(outlets=[REVIEWS])
    def settle_reviews() -> None:
        """Let reviewers' new decisions count; a file that its gate refuses fails alone."""
        if not stages.settle_reviews():
            raise AirflowSkipException("no new decisions in reviews.csv")

    settle_reviews()

    @task
    def list_sources() -> list[str]:
        """Return the sources that this run reads."""
        run_after = get_current_context()["dag_run"].run_after
        return stages.list_sources(backfilled=run_after if is_backfill() else None)

    promoted = ingest_source.expand(source_id=list_sources())
    announce_articles(promoted) >> task(stages.refresh_reports)().as_teardown()


ingest_articles()
