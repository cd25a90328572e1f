"""``kill -9`` before every single step of promoting and publishing: nothing is half done, and a rerun completes it.

A child process counts its calls to the functions that change files, and ends itself by SIGKILL right before the n-th,
for n = 1, 2, … until the operation gets to its end. Production code knows nothing of it.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from itertools import count

import pytest
from floor_samples import build_candidate, fail_receipt, pass_receipt, promote_articles, stage_articles

from warehouse import database, history, lake, ops, releases
from warehouse.build import read_candidate
from warehouse.contracts import ARTICLES
from warehouse.contracts.history import PUBLISHED_CLAIMS
from warehouse.manifests import read_manifest
from warehouse.parquet import read_rows
from warehouse.settings import DataDirectory, Settings

FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(["floor_samples", "warehouse.releases"])

STEPS = ("chmod", "link", "mkdir", "rename", "replace", "rmdir", "unlink")
"""What ``os`` offers to change names of files; ``pathlib`` and ``shutil`` end in these. A kill shows no other states:
what is forced to disk was visible before, and a file is written aside until it is renamed."""


def run_until(step, operation, root):
    """Run an operation, in a child process, and die right before its step of this number."""
    steps = count(1)

    def guard(function, *, halfway=None):
        def wrapped(*arguments, **options):
            if next(steps) == step:
                if halfway:
                    halfway(*arguments)
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return wrapped

    def copy_half(source, target):
        with open(source, "rb") as whole, open(target, "wb") as half:
            half.write(whole.read(os.path.getsize(source) // 2))

    shutil.copyfile = guard(shutil.copyfile, halfway=copy_half)
    # read while the release's database is open for writing: the kill leaves a write-ahead log there
    ops.read = guard(ops.read)
    for name in STEPS:
        setattr(os, name, guard(getattr(os, name)))
    operation(DataDirectory(root))


def kill_everywhere(operation, template, tmp_path):
    """Yield a data directory for each step before which the operation was killed; last, one where it got through."""
    for step in count(1):
        root = tmp_path / f"killed_{step}"
        # a copy that keeps links: a release and the published file are one file
        shutil.rmtree(root, ignore_errors=True)
        copy_with_links(template, root)
        child = FORK_SERVER.Process(target=run_until, args=(step, operation, root))
        child.start()
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL), f"step {step}: exit code {child.exitcode}"
        yield step, DataDirectory(root), child.exitcode == 0
        shutil.rmtree(root)
        if child.exitcode == 0:
            return


def copy_with_links(source, target):
    placed = {}

    def copy(one, other):
        inode = os.stat(one).st_ino
        if inode in placed:
            os.link(placed[inode], other)
        else:
            placed[inode] = shutil.copy2(one, other)

    shutil.copytree(source, target, copy_function=copy)


def litter_of(data):
    """List what no finished operation leaves: files aside, unfinished folders, loads in staging."""
    return [
        str(path.relative_to(data.root))
        for path in data.root.rglob("*")
        if (path.name.startswith(".") and path.name not in (".lock", ".publish.lock") and not is_replaced_later(path))
        or (path.name.startswith("load=") and path.is_relative_to(data.staging))
    ]


def is_replaced_later(path):
    # the aside of a killed process carries that process's id; it is never read, and small
    return path.is_file() and not path.name.endswith(".next")


# Promoting


def promote_load(data):
    staged = lake.read_staged(data, "articles", "load-2")
    lake.promote(data, "articles", "load-2", pass_receipt(staged))


def rows_of(data):
    return sorted(lake.read_current(data, "articles")["text"].to_pylist())


def test_a_promotion_killed_anywhere_loses_nothing_and_completes_on_the_next_run(data, tmp_path):
    promote_articles(data, "load-1", state={"etag": "old"})
    promote_articles(data, "load-0")
    stage_articles(data, "load-2", state={"etag": "new"}, archive=b"responses", replaces=["load-0"])
    text = "Text {} of load {}.".format
    old = sorted(text(number, load) for load in ("load-0", "load-1") for number in range(3))
    new = sorted(text(number, load) for load in ("load-1", "load-2") for number in range(3))
    killed = {"before": 0, "after": 0}
    for step, directory, is_through in kill_everywhere(promote_load, data.root, tmp_path):
        manifest = read_manifest(directory, ARTICLES)
        is_committed = manifest.load("load-2") is not None
        assert rows_of(directory) == (new if is_committed else old), f"step {step}"
        assert manifest.state["strait_monitor"] == {"etag": "new" if is_committed else "old"}, f"step {step}"
        if not is_through:
            killed["after" if is_committed else "before"] += 1
            if lake.list_staged(directory, "articles"):
                promote_load(directory)
            else:
                # killed while the staged files were being removed: what counts is done, the next load clears the rest
                stage_articles(directory, "load-3", count=0)
                lake.settle_empty(directory, "articles", "load-3")
        assert rows_of(directory) == new, f"step {step}"
        lake.require_intact(directory, read_manifest(directory, ARTICLES))
        assert read_manifest(directory, ARTICLES).state["strait_monitor"] == {"etag": "new"}
        archived = directory.archive / "articles" / "load=load-2" / "responses.warc.gz"
        assert archived.read_bytes() == b"responses"
        told = [fact["load_id"] for fact in ops.read(directory, "loads").to_pylist()]
        assert told == ["load-1", "load-0", "load-2"], f"step {step}"
        assert litter_of(directory) == [], f"step {step}"
    assert killed["before"] >= 5
    assert killed["after"] >= 5


def quarantine_load(data):
    staged = lake.read_staged(data, "articles", "load-1")
    lake.quarantine(data, "articles", "load-1", fail_receipt(staged))


def test_a_quarantine_killed_anywhere_keeps_the_rows_and_completes_on_the_next_run(data, tmp_path):
    stage_articles(data, "load-1", state={"etag": "new"})
    for step, directory, is_through in kill_everywhere(quarantine_load, data.root, tmp_path):
        is_aside = (directory.quarantine / "articles" / "load=load-1" / "part-0.parquet").exists()
        assert is_aside != bool(lake.list_staged(directory, "articles")), f"step {step}"
        if not is_aside:
            assert not is_through
            quarantine_load(directory)
        assert lake.list_staged(directory, "articles") == []
        assert read_manifest(directory, ARTICLES).sequence == 0
        assert ops.read(directory, "quarantine").num_rows == 1, f"step {step}"
        assert [fact["outcome"] for fact in ops.read(directory, "loads").to_pylist()] == ["quarantined"], f"step {step}"


# Publishing


def settings_of(data):
    return Settings(data=data, sources=data.root / "sources.toml", kept_releases=2)


def publish_candidate(data):
    settings = settings_of(data)
    releases.publish(settings, read_candidate(settings, "build-3"))


def read_published(data):
    """Read all marts of the published database."""
    with database.read_database(data.published) as connection:
        names = ("dim_articles", "fct_deals", "fct_transfer_claims")
        return {name: connection.execute(f"select * from marts.{name} order by all").fetchall() for name in names}


@pytest.fixture
def before_publish(data):
    """Give a data directory with two releases and a third candidate; a publish drops the first release."""
    settings = settings_of(data)
    promote_articles(data, "load-1")
    for number in (1, 2):
        releases.publish(settings, build_candidate(data, f"build-{number}", deals=10 + number))
    promote_articles(data, "load-2")
    build_candidate(data, "build-3", deals=30)
    return data


@pytest.mark.slow
def test_a_publish_killed_anywhere_leaves_a_whole_release_and_completes_on_the_next_run(before_publish, tmp_path):
    data = before_publish
    first, second = (release.release_id for release in reversed(releases.list_releases(data)))
    old = read_published(data)
    reference = DataDirectory(tmp_path / "reference")
    copy_with_links(data.root, reference.root)
    publish_candidate(reference)
    new = read_published(reference)
    assert len(new["fct_deals"]) == 30
    fingerprint = read_candidate(settings_of(data)).inputs["fingerprint"]
    unfiled = 0
    killed = {"before": 0, "after": 0}
    for step, directory, is_through in kill_everywhere(publish_candidate, data.root, tmp_path):
        published = read_published(directory)
        assert published in (old, new), f"step {step}: half a release"
        current = releases.current_release_id(directory)
        assert (current == second) == (published == old), f"step {step}"
        if not is_through:
            killed["before" if current == second else "after"] += 1
            if current != second and not (directory.releases / current).exists():
                # swapped, but not yet filed: a build that found nothing to do would leave it so
                unfiled += 1
                assert not releases.is_up_to_date(directory, fingerprint), f"step {step}"
            publish_candidate(directory)
        assert read_published(directory) == new, f"step {step}"
        kept = releases.list_releases(directory)
        assert len(kept) == 2, f"step {step}"
        assert [kept[1].release_id, kept[0].is_current] == [second, True], f"step {step}"
        assert kept[0].row_counts["marts.fct_deals"] == 30
        assert releases.is_up_to_date(directory, fingerprint), f"step {step}"
        told = ops.read(directory, "releases")["release_id"].to_pylist()
        assert told == [first, second, kept[0].release_id], f"step {step}"
        outcomes = [fact["load_id"] for fact in ops.read(directory, "loads").to_pylist() if fact["stage"] == "publish"]
        assert outcomes == told, f"step {step}"
        changed = read_rows(PUBLISHED_CLAIMS.schema, history.files(directory, "published_claims", until=told[-1]))
        remembered = list(zip(*(changed[name].to_pylist() for name in ("release_id", "claim_key")), strict=True))
        assert remembered == [(told[n], f"claim of build-{n + 1}") for n in range(3)], f"step {step}"
        in_release = database.read_relation(directory.published, "ops.releases", ["release_id"])
        assert sorted(in_release["release_id"].to_pylist()) == told, f"step {step}"
        assert litter_of(directory) == [], f"step {step}"
    assert killed["before"] >= 15
    assert killed["after"] >= 8
    assert unfiled >= 1
