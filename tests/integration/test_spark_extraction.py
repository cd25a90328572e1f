"""Spark beside the default engines, on a standalone master with two workers: the same claims, articles and marts."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from floor_samples import pass_receipt
from spark_cluster import Cluster, count_executors, why_not
from warc_samples import deal, everyday, write_archive

from extract.engines import open_extraction
from extract.events import stage_claims
from extract.ingest import ingest_source
from extract.sample.server import serve_samples
from extract.sources import load_sources
from warehouse import lake, ops
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import SettingsError
from warehouse.settings import PROJECT_ROOT, DataDirectory, Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),  # three Java processes beside this one
    pytest.mark.skipif(why_not() is not None, reason=str(why_not())),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give a lake with the articles of the sample publishers."""
    settings = Settings(DataDirectory(tmp_path_factory.mktemp("lake")), PROJECT_ROOT / "extract" / "sources.toml")
    lake.initialise(settings.data)
    with serve_samples() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARMSLEDGER_HOST_OVERRIDES", f"*.example={address}")
        for source in load_sources(settings.sources):
            if source.is_enabled:
                promote(settings, ARTICLES.name, ingest_source(settings, source).load_id)
    return settings


def promote(settings: Settings, table: str, load_id: str) -> None:
    lake.promote(settings.data, table, load_id, pass_receipt(lake.read_staged(settings.data, table, load_id)))


def run(cluster: Cluster, settings: Settings, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **cluster.environment, "ARMSLEDGER_DATA": str(settings.data.root), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended


@pytest.fixture(scope="module")
def claims(cluster: Cluster, filled: Settings) -> tuple[pa.Table, pa.Table, str]:
    """Extract the sample corpus twice into one load that waits: here, and on the cluster."""
    result = stage_claims(filled)
    assert result
    here = lake.read_staged(filled.data, TRANSFER_CLAIMS.name, result.load_id).read()
    before = count_executors(cluster)
    ended = run(cluster, filled, "extract", "events", "--engine", "spark")
    assert ended.stdout.split() == [result.load_id], "a load that waits is written anew under its id"
    assert count_executors(cluster) == before + 2, "both workers took part"
    return here, lake.read_staged(filled.data, TRANSFER_CLAIMS.name, result.load_id).read(), result.load_id


def test_claims_are_those_of_the_default_engine_in_the_same_order(
    filled: Settings, claims: tuple[pa.Table, pa.Table, str]
) -> None:
    here, there, _ = claims
    assert here.num_rows > 30
    assert there.schema == here.schema
    assert there.to_pylist() == here.to_pylist()
    first, second = ops.read(filled.data, "loads").to_pylist()[-2:]
    assert (second["rows_in"], second["rows_out"]) == (first["rows_in"], first["rows_out"])


def test_articles_of_an_archive_are_those_of_the_default_engine(cluster: Cluster, tmp_path: Path) -> None:
    archive = tmp_path / "CC-NEWS-20240405-00001.warc.gz"
    pages = [deal(number) if number % 3 else everyday(number) for number in range(120)]
    content = bytearray(write_archive(pages))
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    archive.write_bytes(content)
    found = {}
    for engine in ("local", "spark"):
        settings = Settings(DataDirectory(tmp_path / engine), PROJECT_ROOT / "extract" / "sources.toml")
        ended = run(cluster, settings, "extract", "warc", str(archive), "--engine", engine)
        rows = lake.read_staged(settings.data, ARTICLES.name, ended.stdout.strip()).read()
        refused = ops.read(settings.data, "refusals").to_pylist()
        told = [(row["url"], row["reason"], row["detail"]) for row in refused]
        found[engine] = (rows.to_pylist(), sorted(told), ended.stderr.splitlines()[-1])
    assert len(found["local"][0]) > 60
    assert [reason for _, reason, _ in found["local"][1]] == ["damaged_record"]
    assert found["spark"] == found["local"]


def test_a_model_stays_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARMSLEDGER_EXTRACTOR", "llm")
    with pytest.raises(SettingsError, match="a model runs in one process"), open_extraction("spark"):
        pass
