"""What a run tells of itself: its id in ops, metrics over UDP, log lines, lineage of a command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from gate_batches import ARTICLES, make_article, stage

from expectations.__main__ import cli
from warehouse import command_line, ops
from warehouse.errors import SettingsError
from warehouse.observing import facts, metrics, runs
from warehouse.observing.day_files import append_line
from warehouse.observing.lineage import describe_flow
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from warehouse.settings import DataDirectory, Settings

RUN = runs.Run("ingest_articles/scheduled__2026-03-10T12:00:00+00:00", "ingest_source[2]#1")
STAGED = {"load_id": "load-1", "table_name": "articles", "source_id": "wire", "stage": "ingest", "outcome": "staged"}


@pytest.fixture
def statsd_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Listen for metrics on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        monkeypatch.setenv(metrics.SETTING, f"127.0.0.1:{server.getsockname()[1]}")
        yield server


def receive(server: socket.socket) -> dict[str, str]:
    """Return the metrics of one datagram, value by name."""
    lines = server.recv(65_535).decode().splitlines()
    return dict(line.split(":", 1) for line in lines)


def read_lines(folder: Path) -> list[dict[str, Any]]:
    """Return the documents of the day files of a folder."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def test_facts_carry_the_run_that_told_them(data: DataDirectory) -> None:
    ops.append(data, "loads", [STAGED])
    with runs.working_for(RUN):
        ops.append(data, "loads", [STAGED])
    ops.append(data, "loads", [STAGED])
    told = [(row["run_id"], row["task"]) for row in ops.read(data, "loads").to_pylist()]
    assert told == [(None, None), (RUN.run_id, RUN.task), (None, None)]


def test_a_child_process_works_for_the_same_run() -> None:
    with runs.working_for(RUN):
        code = "from warehouse.observing import runs; print(runs.current().run_id)"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == RUN.run_id


def test_metrics_are_sent_for_pages_claims_rows_set_aside_and_durations(
    data: DataDirectory, statsd_server: socket.socket
) -> None:
    ops.append(data, "loads", [{**STAGED, "rows_in": 12, "rows_out": 9, "seconds": 1.5}])
    assert receive(statsd_server) == {
        "armsledger.stage.ingest.staged": "1|c",
        "armsledger.pages": "12|c",
        "armsledger.staged.articles": "9|c",
        "armsledger.stage.ingest": "1500.000000|ms",
    }
    claims = {**STAGED, "table_name": "transfer_claims", "source_id": None, "stage": "extract"}
    ops.append(data, "loads", [{**claims, "rows_in": 9, "rows_out": 31}])
    assert receive(statsd_server)["armsledger.claims"] == "31|c"
    gate = {**STAGED, "stage": "gate", "outcome": "promoted", "rows_in": 9, "rows_out": 7, "rows_quarantined": 2}
    ops.append(data, "loads", [gate])
    told = receive(statsd_server)
    assert (told["armsledger.promoted.articles"], told["armsledger.quarantined.articles"]) == ("7|c", "2|c")


def test_a_gate_sends_its_verdict_and_a_load_refused_whole_its_rows(
    settings: Settings, statsd_server: socket.socket
) -> None:
    from expectations import gate

    stage(settings, ARTICLES, "load-1", [make_article(1, title=" ")])
    assert not gate.settle_load(settings, "articles", "load-1").has_passed
    told: dict[str, str] = {}
    while "armsledger.quarantined.articles" not in told:
        told |= receive(statsd_server)
    assert told["armsledger.gate.articles.failed"] == "1|c"
    assert told["armsledger.gate.articles"].endswith("|ms")
    assert told["armsledger.quarantined.articles"] == "1|c"


