"""A real run (``python -m dags run``) killed with all its children at random moments, then run again and compared."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import Measurement, Report
from stage_runs import rows_of_marts

from warehouse import lake
from warehouse.settings import DataDirectory


def measure_kills(count: int, seed: int) -> Report:
    """Kill this many runs, each on what the former left; every fourth data directory is begun anew.

    The moments are drawn evenly from the time that an undisturbed run takes.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="armsledger-soak-") as folder:
        root = Path(folder)
        began = time.monotonic()
        _run(root / "whole").check_returncode()
        whole = time.monotonic() - began
        expected = rows_of_marts(DataDirectory(root / "whole"))
        killed, differing, litter, doubled = 0, 0, 0, 0
        rounds = [min(4, count - first) for first in range(0, count, 4)]
        for number, kills in enumerate(rounds):
            data = DataDirectory(root / f"killed_{number}")
            for _ in range(kills):
                killed += _kill_after(data.root, chance.uniform(0.02, 0.98) * whole)
                if data.published.exists():
                    differing += rows_of_marts(data) != expected
                doubled += _count_doubled(data)
            _run(data.root).check_returncode()
            differing += rows_of_marts(data) != expected
            litter += len([*data.staging.glob("*/load=*"), *data.releases.glob(".writing-*")])
            print(f"{sum(rounds[: number + 1])} of {count} kills", flush=True)
            shutil.rmtree(data.root)
    return Report(
        f"a run of {whole:.0f} s killed at {count} random moments, seed {seed}",
        (
            Measurement("runs that were killed before their end", killed, "", note=f"of {count}"),
            Measurement("published releases that differ in any row", differing, "", limit=0),
            Measurement("articles and claims in the lake twice", doubled, "", limit=0),
            Measurement("loads and releases left half done after the rerun", litter, "", limit=0),
        ),
    )


def _environment(data: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
    return {**kept, "ARMSLEDGER_DATA": str(data)}


def _run(data: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "dags", "run"], env=_environment(data), stdout=subprocess.DEVNULL, check=False
    )


def _kill_after(data: Path, seconds: float) -> bool:
    """Run and kill the whole process group after a time; tells whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dags", "run"], env=_environment(data), stdout=subprocess.DEVNULL, process_group=0
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def _count_doubled(data: DataDirectory) -> int:
    doubled = 0
    for table, key in (("articles", "article_id"), ("transfer_claims", "claim_id")):
        ids = lake.read_current(data, table, columns=[key])[key].to_pylist()
        doubled += len(ids) - len(set(ids))
    return doubled
