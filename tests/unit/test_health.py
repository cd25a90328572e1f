"""``/health``: what a monitor gets, over HTTP, in each state."""

from __future__ import annotations

import http.client
import json
import os
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from gate_batches import ARTICLES, make_article, stage

from expectations import gate, report
from expectations.serving import build_server
from warehouse import clock, ops, releases

if TYPE_CHECKING:
    from warehouse.settings import Settings

GATE = {"table_name": "candidate", "rows_in": 9, "rows_out": 9, "rows_quarantined": 0, "rows_waived": 0, "seconds": 1.0}


def ask(settings: Settings) -> tuple[int, dict[str, Any]]:
    """Serve the portal and ask for its health."""
    with build_server(settings.data.reports, host="127.0.0.1", port=0, data=settings.data) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        connection.request("GET", "/health")
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        server.shutdown()
        thread.join()
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status, told


@pytest.fixture
def published(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Pretend that a release is published since an hour; what ``releases`` says of real ones has its own tests."""
    moment = clock.now() - timedelta(hours=1)
    release = releases.Release("r-1", moment.isoformat(), "1", "f", {}, {}, (), is_current=True)
    monkeypatch.setattr(releases, "current_release_id", lambda _: "r-1")
    monkeypatch.setattr(releases, "read_release", lambda *_: release)
    return settings


def tell_gate(settings: Settings, verdict: str, load_id: str, **more: Any) -> None:
    """Append a verdict."""
    counts = {"checks": 5, "failures": int(verdict == "failed"), "warnings": 0}
    fact = {**GATE, **counts, "validation_id": f"v-{load_id}", "load_id": load_id, "verdict": verdict, **more}
    ops.append(settings.data, "validations", [fact])


def test_without_a_release_it_is_failing(settings: Settings) -> None:
    status, told = ask(settings)
    assert (status, told["status"], told["reasons"]) == (503, "failing", ["nothing is published yet"])
    assert told["release"] is None


def test_a_release_and_passed_gates_are_ok(published: Settings) -> None:
    tell_gate(published, "passed", "build-1")
    status, told = ask(published)
    assert (status, told["status"], told["reasons"]) == (200, "ok", [])
    assert told["release"]["release_id"] == "r-1"
    assert 3600 <= told["release"]["age_seconds"] < 3700
    assert [(one["gate"], one["load_id"], one["verdict"]) for one in told["gates"]] == [
        ("candidate", "build-1", "passed")
    ]
    assert told["waiting"] == {"staged_loads": [], "quarantine": {"open": 0, "released": 0}}


def test_a_refused_candidate_is_failing_until_one_passes(published: Settings) -> None:
    tell_gate(published, "failed", "build-2")
    assert ask(published)[0] == 503
    tell_gate(published, "passed", "build-3", occurred_at=clock.now() + timedelta(seconds=1))
    assert ask(published)[0] == 200


def test_a_refused_candidate_is_not_forgotten_over_hundreds_of_empty_loads(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "NEWEST_FILES", 5)
    tell_gate(published, "failed", "build-2")
    for number in range(12):
        tell_gate(published, "empty", f"load-{number}", table_name="articles")
    status, told = ask(published)
    assert (status, told["reasons"]) == (503, ["candidate build-2 was refused"])


def test_a_refused_load_is_degraded_and_rows_in_quarantine_are_counted(published: Settings) -> None:
    stage(published, ARTICLES, "load-1", [make_article(1), make_article(2, title=" ")])
    gate.settle_load(published, "articles", "load-1")
    status, told = ask(published)
    assert (status, told["status"], told["waiting"]["quarantine"]["open"]) == (200, "ok", 1)
    stage(published, ARTICLES, "load-2", [make_article(3, title=" ")])
    gate.settle_load(published, "articles", "load-2")
    status, told = ask(published)
    assert (status, told["status"], told["reasons"]) == (200, "degraded", ["articles load-2 was refused"])


def test_a_load_that_waits_for_long_is_degraded(published: Settings) -> None:
    staged = stage(published, ARTICLES, "load-1", [make_article(1)])
    status, told = ask(published)
    assert (status, told["status"], told["waiting"]["staged_loads"]) == (200, "ok", ["articles/load-1"])
    before = (clock.now() - timedelta(hours=3)).timestamp()
    os.utime(staged.folder, (before, before))
    assert ask(published)[1]["status"] == "degraded"


def test_a_source_that_is_down_is_named_until_it_is_back_or_no_longer_asked(published: Settings) -> None:
    def tell(source: str, outcome: str, *, hours: float) -> None:
        moment = clock.now() - timedelta(hours=hours)
        fact = {"load_id": "l", "table_name": "articles", "stage": "ingest", "source_id": source, "outcome": outcome}
        ops.append(published.data, "loads", [{**fact, "occurred_at": moment}])

    for source, outcome, hours in (
        ("gone", "unreachable", 30),
        ("back", "unreachable", 2),
        ("down", "staged", 2),
        ("back", "empty", 1),
        ("down", "unreachable", 1),
    ):
        tell(source, outcome, hours=hours)
    status, told = ask(published)
    assert (status, told["status"], told["unreachable"]) == (200, "degraded", ["down"])
    assert told["reasons"] == ["could not be reached: down; ops.refusals tells why"]


@pytest.mark.parametrize(
    ("setting", "hours", "status"), [("3", 4, 503), ("3", 2, 200), (None, 400, 200), ("soon", 1, 503)]
)
def test_silence_is_failing_where_a_limit_is_set(
    published: Settings, monkeypatch: pytest.MonkeyPatch, setting: str | None, hours: int, status: int
) -> None:
    if setting:
        monkeypatch.setenv("ARMSLEDGER_HEALTH_HOURS", setting)
    moment = clock.now() - timedelta(hours=hours)
    fact = {"load_id": "l", "table_name": "articles", "stage": "ingest", "outcome": "empty", "occurred_at": moment}
    ops.append(published.data, "loads", [fact])
    answered, told = ask(published)
    assert answered == status
    assert all("ARMSLEDGER_HEALTH_HOURS" in reason for reason in told["reasons"])


def test_a_published_file_that_can_not_be_read_is_failing(settings: Settings) -> None:
    settings.data.warehouse.mkdir(parents=True)
    settings.data.published.write_bytes(b"no database")
    status, told = ask(settings)
    assert (status, told["status"]) == (503, "failing")
    assert "armsledger.duckdb" in told["reasons"][0]
