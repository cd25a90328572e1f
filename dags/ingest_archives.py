"""Bring the articles of web archives that may hold a claim into the lake, and announce that the lake has changed.

Started by hand, with the archives as parameters: paths, folders or URLs, or a source of the registry of kind `warc`.
One mapped task per archive reads it on all cores, stages, validates and promotes; an archive that was loaded before is
left alone, so a run that broke off is simply started again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags import stages
from dags.alerts import late_after
from dags.assets import ARTICLES, START_DATE, TASK_DEFAULTS


@dag(
    schedule=None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=late_after(minutes=720),
    doc_md=__doc__,
    tags=["armsledger", "lake"],
    params={
        "archives": Param(
            [], type="array", items={"type": "string"}, description="WARC files, folders of them, or URLs."
        ),
        "source": Param(None, type=["null", "string"], description="Source of the registry; alone, its own archives."),
    },
)
def ingest_archives() -> None:
    """Wire the tasks."""

    @task
    def list_archives() -> list[str]:
        """Return where the archives lie."""
        told = get_current_context()["params"]
        return stages.list_archives(told["archives"], told["source"])

    # one at a time: an archive takes all cores; its download alone may last longer than other tasks do
    @task(max_active_tis_per_dagrun=1, execution_timeout=timedelta(hours=6))
    def ingest_archive(location: str) -> int:
        """Bring one archive into the lake; gives the number of rows promoted."""
        return stages.ingest_archive(location, get_current_context()["params"]["source"])

    @task(outlets=[ARTICLES], trigger_rule=TriggerRule.ALL_DONE)
    def announce_articles(promoted: Any) -> int:
        """Emit the articles asset when something changed; fail when no archive at all went through."""
        counts = [rows for rows in promoted if rows is not None]
        if not counts:
            raise AirflowFailException("no archive could be read; see the tasks of ingest_archive")
        if not sum(counts):
            raise AirflowSkipException("no new articles")
        return sum(counts)

    promoted = ingest_archive.expand(location=list_archives())
    announce_articles(promoted) >> task(stages.refresh_reports)().as_teardown()


ingest_archives()
