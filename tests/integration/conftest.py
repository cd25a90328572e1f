"""What the ingest tests share as fixtures: a scripted server, and the desk of a publisher on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ingest_desk import Desk
from old_duckdb import make_old_python
from published_warehouse import publish_planted
from scripted_server import ScriptedServer, serve_script

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import Settings


@pytest.fixture(scope="session")
def old_python(request: pytest.FixtureRequest) -> Path:
    """Give the Python of an environment that holds DuckDB 1.4 alone."""
    return make_old_python(request.config.cache)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give a warehouse that the product built, validated and published, over planted news and registers."""
    return publish_planted(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the DAGs once in one process, on an empty data directory; tests only read it or copy it."""
    from test_run import run

    data = tmp_path_factory.mktemp("run") / "data"
    return data, run(data)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Give a server on loopback that answers as a test tells it."""
    with serve_script() as script:
        yield script


@pytest.fixture
def desk(settings: Settings, server: ScriptedServer) -> Desk:
    """Give a publisher on the scripted server, with an empty lake to ingest into."""
    return Desk(settings, server)
