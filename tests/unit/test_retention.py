"""Retention: what goes, what stays, and that each removal is told before and after."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from floor_samples import build_candidate, promote_articles, stage_articles

from warehouse import clock, lake, ops, releases
from warehouse.build import read_candidate
from warehouse.contracts import ARTICLES
from warehouse.errors import SettingsError
from warehouse.files import exclusive
from warehouse.maintenance.settings import Upkeep
from warehouse.maintenance.upkeep import describe, maintain
from warehouse.manifests import read_manifest

DAY = timedelta(days=1)
UPKEEP = Upkeep(fewest_files=3, grace=timedelta(0))


def age(path, days):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text("told")
    then = time.time() - days * 86400
    os.utime(path, (then, then))
    return path


def removed(outcome, data):
    return sorted(str(one.path.relative_to(data.root)) for one in outcome.removed)


def raw_files(data):
    return set(data.raw.glob("articles/v1/*/*.parquet"))


def at(monkeypatch, days):
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=days))


def test_files_that_nothing_names_go_after_the_grace_time(data, monkeypatch):
    for number in range(3):
        promote_articles(data, f"load-{number}")
    old = raw_files(data)
    week = replace(UPKEEP, grace=7 * DAY)
    assert removed(maintain(data, week), data) == []
    at(monkeypatch, 6)
    assert removed(maintain(data, week), data) == []
    assert raw_files(data) == old
    # a clock that goes back makes nothing older
    at(monkeypatch, -400)
    assert removed(maintain(data, week), data) == []
    at(monkeypatch, 8)
    gone = [path for path in removed(maintain(data, week), data) if path.startswith("raw/")]
    assert gone == sorted(str(path.relative_to(data.root)) for path in old)
    assert not list(data.raw.glob("articles/v1/load=*"))
    assert lake.read_current(data, "articles").num_rows == 9
    assert not json.loads((data.raw / "articles" / "unreferenced.json").read_text())


def test_a_kept_release_and_a_candidate_pin_their_files(settings):
    data = settings.data
    for number in range(3):
        promote_articles(data, f"load-{number}")
    release = releases.publish(settings, build_candidate(data, "build-1"))
    pinned = raw_files(data)
    maintain(data, UPKEEP)
    assert raw_files(data) == pinned
    promote_articles(data, "load-9")
    build_candidate(data, "build-2")
    promote_articles(data, "load-10", replaces=["load-9"])
    maintain(data, UPKEEP)
    assert len(raw_files(data)) == 5
    # a load that nothing pins any more, once release and candidates are gone
    for folder in (data.releases / release.release_id, data.candidates / "build-1", data.candidates / "build-2"):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.chmod(0o755)
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
    outcome = maintain(data, UPKEEP)
    assert {path.split("/")[3][:6] for path in removed(outcome, data) if path.startswith("raw/")} == {"load=l"}
    assert len(raw_files(data)) == 1
    assert {row["load_id"] for row in lake.read_current(data, "articles").to_pylist()} == {
        "load-0", "load-1", "load-2", "load-10",
    }  # fmt: skip


def test_a_damaged_manifest_of_a_release_keeps_every_file(settings):
    data = settings.data
    for number in range(3):
        promote_articles(data, f"load-{number}")
    release = releases.publish(settings, build_candidate(data, "build-1"))
    path = data.releases / release.release_id / "articles.manifest.json"
    path.write_text(path.read_text()[:100])
    outcome = maintain(data, UPKEEP)
    assert [str(path) in problem for problem in outcome.problems] == [True]
    assert len(raw_files(data)) == 3


def test_nothing_pinned_goes_while_a_build_or_a_publish_runs(data):
    for number in range(3):
        promote_articles(data, f"load-{number}")
    for name, told in ((".build.lock", "a build is running"), (".publish.lock", "a publish is running")):
        with exclusive(data.warehouse / name):
            outcome = maintain(data, UPKEEP)
            assert told in outcome.problems[0]
            assert len(raw_files(data)) == 3
    maintain(data, UPKEEP)
    assert raw_files(data) == set()


def test_a_staged_load_is_promoted_whole_after_its_orphaned_files_went(data):
    """A promotion that was killed before its commit left files in raw/; they go, and the rerun places them again."""
    from floor_samples import pass_receipt

    from warehouse.promotion import _place_files

    staged = stage_articles(data, "load-1")
    _place_files(data, staged)
    assert len(removed(maintain(data, UPKEEP), data)) == 1
    lake.promote(data, "articles", "load-1", pass_receipt(staged))
    assert lake.read_current(data, "articles").num_rows == 3
    lake.require_intact(data, read_manifest(data, ARTICLES))


def test_old_candidates_reports_logs_and_leftovers_go(settings):
    data = settings.data
    promote_articles(data, "load-1")
    for number in (1, 2, 3):
        age(build_candidate(data, f"build-{number}").folder, 40)
    ours = [
        age(data.reports / "validation" / "articles" / "old.html", 400),
        age(data.logs / "run-20200101T000000Z.log", 100),
        age(data.airflow / "logs" / "dag_id=x" / "attempt=1.log", 100),
        age(data.logs / "events-2020-01-01.jsonl", 100),
        age(data.lineage / "events-2020-01-01.jsonl", 100),
        age(data.ops / "loads" / ".facts.parquet.0123", 9),
        data.candidates / "build-1",
        data.candidates / "build-2",
    ]
    stay = [
        age(data.reports / "validation" / "articles" / "new.html", 300),
        age(data.reports / "index.html", 900),
        age(data.logs / "run-20260101T000000Z.log", 80),
        age(data.ops / "loads" / ".lock", 900),
        age(data.raw / "articles" / ".lock", 900),
        age(data.archive / "articles" / "load=load-1" / "responses.warc.gz", 5000),
        age(data.reviews / "reviews.csv", 5000),
        age(data.quarantine / "articles" / "load=load-2" / "part-0.parquet", 5000),
        data.candidates / "build-3",
    ]
    planned = maintain(data, Upkeep(), is_dry_run=True)
    assert all(path.exists() for path in (*ours, *stay))
    told = list(describe(data, planned))
    outcome = maintain(data, Upkeep())
    assert removed(outcome, data) == removed(planned, data) == sorted(str(path.relative_to(data.root)) for path in ours)
    assert "logs/run-20200101T000000Z.log: would be removed: log older than 90 days, 4 bytes" in told
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in stay)
    assert read_candidate(settings).build_id == "build-3"
    (listed,) = data.logs.glob("maintenance-*.json")
    assert sorted(one["path"] for one in json.loads(listed.read_text())["removed"]) == removed(outcome, data)


def test_archives_go_only_where_a_setting_asks_and_leave_a_note(data, settings):
    from extract.bulk.archives import find_former
    from extract.reparse import list_archived

    old = age(data.archive / "articles" / "load=old" / "responses.warc.gz", 50)
    new = age(data.archive / "articles" / "load=new" / "responses.warc.gz", 5)
    register = age(data.archive / "register_deliveries" / "load=r" / "file.csv.gz", 50)
    assert maintain(data, Upkeep()).removed == []
    outcome = maintain(data, Upkeep(archives=30 * DAY))
    assert removed(outcome, data) == ["archive/articles/load=old/responses.warc.gz"]
    assert (old.exists(), new.exists(), register.exists()) == (False, True, True)
    assert json.loads((old.parent / "expired.json").read_text())["older_than"] == "30 days"
    assert list_archived(data) == ["new"]
    former = find_former(data, "old")
    assert former is not None
    assert former.outcome == "already_loaded", "an archive without rows isn't read a second time"


def test_settings_are_read_and_bad_ones_named(monkeypatch):
    monkeypatch.setenv("ARMSLEDGER_KEEP_ARCHIVE_DAYS", "90")
    monkeypatch.setenv("ARMSLEDGER_KEEP_LOG_DAYS", "forever")
    monkeypatch.setenv("ARMSLEDGER_KEEP_UNREFERENCED_DAYS", "0.5")
    monkeypatch.setenv("ARMSLEDGER_COMPACT_MIB", "64")
    upkeep = Upkeep.from_environment()
    assert (upkeep.archives, upkeep.logs, upkeep.grace) == (90 * DAY, None, DAY / 2)
    assert upkeep.target_bytes == 64 * 2**20
    assert upkeep.reports == Upkeep().reports
    for value in ("-1", "nan", "week", "1e400"):
        monkeypatch.setenv("ARMSLEDGER_KEEP_ARCHIVE_DAYS", value)
        with pytest.raises(SettingsError, match="ARMSLEDGER_KEEP_ARCHIVE_DAYS="):
            Upkeep.from_environment()


def test_a_grace_time_of_none_and_for_ever(data, monkeypatch):
    for number in range(3):
        promote_articles(data, f"load-{number}")
    monkeypatch.setenv("ARMSLEDGER_KEEP_UNREFERENCED_DAYS", "forever")
    maintain(data, replace(Upkeep.from_environment(), fewest_files=3))
    assert len(raw_files(data)) == 3
    monkeypatch.setenv("ARMSLEDGER_KEEP_UNREFERENCED_DAYS", "0")
    maintain(data, Upkeep.from_environment())
    assert len(raw_files(data)) == 0
    assert ops.read(data, "loads").num_rows == 3
