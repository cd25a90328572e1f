"""Two runs of one date at once: the slower waits for the load that the other is at work on, and nothing is lost."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from floor_samples import build_articles, pass_receipt, promote_articles, stage_articles
from ingest_desk import Desk, page
from test_ingest_claims_loads import stage as stage_claims

from dags import stages
from expectations import gate
from warehouse import lake, ops
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from concurrent.futures import Future

    from warehouse.settings import Settings


def wait_until_it_waits(work: Future[object], told: pytest.LogCaptureFixture) -> None:
    """Wait until a thread says that it waits for another one at work on its load."""
    while "another process is at work on it" not in told.text:
        assert not work.done(), "it must not touch a load that a gate is at work on"
        time.sleep(0.01)


def test_an_ingest_waits_while_a_gate_is_at_work_on_its_load(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    data = desk.settings.data
    desk.publish({"/a": page(1), "/b": page(2)})
    desk.ingest("l1")
    with ThreadPoolExecutor(1) as pool, caplog.at_level(logging.WARNING):
        with lake.load_lock(data, ARTICLES, "l1"):
            second = pool.submit(desk.ingest, "l1")
            wait_until_it_waits(second, caplog)
            desk.pass_gate("l1")
        assert (second.result().outcome, second.result().rows) == ("already_promoted", 2)
    assert lake.list_staged(data, "articles") == []
    assert lake.read_current(data, "articles").num_rows == 2


def test_an_extraction_waits_while_a_gate_is_at_work_on_its_claims(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    data = settings.data
    promote_articles(data, "load-1", count=2)
    first = stage_claims(settings)
    assert first is not None
    with ThreadPoolExecutor(1) as pool, caplog.at_level(logging.WARNING):
        with lake.load_lock(data, TRANSFER_CLAIMS, first.load_id):
            second = pool.submit(stage_claims, settings)
            wait_until_it_waits(second, caplog)
            staged = lake.read_staged(data, "transfer_claims", first.load_id)
            lake.promote(data, "transfer_claims", first.load_id, pass_receipt(staged))
        assert second.result() is None
    assert [entry.load_id for entry in read_manifest(data, TRANSFER_CLAIMS).loads] == [first.load_id]


@pytest.mark.parametrize("count", [2, 0])
def test_a_gate_that_comes_second_finds_the_load_settled(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))
    stage_articles(settings.data, "load-1", count=count)
    # both runs have staged the load, and neither has looked at it when the other comes
    gate.settle_load(settings, "articles", "load-1")
    with pytest.raises(LakeError, match=r"articles/load=load-1 is not in staging.*stage it again with python -m"):
        gate.settle_load(settings, "articles", "load-1")
    assert stages.settle_load("articles", "load-1") == 0
    with pytest.raises(LakeError, match="articles/load=load-2 is not in staging"):
        stages.settle_load("articles", "load-2")


def test_a_gate_that_comes_second_doesnt_pass_what_the_first_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))
    rows = build_articles("load-1")
    titles = rows.schema.get_field_index("title")
    with lake.LoadWriter(settings.data, ARTICLES, "load-1", source_id="strait_monitor") as writer:
        writer.write(rows.set_column(titles, rows.schema.field(titles), pa.array([" "] * rows.num_rows)))
    assert not gate.settle_load(settings, "articles", "load-1").has_passed
    with pytest.raises(LakeError, match="quarantine list"):
        stages.settle_load("articles", "load-1")
    assert ops.read(settings.data, "quarantine").num_rows == 1
