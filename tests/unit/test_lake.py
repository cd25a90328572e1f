"""Reading the lake: what is current, and what is damaged by its name."""

from __future__ import annotations

import shutil

import pyarrow.parquet as pq
import pytest
from floor_samples import build_articles, pass_receipt, promote_articles, stage_articles

from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.errors import ContractError, LakeError
from warehouse.manifests import read_manifest


def test_an_empty_lake_can_be_read(data):
    assert lake.read_current(data, "articles").column_names == [column.name for column in ARTICLES.columns]
    assert lake.read_current(data, "articles", columns=["url"]).num_rows == 0
    assert list(lake.iterate_current(data, "transfer_claims")) == []
    assert lake.read_current(data, "articles", load_ids=[], columns=["url"]).column_names == ["url"]


def test_chosen_loads_and_columns_are_read(data):
    promote_articles(data, "load-1", count=2)
    promote_articles(data, "load-2", count=4)
    rows = lake.read_current(data, "articles", columns=["load_id"], load_ids=["load-2"])
    assert rows.to_pydict() == {"load_id": ["load-2"] * 4}
    sizes = [batch.num_rows for batch in lake.iterate_current(data, "articles", batch_rows=3)]
    assert sizes == [2, 3, 1]
    with pytest.raises(LakeError, match="raw/articles has no load load-9"):
        lake.read_current(data, "articles", load_ids=["load-9"])


def test_a_file_of_before_a_column_existed_reads_with_null(data):
    entry = promote_articles(data, "load-1")
    path = data.raw / "articles" / entry.files[0]
    path.unlink()
    pq.write_table(build_articles("load-1").drop_columns(["author"]), path)
    assert lake.read_current(data, "articles")["author"].null_count == 3
    (batch,) = lake.iterate_current(data, "articles")
    assert batch.schema.names == [column.name for column in ARTICLES.columns]


def test_the_zero_row_file_follows_the_contract(data):
    empty = data.raw / "articles" / "v1" / "empty.parquet"
    kept = empty.stat().st_ino
    lake.initialise(data)
    assert empty.stat().st_ino == kept
    pq.write_table(ARTICLES.schema.empty_table().drop_columns(["author"]), empty)
    lake.initialise(data)
    assert pq.read_schema(empty).names == ARTICLES.schema.names
    empty.write_bytes(b"half")
    lake.initialise(data)
    assert pq.read_metadata(empty).num_rows == 0


def test_a_damaged_file_is_named_by_every_reader(data):
    promote_articles(data, "load-0")
    entry = promote_articles(data, "load-1")
    path = data.raw / "articles" / entry.files[0]
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: len(whole) // 2])
    for read in (lake.read_current, lambda *where: list(lake.iterate_current(*where))):
        with pytest.raises(LakeError, match=f"{entry.files[0]}: not a readable Parquet file.*restore it from a backup"):
            read(data, "articles")
    with pytest.raises(LakeError, match=r"part-0\.parquet isn't what the gate saw.*take load load-1 out"):
        lake.require_intact(data, read_manifest(data, ARTICLES))


def test_a_flipped_bit_is_found(data):
    entry = promote_articles(data, "load-1")
    path = data.raw / "articles" / entry.files[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(LakeError, match=r"load=load-1-[0-9a-f]{8}: part-0\.parquet isn't what the gate saw"):
        lake.require_intact(data, read_manifest(data, ARTICLES))


def test_a_missing_file_is_named_with_its_load(data):
    entry = promote_articles(data, "load-1")
    (data.raw / "articles" / entry.files[0]).unlink()
    with pytest.raises(LakeError, match=f"{entry.files[0]} is missing.*take load load-1 out of the manifest"):
        lake.current_files(data, "articles")


def test_an_unknown_table_is_named(data):
    with pytest.raises(ContractError, match="no raw table 'claims'; there are: articles, transfer_claims"):
        lake.read_current(data, "claims")


def test_a_promotion_cut_off_after_its_commit_is_finished_without_its_gate(data):
    staged = stage_articles(data, "samples-1")
    saved = data.root / "saved"
    shutil.copytree(staged.folder, saved)
    lake.promote(data, "articles", "samples-1", pass_receipt(staged))
    manifest = (data.raw / "articles" / "manifest.json").read_bytes()
    shutil.copytree(saved, staged.folder)  # as if the process had died before it cleared staging
    assert lake.finish_interrupted(data, "articles") == ["samples-1"]
    assert lake.list_staged(data, "articles") == []
    assert (data.raw / "articles" / "manifest.json").read_bytes() == manifest
    facts = [row for row in ops.read(data, "loads").to_pylist() if row["outcome"] == "promoted"]
    assert len(facts) == 1


def test_a_load_that_waits_for_its_gate_is_not_finished(data):
    stage_articles(data, "samples-1")
    assert lake.finish_interrupted(data, "articles") == []
    assert lake.list_staged(data, "articles") == ["samples-1"]
    assert not lake.is_current(data, "articles", "samples-1")
