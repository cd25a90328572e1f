"""The lake and the releases in a bucket, on a real S3-compatible server: several machines, lost writes, faults."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from floor_samples import build_candidate, fail_receipt, pass_receipt, promote_articles, stage_articles
from machines import Machines
from s3_server import KEY, SECRET, ObjectServer, serve_objects

from warehouse import comparison, database, history, lake, ops, releases
from warehouse.build import Candidate, read_candidate
from warehouse.contracts import ARTICLES
from warehouse.errors import ArmsledgerError, GateError, LakeError, SettingsError, StorageError
from warehouse.manifests import change_manifest, read_manifest
from warehouse.row_quarantine import BadRow, GateRun, set_rows_aside
from warehouse.settings import Settings
from warehouse.shelf import open_shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from warehouse.settings import DataDirectory


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    with serve_objects() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def machines(server: ObjectServer, tmp_path: Path) -> Machines:
    return Machines(server, tmp_path)


def settings_of(data: DataDirectory) -> Settings:
    """Return settings that point at a machine's data directory."""
    return Settings(data=data, sources=data.root / "sources.toml")


def keep_candidate(data: DataDirectory, build_id: str, **options: object) -> Candidate:
    """Make a candidate as a build leaves it, in the bucket, too."""
    candidate = build_candidate(data, build_id, **options)
    data.storage.push(candidate.folder, last="inputs.json")
    return candidate


def publish(data: DataDirectory, build_id: str, **options: object) -> str:
    candidate = keep_candidate(data, build_id, **options)
    return releases.publish(settings_of(data), candidate).release_id


def count_deals(data: DataDirectory, release_id: str | None = None) -> int:
    path = releases.database_of(data, release_id)
    return database.query(path, "select count(*) as n from marts.fct_deals")["n"][0].as_py()


# several machines


def test_a_load_goes_from_one_machine_to_the_next(machines: Machines) -> None:
    fetcher, gate, reader = machines.initialised(), machines.initialised(), machines.initialised()
    staged = stage_articles(fetcher, "load-1", state={"etag": "abc"}, archive=b"responses")
    assert lake.list_staged(gate, "articles") == ["load-1"]
    lake.promote(gate, "articles", "load-1", pass_receipt(staged))
    assert lake.list_staged(fetcher, "articles") == []
    assert lake.read_current(reader, "articles").num_rows == 3
    assert read_manifest(reader, ARTICLES).state == {"strait_monitor": {"etag": "abc"}}
    archived = reader.archive / "articles" / "load=load-1" / "responses.warc.gz"
    assert reader.storage.read(archived) == b"responses"
    assert [row["outcome"] for row in ops.read(reader, "loads").to_pylist()] == ["promoted"]


def test_no_promotion_is_lost_where_another_machine_changes_the_manifest_in_between(machines: Machines) -> None:
    one, other = machines.initialised(), machines.initialised()
    first = promote_articles(one, "load-0")
    asked = []

    def change(manifest):
        asked.append(manifest.sequence)
        if len(asked) == 1:
            promote_articles(other, "load-1")
        return manifest.with_load(replace(first, load_id="load-2"))

    changed = change_manifest(one, ARTICLES, change)
    assert asked == [1, 2], "the loser reads again"
    assert [entry.load_id for entry in changed.loads] == ["load-0", "load-1", "load-2"]
    assert read_manifest(other, ARTICLES).loads == changed.loads


