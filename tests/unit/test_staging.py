"""Staging: a load appears there whole, once, or not at all."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pyarrow as pa
import pytest
from floor_samples import (
    build_articles,
    pass_receipt,
    stage_articles,
)

from warehouse import lake
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import ContractError, LakeError

FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(["floor_samples", "warehouse.lake"])


def test_a_load_appears_in_staging_only_when_its_block_ends(data):
    with lake.LoadWriter(data, ARTICLES, "load-1") as writer:
        writer.write(build_articles("load-1"))
        assert lake.list_staged(data, "articles") == []
    assert lake.list_staged(data, "articles") == ["load-1"]
    assert writer.staged.rows == 3
    assert writer.staged.read().equals(build_articles("load-1").cast(writer.staged.read().schema))


def stage_and_stumble(data):
    with lake.LoadWriter(data, ARTICLES, "load-1") as writer:
        writer.write(build_articles("load-1"))
        raise RuntimeError("the source broke off")


def test_a_load_whose_block_fails_leaves_nothing(data):
    with pytest.raises(RuntimeError, match="broke off"):
        stage_and_stumble(data)
    assert lake.list_staged(data, "articles") == []
    assert list((data.staging / "articles").glob("*load=*")) == []


def test_a_load_staged_again_replaces_the_first(data):
    stage_articles(data, "load-1", count=3)
    second = stage_articles(data, "load-1", count=1)
    assert lake.read_staged(data, "articles", "load-1") == second
    assert second.read().num_rows == 1


def test_rows_are_appended_batch_by_batch(data):
    with lake.LoadWriter(data, ARTICLES, "load-1") as writer:
        writer.write(build_articles("load-1", count=2).to_batches()[0])
        writer.write(build_articles("load-1", count=0))
        writer.write(build_articles("load-1", count=4))
    assert (writer.staged.rows, writer.staged.files) == (6, ("part-0.parquet",))


def test_a_null_reaches_staging_for_the_gate_to_refuse(data):
    rows = build_articles("load-1")
    with lake.LoadWriter(data, ARTICLES, "load-1") as writer:
        writer.write(rows.set_column(rows.column_names.index("title"), "title", pa.nulls(3, pa.string())))
    assert writer.staged.read()["title"].null_count == 3


def write_rows_of_another_table(data):
    with lake.LoadWriter(data, TRANSFER_CLAIMS, "load-1") as writer:
        writer.write(build_articles("load-1"))


def test_rows_of_another_shape_are_refused_by_name(data):
    with pytest.raises(ContractError, match=r"transfer_claims: missing columns \['claim_id'.*transfer_claims\.py"):
        write_rows_of_another_table(data)


@pytest.mark.parametrize("load_id", ["", "../x", "a b", "a/b", "load=1"])
def test_a_load_id_that_is_no_plain_name_is_refused(data, load_id):
    with pytest.raises(LakeError, match="letters, digits"):
        lake.LoadWriter(data, ARTICLES, load_id)


def test_a_writer_writes_once(data):
    writer = lake.LoadWriter(data, ARTICLES, "load-1")
    with writer:
        writer.write(build_articles("load-1"))
    with pytest.raises(LakeError, match="writes once"):
        writer.__enter__()
    assert lake.list_staged(data, "articles") == ["load-1"]


def test_two_writers_of_one_load_at_once_are_refused_and_the_first_ends_whole(data):
    with lake.LoadWriter(data, ARTICLES, "load-1") as first:
        first.write(build_articles("load-1"))
        with pytest.raises(LakeError, match="being staged by another process"):
            lake.LoadWriter(data, ARTICLES, "load-1").__enter__()
        with lake.LoadWriter(data, ARTICLES, "load-2") as other:
            other.write(build_articles("load-2"))
    assert lake.list_staged(data, "articles") == ["load-1", "load-2"]
    assert first.staged.read().num_rows == 3


@pytest.mark.parametrize("attributes", [{"replaces": {"a", "b"}}, {"path": os.fsencode("x")}])
def test_an_attribute_that_would_not_read_back_is_refused(data, attributes):
    with pytest.raises(LakeError, match="would not read back"):
        stage_articles(data, "load-1", **attributes)
    assert lake.list_staged(data, "articles") == []


def stage_halfway(root, is_open, may_go_on):
    from warehouse.settings import DataDirectory

    with lake.LoadWriter(DataDirectory(root), ARTICLES, "load-1") as writer:
        writer.write(build_articles("load-1"))
        is_open.set()
        may_go_on.wait()


def test_what_a_killed_writer_left_is_cleared_and_a_living_one_is_let_be(data):
    is_open, may_go_on = FORK_SERVER.Event(), FORK_SERVER.Event()
    child = FORK_SERVER.Process(target=stage_halfway, args=(data.root, is_open, may_go_on))
    child.start()
    is_open.wait()
    unfinished = data.staging / "articles" / ".load=load-1.writing"
    stage_articles(data, "load-2")
    assert (unfinished / "part-0.parquet").exists()
    with pytest.raises(LakeError, match="being staged by another process"):
        lake.LoadWriter(data, ARTICLES, "load-1").__enter__()
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert unfinished.exists()
    stage_articles(data, "load-3")
    assert not unfinished.exists()
    assert lake.list_staged(data, "articles") == ["load-2", "load-3"]


def test_a_load_that_is_not_staged_or_not_described_is_named(data):
    with pytest.raises(
        LakeError, match="articles/load=load-9 is not in staging; it was promoted, quarantined or never"
    ):
        lake.read_staged(data, "articles", "load-9")
    staged = stage_articles(data, "load-1", state={"etag": "a"})
    (staged.folder / "state.json").write_text("[")
    with pytest.raises(LakeError, match=r"state\.json: not a load's state"):
        lake.promote(data, "articles", "load-1", pass_receipt(staged))
    (staged.folder / "_load.json").write_text("{}")
    with pytest.raises(LakeError, match=r"_load\.json: doesn't describe a load"):
        lake.read_staged(data, "articles", "load-1")
