"""Promotion and quarantine: nothing gets in without its gate, nothing is lost, whoever runs at once."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from floor_samples import (
    build_articles,
    fail_receipt,
    pass_receipt,
    promote_articles,
    stage_articles,
)

from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.errors import GateError, LakeError
from warehouse.manifests import change_manifest, manifest_path, read_manifest
from warehouse.receipts import AuditReceipt

FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(["floor_samples", "warehouse.lake"])


def facts_of(data, name, load_id):
    return [fact for fact in ops.read(data, name).to_pylist() if fact["load_id"] == load_id]


def test_a_promoted_load_is_current_with_its_state_archive_and_fact(data):
    entry = promote_articles(data, "load-1", state={"etag": "a"}, archive=b"responses")
    assert lake.read_current(data, "articles")["load_id"].to_pylist() == ["load-1"] * 3
    manifest = read_manifest(data, ARTICLES)
    assert manifest.loads == (entry,)
    assert manifest.state == {"strait_monitor": {"etag": "a"}}
    assert (data.archive / "articles" / "load=load-1" / "responses.warc.gz").read_bytes() == b"responses"
    (fact,) = facts_of(data, "loads", "load-1")
    assert (fact["outcome"], fact["rows_in"], fact["source_id"]) == ("promoted", 3, "strait_monitor")
    assert lake.list_staged(data, "articles") == []
    assert [path.name for path in (data.staging / "articles").iterdir()] == [".lock"]


def assert_refused(data, staged, receipt, reason):
    with pytest.raises(GateError, match=reason):
        lake.promote(data, "articles", staged.load_id, receipt)
    assert read_manifest(data, ARTICLES).sequence == 0
    assert lake.read_current(data, "articles").num_rows == 0
    assert not [path for path in data.raw.rglob("*.parquet") if path.name != "empty.parquet"]
    assert lake.list_staged(data, "articles") != []
    assert ops.read(data, "loads").num_rows == 0


def test_a_failed_receipt_is_refused(data):
    staged = stage_articles(data, "load-1")
    assert_refused(data, staged, fail_receipt(staged), "the gate refused it: article_id is null in 1 row")


def test_another_loads_receipt_is_refused(data):
    staged, other = stage_articles(data, "load-1"), stage_articles(data, "load-2")
    assert_refused(data, staged, pass_receipt(other), r"the receipt is for articles/load=load-2")


def test_another_tables_receipt_is_refused(data):
    staged = stage_articles(data, "load-1")
    receipt = replace(pass_receipt(staged), subject="transfer_claims/load=load-1")
    assert_refused(data, staged, receipt, r"the receipt is for transfer_claims/load=load-1")


def test_content_changed_after_its_gate_is_refused(data):
    staged = stage_articles(data, "load-1")
    receipt = pass_receipt(staged)
    pq.write_table(build_articles("load-1", count=9), staged.folder / "part-0.parquet")
    assert_refused(data, staged, receipt, "the content has changed since the gate saw it")
    with pytest.raises(LakeError, match="have changed since they were staged"):
        staged.read()


def test_content_staged_again_after_its_gate_is_refused(data):
    receipt = pass_receipt(stage_articles(data, "load-1"))
    staged = stage_articles(data, "load-1", count=5)
    assert_refused(data, staged, receipt, "the content has changed since the gate saw it")


def test_a_staged_file_that_vanished_is_named(data):
    staged = stage_articles(data, "load-1")
    (staged.folder / "part-0.parquet").unlink()
    with pytest.raises(LakeError, match=r"part-0\.parquet is missing"):
        lake.promote(data, "articles", "load-1", pass_receipt(staged))


def test_a_load_promoted_twice_in_a_row_is_named(data):
    staged = stage_articles(data, "load-1")
    lake.promote(data, "articles", "load-1", pass_receipt(staged))
    with pytest.raises(LakeError, match="it was promoted, quarantined or never staged"):
        lake.promote(data, "articles", "load-1", pass_receipt(staged))


def test_the_same_content_promoted_again_changes_nothing(data):
    first = promote_articles(data, "load-1", state={"etag": "a"})
    promote_articles(data, "load-2", state={"etag": "b"})
    before = manifest_path(data, ARTICLES).read_bytes()
    files = {path: path.stat().st_ino for path in data.raw.rglob("*.parquet")}
    again = promote_articles(data, "load-1", state={"etag": "a"})
    assert again == first
    assert manifest_path(data, ARTICLES).read_bytes() == before
    assert files.keys() == {path for path in data.raw.rglob("*") if path.suffix == ".parquet"}
    assert read_manifest(data, ARTICLES).state == {"strait_monitor": {"etag": "b"}}
    assert len(facts_of(data, "loads", "load-1")) == 1


def test_other_content_under_the_same_id_takes_its_place_and_the_old_file_stays(data):
    first = promote_articles(data, "load-1", count=3)
    second = promote_articles(data, "load-1", count=5)
    assert read_manifest(data, ARTICLES).loads == (second,)
    assert lake.read_current(data, "articles").num_rows == 5
    assert pq.read_metadata(data.raw / "articles" / first.files[0]).num_rows == 3
    assert [fact["rows_out"] for fact in facts_of(data, "loads", "load-1")] == [3, 5]


def test_replaced_loads_leave_in_the_same_step(data):
    for load_id in ("load-1", "load-2", "load-3"):
        promote_articles(data, load_id)
    sequence = read_manifest(data, ARTICLES).sequence
    promote_articles(data, "load-4", replaces=["load-1", "load-3"])
    manifest = read_manifest(data, ARTICLES)
    assert [entry.load_id for entry in manifest.loads] == ["load-2", "load-4"]
    assert manifest.sequence == sequence + 1


def test_staging_is_a_place_of_its_own_and_raw_keeps_its_bytes(data):
    staged = stage_articles(data, "load-1")
    entry = lake.promote(data, "articles", "load-1", pass_receipt(staged))
    stage_articles(data, "load-1", count=1)
    assert pq.read_metadata(data.raw / "articles" / entry.files[0]).num_rows == 3
    lake.require_intact(data, read_manifest(data, ARTICLES))


def promote_some(root, names):
    from warehouse.settings import DataDirectory

    for name in names:
        directory = DataDirectory(root)
        staged = stage_articles(directory, name)
        lake.promote(directory, "articles", name, pass_receipt(staged))
        change_manifest(directory, ARTICLES, lambda manifest, name=name: manifest.with_state(name, {"seen": name}))


def test_promotions_of_several_processes_lose_nothing(data):
    names = [[f"load-{process}-{number}" for number in range(6)] for process in range(4)]
    children = [FORK_SERVER.Process(target=promote_some, args=(data.root, part)) for part in names]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 4
    manifest = read_manifest(data, ARTICLES)
    everything = {name for part in names for name in part}
    assert {entry.load_id for entry in manifest.loads} == everything
    assert manifest.state.keys() == everything
    assert manifest.sequence == 2 * len(everything)
    assert lake.read_current(data, "articles").num_rows == 3 * len(everything)
    assert {fact["load_id"] for fact in ops.read(data, "loads").to_pylist()} == everything


def promote_same(root, receipt, results):
    from warehouse.settings import DataDirectory

    try:
        lake.promote(DataDirectory(root), "articles", "load-1", receipt)
        results.put("promoted")
    except LakeError as error:
        results.put(str(error))


def test_one_load_promoted_by_several_processes_gets_in_once(data):
    receipt = pass_receipt(stage_articles(data, "load-1"))
    results = FORK_SERVER.Queue()
    children = [FORK_SERVER.Process(target=promote_same, args=(data.root, receipt, results)) for _ in range(4)]
    for child in children:
        child.start()
    told = sorted(results.get() for _ in children)
    for child in children:
        child.join()
    assert [word for word in told if word == "promoted"] == ["promoted"]
    assert all("it was promoted" in word for word in told if word != "promoted")
    assert lake.read_current(data, "articles").num_rows == 3
    assert len(facts_of(data, "loads", "load-1")) == 1


# Loads without rows


def test_an_empty_load_commits_its_state_and_no_entry(data):
    stage_articles(data, "load-1", count=0, state={"etag": "a"}, archive=b"304")
    lake.settle_empty(data, "articles", "load-1")
    manifest = read_manifest(data, ARTICLES)
    assert (manifest.loads, manifest.state) == ((), {"strait_monitor": {"etag": "a"}})
    assert (data.archive / "articles" / "load=load-1" / "responses.warc.gz").exists()
    assert lake.list_staged(data, "articles") == []


def test_an_empty_load_without_state_leaves_no_manifest(data):
    stage_articles(data, "load-1", count=0)
    lake.settle_empty(data, "articles", "load-1")
    assert not manifest_path(data, ARTICLES).exists()


def test_an_empty_load_takes_the_place_of_those_it_replaces(data):
    promote_articles(data, "load-1")
    promote_articles(data, "load-2")
    stage_articles(data, "load-3", count=0, replaces=["load-1"])
    lake.settle_empty(data, "articles", "load-3")
    assert [(entry.load_id, entry.rows) for entry in read_manifest(data, ARTICLES).loads] == [
        ("load-2", 3),
        ("load-3", 0),
    ]
    stage_articles(data, "load-2", count=0)
    lake.settle_empty(data, "articles", "load-2")
    assert lake.read_current(data, "articles").num_rows == 0


def test_a_load_with_rows_is_not_settled_without_its_gate(data):
    stage_articles(data, "load-1")
    with pytest.raises(LakeError, match="has 3 rows: validate it with python -m expectations articles --load load-1"):
        lake.settle_empty(data, "articles", "load-1")
    assert lake.list_staged(data, "articles") == ["load-1"]


# Quarantine


def test_a_refused_load_keeps_its_rows_and_its_state_is_not_committed(data):
    promote_articles(data, "load-0", state={"etag": "old"})
    staged = stage_articles(data, "load-1", state={"etag": "new"})
    folder = lake.quarantine(data, "articles", "load-1", fail_receipt(staged))
    assert pq.read_metadata(folder / "part-0.parquet").num_rows == 3
    assert json.loads((folder / "state.json").read_text())["state"] == {"etag": "new"}
    assert AuditReceipt.read(folder / "receipt.json").failures == ("article_id is null in 1 row",)
    assert read_manifest(data, ARTICLES).state == {"strait_monitor": {"etag": "old"}}
    assert lake.list_staged(data, "articles") == []
    (fact,) = facts_of(data, "quarantine", "load-1")
    assert (fact["row_count"], fact["reason"]) == (3, "article_id is null in 1 row")
    assert [fact["outcome"] for fact in facts_of(data, "loads", "load-1")] == ["quarantined"]


def test_a_load_refused_again_and_again_keeps_every_content(data):
    for count in (1, 2, 3):
        lake.quarantine(data, "articles", "load-1", fail_receipt(stage_articles(data, "load-1", count=count)))
    kept = [pq.read_metadata(path).num_rows for path in (data.quarantine / "articles").rglob("*.parquet")]
    assert sorted(kept) == [1, 2, 3]


def test_only_its_own_failed_receipt_sets_a_load_aside(data):
    staged, other = stage_articles(data, "load-1"), stage_articles(data, "load-2")
    for receipt in (pass_receipt(staged), fail_receipt(other)):
        with pytest.raises(GateError, match=r"articles/load=load-1 can't be set aside"):
            lake.quarantine(data, "articles", "load-1", receipt)
    assert lake.list_staged(data, "articles") == ["load-1", "load-2"]
