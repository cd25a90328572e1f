"""A machine whose requests stop coming, or fail for a while: nothing is half done, and a rerun completes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import tenacity
from bucket_desk import count_deals, keep_candidate, settings_of
from floor_samples import fail_receipt, pass_receipt, promote_articles, stage_articles
from machines import Machines

from warehouse import history, lake, ops, releases
from warehouse.build import Candidate
from warehouse.contracts import ARTICLES
from warehouse.errors import LakeError, StorageError
from warehouse.manifests import read_manifest
from warehouse.settings import Settings
from warehouse.storage import failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s3_server import ObjectServer

    from warehouse.settings import DataDirectory


def prepare_promotion(data: DataDirectory) -> Callable[[DataDirectory], object]:
    staged = stage_articles(data, "load-1", state={"etag": "abc"}, archive=b"responses")

    def promote(data: DataDirectory) -> None:
        lake.finish_interrupted(data, "articles")
        if not lake.is_current(data, "articles", "load-1"):
            lake.promote(data, "articles", "load-1", pass_receipt(staged))

    return promote


def prepare_quarantine(data: DataDirectory) -> Callable[[DataDirectory], object]:
    staged = stage_articles(data, "load-1", archive=b"responses")

    def refuse(data: DataDirectory) -> None:
        if "load-1" in lake.list_staged(data, "articles"):
            lake.quarantine(data, "articles", "load-1", fail_receipt(staged))

    return refuse


def prepare_publish(data: DataDirectory) -> Callable[[DataDirectory], object]:
    promote_articles(data, "load-1")
    releases.publish(settings_of(data), keep_candidate(data, "build-1", deals=5))
    promote_articles(data, "load-2")
    inputs = keep_candidate(data, "build-2", deals=6).inputs
    return lambda data: releases.publish(settings_of(data), Candidate("build-2", data.candidates / "build-2", inputs))


def check_promotion(reader: DataDirectory, *, is_done: bool) -> None:
    rows = lake.read_current(reader, "articles").num_rows
    state = read_manifest(reader, ARTICLES).state
    before, after = (0, {}), (3, {"strait_monitor": {"etag": "abc"}})
    assert (rows, state) in ([after] if is_done else [before, after])
    if is_done:
        assert lake.list_staged(reader, "articles") == []
        assert [row["outcome"] for row in ops.read(reader, "loads").to_pylist()] == ["promoted"]
        assert reader.storage.exists(reader.archive / "articles" / "load=load-1" / "responses.warc.gz")


def check_quarantine(reader: DataDirectory, *, is_done: bool) -> None:
    kept = reader.storage.exists(reader.quarantine / "articles" / "load=load-1" / "_load.json")
    assert kept or lake.list_staged(reader, "articles") == ["load-1"], "a load is never nowhere"
    if is_done:
        assert kept
        assert lake.list_staged(reader, "articles") == []
        assert ops.read(reader, "quarantine").num_rows == 1
        assert lake.read_current(reader, "articles").num_rows == 0


def check_publish(reader: DataDirectory, *, is_done: bool) -> None:
    deals = count_deals(reader)
    current = releases.current_release_id(reader)
    kept = [release.release_id for release in releases.list_releases(reader)]
    assert current in kept
    assert deals in ((6,) if is_done else (5, 6))
    assert releases.read_release(reader, current).row_counts["marts.fct_deals"] == deals
    if is_done:
        assert len(kept) == 2
        assert history.newest_release(reader) == current
        assert sorted({row["release_id"] for row in ops.read(reader, "releases").to_pylist()}) == sorted(kept)
        assert ops.read(reader, "releases").num_rows == 2
        stored = {name.split("/")[0] for name in reader.storage.names(reader.releases, "*/armsledger.duckdb")}
        assert stored == set(kept), "what was never published is cleared"


@pytest.mark.parametrize(
    ("prepare", "check"),
    [
        (prepare_promotion, check_promotion),
        (prepare_quarantine, check_quarantine),
        (prepare_publish, check_publish),
    ],
)
def test_cut_off_before_any_request_nothing_is_half_done_and_a_rerun_completes(
    object_server: ObjectServer, tmp_path: Path, prepare: Callable, check: Callable
) -> None:
    """From the storage's side a machine that is killed, or loses its network, is one whose requests stop coming."""
    template = Machines(object_server, tmp_path / "template", "template/")
    operation = prepare(template.initialised(name="worker"))
    step, has_got_through = 0, False
    while not has_got_through:
        machines = template.copy(f"killed_{step}")
        worker = machines.start(name="worker", patience=0)
        seen: list[str] = []

        def cut_off(method: str, path: str, seen: list[str] = seen, last: int = step) -> int | None:
            if method != "GET":
                seen.append(path)
            return 503 if len(seen) > last else None

        object_server.refuse = cut_off
        try:
            operation(worker)
            has_got_through = len(seen) <= step
        except StorageError:
            pass
        object_server.refuse = lambda method, path: None
        check(machines.start(), is_done=has_got_through)
        operation(machines.start(name="worker"))
        check(machines.start(), is_done=True)
        step += 1
    assert step > 5


