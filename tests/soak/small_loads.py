"""A source that brings a few articles at a time, a thousand times: memory, open files, time per load, files.

Each load goes the whole way as its task does: fetched over HTTP on loopback, archived, parsed, validated, promoted;
every tenth is followed by the extraction of claims, every fiftieth by maintenance.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fault_sources import host_of, write_page, write_papers
from ingest_desk import feed
from results import Measurement, Report
from scripted_server import serve_script

if TYPE_CHECKING:
    from scripted_server import ScriptedServer

    from warehouse.settings import DataDirectory

STORIES = 3
"""New articles of a load."""
SHOWN = 12
"""Entries of the feed: the newest ones, as real feeds have it."""
CLAIMS_EVERY, MAINTAIN_EVERY = 10, 50
GROWTH = 1.1
"""Greatest ratio of the last tenth of the loads to an early tenth."""
FIRST_HOUR = datetime(2026, 1, 1, tzinfo=UTC)
_MIB = 2**20


@dataclass(frozen=True)
class Moment:
    """What was measured after one load.

    Attributes:
        seconds: of the load alone, without claims and maintenance.
        memory: resident bytes.
        handles: open files.
        files: Parquet files that the lake, facts and history are read from.
        stored: Parquet files on disk.
    """

    seconds: float
    memory: int
    handles: int
    files: int
    stored: int


def measure_loads(count: int, *, trace: Path | None = None) -> Report:
    """Bring in this many loads and compare the last tenth with the tenth after the first.

    Args:
        count: loads.
        trace: file to write one line of JSON to after each load, or None.
    """
    with tempfile.TemporaryDirectory(prefix="armsledger-soak-") as folder, serve_script() as server:
        root = Path(folder)
        (name,) = write_papers(root / "sources.toml", 1)
        os.environ.update(
            ARMSLEDGER_DATA=str(root / "data"),
            ARMSLEDGER_SOURCES=str(root / "sources.toml"),
            ARMSLEDGER_HOST_OVERRIDES=f"*.example={server.address}",
        )
        moments = []
        for number in range(count):
            moments.append(_bring_in(server, name, number, count))
            if trace:
                with trace.open("a", encoding="utf-8") as lines:
                    print(json.dumps({"load": number, **vars(moments[-1])}), file=lines)
        rows = _count_rows()
    return Report(f"{count:,} small loads of {STORIES} articles each", tuple(_tell(moments, rows, count)))


def _bring_in(server: ScriptedServer, name: str, number: int, count: int) -> Moment:
    from dags import stages
    from warehouse.maintenance.settings import Upkeep
    from warehouse.maintenance.upkeep import maintain
    from warehouse.settings import Settings

    newest = (number + 1) * STORIES
    host = host_of(name)
    server.seen.clear()
    server.answers.clear()
    shown = range(max(0, newest - SHOWN), newest)
    for story in shown:
        server.add(f"{host}/{story}", write_page(story))
    server.add(f"{host}/feed.xml", feed([f"/{story}" for story in shown]).replace("news.paper.example", host))
    began = time.perf_counter()
    stages.ingest_source(name, run_after=FIRST_HOUR + timedelta(hours=number))
    seconds = time.perf_counter() - began
    data = Settings.from_environment().data
    if number % CLAIMS_EVERY == CLAIMS_EVERY - 1:
        for load_id in stages.stage_claims():
            stages.settle_load("transfer_claims", load_id)
    if number % MAINTAIN_EVERY == MAINTAIN_EVERY - 1:
        outcome = maintain(data, Upkeep(grace=timedelta(0)))
        assert not outcome.problems, outcome.problems
        print(
            f"{number + 1:,} of {count:,} loads, {seconds:.2f} s the last, {_read_memory() / _MIB:,.0f} MiB", flush=True
        )
    return Moment(seconds, _read_memory(), len(os.listdir("/proc/self/fd")), _count_files(data), _count_stored(data))


def _read_memory() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _count_files(data: DataDirectory) -> int:
    from warehouse import history, lake, ops
    from warehouse.contracts import HISTORY_TABLES, OPS_TABLES, RAW_TABLES

    return (
        sum(len(lake.current_files(data, table.name)) for table in RAW_TABLES)
        + sum(len(ops.files(data, table.name)) for table in OPS_TABLES)
        + sum(len(history.files(data, table.name, until="9")) for table in HISTORY_TABLES)
    )


def _count_stored(data: DataDirectory) -> int:
    return sum(1 for folder in (data.raw, data.ops, data.history) for _ in folder.rglob("*.parquet"))


def _count_rows() -> int:
    from warehouse import lake
    from warehouse.settings import Settings

    ids = lake.read_current(Settings.from_environment().data, "articles", columns=["article_id"])["article_id"]
    return len(set(ids.to_pylist()))


def _tell(moments: list[Moment], rows: int, count: int) -> list[Measurement]:
    tenth = max(1, len(moments) // 10)
    # the first loads load libraries and fill caches
    early, late = moments[tenth : 2 * tenth], moments[-tenth:]

    def grown(name: str) -> tuple[float, float, float]:
        before, after = (statistics.median(getattr(one, name) for one in some) for some in (early, late))
        return before, after, after / before

    seconds, memory, handles = grown("seconds"), grown("memory"), grown("handles")
    half = max(one.files for one in moments[: len(moments) // 2])
    return [
        Measurement("time per load, last tenth against second tenth", seconds[2], "x", limit=GROWTH,
                    note=f"median {seconds[0]:.2f} s, then {seconds[1]:.2f} s"),
        Measurement("memory", memory[2], "x", limit=GROWTH,
                    note=f"{memory[0] / _MIB:,.0f} MiB, then {memory[1] / _MIB:,.0f} MiB resident"),
        Measurement("open files", handles[2], "x", limit=GROWTH, note=f"{handles[0]:.0f}, then {handles[1]:.0f}"),
        Measurement("most files to read, second half against first", max(one.files for one in moments) / half, "x",
                    limit=GROWTH, note=f"{half} in the first half; {max(one.files for one in moments)} in all"),
        Measurement("most files on disk", max(one.stored for one in moments), "", note="without a grace time"),
        Measurement("articles in the lake, of those told", rows / (count * STORIES) * 100, "%", target=100.0,
                    note=f"{rows:,} of {count * STORIES:,}", limit=100.0),
    ]  # fmt: skip