def test_promotions_of_two_machines_at_once_all_survive(machines: Machines) -> None:
    failures = []

    def promote_some(data: DataDirectory, names: list[str]) -> None:
        try:
            for name in names:
                promote_articles(data, name)
        except Exception as error:
            failures.append(error)

    names = [f"load-{number}" for number in range(10)]
    threads = [
        threading.Thread(target=promote_some, args=(machines.initialised(), names[start::2])) for start in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    reader = machines.start()
    assert sorted(entry.load_id for entry in read_manifest(reader, ARTICLES).loads) == names
    assert read_manifest(reader, ARTICLES).sequence == 10
    assert lake.read_current(reader, "articles").num_rows == 30
    assert ops.read(reader, "loads").num_rows == 10


def test_two_machines_that_promote_the_same_load_tell_it_once(machines: Machines) -> None:
    one, other = machines.initialised(), machines.initialised()
    staged = stage_articles(one, "load-1")
    lake.promote(one, "articles", "load-1", pass_receipt(staged))
    with pytest.raises(LakeError, match="not in staging"):
        lake.promote(other, "articles", "load-1", pass_receipt(staged))
    fact = {"load_id": "x", "table_name": "articles", "stage": "gate", "outcome": "promoted"}
    for machine in (other, one):
        ops.append(machine, "loads", [fact], once="told")
    assert [row["load_id"] for row in ops.read(one, "loads").to_pylist()] == ["load-1", "x"]


def test_a_load_staged_anew_by_another_machine_is_read_as_it_is_now(machines: Machines) -> None:
    one, other = machines.initialised(), machines.initialised()
    stage_articles(one, "load-1", count=2, archive=b"first")
    assert lake.read_staged(other, "articles", "load-1").read().num_rows == 2
    stage_articles(one, "load-1", count=5)
    staged = lake.read_staged(other, "articles", "load-1")
    assert staged.read().num_rows == 5
    lake.promote(other, "articles", "load-1", pass_receipt(staged))
    assert not [key for key in machines.server.list_keys() if key.endswith("warc.gz")], "the first try's stay behind"


def test_bad_rows_and_refused_loads_go_to_quarantine(machines: Machines) -> None:
    one, other = machines.initialised(), machines.initialised()
    staged = stage_articles(one, "load-1")
    rest = set_rows_aside(one, staged, {0: BadRow(("e(title)",), is_waivable=True)}, GateRun("v1", None))
    assert lake.read_staged(other, "articles", "load-1").rows == rest.rows == 2
    receipt = replace(fail_receipt(rest), validation_id="v2")
    for again in range(2):
        folder = lake.quarantine(other, "articles", "load-1", receipt)
        assert lake.list_staged(one, "articles") == []
        assert one.storage.exists(one.root / folder.relative_to(other.root))
        if not again:
            receipt = fail_receipt(stage_articles(one, "load-1", count=4))
    kept = [key for key in machines.server.list_keys() if "/quarantine/" in key and key.endswith("_load.json")]
    assert len(kept) == 2, "a load refused before is kept beside the new one"
    assert len([key for key in machines.server.list_keys() if "/quarantine/articles/rows/" in key]) == 1


# locks


def test_exclusive_work_waits_for_another_machine(machines: Machines) -> None:
    one, other = machines.start(), machines.start()
    order = []

    def work() -> None:
        with other.storage.exclusive(other.warehouse / ".build.lock"):
            order.append("other")

    with one.storage.exclusive(one.warehouse / ".build.lock"):
        thread = threading.Thread(target=work)
        thread.start()
        with (
            pytest.raises(ArmsledgerError, match="busy here"),
            other.storage.exclusive(other.warehouse / ".publish.lock"),
            one.storage.exclusive(one.warehouse / ".publish.lock", busy="busy here"),
        ):
            pass
        order.append("one")
    thread.join()
    assert order == ["one", "other"]


def test_a_dead_machine_holds_nobody_up_for_longer_than_its_lease(machines: Machines) -> None:
    dead = machines.start(name="dead", lease_seconds=1)
    block = dead.storage.exclusive(dead.warehouse / ".build.lock")
    block.__enter__()
    machines.server.refuse = lambda method, path: 503 if method == "PUT" else None
    other = machines.start(lease_seconds=1, patience=0)
    with (
        pytest.raises(ArmsledgerError, match="busy"),
        other.storage.exclusive(other.warehouse / ".build.lock", busy="busy"),
    ):
        pass
    time.sleep(2.1)
    machines.server.refuse = lambda method, path: None
    with other.storage.exclusive(other.warehouse / ".build.lock", busy="busy"):
        pass


def test_a_machine_takes_its_own_dead_process_s_lease_at_once(machines: Machines) -> None:
    data = machines.start(name="same")
    key = "warehouse/.build.lock"
    with data.storage.exclusive(data.root / key):
        held = data.storage.bucket.read(key)
    data.storage.bucket.write(key, held.content)
    other = machines.start()
    with pytest.raises(ArmsledgerError, match="busy"), other.storage.exclusive(other.root / key, busy="busy"):
        pass
    with data.storage.exclusive(data.root / key, busy="busy"):
        pass


# releases


def test_a_release_is_read_compared_and_rolled_back_on_any_machine(machines: Machines) -> None:
    builder, reader = machines.initialised(), machines.initialised()
    assert releases.find_published(reader) is None
    promote_articles(builder, "load-1")
    first = publish(builder, "build-1", deals=5)
    assert releases.current_release_id(reader) == first
    assert count_deals(reader) == 5
    promote_articles(builder, "load-2")
    candidate = keep_candidate(builder, "build-2", deals=6)
    publisher = machines.start()
    second = releases.publish(
        settings_of(publisher), read_candidate(settings_of(publisher), candidate.build_id)
    ).release_id
    assert count_deals(reader) == 6
    assert [release.release_id for release in releases.list_releases(reader)] == [second, first]
    assert {change.table for change in comparison.compare(reader, first, second).tables} >= {"fct_deals"}
    releases.roll_back(reader, first)
    assert releases.current_release_id(builder) == first
    assert count_deals(builder) == 5
    assert releases.is_up_to_date(builder, candidate.inputs["fingerprint"]), "what was rolled back isn't built again"
    assert history.newest_release(publisher) == second


def test_old_releases_leave_the_bucket(machines: Machines) -> None:
    data = machines.initialised()
    settings = replace(settings_of(data), kept_releases=2)
    ids = []
    for number in range(3):
        promote_articles(data, f"load-{number}")
        ids.append(releases.publish(settings, keep_candidate(data, f"build-{number}", deals=number + 1)).release_id)
    assert [release.release_id for release in releases.list_releases(machines.start())] == ids[:0:-1]
    assert not [key for key in machines.server.list_keys() if f"releases/{ids[0]}/" in key]
    with pytest.raises(Exception, match="kept are"):
        releases.read_release(machines.start(), ids[0])


def test_of_two_publishers_one_is_stopped_by_the_pointer_even_without_a_lease(machines: Machines) -> None:
    slow, quick = machines.initialised(), machines.initialised()
    promote_articles(slow, "load-1")
    first = publish(slow, "build-1")
    promote_articles(slow, "load-2")
    late = keep_candidate(slow, "build-2", deals=6)
    folder = slow.releases / ".writing-late"
    folder.mkdir(parents=True)
    (folder / "release.json").write_text("{}")
    shelf = open_shelf(slow)
    quick_id = publish(quick, "build-3", deals=7)
    with pytest.raises(GateError, match="another machine has published"):
        shelf.make_current(folder, "late", instead_of=first)
    with pytest.raises(GateError, match="was published since"):
        releases.publish(settings_of(slow), late)
    assert releases.current_release_id(slow) == quick_id


# killed at any request


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
    server: ObjectServer, tmp_path: Path, prepare: Callable, check: Callable
) -> None:
    """From the storage's side a machine that is killed, or loses its network, is one whose requests stop coming."""
    template = Machines(server, tmp_path / "template", "template/")
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

        server.refuse = cut_off
        try:
            operation(worker)
            has_got_through = len(seen) <= step
        except StorageError:
            pass
        server.refuse = lambda method, path: None
        check(machines.start(), is_done=has_got_through)
        operation(machines.start(name="worker"))
        check(machines.start(), is_done=True)
        step += 1
    assert step > 5


