"""The DAG ingest_archives, run by Airflow: archives pass their gate into the lake; a second run changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from warc_samples import deal, everyday, write_archive

from warehouse import lake
from warehouse.contracts import ARTICLES
from warehouse.manifests import read_manifest
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings

_RUN = """
import json, sys
from dags import embedded
from warehouse.settings import Settings
embedded.prepare_airflow(Settings.from_environment())
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder="dags/ingest_archives.py")
for conf in json.loads(sys.argv[1]):
    bag.dags["ingest_archives"].deadline = []  # without a scheduler, Airflow 3.3.2 can't end a run that has one
    run = bag.dags["ingest_archives"].test(run_conf=conf)
    tasks = run.get_task_instances()
    states = {f"{ti.task_id}{'' if ti.map_index < 0 else ti.map_index}": str(ti.state) for ti in tasks}
    print("RESULT" + json.dumps([str(run.state), states]))
"""


@pytest.mark.slow
def test_archives_go_through_their_gate_into_the_lake(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(write_archive([deal(1), everyday(2), deal(3)]))
    (folder / "b.warc.gz").write_bytes(write_archive([everyday(4)]))
    conf = {"archives": [str(folder)], "source": None}
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps([conf, conf, {"archives": [], "source": None}])],
        cwd=PROJECT_ROOT,
        env={**os.environ, "ARMSLEDGER_DATA": str(settings.data.root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    results = [
        json.loads(line.removeprefix("RESULT")) for line in done.stdout.splitlines() if line.startswith("RESULT")
    ]
    assert len(results) == 3, done.stderr[-3000:]
    (state, tasks), (again, tasks_again), (nothing, _) = results
    assert state == "success"
    assert tasks["ingest_archive0"] == tasks["ingest_archive1"] == tasks["announce_articles"] == "success"
    assert (again, tasks_again["announce_articles"]) == ("success", "skipped")
    assert nothing == "failed", "neither archives nor a source were named"
    assert [entry.rows for entry in read_manifest(settings.data, ARTICLES).loads] == [2]
    assert lake.list_staged(settings.data, "articles") == []