@dataclass
class SkippedWaits:
    """A clock for waits between tries, and for the storage's bad minute: waiting takes no time, but counts as if.

    Attributes:
        skipped: seconds that were waited.
    """

    skipped: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Count a wait."""
        self.skipped += seconds

    def monotonic(self) -> float:
        """Return the time, waits included."""
        return time.monotonic() + self.skipped


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> SkippedWaits:
    """Let the library that tries again go by a clock on which waits take no time."""
    clock = SkippedWaits()
    for module in (tenacity, tenacity.nap, failures):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.mark.parametrize(("prepare", "check"), [(prepare_promotion, check_promotion), (prepare_publish, check_publish)])
def test_a_storage_that_answers_500_for_a_whole_minute_is_waited_for(
    machines: Machines, waits: SkippedWaits, caplog: pytest.LogCaptureFixture, prepare: Callable, check: Callable
) -> None:
    """The minute begins early, or later: what had begun goes on after it. The settings' own patience is enough."""
    patience = Settings.from_environment().data.storage.bucket.patience  # type: ignore[attr-defined]
    template = Machines(machines.server, machines.folder / "template", "template/")
    operation = prepare(template.initialised(name="worker"))
    first, has_ended = 0, False
    while not has_ended:
        copy = template.copy(f"minute_{first}")
        worker = copy.start(name="worker", patience=patience)
        requests, until = 0, float("inf")

        def fail(method: str, path: str, first: int = first) -> int | None:
            nonlocal requests, until
            requests += 1
            if requests == first + 1:
                until = waits.monotonic() + 60
            return 500 if requests > first and waits.monotonic() < until else None

        before = waits.skipped
        machines.server.refuse = fail
        operation(worker)
        machines.server.refuse = lambda method, path: None
        has_ended = requests <= first
        assert has_ended or 60 <= waits.skipped - before < patience
        check(copy.start(), is_done=True)
        first += 15
    assert first > 15
    assert "InternalError" in caplog.text
    assert "trying again" in caplog.text


def test_a_storage_that_fails_for_too_long_is_told_and_a_rerun_completes(machines: Machines) -> None:
    data = machines.initialised(name="worker")
    staged = stage_articles(data, "load-1")
    impatient = machines.start(name="worker", patience=1)
    machines.server.refuse = lambda method, path: 500
    with pytest.raises(StorageError, match=r"has answered 500 .* for 1 seconds; what is published is as it was"):
        lake.promote(impatient, "articles", "load-1", pass_receipt(staged))
    machines.server.refuse = lambda method, path: None
    lake.promote(impatient, "articles", "load-1", pass_receipt(staged))
    assert lake.read_current(machines.start(), "articles").num_rows == 3


def test_an_answer_that_is_lost_is_no_conflict(machines: Machines) -> None:
    data = machines.initialised()
    bucket = data.storage.bucket
    etag = bucket.write_if("a", b"1", None)
    # the server did the first try's work, its answer was lost, and the second try finds its own bytes
    assert bucket.write_if("a", b"1", None) == etag
    with pytest.raises(Exception, match="a"):
        bucket.write_if("a", b"2", None)


def test_a_damaged_copy_is_brought_again(machines: Machines) -> None:
    data = machines.initialised()
    entry = promote_articles(data, "load-1")
    path = data.raw / "articles" / entry.files[0]
    path.unlink()
    path.write_bytes(b"damaged")
    lake.require_intact(data, read_manifest(data, ARTICLES))
    assert lake.read_current(data, "articles").num_rows == 3
    machines.server.client().put_object(Bucket="lake", Key=f"news/raw/articles/{entry.files[0]}", Body=b"damaged")
    path.unlink()
    with pytest.raises(LakeError, match=r"s3://lake/news/raw/articles/v1/.* isn't what the gate saw"):
        lake.require_intact(data, read_manifest(data, ARTICLES))
