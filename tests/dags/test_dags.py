"""The DAGs as Airflow parses them: which there are, how they behave, and that the timetable tells the truth."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DAGS = Path(__file__).resolve().parents[2] / "dags"
DAG_IDS = {
    "ingest_articles",
    "ingest_archives",
    "extract_claims",
    "import_register",
    "build_warehouse",
    "maintain_lake",
}
PRESETS = {"@hourly": "0 * * * *", "@weekly": "0 0 * * 0"}
TAGS = {"armsledger", "lake", "warehouse"}

_DESCRIBE = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
heavy = ("great_expectations", "trafilatura", "dbt", "duckdb", "pandas")
bag = DagBag(dag_folder=sys.argv[1])
dags = [
    {
        "dag_id": dag.dag_id,
        "stem": dag.fileloc.rsplit("/", 1)[-1].removesuffix(".py"),
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "assets": [asset.name for asset in getattr(dag.timetable.asset_condition, "objects", [])],
        "cron": getattr(dag.timetable, "expression", None) or str(dag.schedule),
        "deadlines": [(one.interval.total_seconds(), one.callback.path) for one in dag.deadline],
        "tasks": [
            {
                "task_id": task.task_id,
                "owner": task.owner,
                "retries": task.retries,
                "backoff": float(task.retry_exponential_backoff),
                "first_delay": task.partial_kwargs["retry_delay"].total_seconds()
                if hasattr(task, "partial_kwargs")
                else task.retry_delay.total_seconds(),
                "timeout": task.execution_timeout is not None,
                "is_teardown": task.is_teardown,
                "pool": task.pool,
                "begins": [one.__name__ for one in task.on_execute_callback],
                "outlets": [asset.name for asset in task.outlets],
                "downstream": sorted(task.downstream_task_ids),
            }
            for task in dag.tasks
        ],
    }
    for dag in bag.dags.values()
]
loaded = [name for name in heavy if name in sys.modules]
print("RESULT" + json.dumps({"dags": dags, "errors": bag.import_errors, "heavy": loaded}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Parse the DAG folder in a process of its own, with an empty AIRFLOW_HOME."""
    home = tmp_path_factory.mktemp("airflow")
    more = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "7"}
    environment = {**os.environ, "AIRFLOW__CORE__LOAD_EXAMPLES": "False", **more}
    done = subprocess.run(
        [sys.executable, "-c", _DESCRIBE, str(DAGS)], env=environment, capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stderr[-3000:]
    return json.loads(lines[0].removeprefix("RESULT"))


def test_exactly_these_dags_parse_without_errors(bag: dict) -> None:
    assert bag["errors"] == {}
    assert {dag["dag_id"] for dag in bag["dags"]} == DAG_IDS


def test_file_name_is_the_dag_id_and_the_dag_explains_itself(bag: dict) -> None:
    for dag in bag["dags"]:
        assert dag["stem"] == dag["dag_id"]
        assert len(dag["doc"] or "") > 80
        assert set(dag["tags"]) <= TAGS
        assert "armsledger" in dag["tags"]


def test_runs_never_overlap_and_never_catch_up_by_surprise(bag: dict) -> None:
    for dag in bag["dags"]:
        assert dag["max_active_runs"] == 1
        assert dag["catchup"] is False


def test_every_task_has_an_owner_retries_with_backoff_and_a_timeout(bag: dict) -> None:
    for dag in bag["dags"]:
        assert dag["tasks"]
        for task in dag["tasks"]:
            assert task["owner"] == "armsledger", task
            assert task["retries"] == 2, task
            assert task["backoff"] >= 2, task  # 1, or True, would be no backoff
            assert task["first_delay"] == 7, task
            assert task["timeout"], task


def test_every_task_begins_by_saying_which_run_it_is(bag: dict) -> None:
    assert {tuple(task["begins"]) for dag in bag["dags"] for task in dag["tasks"]} == {("begin_run",)}


def test_every_dag_has_a_deadline_that_somebody_is_told_of(bag: dict) -> None:
    for dag in bag["dags"]:
        ((seconds, callback),) = dag["deadlines"]
        assert callback == "dags.alerts.tell_of_deadline", dag["dag_id"]
        assert 1800 <= seconds <= 12 * 3600
        if dag["dag_id"] == "ingest_articles":
            assert seconds < 3600, "before the next hourly run"


def test_what_fetches_has_a_pool_of_its_own(bag: dict) -> None:
    pools = {task["task_id"]: task["pool"] for dag in bag["dags"] for task in dag["tasks"]}
    assert [task_id for task_id, pool in pools.items() if pool != "default_pool"] == ["ingest_source"]
    assert pools["ingest_source"] == "sources"


def test_reports_are_refreshed_by_a_teardown_that_cannot_hide_a_failure(bag: dict) -> None:
    for dag in bag["dags"]:
        teardowns = [task["task_id"] for task in dag["tasks"] if task["is_teardown"]]
        assert teardowns == ["refresh_reports"]


def test_one_task_of_a_dag_owns_each_asset(bag: dict) -> None:
    owners = {
        (asset, f"{dag['dag_id']}.{task['task_id']}")
        for dag in bag["dags"]
        for task in dag["tasks"]
        for asset in task["outlets"]
    }
    assert owners == {
        ("raw_articles", "ingest_articles.announce_articles"),
        ("raw_articles", "ingest_archives.announce_articles"),
        ("raw_transfer_claims", "extract_claims.gate_claims"),
        ("raw_register_deliveries", "import_register.gate_register"),
        ("raw_reviews", "ingest_articles.settle_reviews"),
        ("release", "build_warehouse.publish_release"),
    }


def test_nothing_can_be_published_but_through_the_gate(bag: dict) -> None:
    tasks = {
        task["task_id"]: task for dag in bag["dags"] if dag["dag_id"] == "build_warehouse" for task in dag["tasks"]
    }
    assert tasks["build_candidate"]["downstream"] == ["gate_candidate"]
    assert tasks["gate_candidate"]["downstream"] == ["publish_release"]


def test_parsing_the_dags_imports_nothing_heavy(bag: dict) -> None:
    assert bag["heavy"] == []


def test_timetable_in_the_readme_tells_what_the_code_does(bag: dict) -> None:
    readme = (DAGS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .+? \| (.+?) \|$", readme, flags=re.M)
    told = {dag_id: (schedule, writes) for dag_id, schedule, writes in rows if dag_id in DAG_IDS}
    assert set(told) == DAG_IDS
    for dag in bag["dags"]:
        schedule, writes = told[dag["dag_id"]]
        names = re.findall(r"`([^`]+)`", schedule)
        if schedule == "by hand":
            assert dag["cron"] == "None", dag["dag_id"]
        else:
            assert names == dag["assets"] or dag["cron"] in (PRESETS[names[0]], names[0]), dag["dag_id"]
        outlets = [asset for task in dag["tasks"] for asset in task["outlets"]]
        assert re.findall(r"`([^`]+)`", writes) == outlets


def test_ignored_files_are_exactly_those_without_a_dag() -> None:
    ignored = set((DAGS / ".airflowignore").read_text(encoding="utf-8").split())
    assert {path.name for path in DAGS.glob("*.py")} == ignored | {f"{dag_id}.py" for dag_id in DAG_IDS}
