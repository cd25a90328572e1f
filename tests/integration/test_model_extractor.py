"""The model behind the extractor's interface: from the lake to a gate, beside the rules, and on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from floor_samples import build_articles, pass_receipt
from model_server import (
    NORWAY,
    ModelServer,
    reply_claims,
    reply_error,
    reply_text,
    serve_model,
    tell_claim,
    tell_finland,
)

from expectations import gate
from extract import claims
from extract.events import stage_claims, stage_past
from extract.extractors import build_extractor
from extract.model.extractor import ModelUnavailable
from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import DataDirectory, Settings

ORIGIN = "https://strait-monitor.example/"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """Give a model, and an environment that leads to it."""
    with serve_model() as model:
        model.answer = lambda _: reply_claims(tell_claim(), tell_finland())
        for name, value in environment(model).items():
            monkeypatch.setenv(name, value)
        yield model


def environment(server: ModelServer, mode: str = "llm") -> dict[str, str]:
    names = {"MODEL": "Test-Model 7B", "URL": server.url, "KEY": "k-secret", "RETRIES": "0"}
    return {"ARMSLEDGER_EXTRACTOR": mode} | {f"ARMSLEDGER_LLM_{name}": value for name, value in names.items()}


def promote_texts(data: DataDirectory, load_id: str, *texts: str) -> None:
    """Bring articles with these texts into the lake."""
    rows = build_articles(load_id, count=len(texts)).to_pylist()
    published = datetime(2025, 5, 6, tzinfo=UTC)
    for row, text in zip(rows, texts, strict=True):
        row.update(title=NORWAY.title, text=text, published_at=published)
    with lake.LoadWriter(data, ARTICLES, load_id, source_id="strait_monitor") as writer:
        writer.write(pa.Table.from_pylist(rows, schema=ARTICLES.schema))
    assert writer.staged is not None
    lake.promote(data, "articles", load_id, pass_receipt(writer.staged))


def rows_of(settings: Settings, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ops.read(settings.data, table).to_pylist()
    return rows


def test_claims_of_a_model_pass_their_gate_and_carry_its_version(settings, server):
    promote_texts(settings.data, "a1", NORWAY.text, NORWAY.text + " More.")
    result = stage_claims(settings)
    assert result is not None
    assert (result.articles, result.rows) == (2, 4)
    receipt = gate.settle_load(settings, "transfer_claims", result.load_id)
    assert (receipt.has_passed, receipt.failures) == (True, ())
    rows = lake.read_current(settings.data, "transfer_claims").to_pylist()
    assert {row["extractor_version"].rpartition("-")[0] for row in rows} == {"llm-test-model-7b"}
    assert {row["rule_id"] for row in rows} == {"model"}
    assert stage_claims(settings) is None, "every article is covered by this model"
    (usage,) = rows_of(settings, "model_usage")
    assert (usage["load_id"], usage["extractor_mode"], usage["endpoint_host"]) == (result.load_id, "llm", "127.0.0.1")
    assert (usage["articles_asked"], usage["requests"], usage["prompt_tokens"]) == (2, 2, 2000)
    assert (usage["claims_told"], usage["claims_kept"]) == (4, 4)
    assert "2 articles asked about" in result.notes[0]
    assert "2 articles asked about" in next(
        row["reason"] for row in rows_of(settings, "loads") if row["stage"] == "extract"
    )


def test_another_model_reads_the_articles_again_and_replaces_the_claims(settings, server, monkeypatch):
    promote_texts(settings.data, "a1", NORWAY.text)
    first = stage_claims(settings)
    assert first is not None
    gate.settle_load(settings, "transfer_claims", first.load_id)
    monkeypatch.setenv("ARMSLEDGER_LLM_MODEL", "other")
    assert stage_claims(settings) is None
    second = stage_past(settings, "at_once")
    assert second is not None
    assert second.replaces == (first.load_id,)
    assert len(server.questions) == 2


def test_what_a_model_invents_is_told_in_ops_and_reaches_no_table(settings, server):
    invented = tell_claim(evidence_text="Norway has received 300 Leopard 2 tanks from Chad.")
    server.answer = lambda _: reply_claims(invented, tell_finland(), tell_claim(quantity_max=9999, quantity_min=9999))
    promote_texts(settings.data, "a1", NORWAY.text)
    result = stage_claims(settings)
    assert result is not None
    assert result.rows == 2
    refusals = rows_of(settings, "refusals")
    assert [(row["stage"], row["reason"], row["is_retried"]) for row in refusals] == [
        ("model", "evidence_not_in_article", False),
        ("model", "quantity_emptied", False),
    ]
    assert {(row["load_id"], row["source_id"], row["url"]) for row in refusals} == {
        (result.load_id, "strait_monitor", f"{ORIGIN}a1/0")
    }
    assert "300 Leopard 2" in refusals[0]["detail"]
    assert "2 refusals" in " ".join(result.notes)


def test_a_model_that_is_down_stages_nothing_and_the_next_run_asks_only_for_the_rest(settings, server):
    promote_texts(settings.data, "a1", *(f"{NORWAY.text} {number}" for number in range(6)))
    answered: list[str] = []

    def fail_later(question):
        if len(answered) >= 2:
            return reply_error(503)
        answered.append(question.user)
        return reply_claims(tell_claim())

    server.answer = fail_later
    with pytest.raises(ModelUnavailable, match=r"Test-Model 7B at http.*\[model_http_503\].*run it again"):
        stage_claims(settings)
    assert lake.list_staged(settings.data, "transfer_claims") == []
    assert rows_of(settings, "refusals") == []
    before = len(server.questions)
    server.answer = lambda _: reply_claims(tell_claim())
    result = stage_claims(settings)
    assert result is not None
    assert answered
    assert (result.rows, len(server.questions) - before) == (6, 6 - len(answered))


def test_both_stages_the_rules_claims_and_marks_where_the_model_differs(settings, server, monkeypatch):
    promote_texts(settings.data, "a1", NORWAY.text)
    monkeypatch.setenv("ARMSLEDGER_EXTRACTOR", "rules")
    plain = stage_claims(settings)
    assert plain is not None
    by_rules = lake.read_staged(settings.data, "transfer_claims", plain.load_id).read().to_pylist()
    monkeypatch.setenv("ARMSLEDGER_EXTRACTOR", "both")
    third = tell_claim(recipient_text="Finland", recipient_code="FIN", status="proposed", weapon_text="K9s")
    server.answer = lambda _: reply_claims(tell_claim(status="delivered", value_max=181e6, value_min=181e6), third)
    result = stage_claims(settings)
    assert result is not None
    rows = lake.read_staged(settings.data, "transfer_claims", result.load_id).read().to_pylist()
    assert [{**row, "load_id": ""} for row in rows] == [{**row, "load_id": ""} for row in by_rules]
    assert {row["extractor_version"] for row in rows} == {claims.EXTRACTOR_VERSION}
    differences = rows_of(settings, "extractor_differences")
    told = {
        (row["kind"], row["recipient_code"], row["field_name"], row["rules_value"], row["model_value"])
        for row in differences
        if row["weapon_family"] == "K9 Thunder"
    }
    assert ("field", "NOR", "status", "ordered", "delivered") in told
    assert ("field", "FIN", "status", "delivered", "proposed") in told
    assert ("field", "NOR", "value_max", "180000000", None) in told, "a value that no words tell is emptied"
    assert not {row[2] for row in told if row[1] == "NOR"} & {"quantity_max", "weapon_category", "delivery_year_first"}
    claimed = {row["claim_id"]: row["evidence_text"] for row in rows}
    assert all(claimed[row["claim_id"]] == row["evidence_text"] for row in differences if row["kind"] == "field")
    assert {row["load_id"] for row in differences} == {result.load_id}


def test_both_tells_what_only_one_of_them_claims(settings, server, monkeypatch):
    monkeypatch.setenv("ARMSLEDGER_EXTRACTOR", "both")
    text = f"{NORWAY.text}\n\nSweden likes the weather in Oslo."
    promote_texts(settings.data, "a1", text)
    odd = tell_claim(supplier_text="Sweden", supplier_code="SWE", evidence_text="Sweden likes the weather in Oslo.")
    server.answer = lambda _: reply_claims(tell_finland(), odd)
    assert stage_claims(settings) is not None
    kinds = {
        (row["kind"], row["supplier_code"], row["recipient_code"])
        for row in rows_of(settings, "extractor_differences")
        if row["weapon_family"] == "K9 Thunder" and row["kind"] != "field"
    }
    assert kinds == {("only_model", "SWE", "NOR"), ("only_rules", "KOR", "NOR")}


@pytest.mark.parametrize("reply", [reply_error(401, "wrong key"), reply_error(500), reply_text("no")])
def test_both_goes_on_with_the_rules_when_the_model_is_no_good(settings, server, monkeypatch, reply):
    monkeypatch.setenv("ARMSLEDGER_EXTRACTOR", "both")
    server.answer = lambda _: reply
    promote_texts(settings.data, "a1", NORWAY.text)
    result = stage_claims(settings)
    assert result is not None
    assert result.rows >= 2
    assert [row["stage"] for row in rows_of(settings, "refusals")] == ["model"]
    assert rows_of(settings, "extractor_differences") == [], "no answer is no disagreement"


def test_rules_run_unless_a_model_is_asked_for(settings, server, monkeypatch):
    for value in (None, "", "rules"):
        if value is None:
            monkeypatch.delenv("ARMSLEDGER_EXTRACTOR")
        else:
            monkeypatch.setenv("ARMSLEDGER_EXTRACTOR", value)
        assert build_extractor(settings).version == claims.EXTRACTOR_VERSION
    promote_texts(settings.data, "a1", NORWAY.text)
    assert stage_claims(settings) is not None
    assert server.questions == []
    assert rows_of(settings, "model_usage") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARMSLEDGER_EXTRACTOR", "gpt"),
        ("ARMSLEDGER_LLM_MODEL", ""),
        ("ARMSLEDGER_LLM_URL", ""),
        ("ARMSLEDGER_LLM_URL", "localhost:8000"),
        ("ARMSLEDGER_LLM_URL", "ftp://host/v1"),
        ("ARMSLEDGER_LLM_URL", "https://user@host/v1"),
        ("ARMSLEDGER_LLM_URL", "https://host/v1?key=k"),
        ("ARMSLEDGER_LLM_CONCURRENCY", "0"),
        ("ARMSLEDGER_LLM_CONCURRENCY", "1.5"),
        ("ARMSLEDGER_LLM_TIMEOUT", "soon"),
        ("ARMSLEDGER_LLM_RETRIES", "-1"),
        ("ARMSLEDGER_LLM_TEMPERATURE", "hot"),
        ("ARMSLEDGER_LLM_TEMPERATURE", "nan"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named(settings, server, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        build_extractor(settings)


def run_extract(server: ModelServer, data: Path, mode: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("ARMSLEDGER_")}
    variables = {**known, **environment(server, mode), "ARMSLEDGER_DATA": str(data), "COLUMNS": "200"}
    command = [sys.executable, "-m", "extract", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables)


def test_a_reviewer_sees_the_differences_of_a_load_on_the_command_line(settings, server):
    promote_texts(settings.data, "a1", NORWAY.text)
    server.answer = lambda _: reply_claims(tell_claim(status="cancelled"), tell_finland())
    none = run_extract(server, settings.data.root, "both", "compare")
    assert (none.returncode, none.stdout) == (1, "")
    assert "ARMSLEDGER_EXTRACTOR=both" in none.stderr
    events = run_extract(server, settings.data.root, "both", "events")
    assert events.returncode == 0, events.stderr
    assert "1,000 tokens read" in events.stderr
    assert "k-secret" not in events.stderr
    shown = run_extract(server, settings.data.root, "rules", "compare", "--load", events.stdout.strip())
    assert shown.returncode == 0, shown.stderr
    assert "KOR → NOR: K9 Thunder" in shown.stdout
    assert "cancelled" in shown.stdout
    assert f"{ORIGIN}a1/0" in shown.stdout


def test_a_file_is_extracted_or_compared_without_a_lake(server, tmp_path):
    articles, events = tmp_path / "a.jsonl", tmp_path / "e.jsonl"
    line = {"id": "n1", "title": NORWAY.title, "published": "2025-05-06", "text": NORWAY.text}
    other = {"id": "n2", "title": "Rain", "published": "2025-05-06", "text": "It rains in Oslo."}
    articles.write_text(f"{json.dumps(line)}\n{json.dumps(other)}\n", encoding="utf-8")
    ran = run_extract(server, tmp_path / "d", "llm", "events", "--input", str(articles), "--output", str(events))
    assert ran.returncode == 0, ran.stderr
    first, second = [json.loads(told) for told in events.read_text(encoding="utf-8").splitlines()]
    assert [(event["recipient"], event["weapon"]) for event in first["events"]] == [
        ("NOR", "K9 Thunder"),
        ("FIN", "K9 Thunder"),
    ]
    assert second == {"id": "n2", "events": []}
    assert "n2: evidence_not_in_article" in ran.stderr
    compared = run_extract(server, tmp_path / "d", "rules", "compare", "--input", str(articles))
    assert compared.returncode == 0, compared.stderr
    assert "claims in common" in compared.stdout
    assert "0 articles asked about, 2 answers kept" in compared.stderr
    server.answer = lambda _: reply_error(503)
    line["text"] += " More."
    articles.write_text(json.dumps(line), encoding="utf-8")
    down = run_extract(server, tmp_path / "d", "llm", "events", "--input", str(articles), "--output", str(events))
    assert down.returncode == 1
    assert down.stderr.startswith("error: model Test-Model 7B at http")
