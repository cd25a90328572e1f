"""What `make run` runs, as a user runs it: Airflow embedded, over real HTTP, to a published release."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import database, ops, releases
from warehouse.files import exclusive
from warehouse.prompt.ready import find_ready_query
from warehouse.settings import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

DEADLINE_SECONDS = 400
SAMPLES = Path(__file__).resolve().parents[2] / "extract" / "sample"


def environment(data: Path, **more: str) -> dict[str, str]:
    """Return an environment in which only the data directory, and what is told, is set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
    return {**kept, "ARMSLEDGER_DATA": str(data), "NO_COLOR": "1", "COLUMNS": "160", **more}


def run(data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the DAGs once."""
    return subprocess.run(
        [sys.executable, "-m", "dags", "run"],
        env=environment(data, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )


def rows_of_marts(data: Path) -> dict[str, list[tuple]]:
    """Return every row of every mart of the published database, without what names a load, a release or a moment.

    Sums of floating-point numbers are compared to 12 digits: in which order the threads add them is free.
    """
    published = DataDirectory(data).published
    marts = {}
    for name in database.list_relations(published, "marts"):
        rows = database.read_relation(published, f"marts.{name}")
        columns = [c for c in rows.column_names if c not in ("load_id", "fetched_at") and not c.endswith("release_id")]
        marts[name] = sorted(
            repr({key: float(f"{cell:.12g}") if isinstance(cell, float) else cell for key, cell in row.items()})
            for row in rows.select(columns).to_pylist()
        )
    return marts


def fingerprint(folder: Path) -> str:
    """Return a hash over the names and bytes of all files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def copy_of(data: Path, target: Path) -> Path:
    """Copy a data directory, so that a test may spoil it. Airflow's database names its folder and is left out."""
    shutil.copytree(data, target, ignore=shutil.ignore_patterns("airflow"))
    return target


def test_run_shows_transfers_verdicts_times_and_places_and_nothing_else(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data, done = first_run
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for stage in ("ingest_articles", "extract_claims", "build_warehouse"):
        assert re.search(rf"✓ {stage}", done.stdout)
    assert "Arms transfers by supplier, recipient and year" in done.stdout
    assert re.search(r"France +Indonesia +2022 +aircraft", done.stdout)
    assert re.search(r"marts +\S+ +\d+ +0 +\d+ +0 +passed", done.stdout)
    assert len(re.findall(r"articles +\w+-\w+ +\d+ +0 +\d+ +0 +passed", done.stdout)) == 3
    named = re.findall(r"^(?:warehouse|reports|dbt docs|log) +(\S.*?) *$", done.stdout, flags=re.M)
    assert len(named) == 4
    assert all(Path(path).is_file() for path in named)
    assert not re.search(r"Traceback|WARNING|INFO|\[info", done.stdout)
    assert data.is_dir()


def test_release_holds_every_article_and_every_load(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data = DataDirectory(first_run[0])
    pages = len([path for path in SAMPLES.rglob("*.html") if path.name != "terms.html"])
    counted = database.query(data.published, "select count(*) as n from marts.dim_articles")["n"][0].as_py()
    refused = ops.read(data, "refusals").num_rows
    assert counted + refused == pages
    assert counted > 60
    [release] = releases.list_releases(data)
    assert release.is_current
    assert set(release.row_counts) >= {"marts.fct_deals", "marts.fct_country_year_transfers", "ops.validation_results"}
    results = database.query(data.published, "select distinct tool from ops.validation_results order by tool")
    assert results["tool"].to_pylist() == ["dbt", "great_expectations"]


def test_a_mart_row_leads_to_the_runs_that_brought_it(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data = DataDirectory(first_run[0])
    rows = database.query(data.published, find_ready_query("runs_behind_country").sql).to_pylist()
    assert rows
    for row in rows:
        assert re.fullmatch(r"ingest_articles/manual__\S+", row["article_run_id"]), row
        assert re.fullmatch(r"ingest_source\[\d\]#1", row["article_task"]), row
        assert row["claim_run_id"].startswith("extract_claims/manual__"), row
    told = {row["run_id"] for row in ops.read(data, "loads").to_pylist()}
    assert {name.partition("/")[0] for name in told} == {"ingest_articles", "extract_claims", "build_warehouse"}


def test_lineage_leads_from_a_source_to_the_release(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data = DataDirectory(first_run[0])
    lines = [line for path in data.lineage.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    events = [json.loads(line) for line in lines]
    assert {event["eventType"] for event in events} == {"START", "COMPLETE"}
    edges: dict[str, set[str]] = {}
    for event in events:
        for read in event["inputs"]:
            edges.setdefault(read["name"], set()).update(written["name"] for written in event["outputs"])
    reached = {"source.meridian_defence"}
    while more := {name for known in reached for name in edges.get(known, ())} - reached:
        reached |= more
    assert {"raw.articles", "raw.transfer_claims", "candidate", "release"} <= reached
    marts = {f"marts.{name}" for name in database.list_relations(data.published, "marts")}
    unread = {f"marts.dim_{name}" for name in ("countries", "dates", "weapon_categories", "years")}
    assert marts - reached == unread, "these are made of seeds, or of the calendar"
    by_job = {event["job"]["name"]: event for event in events if event["eventType"] == "COMPLETE"}
    build = by_job["build_warehouse.build_candidate"]
    model = next(event for name, event in by_job.items() if "fct_deals.build.run" in name)
    assert model["run"]["facets"]["parent"]["run"]["runId"] == build["run"]["runId"]
    assert build["run"]["facets"]["armsledger"]["runId"].startswith("build_warehouse/manual__")


def test_every_claim_leads_to_a_sentence_of_its_article(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data = DataDirectory(first_run[0])
    claims = database.query(
        data.published,
        """
        select claims.evidence_text, claims.evidence_field, articles.url
        from marts.fct_transfer_claims as claims
        inner join marts.dim_articles as articles on claims.article_key = articles.article_key
        """,
    ).to_pylist()
    assert len(claims) > 50
    assert all(len(claim["evidence_text"]) > 15 and ".example/" in claim["url"] for claim in claims)


def test_running_again_changes_nothing(
    first_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    data = copy_of(first_run[0], tmp_path / "data")
    before = fingerprint(data / "raw"), fingerprint(data / "warehouse")
    manifest = (data / "raw" / "articles" / "manifest.json").read_bytes()
    again = run(data)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing new to validate" in again.stdout
    assert (fingerprint(data / "raw"), fingerprint(data / "warehouse"))[1] == before[1]
    assert (data / "raw" / "articles" / "manifest.json").read_bytes() == manifest
    assert fingerprint(data / "raw") == before[0]


def test_no_source_at_all_is_an_error_and_the_published_file_stays(
    first_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    data = copy_of(first_run[0], tmp_path / "data")
    before = fingerprint(data / "warehouse")
    done = run(data, ARMSLEDGER_HOST_OVERRIDES="*.example=127.0.0.1:9")
    assert done.returncode == 1
    assert "error: no source could be ingested: ingest_articles failed" in done.stdout
    assert len(re.findall(r"unreachable: (\w+)", done.stdout)) >= 3
    assert "published warehouse is as it was" in done.stdout
    assert fingerprint(data / "warehouse") == before


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with exclusive(data / ".run.lock"):
        done = run(data)
    assert done.returncode == 1
    assert f"error: another run is working on {data}" in done.stderr
    assert not (data / "raw" / "articles" / "manifest.json").exists()


def test_make_sql_passes_the_query_as_typed(first_run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    done = subprocess.run(
        ["make", "--silent", "sql", "Q=select '$HOME $(SHELL)' as told, count(*) > 0 as has_deals from fct_deals"],
        env=environment(first_run[0]),
        cwd=SAMPLES.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "$HOME $(SHELL)" in done.stdout, done.stdout + done.stderr
    assert "true" in done.stdout


def kill_when(data: Path, is_reached: Callable[[Path], bool]) -> bool:
    """Start a run and kill -9 the whole process group as soon as a state of the data directory is reached.

    Returns:
        Whether the state was reached before the run ended.
    """
    with (data.parent / "killed.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dags", "run"],
            env=environment(data),
            stdout=log,
            stderr=log,
            process_group=0,
        )
        deadline = time.monotonic() + DEADLINE_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if is_reached(data):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return True
            time.sleep(0.005)
        process.wait()
    return False


KILL_POINTS: dict[str, Callable[[Path], bool]] = {
    "while claims are staged": lambda data: any(data.glob("staging/transfer_claims/load=*")),
    "while dbt builds": lambda data: any(data.glob("warehouse/candidates/*/armsledger.duckdb")),
    "at the swap": lambda data: (data / "warehouse/armsledger.duckdb").exists(),
}
"""Moments when Airflow and its children are killed together; ``test_run_faults.py`` kills at each commit point."""


@pytest.mark.timeout(900)  # four runs of all DAGs, one after the other
def test_a_run_killed_with_all_its_children_is_completed_by_the_next(
    first_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    reached = [name for name, is_reached in KILL_POINTS.items() if kill_when(data, is_reached)]
    assert len(reached) >= len(KILL_POINTS) - 1, reached
    done = run(data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows_of_marts(data) == rows_of_marts(first_run[0])
    assert not list(data.glob("staging/*/load=*"))
    assert not list(data.glob("warehouse/releases/.writing-*"))
    assert not list(data.glob("quarantine/*/load=*"))
