"""What the ingest tests share as fixtures: a scripted server, and the desk of a publisher on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ingest_desk import Desk
from scripted_server import ScriptedServer, serve_script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import Settings


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Give a server on loopback that answers as a test tells it."""
    with serve_script() as script:
        yield script


@pytest.fixture
def desk(settings: Settings, server: ScriptedServer) -> Desk:
    """Give a publisher on the scripted server, with an empty lake to ingest into."""
    return Desk(settings, server)
