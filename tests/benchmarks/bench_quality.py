"""What the gate of claims costs: a million claims, ten million, beside their extraction; and the reports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from claims_load import CLAIMS_OF_ARTICLE, stage_claims
from corpus import make_batch, make_relevant
from results import Measurement, Report, measure_rate

from expectations import report
from extract.claims import extract_claims
from warehouse import lake
from warehouse.settings import DataDirectory, Settings

_MILLION = 1_000_000
_GIB = 2**30
_LOADS = 200  # validations whose front page is built
_PAGES = Path(__file__).resolve().parents[1] / "integration"

_GATE = """
import json, resource, sys, time
from pathlib import Path
from expectations import engine, gate
from warehouse.settings import DataDirectory, Settings
root = Path(sys.argv[1])
settings = Settings(data=DataDirectory(root), sources=root / "sources.toml")
wall, busy = time.perf_counter(), time.process_time()
receipt = gate.validate_load(settings, "transfer_claims", "claims-1").receipt
told = {
    "wall": time.perf_counter() - wall,
    "busy": time.process_time() - busy,
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "verdict": receipt.verdict,
}
print("RESULT" + json.dumps(told))
"""


def run() -> Report:
    """Measure gate 2 in a process of its own, on loads made from a seed text, and the front page."""
    one, ten = _validate(_MILLION), _validate(10 * _MILLION)
    growth = ten["busy"] / one["busy"] / 10
    return Report(
        "gate of claims, the whole suite",
        (
            Measurement("1 million claims", one["wall"], "s", limit=15, note=_tell(one)),
            Measurement("1 million claims, memory", one["memory"] / _GIB, "GiB", limit=2),
            Measurement("10 million claims", ten["wall"], "s", note=_tell(ten)),
            Measurement("10 million claims, memory", ten["memory"] / _GIB, "GiB", limit=6, note="by column groups"),
            Measurement("CPU of 10 million by that of ten times 1 million", growth, "x", limit=1.5, note="1 is linear"),
            _measure_share(one),
            *_measure_reports(),
        ),
    )


def _validate(claims: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        stage_claims(DataDirectory(Path(folder)), claims)
        done = subprocess.run([sys.executable, "-c", _GATE, folder], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    told: dict[str, Any] = json.loads(line.removeprefix("RESULT"))
    if told["verdict"] != "passed":
        raise RuntimeError(f"the gate refused a good load of {claims:,} claims")
    return told


def _tell(told: dict[str, Any]) -> str:
    return f"{told['busy']:.1f} s of CPU; after the import of Great Expectations"


def _measure_share(one: dict[str, Any]) -> Measurement:
    """CPU of the gate beside that of extracting as many claims from articles of usual length."""
    batch = make_batch(make_relevant(50))
    claims = extract_claims(batch).num_rows
    rate = measure_rate(lambda: extract_claims(batch), claims)
    share = one["busy"] / (_MILLION / rate)
    note = f"of extraction, which gives {rate:,.0f} claims a second"
    return Measurement("what the gate adds to a load of claims", 100 * share, "%", limit=25, note=note)


def _measure_reports() -> tuple[Measurement, ...]:
    """Time to build the front page over many loads, and to show it in Chromium."""
    root = Path(tempfile.mkdtemp())
    try:
        settings = Settings(data=DataDirectory(root), sources=root / "sources.toml")
        lake.initialise(settings.data)
        _tell_loads(settings)
        started = time.perf_counter()
        report.build_reports(settings)
        built = time.perf_counter() - started
        return (
            Measurement("front page, build", built, "s", limit=10, note=f"{_LOADS} loads"),
            _measure_page(settings.data.reports),
        )
    finally:
        shutil.rmtree(root)


def _tell_loads(settings: Settings) -> None:
    from warehouse import ops

    counts = {"rows_in": 100, "rows_out": 99, "rows_quarantined": 1, "rows_waived": 0, "checks": 35, "failures": 1}
    for number in range(_LOADS):
        load_id = f"load-{number:04}"
        run = {"validation_id": f"v-{number:04}", "load_id": load_id, "table_name": "articles", "source_id": "wire"}
        more = {"verdict": "rows_set_aside", "warnings": 0, "seconds": 1.0}
        ops.append(settings.data, "validations", [{**run, **counts, **more}])
        fact = {"load_id": load_id, "table_name": "articles", "source_id": "wire", "stage": "gate"}
        told = {"outcome": "promoted", "rows_in": 100, "rows_out": 99, "rows_quarantined": 1}
        ops.append(settings.data, "loads", [{**fact, **told}])
        row = {name: run[name] for name in ("load_id", "table_name", "source_id", "validation_id")}
        why = {"quarantine_id": f"{number:012x}", "row_key": f"{number:016x}", "expectations": "expect_this(title)"}
        ops.append(settings.data, "quarantined_rows", [{**row, **why, "is_waivable": True, "raw_row": "{}"}])


def _measure_page(reports: Path) -> Measurement:
    what = "front page, shown in Chromium"
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        return Measurement(
            what, None, "s", limit=1, note="Chromium isn't installed: apt install chromium chromium-driver"
        )
    sys.path.insert(0, str(_PAGES))
    from browser import open_browser, serve_reports

    with open_browser() as browser, serve_reports(reports) as address:
        browser.visit(f"{address}/index.html")
        seconds = min(browser.visit(f"{address}/index.html").seconds for _ in range(3))
    return Measurement(
        what, seconds, "s", limit=1, note="from the start of the navigation to the end of its load event"
    )


__all__ = ["CLAIMS_OF_ARTICLE", "run"]
