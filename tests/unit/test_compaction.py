"""Compaction: rows move, nothing that is known of a load changes, whoever reads or loads at the time."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow.parquet as pq
import pytest
from floor_samples import build_articles, pass_receipt, promote_articles, stage_articles

from warehouse import clock, history, lake, ops
from warehouse.build import describe_inputs
from warehouse.contracts import ARTICLES
from warehouse.contracts.history import PUBLISHED_CLAIMS
from warehouse.database import create_parquet_view
from warehouse.errors import ArmsledgerError, LakeError
from warehouse.files import exclusive
from warehouse.maintenance import upkeep as upkeeping
from warehouse.maintenance.compaction import compact_table
from warehouse.maintenance.settings import Upkeep
from warehouse.manifests import change_manifest, read_manifest
from warehouse.parquet import read_rows, write_rows

UPKEEP = Upkeep(fewest_files=3, grace=timedelta(0))
FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(["floor_samples", "warehouse.lake"])


def promote_many(data, count, *, first=0):
    return [promote_articles(data, f"load-{number}", count=2 + number % 3) for number in range(first, first + count)]


def compact(data, upkeep=UPKEEP):
    return compact_table(data, ARTICLES, upkeep)


def rows_of(data, **options):
    return lake.read_current(data, "articles", **options).to_pylist()


def rows_in_duckdb(data):
    with duckdb.connect() as connection:
        create_parquet_view(connection, "articles", lake.current_files(data, "articles"))
        return sorted(connection.execute("select article_id from articles").fetchall())


def files_of(data):
    return {name for entry in read_manifest(data, ARTICLES).loads for name in entry.files}


def test_rows_loads_facts_and_state_are_as_before(data):
    promote_articles(data, "load-s", state={"etag": "a"}, archive=b"responses")
    promote_many(data, 6)
    rows, inputs, before = rows_of(data), describe_inputs(data), read_manifest(data, ARTICLES)
    (done,) = compact(data)
    after = read_manifest(data, ARTICLES)
    assert (len(done.files), len(done.loads), len(files_of(data))) == (7, 7, 1)
    assert rows_of(data) == rows
    assert [replace(entry, files=()) for entry in after.loads] == [replace(entry, files=()) for entry in before.loads]
    assert after.state == before.state
    assert after.sequence == before.sequence + 1
    assert describe_inputs(data)["fingerprint"] == inputs["fingerprint"]
    assert describe_inputs(data)["tables"]["articles"]["loads"] == inputs["tables"]["articles"]["loads"]
    lake.require_intact(data, after)
    lake.require_contract(data, after)
    assert (data.archive / "articles" / "load=load-s" / "responses.warc.gz").read_bytes() == b"responses"


def test_each_load_can_still_be_read_alone(data):
    promote_many(data, 5)
    single = {f"load-{number}": rows_of(data, load_ids=[f"load-{number}"]) for number in range(5)}
    compact(data)
    for load_id, rows in single.items():
        assert rows_of(data, load_ids=[load_id]) == rows
        batches = lake.iterate_current(data, "articles", load_ids=[load_id])
        assert [row for batch in batches for row in batch.to_pylist()] == rows
    assert rows_of(data, load_ids=["load-1", "load-3"]) == [*single["load-1"], *single["load-3"]]


def test_a_load_replaced_after_compaction_is_gone_for_every_reader(data):
    promote_many(data, 5)
    compact(data)
    promote_articles(data, "load-new", count=4, replaces=["load-1", "load-2"])
    promote_articles(data, "load-3", count=1)
    expected = [*build_articles("load-0", count=2)["article_id"].to_pylist()]
    for load_id, count in (("load-4", 3), ("load-new", 4), ("load-3", 1)):
        expected += build_articles(load_id, count=count)["article_id"].to_pylist()
    assert [row["article_id"] for row in rows_of(data)] == expected
    assert [one for (one,) in rows_in_duckdb(data)] == sorted(expected)
    read = [row for batch in lake.iterate_current(data, "articles") for row in batch.to_pylist()]
    assert [row["article_id"] for row in read] == expected
    lake.require_intact(data, read_manifest(data, ARTICLES))


def test_a_file_of_which_half_the_rows_are_gone_is_written_anew(data):
    promote_many(data, 4)
    compact(data)
    promote_articles(data, "load-0", count=2)
    assert compact(data) == []
    promote_articles(data, "load-new", count=9, replaces=["load-1", "load-2"])
    rows = rows_of(data)
    (done,) = compact(data)
    assert rows_of(data) == rows
    (bundle,) = read_manifest(data, ARTICLES).bundles
    assert bundle.rows == len(rows) == done.rows


def test_files_are_bounded_and_large_ones_rest(data):
    # a file of ten rows has some 8,000 bytes, one of sixty 12,000
    target = Upkeep(fewest_files=2, target_bytes=10_500)
    most = 0
    for number in range(60):
        promote_articles(data, f"load-{number}", count=10)
        if number % 6 == 5:
            compact(data, target)
            while compact(data, target):
                pass
            most = max(most, len(files_of(data)))
    rested = [name for name in files_of(data) if (data.raw / "articles" / name).stat().st_size >= 10_500]
    assert len(rested) >= 2
    assert most <= len(rested) + 1
    assert [row["load_id"] for row in rows_of(data)] == [f"load-{n}" for n in range(60) for _ in range(10)]


def test_what_stands_beside_is_compacted_by_itself_and_can_become_current(data):
    promote_many(data, 8)
    beside = {f"load-{number}" for number in range(4)}
    before = {row["article_id"]: row for row in rows_of(data)}
    swapped = change_manifest(data, ARTICLES, lambda manifest: manifest.swap(enter=set(), leave=beside))
    current = rows_of(data)
    first, second = compact(data)
    assert [set(one.loads) for one in (first, second)] == [{entry.load_id for entry in swapped.loads}, beside]
    after = read_manifest(data, ARTICLES)
    assert [len({entry.files for entry in entries}) for entries in (after.loads, after.beside)] == [1, 1]
    assert rows_of(data) == current
    assert [replace(entry, files=()) for entry in after.beside] == [replace(one, files=()) for one in swapped.beside]
    held = [row for part in lake.iterate_promoted(data, "articles", after.beside) for row in part.to_pylist()]
    assert held == [before[row["article_id"]] for row in held]
    assert len(held) + len(current) == len(before)
    # a file of which one load is current and another beside holds rows for both
    back = change_manifest(data, ARTICLES, lambda manifest: manifest.swap(enter={"load-0", "load-1"}, leave={"load-7"}))
    lake.require_intact(data, back)
    assert {row["load_id"] for row in rows_of(data)} == {f"load-{number}" for number in (0, 1, 4, 5, 6)}
    assert compact(data) == []


def test_few_files_are_left_alone(data):
    promote_many(data, 2)
    assert compact(data) == []
    assert read_manifest(data, ARTICLES).sequence == 2


def test_a_dry_run_says_the_same_and_changes_nothing(data):
    promote_many(data, 4)
    before = {path: path.read_bytes() for path in data.raw.rglob("*") if path.is_file()}
    (planned,) = compact_table(data, ARTICLES, UPKEEP, is_dry_run=True)
    assert {path: path.read_bytes() for path in data.raw.rglob("*") if path.is_file()} == before
    assert replace(compact(data)[0], made=None) == planned


def test_a_damaged_file_gets_no_new_fingerprint(data):
    entry = promote_many(data, 4)[2]
    path = data.raw / "articles" / entry.files[0]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(LakeError, match=r"load-2.*part-0\.parquet isn't what the gate saw"):
        compact(data)
    assert read_manifest(data, ARTICLES).bundles == ()
    assert not list(data.raw.glob("articles/v1/*bundle*"))


def test_a_damaged_bundle_is_named_with_its_loads(data):
    promote_many(data, 3)
    compact(data)
    (bundle,) = read_manifest(data, ARTICLES).bundles
    path = data.raw / "articles" / bundle.file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(LakeError, match=r"bundle-\w+\.parquet isn't what compaction wrote.*load-0, load-1, load-2"):
        lake.require_intact(data, read_manifest(data, ARTICLES))
    with pytest.raises(LakeError, match=r"bundle-\w+\.parquet: not a readable Parquet file"):
        lake.read_current(data, "articles")


def test_rows_under_another_loads_id_are_left_where_they_are(data):
    promote_many(data, 2)
    with lake.LoadWriter(data, ARTICLES, "load-x") as writer:
        writer.write(build_articles("load-y"))
    lake.promote(data, "articles", "load-x", pass_receipt(writer.staged))
    with pytest.raises(LakeError, match="rows of load-x, load-y don't carry the id of their load"):
        compact(data)
    assert read_manifest(data, ARTICLES).bundles == ()


def test_the_same_content_promoted_again_stays_where_compaction_put_it(data):
    promote_many(data, 3)
    compact(data)
    before = read_manifest(data, ARTICLES)
    promote_articles(data, "load-1", count=3)
    assert read_manifest(data, ARTICLES) == before
    stage_articles(data, "load-2", count=4)
    assert lake.finish_interrupted(data, "articles") == ["load-2"]


def test_a_load_that_changed_while_the_file_was_written_is_left_alone(data, monkeypatch):
    promote_many(data, 4)
    written = pq.ParquetWriter.write_table

    def meanwhile(writer, table, **options):
        written(writer, table, **options)
        monkeypatch.undo()
        promote_articles(data, "load-1", count=1)
        promote_articles(data, "load-9", replaces=["load-2"])

    monkeypatch.setattr(pq.ParquetWriter, "write_table", meanwhile)
    compact(data)
    loads = [row["load_id"] for row in rows_of(data)]
    assert {load_id: loads.count(load_id) for load_id in loads} == {
        "load-0": 2, "load-3": 2, "load-1": 1, "load-9": 3,
    }  # fmt: skip
    assert sorted(row["article_id"] for row in rows_of(data)) == [one for (one,) in rows_in_duckdb(data)]


# Beside a concurrent run


def promote_some(root, names):
    from warehouse.settings import DataDirectory

    for name in names:
        promote_articles(DataDirectory(root), name)


def maintain_often(root, times):
    from warehouse.settings import DataDirectory

    for _ in range(times):
        # a reader has the grace time; here it is read at once, so nothing may go yet
        upkeeping.maintain(DataDirectory(root), replace(UPKEEP, grace=timedelta(hours=1)))


def test_loads_and_maintenance_at_once_lose_nothing(data):
    promote_many(data, 4)
    names = [[f"load-{process}-{number}" for number in range(8)] for process in range(2)]
    children = [FORK_SERVER.Process(target=promote_some, args=(data.root, part)) for part in names]
    children.append(FORK_SERVER.Process(target=maintain_often, args=(data.root, 6)))
    for child in children:
        child.start()
    least = 0
    while any(child.is_alive() for child in children):
        rows = rows_of(data)
        assert len({row["article_id"] for row in rows}) == len(rows) >= least
        facts = ops.read(data, "loads")["event_id"].to_pylist()
        assert len(set(facts)) == len(facts)
        least = len(rows)
    for child in children:
        child.join()
        assert child.exitcode == 0
    upkeeping.maintain(data, UPKEEP)
    assert {row["load_id"] for row in rows_of(data)} == {*(f"load-{n}" for n in range(4)), *names[0], *names[1]}
    told = [fact["load_id"] for fact in ops.read(data, "loads").to_pylist() if fact["outcome"] == "promoted"]
    assert sorted(told) == sorted({row["load_id"] for row in rows_of(data)})


def test_a_second_maintenance_is_refused(data):
    with (
        exclusive(data.root / ".maintain.lock"),
        pytest.raises(ArmsledgerError, match=r"another maintenance of .* is running"),
    ):
        upkeeping.maintain(data, UPKEEP)


# Facts and history


def tell(data, number, *, once=True):
    fact = {"load_id": f"load-{number}", "table_name": "articles", "stage": "gate", "outcome": "promoted"}
    ops.append(data, "loads", [fact], once=f"promoted-{number}" if once else None)


def test_facts_are_merged_in_their_order_and_none_is_told_twice(data):
    for number in range(5):
        tell(data, number, once=number % 2 == 0)
    before = ops.read(data, "loads")
    upkeeping.maintain(data, UPKEEP)
    assert len(ops.files(data, "loads")) == 2
    tell(data, 0)
    tell(data, 4)
    assert ops.read(data, "loads").equals(before)
    tell(data, 5)
    upkeeping.maintain(data, UPKEEP)
    assert [fact["load_id"] for fact in ops.read(data, "loads").to_pylist()] == [f"load-{n}" for n in range(6)]
    # the single files are gone: nobody had to wait, since the grace time is none
    assert len(list((data.ops / "loads").glob("*.parquet"))) == 3


def test_facts_since_a_moment_are_found_among_merged_ones_and_after_the_clock_went_back(data, monkeypatch):
    began = datetime.now(UTC)
    for number in range(4):
        tell(data, number)
    upkeeping.maintain(data, UPKEEP)
    assert len(ops.files(data, "loads", since=began + timedelta(days=3))) == 1
    assert ops.read(data, "loads", since=began).num_rows == 4
    tell(data, 4)
    monkeypatch.setattr(clock, "now", lambda: began - timedelta(days=9))
    tell(data, 5)
    tell(data, 6)
    assert [fact["load_id"] for fact in ops.read(data, "loads").to_pylist()] == [f"load-{n}" for n in range(7)]
    assert ops.read(data, "loads", since=began).num_rows == 7


def test_merged_facts_leave_their_files_for_the_grace_time(data):
    for number in range(4):
        tell(data, number)
    kept = ops.files(data, "loads")
    later = replace(UPKEEP, grace=timedelta(days=1))
    upkeeping.maintain(data, later)
    upkeeping.maintain(data, later)
    assert all(path.exists() for path in kept)
    assert ops.read(data, "loads").num_rows == 4


def test_a_damaged_fact_is_named_and_the_other_tables_go_on(data):
    for number in range(4):
        tell(data, number)
    damaged = ops.files(data, "loads")[2]
    damaged.write_bytes(damaged.read_bytes()[:50])
    promote_many(data, 3)
    outcome = upkeeping.maintain(data, UPKEEP)
    assert [damaged.name in problem for problem in outcome.problems] == [True]
    assert [one.table for one in outcome.compacted] == ["articles"]
    assert len(ops.files(data, "loads")) == 8


def test_a_damaged_index_stops_readers_by_name(data):
    for number in range(4):
        tell(data, number)
    upkeeping.maintain(data, UPKEEP)
    (data.ops / "loads" / "merged.json").write_text("{")
    with pytest.raises(LakeError, match=r"ops/loads/merged\.json: doesn't tell which files were merged"):
        ops.read(data, "loads")


def append_release(data, release_id):
    change = {"release_id": release_id, "claim_key": f"claim of {release_id}", "change": "added"}
    folder = data.root / "release"
    write_rows(
        folder / "history" / "published_claims.parquet",
        pq.read_table(history.files(data, "published_claims", until=None)[0]).from_pylist(
            [change], schema=PUBLISHED_CLAIMS.schema
        ),
    )
    history.append_changes(data, folder, release_id)


def test_merged_history_is_read_up_to_any_release(data):
    ids = [f"2026010{number}T000000Z-abcdefgh" for number in range(1, 8)]
    for release_id in ids[:6]:
        append_release(data, release_id)
    upkeeping.maintain(data, UPKEEP)
    append_release(data, ids[2])
    append_release(data, ids[6])
    upkeeping.maintain(data, UPKEEP)
    assert history.newest_release(data) == ids[6]
    for number, until in enumerate(ids, start=1):
        files = history.files(data, "published_claims", until=until)
        assert read_rows(PUBLISHED_CLAIMS.schema, files)["release_id"].to_pylist() == ids[:number]
        with duckdb.connect() as connection:
            create_parquet_view(connection, "changes", files)
            assert connection.execute("select count(*) from changes").fetchone() == (number,)
    assert len(list((data.history / "published_claims").glob("*.parquet"))) == 3


def test_the_moment_of_merging_is_none_for_a_reader(data, monkeypatch):
    """A reader that listed the folder before the merge, and reads the index after it, sees each row once."""
    from warehouse import appended

    for number in range(4):
        tell(data, number)
    read_index = appended.read_index

    def merged_meanwhile(folder, **options):
        if folder.name != "loads":
            return read_index(folder, **options)
        monkeypatch.undo()
        upkeeping.maintain(data, replace(UPKEEP, grace=timedelta(hours=1)))
        return read_index(folder, **options)

    monkeypatch.setattr(appended, "read_index", merged_meanwhile)
    assert ops.read(data, "loads").num_rows == 4
