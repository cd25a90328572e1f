"""Facts about runs: appended whole, checked against their contract, told once where a step may run twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from warehouse import ops
from warehouse.contracts import OPS_TABLES
from warehouse.errors import ContractError, LakeError

STAGED = {"load_id": "load-1", "table_name": "articles", "stage": "ingest", "outcome": "staged"}


@pytest.mark.parametrize("table", OPS_TABLES, ids=lambda table: table.name)
def test_a_table_without_facts_can_be_read(data, table):
    assert ops.read(data, table.name).schema.names == table.schema.names
    assert ops.read(data, table.name).num_rows == 0
    assert len(ops.files(data, table.name)) == 1


def test_facts_read_back_in_the_order_of_appending(data):
    for number in range(20):
        ops.append(data, "loads", [{**STAGED, "load_id": f"load-{number}", "rows_out": number}])
    assert ops.read(data, "loads")["rows_out"].to_pylist() == list(range(20))


def test_facts_since_a_moment_are_read_without_the_files_of_years_before(data, monkeypatch):
    now = ops.clock.now()
    for days in (400, 30, 2, 0):
        monkeypatch.setattr(ops.clock, "now", lambda days=days: now - timedelta(days=days))
        ops.append(data, "loads", [{**STAGED, "load_id": f"{days} days ago"}])
    damaged = ops.files(data, "loads")[1]
    damaged.write_bytes(b"not Parquet")
    recent = ops.read(data, "loads", columns=["load_id"], since=now - timedelta(hours=1))
    assert recent.to_pylist() == [{"load_id": "0 days ago"}]
    within_margin = ops.read(data, "loads", since=now - timedelta(days=1.5))
    assert within_margin["load_id"].to_pylist() == ["2 days ago", "0 days ago"], "clocks of machines differ"
    with pytest.raises(LakeError, match=damaged.name):
        ops.read(data, "loads")


def test_absent_fields_are_null_or_filled_in(data):
    ops.append(data, "loads", [STAGED, STAGED])
    first, second = ops.read(data, "loads").to_pylist()
    assert first["event_id"] != second["event_id"]
    assert first["occurred_at"].tzinfo is not None
    assert first["source_id"] is None


def test_told_fields_are_kept(data):
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    ops.append(data, "loads", [{**STAGED, "event_id": "e1", "occurred_at": moment, "seconds": 1.5}])
    (fact,) = ops.read(data, "loads").to_pylist()
    assert (fact["event_id"], fact["occurred_at"], fact["seconds"]) == ("e1", moment, 1.5)


def test_no_facts_write_no_file(data):
    ops.append(data, "loads", [])
    assert not (data.ops / "loads").exists()


def test_an_event_is_told_once(data):
    ops.append(data, "loads", [STAGED], once="staged-load-1")
    ops.append(data, "loads", [STAGED], once="staged-load-1")
    ops.append(data, "loads", [STAGED], once="staged-load-[12]")
    assert ops.read(data, "loads").num_rows == 2


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        ({**STAGED, "colour": "red"}, r"ops\.loads: unknown fields \['colour'\]"),
        ({**STAGED, "load_id": None}, r"ops\.loads: fields \['load_id'\] must be told"),
        ({"stage": "ingest"}, r"ops\.loads: fields \['load_id', 'table_name', 'outcome'\] must be told"),
        ({**STAGED, "outcome": "lost"}, r"ops\.loads\.outcome: 'lost' is none of staged, empty.*contracts/ops\.py"),
        ({**STAGED, "rows_out": "many"}, r"ops\.loads: a field has the wrong type"),
        ({**STAGED, "rows_out": 2**70}, r"ops\.loads: a field has the wrong type"),
    ],
)
def test_a_fact_against_its_contract_is_refused_and_none_is_written(data, fact, message):
    with pytest.raises(ContractError, match=message):
        ops.append(data, "loads", [STAGED, fact])
    assert ops.read(data, "loads").num_rows == 0


def test_an_unknown_table_is_named(data):
    with pytest.raises(ContractError, match="no ops table 'runs'; there are: loads, refusals"):
        ops.append(data, "runs", [STAGED])


def test_a_damaged_file_is_named(data):
    ops.append(data, "loads", [STAGED])
    ops.append(data, "loads", [STAGED])
    damaged = ops.files(data, "loads")[1]
    damaged.write_bytes(damaged.read_bytes()[:-40])
    with pytest.raises(LakeError, match=f"{damaged.name}: not a readable Parquet file"):
        ops.read(data, "loads")


def test_what_a_killed_process_left_is_not_read(data):
    ops.append(data, "loads", [STAGED])
    (data.ops / "loads" / ".20260102T030405Z-1.parquet.abc").write_bytes(b"half")
    assert ops.read(data, "loads").num_rows == 1


def test_an_older_file_reads_with_null_and_the_zero_row_file_follows_the_contract(data):
    ops.append(data, "loads", [STAGED])
    empty, written = ops.files(data, "loads")
    for path in (empty, written):
        pq.write_table(pq.read_table(path).drop_columns(["seconds"]), path)
    assert ops.read(data, "loads")["seconds"].to_pylist() == [None]
    assert "seconds" in pq.read_schema(empty).names
