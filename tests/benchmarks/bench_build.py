"""How long a warehouse of generated claims takes to build, beside the same SQL by hand; its memory; its ready queries.

Each size runs in a process of its own, so that its peak is its own. ``ARMSLEDGER_BENCH_CLAIMS`` names other sizes than
one and ten million, smallest first; ten million take some 20 GiB of disk, in the system's folder for temporary files.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from claims_lake import write_lake
from results import Measurement, Report

from warehouse import build
from warehouse.prompt.ready import list_ready_queries
from warehouse.settings import DBT_PROJECT, SEEDS, DataDirectory, Settings

SIZES = "1_000_000 10_000_000"
_MEMORY_SIZE = 10_000_000
"""Claims for which a peak of memory is promised."""
_GIB = 2**20  # the kernel tells KiB


@dataclass(frozen=True)
class Run:
    """One size, measured.

    Attributes:
        claims: claims in the lake.
        build: seconds of the whole build: checking every byte, views, dbt with all its tests, docs, clean-up.
        hand: seconds of the same models, tests and seeds, run by hand in DuckDB, one after the other.
        start: seconds that dbt takes before it runs anything.
        peak: greatest resident memory of dbt's process, GiB. The process that waits for it is not counted: here it has
            generated the claims. A build alone takes 0.65 GiB there, at ten million claims.
        slowest: name of the slowest of the ready queries on what was built.
        slowest_seconds: its time, the best of three with two threads, all rows fetched.
        queries: ready queries that were run.
        statements: models, tests and seeds that were run by hand.
        failed: dbt nodes that failed; warnings are none.
    """

    claims: int
    build: float
    hand: float
    start: float
    peak: float
    statements: int
    failed: int
    slowest: str
    slowest_seconds: float
    queries: int


def run() -> Report:
    """Build each size, then run the same SQL by hand."""
    sizes = [int(size) for size in os.environ.get("ARMSLEDGER_BENCH_CLAIMS", SIZES).split()]
    runs = [_measure_apart(size) for size in sizes]
    rows = [row for one in runs for row in _tell(one)]
    rows += [_tell_growth(smaller, larger) for smaller, larger in pairwise(runs)]
    return Report("warehouse built from generated claims, against the same SQL by hand", tuple(rows))


def _tell(one: Run) -> list[Measurement]:
    what = f"{one.claims:,} claims"
    by_hand = f"{one.build:,.0f} s against {one.hand:,.0f} s by hand and {one.start:.0f} s for dbt's start"
    failed = f"; {one.failed} dbt nodes FAILED" if one.failed else ""
    limit = 8.0 if one.claims <= _MEMORY_SIZE else None
    return [
        Measurement(f"{what}, build by hand-run SQL + start", one.build / (one.hand + one.start), "x", None,
                    f"{by_hand}, {one.statements} statements{failed}", limit=1.5),
        Measurement(f"{what}, peak memory", one.peak, "GiB", None, "dbt's process, resident", limit=limit),
        Measurement(f"{what}, slowest of {one.queries} ready queries", one.slowest_seconds, "s", None,
                    f"{one.slowest}, all rows fetched", limit=1),
    ]  # fmt: skip


def _tell_growth(smaller: Run, larger: Run) -> Measurement:
    growth = (larger.build - larger.start) / (smaller.build - smaller.start)
    allowed = larger.claims * math.log(larger.claims) / (smaller.claims * math.log(smaller.claims))
    note = "time of the build without dbt's start; the limit is n log n"
    return Measurement(f"{smaller.claims:,} to {larger.claims:,} claims", growth, "x", None, note, limit=allowed)


def _measure_apart(claims: int) -> Run:
    outcome = subprocess.run(
        [sys.executable, __file__, str(claims)], stdout=subprocess.PIPE, text=True, check=True, cwd=Path.cwd()
    )
    return Run(**json.loads(outcome.stdout.splitlines()[-1]))


def measure(claims: int) -> Run:
    """Build a lake of this many claims in a folder that is removed again, and run its SQL by hand."""
    with tempfile.TemporaryDirectory(prefix="armsledger-bench-") as folder:
        data = DataDirectory(Path(folder))
        write_lake(data, claims)
        settings = Settings(data, data.root / "sources.toml")
        began = time.perf_counter()
        candidate = build.build(settings)
        built = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        failed = [r for r in build.read_test_results(candidate) if not r.is_success and r.severity == "critical"]
        timed = _time_queries(candidate.database)
        start = _time_start(candidate)
        nodes = _list_nodes(candidate)
        candidate.database.unlink()
        hand = _time_by_hand(settings, candidate, nodes)
    slowest = max(timed, key=lambda name: timed[name])
    return Run(
        claims, built, hand, start, used / _GIB, len(nodes), len(failed), slowest, timed[slowest], len(timed)
    )  # fmt: skip


def _time_queries(database: Path) -> dict[str, float]:
    """Time each ready query on the built database: seconds by name, the best of three, as `make sql` would wait."""
    timed: dict[str, float] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set threads = 2")
        for query in list_ready_queries():
            for _ in range(3):
                began = time.perf_counter()
                connection.execute(query.sql).fetchall()
                timed[query.name] = min(timed.get(query.name, math.inf), time.perf_counter() - began)
    return timed


def _time_start(candidate: build.Candidate) -> float:
    """Time dbt until it could run the first model: loading itself, reading the project, connecting."""
    target = candidate.folder / "start"
    began = time.perf_counter()
    subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "--quiet", "parse", "--no-partial-parse"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env={**os.environ, "ARMSLEDGER_CANDIDATE": str(target / "none.duckdb"), "DO_NOT_TRACK": "1"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def _list_nodes(candidate: build.Candidate) -> list[dict[str, Any]]:
    """Return what dbt ran, as its manifest has it, each node after those that it reads."""
    manifest = json.loads((candidate.folder / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    nodes = {name: n for name, n in manifest["nodes"].items() if n["resource_type"] in ("seed", "model", "test")}
    ordered: dict[str, dict[str, Any]] = {}

    def place(name: str) -> None:
        if name in ordered or name not in nodes:
            return
        for parent in nodes[name]["depends_on"].get("nodes", ()):
            place(parent)
        ordered[name] = nodes[name]

    for name in nodes:
        place(name)
    return list(ordered.values())


def _time_by_hand(settings: Settings, candidate: build.Candidate, nodes: list[dict[str, Any]]) -> float:
    """Run the SQL that dbt had compiled, one statement after the other, with the settings that dbt had."""
    build.attach_lake(settings.data, candidate, build.read_manifests(settings.data))
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set memory_limit = '{os.environ.get('ARMSLEDGER_DUCKDB_MEMORY', '6GB')}'")
        for schema in sorted({node["schema"] for node in nodes if node["resource_type"] != "test"}):
            connection.execute(f"create schema if not exists {schema}")
        began = time.perf_counter()
        for node in nodes:
            _run_node(connection, node)
        connection.execute("checkpoint")
        return time.perf_counter() - began


def _run_node(connection: duckdb.DuckDBPyConnection, node: dict[str, Any]) -> None:
    relation = f"{node['schema']}.{node.get('alias')}"
    if node["resource_type"] == "seed":
        types = {name: kind or "varchar" for name, kind in node["config"]["column_types"].items()}
        connection.execute(
            f"create table {relation} as "
            f"select * from read_csv('{SEEDS}/{node['name']}.csv', header = true, columns = {types})"
        )
    elif node["resource_type"] == "test":
        connection.execute(f"select count(*) from ({node['compiled_code']}) as broken").fetchone()
    else:
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        connection.execute(f"create {kind} {relation} as {node['compiled_code']}")


if __name__ == "__main__":
    print(json.dumps(asdict(measure(int(sys.argv[1])))))
