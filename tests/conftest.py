"""What all tests share: an empty data directory, and the rule that CI skips nothing."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from warehouse import lake
from warehouse.settings import DataDirectory, Settings

PROJECT = Path(__file__).resolve().parents[1]

# what a test takes says more of the machine's other work than of the code: times are for benchmarks
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    """Give an initialised, empty data directory."""
    directory = DataDirectory(tmp_path / "data")
    lake.initialise(directory)
    return directory


@pytest.fixture
def settings(data: DataDirectory) -> Settings:
    """Give settings that point at the empty data directory and the bundled registry."""
    return Settings(data=data, sources=PROJECT / "extract" / "sources.toml")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a session with skipped tests where skips are forbidden, as in CI."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("ARMSLEDGER_FORBID_SKIPS") and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = 1
