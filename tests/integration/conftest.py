"""What the integration tests share as fixtures: a published warehouse, a browser, a publisher on a scripted server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import open_browser, serve_reports
from dbt_candidate import parse_project
from ingest_desk import Desk
from machines import Machines
from old_duckdb import make_old_python
from published_warehouse import publish_planted
from s3_server import ObjectServer, serve_objects
from scripted_server import ScriptedServer, serve_script
from spark_cluster import Cluster, run_cluster

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from browser import Browser

    from warehouse.settings import Settings


@pytest.fixture(scope="session")
def old_python(request: pytest.FixtureRequest) -> Path:
    """Give the Python of an environment that holds DuckDB 1.4 alone."""
    return make_old_python(request.config.cache)


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let dbt parse the project once for all builds from here on, which would take seconds for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_PARTIAL_PARSE_FILE_PATH", str(parse_project(tmp_path_factory.mktemp("parsed"))))
        yield


@pytest.fixture(scope="session")
def published(parsed_project: None, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give a warehouse that the product built, validated and published, over planted news and registers."""
    return publish_planted(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a Spark master with two workers on loopback."""
    with run_cluster(tmp_path_factory.mktemp("cluster") / "run") as running:
        yield running


@pytest.fixture(scope="session")
def first_run(
    parsed_project: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the DAGs once in one process, on an empty data directory; tests only read it or copy it."""
    from test_run import run

    data = tmp_path_factory.mktemp("run") / "data"
    return data, run(data)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Chromium to the tests of one file; they leave it on pages of their own."""
    with open_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def address(planted: Path) -> Iterator[str]:
    """Serve the atlas that the file's fixture ``planted`` wrote; gives its address."""
    with serve_reports(planted.parent) as served:
        yield f"{served}/atlas"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Give a server on loopback that answers as a test tells it."""
    with serve_script() as script:
        yield script


@pytest.fixture
def object_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """Give an S3-compatible server with an empty bucket, to which the settings lead."""
    with serve_objects() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def machines(object_server: ObjectServer, tmp_path: Path) -> Machines:
    """Give machines that share a bucket."""
    return Machines(object_server, tmp_path)


@pytest.fixture
def desk(settings: Settings, server: ScriptedServer) -> Desk:
    """Give a publisher on the scripted server, with an empty lake to ingest into."""
    return Desk(settings, server)
