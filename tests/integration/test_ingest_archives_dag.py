"""The DAG ingest_archives, run by Airflow: archives pass their gate into the lake; a second run changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dag_runs import run_dags
from warc_samples import deal, everyday, write_archive

from warehouse import lake
from warehouse.contracts import ARTICLES
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings


@pytest.mark.slow
def test_archives_go_through_their_gate_into_the_lake(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(write_archive([deal(1), everyday(2), deal(3)]))
    (folder / "b.warc.gz").write_bytes(write_archive([everyday(4)]))
    conf = {"archives": [str(folder)], "source": None}
    first, again, nothing = run_dags(
        settings, [("ingest_archives", one) for one in (conf, conf, {"archives": [], "source": None})]
    )
    assert first.state == "success", first.output[-3000:]
    assert first.tasks["ingest_archive0"] == first.tasks["ingest_archive1"] == "success"
    assert first.tasks["announce_articles"] == "success"
    assert (again.state, again.tasks["announce_articles"]) == ("success", "skipped")
    assert nothing.state == "failed", "neither archives nor a source were named"
    assert [entry.rows for entry in read_manifest(settings.data, ARTICLES).loads] == [2]
    assert lake.list_staged(settings.data, "articles") == []
