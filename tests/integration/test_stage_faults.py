"""A stage without room on the disk or in memory (killed ones: ``test_run_faults.py``). Nothing is lost or doubled.

Each time the stage is run again without trouble, and the lake is that of an undisturbed run, row for row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fault_sources import write_second_day
from stage_runs import Desk, Trouble

from warehouse import lake

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ["second_day"]
STAGES = ("ingest", "claims")
CONTENT = {"articles": ["load_id", "fetched_at"], "transfer_claims": ["load_id"]}
"""Tables, with the columns that differ from run to run."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Ingest a folder of news and extract its claims."""
    root = tmp_path_factory.mktemp("limits")
    desk = Desk(root / "whole", {"ARMSLEDGER_SOURCES": str(write_second_day(root))})
    desk.complete(STAGES, sources=SOURCES)
    return desk


def rows_of_lake(desk: Desk) -> dict[str, list[str]]:
    """Return all rows of both tables."""
    return {
        table: sorted(map(repr, lake.read_current(desk.data, table).drop_columns(names).to_pylist()))
        for table, names in CONTENT.items()
    }


@pytest.mark.slow
def test_a_stage_without_room_on_the_disk_names_the_file_and_loses_nothing(undisturbed: Desk, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", undisturbed.environment)
    # an empty lake: its own small files are there
    desk.complete(["claims"], sources=SOURCES)
    named = set()
    for stage in STAGES:
        # the responses have 6,418 bytes, the articles 11,379, the claims 19,541
        for room in (0, 6_000, 9_500):
            ended = desk.run([stage], Trouble(largest_file=room), sources=SOURCES)
            assert ended.code == 1, f"{stage} with {room} bytes"
            said = re.search(rf"Error: ({re.escape(str(desk.root))}/\S+): the disk is full.*free some", ended.error)
            assert said, ended.error
            assert "What was promoted is safe" in ended.error
            named.add(re.sub(r"\.load=[^/]*", "load", said[1].removeprefix(f"{desk.root}/staging/")))
            assert not list(desk.data.staging.glob("*/.load=*")), "nothing half written is left to fill the disk"
        desk.complete([stage], sources=SOURCES)
    rows = {"articles/load/part-0.parquet", "transfer_claims/load/part-0.parquet"}
    assert named >= {"articles/load/responses.warc.gz", *rows}, named
    assert rows_of_lake(desk) == rows_of_lake(undisturbed)
    assert not list(desk.data.quarantine.glob("*/load=*")), "a full disk is no fault of a load"


@pytest.mark.slow
def test_a_stage_without_memory_ends_with_a_clear_error_and_loses_nothing(undisturbed: Desk, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", undisturbed.environment)
    for stage in STAGES:
        # with the least of these a reader once waited without end, for threads that could not be started
        for mib in (0, 4, 60):
            wait = desk.start([stage], Trouble(free_memory=mib * 2**20), sources=SOURCES)
            ended = wait(seconds=120)
            assert ended.code == 1, f"{stage} with {mib} MiB: {ended}"
            assert re.search(r"OutOfMemoryError: \S+\.parquet: out of memory.*run the command again", ended.error), (
                ended
            )
        desk.complete([stage], sources=SOURCES)
    assert rows_of_lake(desk) == rows_of_lake(undisturbed)
    assert not list(desk.data.quarantine.glob("*/load=*")), "too little memory is no fault of a load"
