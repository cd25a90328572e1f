"""The runbooks of dags/README.md: each command as it stands there, in the order in which it stands there."""

from __future__ import annotations

import importlib
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from floor_samples import build_candidate, pass_receipt, promote_articles, stage_articles

from extract.sample.server import serve_samples
from warehouse import lake, releases, waivers
from warehouse.receipts import file_sha256
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from warehouse.settings import Settings

TEXT = (PROJECT_ROOT / "dags" / "README.md").read_text(encoding="utf-8")
RUNBOOKS = {
    title: re.findall(r"`(python -m [^`]+)`", text)
    for title, text in re.findall(
        r"^\* \*\*(.+?)\.?\*\* ?(.*?)(?=^\* |\Z)",
        re.split(r"^##+ ", TEXT.split("### Runbooks\n")[1], flags=re.M)[0],
        re.M | re.S,
    )
}
ELSEWHERE = {
    "A span must be read again": "test_scheduler.py",
    "A new version of the extractor": "test_extractor_versions.py",
}
"""Runbooks whose commands need a scheduler or a second extractor, and the test that runs them."""


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands work on the test's data directory."""
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))


def follow(title: str, **names: str) -> list[str]:
    """Run a runbook's commands, with names put in for its words in capitals; gives what each printed."""
    printed = []
    for command in RUNBOOKS[title]:
        words = [names.get(word, word) for word in shlex.split(command)]
        cli = importlib.import_module(f"{words[2]}.__main__").cli
        done = CliRunner().invoke(cli, words[3:], catch_exceptions=False)
        assert done.exit_code == 0, f"{command}\n{done.output}"
        printed.append(done.output)
    return printed


def test_every_runbook_with_a_command_is_followed() -> None:
    told = {title for title, commands in RUNBOOKS.items() if commands}
    assert told == {"A gate fails", "A source dies", "A release must be rolled back", "The disk is full", *ELSEWHERE}
    for name in ELSEWHERE.values():
        assert (PROJECT_ROOT / "tests" / "integration" / name).is_file()
    assert "A worker is lost" in RUNBOOKS


def test_a_gate_fails(settings: Settings) -> None:
    data = settings.data
    staged = stage_articles(data, "strait_monitor-1")
    lake.quarantine(
        data, "articles", "strait_monitor-1", replace(pass_receipt(staged), verdict="failed", failures=("volume",))
    )
    (entry,) = waivers.list_entries(data)
    listed, shown, released = follow("A gate fails", ID=entry.entry_id)
    assert entry.entry_id in listed
    assert "strait_monitor-1" in shown
    assert "passed" in released
    assert lake.read_current(data, "articles").num_rows == 3


def test_a_source_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_samples() as address:
        monkeypatch.setenv("ARMSLEDGER_HOST_OVERRIDES", f"*.example={address}")
        (checked,) = follow("A source dies", ID="strait_monitor")
    assert "strait_monitor" in checked


def test_a_release_must_be_rolled_back(settings: Settings) -> None:
    data = settings.data
    kept = []
    for number in (1, 2):
        promote_articles(data, f"load-{number}")
        kept.append(releases.publish(settings, build_candidate(data, f"build-{number}", deals=4 + number)).release_id)
    old, new = kept
    listed, back, changed, retired = follow(
        "A release must be rolled back", ID=old, OLD=old, NEW=new, TABLE="articles", LOAD="load-2"
    )
    assert old in listed
    assert f"{old} is the published release" in back
    assert "dim_articles" in changed
    assert "load-2 is retired" in retired
    assert file_sha256(data.published) == file_sha256(data.releases / old / "armsledger.duckdb")
    assert set(lake.read_current(data, "articles", columns=["load_id"])["load_id"].to_pylist()) == {"load-1"}


def test_the_disk_is_full(settings: Settings) -> None:
    promote_articles(settings.data, "load-1")
    listed, done = follow("The disk is full")
    assert listed
    assert done
    assert lake.read_current(settings.data, "articles").num_rows == 3
