"""Manifests: pure changes, one after another, and damage that is named."""

from __future__ import annotations

import json
import re

import pytest

from warehouse import lake
from warehouse.contracts import ARTICLES
from warehouse.errors import LakeError
from warehouse.manifests import LoadEntry, Manifest, change_manifest, manifest_path, read_manifest


def make_entry(load_id, *, rows=1):
    return LoadEntry(load_id, (f"v1/load={load_id}/part-0.parquet",), rows, "0" * 64, "2026-01-02T00:00:00+00:00", {})


def test_a_table_without_manifest_is_empty(data):
    assert read_manifest(data, ARTICLES) == Manifest("articles", 0, (), {})


def test_a_manifest_reads_back_as_written(data):
    entry = LoadEntry("load-1", ("a", "b"), 7, "f" * 64, "2026-01-02T00:00:00+00:00", {"inputs": ["x"], "note": "Ł"})
    written = change_manifest(data, ARTICLES, lambda m: m.with_load(entry).with_state("gazette", {"etag": 'W/"1"'}))
    assert read_manifest(data, ARTICLES) == written
    assert written.sequence == 1


def test_a_load_takes_the_place_of_one_with_its_id_and_the_others_keep_their_order():
    manifest = Manifest("articles", 0, (), {})
    for load_id in ("a", "b", "c"):
        manifest = manifest.with_load(make_entry(load_id))
    changed = manifest.with_load(make_entry("b", rows=9))
    assert [(entry.load_id, entry.rows) for entry in changed.loads] == [("a", 1), ("c", 1), ("b", 9)]
    assert changed.load("b").rows == 9
    assert changed.load("d") is None
    assert [entry.load_id for entry in changed.without_loads({"a", "b", "unknown"}).loads] == ["c"]
    assert len(manifest.loads) == 3


def test_one_sources_state_leaves_the_others_alone():
    manifest = Manifest("articles", 0, (), {"a": {"etag": 1}}).with_state("b", {"etag": 2}).with_state("a", {"etag": 3})
    assert manifest.state == {"a": {"etag": 3}, "b": {"etag": 2}}


def test_a_change_that_changes_nothing_writes_nothing(data):
    change_manifest(data, ARTICLES, lambda m: m.with_load(make_entry("a")))
    before = manifest_path(data, ARTICLES).stat()
    change_manifest(data, ARTICLES, lambda m: m.with_load(make_entry("a")).without_loads({"b"}))
    after = manifest_path(data, ARTICLES).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_change_that_fails_leaves_the_manifest_and_frees_the_lock(data):
    change_manifest(data, ARTICLES, lambda m: m.with_load(make_entry("a")))

    def fail(manifest):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        change_manifest(data, ARTICLES, fail)
    assert change_manifest(data, ARTICLES, lambda m: m.with_load(make_entry("b"))).sequence == 2


WHOLE = {"table": "articles", "sequence": 1, "loads": [], "state": {}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        json.dumps({**WHOLE, "loads": None}).encode(),
        json.dumps({**WHOLE, "loads": [{"load_id": "a"}]}).encode(),
        json.dumps({**WHOLE, "loads": [{"load_id": "a", "files": [], "colour": "red"}]}).encode(),
        json.dumps({"table": "articles"}).encode(),
    ],
)
def test_a_damaged_manifest_is_named_and_kept(data, content):
    path = manifest_path(data, ARTICLES)
    path.write_bytes(content)
    for act in (
        lambda: lake.read_current(data, "articles"),
        lambda: change_manifest(data, ARTICLES, lambda m: m.with_load(make_entry("a"))),
    ):
        with pytest.raises(LakeError, match=re.escape(str(path)) + ": not a manifest .*restore it from the newest"):
            act()
    assert path.read_bytes() == content
