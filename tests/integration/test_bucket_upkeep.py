"""What keeps a bucket small and right over years: compaction, retention, large files, retired and adopted loads."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bucket_desk import keep_candidate, publish
from floor_samples import pass_receipt, promote_articles, stage_articles

from warehouse import clock, lake, releases
from warehouse.contracts import ARTICLES
from warehouse.errors import StorageError
from warehouse.maintenance.settings import Upkeep
from warehouse.maintenance.upkeep import maintain
from warehouse.manifests import read_manifest
from warehouse.retirement import is_retired, retire
from warehouse.storage import bucket as buckets

if TYPE_CHECKING:
    from pathlib import Path

    from machines import Machines

    from warehouse.settings import DataDirectory

SOON = Upkeep(grace=timedelta(0), fewest_files=2)
PART_BYTES = 5 * 2**20  # the least that S3 takes for all parts but the last


def raw_files(machines: Machines) -> set[str]:
    return {key for key in machines.server.list_keys() if "/raw/articles/v1/" in key and "empty" not in key}


def test_small_files_become_one_and_the_old_ones_leave_the_bucket(machines: Machines) -> None:
    writer, other = machines.initialised(), machines.initialised()
    for number in range(3):
        promote_articles(writer, f"load-{number}")
    old = raw_files(machines)
    outcome = maintain(other, replace(SOON, grace=timedelta(days=7)))
    assert not outcome.problems
    assert len(raw_files(machines) - old) == 1
    assert old <= raw_files(machines), "somebody may be reading them"
    # the grace time is told in the bucket: another machine goes by it
    outcome = maintain(machines.start(), SOON)
    assert not outcome.problems
    assert len(raw_files(machines)) == 1
    assert lake.read_current(machines.start(), "articles").num_rows == 9
    lake.require_intact(machines.start(), read_manifest(writer, ARTICLES))


def test_what_a_release_or_a_candidate_pins_stays(machines: Machines) -> None:
    writer = machines.initialised()
    for number in range(2):
        promote_articles(writer, f"load-{number}")
    first = publish(writer, "build-1")
    pinned = raw_files(machines)
    maintain(machines.start(), SOON)
    assert pinned < raw_files(machines)
    assert releases.read_release(machines.start(), first).release_id == first


def test_old_candidates_reports_and_archives_leave_the_bucket(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = machines.initialised()
    lake.promote(writer, "articles", "load-1", pass_receipt(stage_articles(writer, "load-1", archive=b"responses")))
    for number in (1, 2):
        keep_candidate(writer, f"build-{number}")
    writer.storage.write(writer.reports / "validation" / "articles" / "old.html", b"told")
    writer.storage.write(writer.reports / "index.html", b"front")
    cleaner = machines.initialised()
    assert not maintain(cleaner, Upkeep()).removed
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=400))
    outcome = maintain(cleaner, Upkeep(archives=timedelta(days=30)))
    gone = {one.path.relative_to(cleaner.root).as_posix() for one in outcome.removed}
    assert {
        "warehouse/candidates/build-1",
        "reports/validation/articles/old.html",
        "archive/articles/load=load-1/responses.warc.gz",
    } <= gone
    keys = machines.server.list_keys()
    assert not [key for key in keys if "build-1/" in key or key.endswith(("old.html", ".warc.gz"))]
    assert [key for key in keys if "build-2/" in key]
    assert "news/reports/index.html" in keys
    assert "news/archive/articles/load=load-1/expired.json" in keys


def test_a_retired_load_is_kept_in_the_bucket(machines: Machines) -> None:
    promote_articles(machines.initialised(), "load-1")
    retire(machines.start(), "articles", "load-1", reason="wrong dates")
    assert is_retired(machines.start(), "articles", "load-1")
    kept = {key.rpartition("/")[2] for key in machines.server.list_keys() if "/retired/load=load-1/" in key}
    assert kept == {"part-0.parquet", "entry.json"}


def write_large(path: Path) -> bytes:
    content = os.urandom(2 * PART_BYTES + 1000)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return content


def test_a_large_file_goes_up_in_parts_and_comes_back_whole(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "PART_BYTES", PART_BYTES)
    data = machines.initialised()
    path = data.raw / "large.bin"
    content = write_large(path)
    data.storage.store(path)
    assert sum(method == "PUT" and key.endswith("large.bin") for method, key in machines.server.requests) == 3
    reader = machines.start()
    reader.storage.refresh([reader.raw / "large.bin"])
    assert (reader.raw / "large.bin").read_bytes() == content
    # its version isn't a hash of its bytes alone, but an unchanged copy is known as one
    before = len(machines.server.requests)
    reader.storage.refresh([reader.raw / "large.bin"])
    assert [method for method, _ in machines.server.requests[before:]] == ["GET"], "the list, and no bytes"


@pytest.mark.parametrize("part_bytes", [PART_BYTES, 64 * 2**20])
def test_what_the_bucket_copied_is_not_sent_again(
    machines: Machines, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(buckets, "PART_BYTES", part_bytes)
    data = machines.initialised()
    release, site = data.releases / "r1" / "armsledger.duckdb", data.reports / "atlas" / "data" / "armsledger-r1.duckdb"
    content = write_large(release)
    data.storage.store(release)
    data.storage.copy(release, site)
    site.parent.mkdir(parents=True)
    site.write_bytes(content)
    before = len(machines.server.requests)
    data.storage.push(data.reports / "atlas", is_exact=True)
    assert {method for method, _ in machines.server.requests[before:]} == {"GET"}
    reader = machines.start()
    reader.storage.pull(reader.reports)
    assert (reader.root / site.relative_to(data.root)).read_bytes() == content


def test_a_large_file_that_is_cut_off_leaves_no_part_behind(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "PART_BYTES", PART_BYTES)
    data = machines.start(patience=0)
    path = data.raw / "large.bin"
    write_large(path)
    puts: list[str] = []

    def cut(method: str, path: str) -> int | None:
        if method == "PUT":
            puts.append(path)
        return 500 if method == "PUT" and len(puts) > 1 else None

    machines.server.refuse = cut
    with pytest.raises(StorageError):
        data.storage.store(path)
    machines.server.refuse = lambda method, path: None
    assert "news/raw/large.bin" not in machines.server.list_keys()
    assert not machines.server.client().list_multipart_uploads(Bucket="lake").get("Uploads")


def test_runs_of_one_date_on_two_machines_bring_one_load(machines: Machines) -> None:
    told: list[str] = []
    start = threading.Barrier(2)

    def run(data: DataDirectory) -> None:
        start.wait()
        with data.storage.exclusive(data.staging / "articles" / ".strait_monitor.lock"):
            if lake.is_current(data, "articles", "strait_monitor-20260301T050000Z"):
                told.append("left alone")
                return
            promote_articles(data, "strait_monitor-20260301T050000Z")
            told.append("brought")

    threads = [threading.Thread(target=run, args=(machines.initialised(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["brought", "left alone"]
    assert lake.read_current(machines.start(), "articles").num_rows == 3
