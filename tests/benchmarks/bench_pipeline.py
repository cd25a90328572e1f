"""The whole pipeline on pages that are fetched already: parse, validate, extract, validate, build, validate, publish.

Two-stage leaves out early what can't hold a claim; one-stage parses and keeps every page. The stages are called as the
tasks call them, and timed; then Airflow runs the same DAGs on the finished lake, where no task has anything to do: what
that takes is its own share. ``ARMSLEDGER_BENCH_PIPELINE`` names other numbers of pages than 100,000, and
``ARMSLEDGER_BENCH_STAGED`` one of ``two`` and ``one`` where only that is wanted. Limits are those for 100,000 pages;
for other numbers they are scaled, which is strict for few pages: a build takes most of its time whatever their number.
Beside each stage stands the processor's time, its children's too: on a machine that does other work the stage takes
longer, that hardly.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from results import Measurement, Report
from web_pages import archive_of

from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = 100_000
_RELEVANT_SHARE = 0.1
_LIMITS = {"two": 6.0, "one": 20.0}  # minutes
_AIRFLOW_SHARE = 10.0


def run() -> Report:
    """Measure each of the ways for each number of pages."""
    rows: list[Measurement] = []
    for pages in [int(size) for size in os.environ.get("ARMSLEDGER_BENCH_PIPELINE", str(PAGES)).split()]:
        for way in os.environ.get("ARMSLEDGER_BENCH_STAGED", "two one").split():
            rows += _measure(pages, way)
    return Report("whole pipeline on fetched pages, 10 % of them relevant", tuple(rows))


def _measure(pages: int, way: str) -> list[Measurement]:
    archive = archive_of(pages, relevant_share=_RELEVANT_SHARE)
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="armsledger-bench-") as folder:
        registry = Path(folder) / "sources.toml"
        registry.write_text("", encoding="utf-8")
        os.environ |= {"ARMSLEDGER_DATA": f"{folder}/data", "ARMSLEDGER_SOURCES": str(registry)}
        try:
            spent, counts = _run_stages(archive, has_gate=way == "two")
            idle = _time_airflow()
        finally:
            os.environ.clear()
            os.environ.update(before)
    return _tell(pages, way, spent, counts, idle)


@dataclass(frozen=True)
class Spent:
    """What a stage took.

    Attributes:
        clock: seconds by the clock.
        processor: seconds of all cores.
    """

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Spent:
        """Return what was spent up to now; of children those that have ended count."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return cls(time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used))

    def until_now(self) -> Spent:
        """Return what was spent since."""
        now = Spent.now()
        return Spent(now.clock - self.clock, now.processor - self.processor)


def _run_stages(archive: Path, *, has_gate: bool) -> tuple[dict[str, Spent], dict[str, int]]:
    """Run the stages on one archive; gives what each took, and rows by table."""
    from dags import stages
    from extract.bulk import archives, places
    from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
    from warehouse.manifests import read_manifest

    settings = Settings.from_environment()
    (place,) = places.find_archives([str(archive)], places.find_source_of_archives(settings.sources, None))
    spent: dict[str, Spent] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        before = Spent.now()
        outcome = work()
        spent[name] = before.until_now()
        return outcome

    options = archives.BulkOptions(has_gate=has_gate)
    timed("parse", lambda: archives.stage_archive(settings, place, archive, options=options))
    timed("validate articles", lambda: stages.settle_load("articles", place.load_id))
    loads = timed("extract", stages.stage_claims)
    timed("validate claims", lambda: [stages.settle_load("transfer_claims", load_id) for load_id in list(loads)])  # type: ignore[call-overload]
    build_id = timed("build", stages.build_candidate)
    timed("validate candidate", lambda: stages.gate_candidate(str(build_id)))
    timed("publish", lambda: stages.publish_release(str(build_id)))
    counts = {
        table.name: sum(entry.rows for entry in read_manifest(settings.data, table).loads)
        for table in (ARTICLES, TRANSFER_CLAIMS)
    }
    return spent, counts


def _time_airflow() -> float:
    """Run all DAGs on the finished lake, in a process of their own: no task has anything to do."""
    began = time.perf_counter()
    code = (
        "from dags import embedded\nfrom warehouse.settings import Settings\n"
        "embedded.prepare_airflow(Settings.from_environment())\n"
        "for dag_id in embedded.DAG_ORDER: embedded.run_dag(dag_id)\n"
    )
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _tell(pages: int, way: str, spent: dict[str, Spent], counts: dict[str, int], idle: float) -> list[Measurement]:
    what = f"{pages:,} pages, {way}-stage"
    total, processor = (sum(getattr(one, name) for one in spent.values()) for name in ("clock", "processor"))
    told = [*(f"{count:,} {name}" for name, count in counts.items()), f"{processor:,.0f} s of processor"]
    return [
        Measurement(what, total / 60, "min", limit=_LIMITS[way] * pages / PAGES, note=", ".join(told)),
        *(
            Measurement(
                f"  {name}", one.clock, "s",
                note=f"{one.clock / total:.0%} of the whole, {one.processor:,.1f} s of processor",
            )
            for name, one in spent.items()
        ),
        Measurement(
            "  Airflow's own share", idle / (total + idle) * 100, "%", limit=_AIRFLOW_SHARE,
            note=f"{idle:.0f} s for its start, its database and tasks that have nothing to do",
        ),
    ]  # fmt: skip