# faults and wrong settings


def test_a_storage_that_fails_for_a_while_is_waited_for(machines: Machines, caplog: pytest.LogCaptureFixture) -> None:
    data = machines.initialised()
    until = time.monotonic() + 2
    machines.server.refuse = lambda method, path: 500 if time.monotonic() < until else None
    promote_articles(data, "load-1")
    assert lake.read_current(machines.start(), "articles").num_rows == 3
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


def test_settings_lead_to_a_bucket(server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARMSLEDGER_SCRATCH", str(tmp_path / "scratch"))
    data = Settings.from_environment().data
    assert data.address() == "s3://lake/news"
    assert data.root.parent == tmp_path / "scratch"
    assert data.root.stat().st_mode & 0o077 == 0, "copies are for their owner alone"
    promote_articles(data, "load-1")
    assert "news/raw/articles/manifest.json" in server.list_keys()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (("ARMSLEDGER_DATA", "s3://nowhere/news"), "ARMSLEDGER_DATA: there is no bucket of s3://nowhere/news/ at http"),
        (("ARMSLEDGER_DATA", "s3:///news"), "ARMSLEDGER_DATA=.*: set it to a folder, or to s3://bucket/prefix"),
        (("ARMSLEDGER_DATA", "gs://lake/news"), "ARMSLEDGER_DATA=.*: set it to a folder, or to s3://bucket/prefix"),
        (("AWS_ACCESS_KEY_ID", "AKIAWRONG"), r"refuses access \(InvalidAccessKeyId\); check AWS_ACCESS_KEY_ID"),
        (("AWS_ACCESS_KEY_ID", ""), "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), "http://127.0.0.1:1 can't be reached .*; check AWS_ENDPOINT_URL"),
        (("AWS_ENDPOINT_URL", "127.0.0.1:9000"), "AWS_ENDPOINT_URL"),
        (("ARMSLEDGER_S3_PATIENCE", "long"), "ARMSLEDGER_S3_PATIENCE=long"),
        (("ARMSLEDGER_SCRATCH", "/dev/null/x"), "ARMSLEDGER_SCRATCH=/dev/null/x: can't be used as a folder"),
    ],
)
def test_a_wrong_setting_is_named(
    server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str], told: str
) -> None:
    assert server.url
    monkeypatch.setenv("ARMSLEDGER_SCRATCH", str(tmp_path))
    monkeypatch.setenv("ARMSLEDGER_S3_PATIENCE", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(*setting)
    with pytest.raises((SettingsError, StorageError), match=told):
        Settings.from_environment()


def test_keys_are_in_no_log_and_in_no_object(
    machines: Machines, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    data = machines.initialised()
    promote_articles(data, "load-1")
    machines.server.refuse = lambda method, path: 403
    with pytest.raises(StorageError) as failure:
        promote_articles(machines.start(patience=0), "load-2")
    assert KEY not in str(failure.value)
    assert SECRET not in caplog.text + str(failure.value) + repr(data)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
