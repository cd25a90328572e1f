"""A build on a lake it can't use, or a disk without room: one named error, and the published release stays whole."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt_candidate import Lake
from floor_samples import build_candidate, pass_receipt, promote_articles

from warehouse import build, lake, releases
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.files import exclusive
from warehouse.manifests import change_manifest, read_manifest
from warehouse.parquet import fingerprint
from warehouse.receipts import file_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import DataDirectory, Settings


@pytest.fixture
def published(settings: Settings) -> str:
    """Publish a release; gives the sha256 of its file."""
    promote_articles(settings.data, "load-1")
    releases.publish(settings, build_candidate(settings.data, "build-1"))
    return file_sha256(settings.data.published)


def run_warehouse(data: DataDirectory, *arguments: str, largest_file: int | None = None) -> subprocess.Popen[str]:
    """Start a command as a user does, with a bound on the size of files where told: a write beyond it fails."""

    def bind() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.Popen(
        [sys.executable, "-m", "warehouse", *arguments],
        env={**os.environ, "ARMSLEDGER_DATA": str(data.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=bind,  # noqa: PLW1509 - the child does nothing else before it becomes another program
    )


def rewrite(data: DataDirectory, load_id: str, change) -> Path:
    """Change a promoted file of articles, and let the manifest say that it was so from the beginning."""
    (path,) = [data.raw / "articles" / name for name in read_manifest(data, ARTICLES).load(load_id).files]
    rows = change(pq.read_table(path))
    path.unlink()
    pq.write_table(rows, path)
    entry = replace(read_manifest(data, ARTICLES).load(load_id), fingerprint=fingerprint(path.parent, [path.name]))
    change_manifest(data, ARTICLES, lambda manifest: manifest.with_load(entry))
    return path


def test_a_corrupt_file_is_named_and_nothing_is_published(settings, published):
    data = settings.data
    (path,) = [data.raw / "articles" / name for name in read_manifest(data, ARTICLES).load("load-1").files]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(content)
    command = run_warehouse(data, "build", "--force")
    _, told = command.communicate(timeout=120)
    assert command.returncode == 1
    assert told.startswith("error: ")
    assert str(path.parent) in told
    assert "part-0.parquet isn't what the gate saw; restore it from a backup, or take load load-1 out" in told
    assert file_sha256(data.published) == published
    assert not list(data.candidates.glob("*/armsledger.duckdb.tmp"))


def test_a_corrupt_file_of_facts_is_named(settings, published):
    path = next((settings.data.ops / "loads").glob("[1-9]*.parquet"))
    path.unlink()
    path.write_bytes(b"PAR1 nothing of it PAR1")
    with pytest.raises(LakeError, match=rf"{path.name}.*restore the file from a backup"):
        build.build(settings)
    assert file_sha256(settings.data.published) == published


def test_a_partition_of_another_contract_version_is_named(settings, published):
    data = settings.data
    entry = read_manifest(data, ARTICLES).load("load-1")
    (name,) = entry.files
    older = name.replace("v1/", "v0/")
    (data.raw / "articles" / older).parent.mkdir(parents=True)
    (data.raw / "articles" / name).rename(data.raw / "articles" / older)
    change_manifest(data, ARTICLES, lambda manifest: manifest.with_load(replace(entry, files=(older,))))
    with pytest.raises(
        LakeError, match=rf"{older}: written by another version of the contract, which is 1 now.*load-1"
    ):
        build.build(settings)
    assert file_sha256(data.published) == published


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda rows: rows.drop_columns(["url"]), "lacks column url, which must be told"),
        (
            lambda rows: rows.set_column(0, "article_id", pa.array(range(rows.num_rows), pa.int64())),
            "column article_id is int64, not string",
        ),
    ],
)
def test_a_file_that_breaks_its_contract_is_named_with_the_column(settings, published, change, difference):
    path = rewrite(settings.data, "load-1", change)
    with pytest.raises(LakeError, match=rf"{path.name}: {difference} \(warehouse/contracts/articles\.py\); bring load"):
        build.build(settings)
    assert file_sha256(settings.data.published) == published


def test_a_file_from_before_a_column_was_added_is_read_as_not_told(settings, published):
    data = settings.data
    rewrite(data, "load-1", lambda rows: rows.drop_columns(["author", "terms_url"]))
    lake.require_contract(data, read_manifest(data, ARTICLES))
    assert lake.read_current(data, "articles", columns=["author"])["author"].null_count == 3


def test_a_claim_about_an_unlisted_country_is_named_with_its_load(settings, published):
    data = settings.data
    rows = Lake()
    rows.add_claim("0" * 16, "FRA", "QQQ", "Rafale", order_year=2022)
    with lake.LoadWriter(data, TRANSFER_CLAIMS, "claims-1") as writer:
        writer.write(pa.Table.from_pylist(rows.claims, schema=TRANSFER_CLAIMS.schema))
    lake.promote(data, "transfer_claims", "claims-1", pass_receipt(writer.staged))
    with pytest.raises(
        LakeError, match=r"'QQQ' in 1 claims of load load-1: no such country in .*countries\.csv; add it"
    ):
        build.build(settings)
    assert file_sha256(data.published) == published


def test_two_builds_follow_one_another(settings, published):
    data = settings.data
    (path,) = [data.raw / "articles" / name for name in read_manifest(data, ARTICLES).load("load-1").files]
    path.rename(path.with_suffix(".away"))  # so that the second one ends at once when its turn comes
    before = sorted(data.candidates.iterdir())
    with exclusive(data.warehouse / ".build.lock"):
        second = run_warehouse(data, "build", "--force")
        assert second.stderr.readline() == "another build is running; this one begins when it ends\n"
        assert sorted(data.candidates.iterdir()) == before
        assert second.poll() is None
    _, told = second.communicate(timeout=120)
    assert f"error: {path} is missing" in told


def test_a_release_without_room_leaves_the_published_one_whole(settings, published):
    data = settings.data
    big = build_candidate(data, "build-2", deals=400_000)
    kept = sorted(path.name for path in data.releases.iterdir())
    command = run_warehouse(data, "publish", "--build", "build-2", largest_file=1_000_000)
    _, told = command.communicate(timeout=120)
    assert command.returncode == 1
    assert f"error: {data.releases}: the disk is full" in told
    assert "The published release is as it was" in told
    assert file_sha256(data.published) == published
    assert sorted(path.name for path in data.releases.iterdir()) == kept
    # and with room it goes on
    assert releases.publish(settings, big).is_current


@pytest.mark.slow
def test_a_build_without_room_leaves_no_candidate_and_the_published_release_whole(settings, published):
    data = settings.data
    command = run_warehouse(data, "build", "--force", largest_file=3_000_000)
    _, told = command.communicate(timeout=300)
    assert command.returncode == 1
    assert f"error: {data.candidates}: the disk is full" in told
    assert "at a larger disk" in told
    assert file_sha256(data.published) == published
    (build_id,) = {path.name for path in data.candidates.iterdir()} - {"build-1"}
    assert not list((data.candidates / build_id).glob("armsledger.duckdb*"))