def test_no_metrics_without_a_server_and_a_wrong_setting_stops_no_stage(
    data: DataDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(metrics.SETTING, raising=False)
    metrics.count("loads", [])
    for wrong in ("8125", "host:", "host:99999", "no such host.example:8125"):
        with pytest.raises(SettingsError, match=r"ARMSLEDGER_STATSD=.*host:port"):
            metrics.read_address(wrong)
        monkeypatch.setenv(metrics.SETTING, wrong)
        ops.append(data, "loads", [STAGED])
    assert ops.read(data, "loads").num_rows == 4


def test_log_lines_carry_the_run_and_a_level(data: DataDirectory) -> None:
    with runs.working_for(RUN):
        ops.append(data, "loads", [{**STAGED, "rows_out": 3}, {**STAGED, "outcome": "unreachable", "reason": "é"}])
    first, second = read_lines(data.logs)
    assert (first["level"], first["event"], first["run_id"], first["task"]) == ("info", "ops.loads", *vars_of(RUN))
    assert (first["load_id"], first["rows_out"]) == ("load-1", 3)
    assert (second["level"], second["reason"]) == ("warning", "é")


def vars_of(run: runs.Run) -> tuple[str, str]:
    """Return the fields of a run."""
    return run.run_id, run.task


def test_log_goes_to_stderr_or_nowhere_as_set(
    data: DataDirectory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARMSLEDGER_LOG", "stderr")
    ops.append(data, "loads", [STAGED])
    assert json.loads(capsys.readouterr().err)["load_id"] == "load-1"
    monkeypatch.setenv("ARMSLEDGER_LOG", "off")
    ops.append(data, "loads", [STAGED])
    assert capsys.readouterr().err == ""
    assert not list(data.logs.glob("events-*"))


def test_what_can_not_be_observed_is_appended_all_the_same(data: DataDirectory) -> None:
    data.root.mkdir(parents=True, exist_ok=True)
    if data.logs.exists():
        data.logs.rmdir()
    data.logs.write_text("a file where the folder should be")
    ops.append(data, "loads", [STAGED])
    assert ops.read(data, "loads").num_rows == 1


def _append_many(folder: Path, number: int) -> None:
    for line in range(50):
        append_line(folder, "events", json.dumps({"number": number, "line": line, "filling": "x" * 20_000}))


def test_lines_of_several_processes_stay_whole(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(_append_many, [tmp_path] * 4, range(4)))
    lines = read_lines(tmp_path)
    assert sorted((line["number"], line["line"]) for line in lines) == [(n, m) for n in range(4) for m in range(50)]


def test_a_flow_is_read_from_facts() -> None:
    loads = [
        {**STAGED, "rows_out": 9},
        {**STAGED, "stage": "gate", "outcome": "promoted", "rows_out": 7},
        {**STAGED, "load_id": "load-2", "stage": "gate", "outcome": "quarantined", "rows_out": 0},
    ]
    flow = describe_flow([facts.Fact("loads", row) for row in loads])
    assert [one.name for one in flow.inputs] == ["source.wire", "staging.articles"]
    assert {one.name: one.outputFacets["outputStatistics"].rowCount for one in flow.outputs} == {
        "staging.articles": 9,
        "raw.articles": 7,
        "quarantine.articles": 0,
    }
    assert flow.loads == ["load-1", "load-2"]


@pytest.fixture
def settle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Give what runs gate 1 as its command does, in this process, and returns the exit code."""
    for name in [name for name in os.environ if name.startswith(("ARMSLEDGER", "OPENLINEAGE"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))

    def run(load_id: str) -> int:
        monkeypatch.setattr(sys, "argv", ["expectations", "articles", "--load", load_id])
        with pytest.raises(SystemExit) as end:
            command_line.run(cli, "python -m expectations")
        return int(end.value.code or 0)

    return run


def test_a_command_is_a_run_with_its_lineage(settings: Settings, settle: Callable[[str], int]) -> None:
    stage(settings, ARTICLES, "load-1", [make_article(1), make_article(2)])
    stage(settings, ARTICLES, "load-2", [make_article(3, title=" ")])
    assert (settle("load-1"), settle("load-2")) == (0, 1)
    good_start, good, bad_start, bad = read_lines(settings.data.lineage)
    assert [one["eventType"] for one in (good_start, good, bad_start, bad)] == ["START", "COMPLETE", "START", "FAIL"]
    assert good["job"]["name"] == "expectations.articles"
    assert good["run"]["runId"] == good_start["run"]["runId"] != bad["run"]["runId"]
    (read,), (written,) = good["inputs"], good["outputs"]
    assert (read["name"], written["name"]) == ("staging.articles", "raw.articles")
    assert written["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert written["facets"]["version"]["datasetVersion"] == "load-1"
    assertions = read["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert len(assertions) > 20
    assert all(one["success"] for one in assertions)
    (refused,) = bad["inputs"]
    broken = [one for one in refused["inputFacets"]["dataQualityAssertions"]["assertions"] if not one["success"]]
    assert [(one.get("column"), one["severity"]) for one in broken] == [("title", "error"), (None, "error")]
    assert bad["outputs"][0]["name"] == "quarantine.articles"
    assert "errorMessage" in bad["run"]["facets"]
    rows = ops.read(settings.data, "loads").to_pylist()
    told = {row["load_id"]: row["run_id"] for row in rows if row["stage"] == "gate"}
    assert told["load-1"] == good["run"]["facets"]["armsledger"]["runId"]
    assert told["load-1"].startswith("shell/")
    assert told["load-1"] != told["load-2"]
    last = read_lines(settings.data.logs)[-1]
    assert (last["event"], last["level"], last["run_id"]) == ("command.failed", "error", told["load-2"])
    assert runs.current() is None


def test_lineage_can_be_switched_off(
    settings: Settings, settle: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    assert settle("load-1") == 0
    assert not settings.data.lineage.exists()
