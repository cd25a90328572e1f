"""A source that brings a few articles at a time, a thousand times: memory, open files, time per load, files.

Each load goes the whole way as its task does: fetched over HTTP on loopback, archived, parsed, validated, promoted;
every tenth is followed by the extraction of claims, every fiftieth by maintenance.

The soak lasts hours, on a machine whose other work comes and goes, so times of its beginning and its end can't be
compared as a clock shows them. Two ratios stand in, and both must hold: a load's processor time in units of a fixed
piece of work done right before it (shows a process that gets slower), and the clock's time of the last loads beside
loads into a copy of the young lake, in turns within the same minutes (shows a lake that gets slower to work with, waits
for the disk included).
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import shutil
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
        processor: seconds of processor time of the same, children included.
        yardstick: seconds of processor time that a fixed piece of work took right before.
        memory: resident bytes.
        handles: open files.
        files: Parquet files that the lake, facts and history are read from.
        stored: Parquet files on disk.
    """

    seconds: float
    processor: float
    yardstick: float
    memory: int
    handles: int
    files: int
    stored: int

    @property
    def work(self) -> float:
        """Processor time of the load in units of the fixed piece of work."""
        return self.processor / self.yardstick


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
        tenth = max(1, count // 10)
        moments, young = [], []
        for number in range(count):
            if number == tenth:
                shutil.copytree(root / "data", root / "young")
            moments.append(_bring_in(server, name, number))
            if number >= count - tenth:
                os.environ["ARMSLEDGER_DATA"] = str(root / "young")
                young.append(_bring_in(server, name, number - count + 2 * tenth))
                os.environ["ARMSLEDGER_DATA"] = str(root / "data")
            if trace:
                beside = {"beside": young[-1].seconds} if young else {}
                with trace.open("a", encoding="utf-8") as lines:
                    print(json.dumps({"load": number, **vars(moments[-1]), **beside}), file=lines)
        rows = _count_rows()
    return Report(f"{count:,} small loads of {STORIES} articles each", tuple(_tell(moments, young, rows)))


def _bring_in(server: ScriptedServer, name: str, number: int) -> Moment:
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
    yardstick = _do_fixed_work()
    began, processor = time.perf_counter(), _read_processor()
    stages.ingest_source(name, run_after=FIRST_HOUR + timedelta(hours=number))
    seconds, processor = time.perf_counter() - began, _read_processor() - processor
    data = Settings.from_environment().data
    if number % CLAIMS_EVERY == CLAIMS_EVERY - 1:
        for load_id in stages.stage_claims():
            stages.settle_load("transfer_claims", load_id)
    if number % MAINTAIN_EVERY == MAINTAIN_EVERY - 1:
        outcome = maintain(data, Upkeep(grace=timedelta(0)))
        assert not outcome.problems, outcome.problems
        print(f"load {number + 1:,}: {seconds:.2f} s, {_read_memory() / _MIB:,.0f} MiB", flush=True)
    handles = len(os.listdir("/proc/self/fd"))
    return Moment(seconds, processor, yardstick, _read_memory(), handles, _count_files(data), _count_stored(data))


def _read_processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _do_fixed_work() -> float:
    """Do what takes as long at the end as at the beginning; gives its processor time in seconds."""
    began = time.process_time()
    sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in range(30_000))
    return time.process_time() - began


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


def _tell(moments: list[Moment], young: list[Moment], rows: int) -> list[Measurement]:
    count, tenth = len(moments), len(young)
    # the first loads load libraries and fill caches
    early, late = moments[tenth : 2 * tenth], moments[-tenth:]

    def grown(name: str) -> tuple[float, float, float]:
        before, after = (statistics.median(getattr(one, name) for one in some) for some in (early, late))
        return before, after, after / before

    seconds, work, memory, handles = grown("seconds"), grown("work"), grown("memory"), grown("handles")
    beside = statistics.median(old.seconds / new.seconds for old, new in zip(late, young, strict=True))
    half = max(one.files for one in moments[: count // 2])
    return [
        Measurement("processor time per load, last tenth against second tenth", work[2], "x", limit=GROWTH,
                    note=f"in units of a fixed piece of work: median {work[0]:.1f}, then {work[1]:.1f}"),
        Measurement("time per load, whole lake against young lake in turns", beside, "x", limit=GROWTH,
                    note=f"median of {tenth} pairs"),
        Measurement("the same across hours, other work of the machine included", seconds[2], "x",
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
