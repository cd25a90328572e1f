"""The lake in a bucket, on a real S3-compatible server: several machines, lost writes, locks."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from floor_samples import fail_receipt, pass_receipt, promote_articles, stage_articles

from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.errors import ArmsledgerError, LakeError
from warehouse.manifests import change_manifest, read_manifest
from warehouse.row_quarantine import BadRow, GateRun, set_rows_aside

if TYPE_CHECKING:
    from machines import Machines

    from warehouse.settings import DataDirectory


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
    other = machines.start(lease_seconds=5)
    lock = other.warehouse / ".build.lock"
    other.storage.bucket.write("warehouse/.build.lock", b'{"holder": "gone:1:1", "machine": "gone"}')
    with pytest.raises(ArmsledgerError, match="busy"), other.storage.exclusive(lock, busy="busy"):
        pass
    began = time.monotonic()
    with other.storage.exclusive(lock):
        assert time.monotonic() - began < 30


def test_a_machine_at_work_keeps_its_lease_for_longer_than_its_seconds(machines: Machines) -> None:
    one, other = machines.start(lease_seconds=8), machines.start(lease_seconds=8)
    with one.storage.exclusive(one.warehouse / ".build.lock"):
        time.sleep(9)
        with (
            pytest.raises(ArmsledgerError, match="busy"),
            other.storage.exclusive(other.warehouse / ".build.lock", busy="busy"),
        ):
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
