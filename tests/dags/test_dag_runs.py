"""Airflow's lineage, metrics and pools: where they go, and what a task says of itself."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from warehouse import ops
from warehouse.errors import SettingsError
from warehouse.observing import facts, runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import DataDirectory


@pytest.fixture(autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give Airflow a home, and end the run that a test began."""
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
    yield
    runs.end()


def task(**changes: Any) -> SimpleNamespace:
    """Return what Airflow tells of a mapped task."""
    told = {"dag_id": "ingest_articles", "run_id": "manual__1", "task_id": "ingest_source", "map_index": 2}
    return SimpleNamespace(**{**told, "try_number": 1, **changes})


def test_a_task_is_named_with_its_run_number_and_try() -> None:
    from dags.runs import name_task

    assert name_task(task()) == runs.Run("ingest_articles/manual__1", "ingest_source[2]#1")
    assert name_task(task(map_index=-1, try_number=3)).task == "ingest_source#3"


def test_the_extractor_tells_what_the_task_told_and_nothing_of_the_task_before(data: DataDirectory) -> None:
    from dags.lineage import StageExtractor
    from dags.runs import begin_run

    fact = {"load_id": "load-1", "table_name": "articles", "source_id": "wire", "stage": "ingest", "outcome": "staged"}
    begin_run({"ti": task(task_id="before")})
    ops.append(data, "loads", [{**fact, "source_id": "other"}])
    begin_run({"ti": task()})
    ops.append(data, "loads", [{**fact, "rows_out": 4}])
    lineage = StageExtractor(None).extract_on_complete(task())
    assert [one.name for one in lineage.inputs] == ["source.wire"]
    assert [one.name for one in lineage.outputs] == ["staging.articles"]
    facet = lineage.run_facets["armsledger"]
    assert (facet.runId, facet.task, facet.loads) == ("ingest_articles/manual__1", "ingest_source[2]#1", ["load-1"])
    assert len(facts.list_told()) == 1


def test_events_go_to_the_data_directory_unless_told_otherwise(data: DataDirectory, monkeypatch: Any) -> None:
    from dags.observing import TRANSPORT, lineage_settings

    told = lineage_settings(data, {})
    assert json.loads(told[TRANSPORT])["folder"] == str(data.lineage)
    assert told["AIRFLOW__OPENLINEAGE__EXTRACTORS"] == "dags.lineage.StageExtractor"
    assert TRANSPORT not in lineage_settings(data, {TRANSPORT: "{}"})
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:5000")
    assert TRANSPORT not in lineage_settings(data, {})


def test_airflows_metrics_go_where_ours_go_and_are_off_by_default() -> None:
    from dags.observing import metrics_settings

    assert metrics_settings({}) == {}
    told = metrics_settings({"ARMSLEDGER_STATSD": "127.0.0.1:8125"})
    assert (told["AIRFLOW__METRICS__STATSD_HOST"], told["AIRFLOW__METRICS__STATSD_PORT"]) == ("127.0.0.1", "8125")
    assert told["AIRFLOW__METRICS__STATSD_PREFIX"] != "armsledger"


def test_slots_of_the_pool_are_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    from dags.pools import SLOTS, read_slots

    monkeypatch.delenv("ARMSLEDGER_SOURCE_SLOTS", raising=False)
    assert read_slots() == SLOTS
    monkeypatch.setenv("ARMSLEDGER_SOURCE_SLOTS", "12")
    assert read_slots() == 12
    for wrong in ("0", "many", "1.5"):
        monkeypatch.setenv("ARMSLEDGER_SOURCE_SLOTS", wrong)
        with pytest.raises(SettingsError, match=f"ARMSLEDGER_SOURCE_SLOTS={wrong}: set it to a whole number"):
            read_slots()


def test_hosts_take_turns(tmp_path: Path) -> None:
    from extract.sources import load_sources, take_turns

    hosts = ["big.example"] * 30 + ["small.example", "third.example", "small.example"]
    text = "".join(
        f'[[source]]\nid = "s{n}"\nkind = "feed"\nurl = "http://{host}/{n}.xml"\npublisher = "P"\ncountry = "GBR"\n'
        f'language = "en"\nterms_url = "http://{host}/terms"\nenabled = true\n'
        for n, host in enumerate(hosts)
    )
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    sources = load_sources(tmp_path / "sources.toml")
    order = [source.id for source in take_turns(sources)]
    assert order[:6] == ["s0", "s30", "s31", "s1", "s32", "s2"], "nobody waits for the second source of a host"
    assert sorted(order) == sorted(source.id for source in sources)
