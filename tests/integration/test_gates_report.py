"""The command line of the gates and the front page of the reports, on a data directory with real facts."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from gate_candidates import BUILD_ID, make_candidate

from expectations import gate, report
from warehouse import ops

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def run_command(settings, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "expectations", *arguments],
        env={**os.environ, "ARMSLEDGER_DATA": str(settings.data.root), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_the_verdict_and_fails_with_the_gate(settings):
    make_candidate(settings, "update marts.fct_country_year_transfers set quantity = 7 where transfer_year = 2026")
    done = run_command(settings, "marts")
    assert done.returncode == 1
    assert f"failed candidate/{BUILD_ID}" in done.stdout
    assert "expect_numbers_to_agree(quantity, recomputed_quantity)" in done.stdout
    assert "KOR to NOR, 2026, artillery, ordered" in done.stdout
    assert "/reports/validation/candidate/" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("articles", "--load", "nothing"), "articles/load=nothing is not in staging"),
        (("transfer_claims", "--load", "nothing"), "transfer_claims/load=nothing is not in staging"),
        (("marts",), "no candidate in"),
    ],
)
def test_an_error_is_one_line(settings, arguments, text):
    done = run_command(settings, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert text in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_empty_data_directory_has_a_front_page_that_says_so(settings):
    done = run_command(settings, "reports")
    assert done.returncode == 0
    assert done.stdout.strip() == str(settings.data.reports / "index.html")
    page = (settings.data.reports / "index.html").read_text()
    for text in ("None yet", "Nothing is in quarantine.", "No gate has run yet.", "Nothing has come in yet."):
        assert text in page


def test_the_front_page_names_gates_refusals_and_quarantine_with_reasons(settings):
    make_candidate(settings, "update marts.fct_deals set claim_count = 9 where deal_key = 'd-2'")
    receipt = gate.settle_candidate(settings, BUILD_ID)
    loads = [
        ("ingest", "staged", 12, 10, None),
        ("gate", "quarantined", 10, 0, "articles: a null id"),
    ]
    for stage, outcome, rows_in, rows_out, reason in loads:
        fact = {"load_id": "load-1", "table_name": "articles", "source_id": "harbour_wire", "stage": stage}
        ops.append(
            settings.data,
            "loads",
            [{**fact, "outcome": outcome, "rows_in": rows_in, "rows_out": rows_out, "reason": reason}],
        )
    ops.append(
        settings.data,
        "quarantine",
        [
            {
                "load_id": "load-1",
                "table_name": "articles",
                "validation_id": "v-1",
                "row_count": 10,
                "reason": "articles: a null id",
                "report_path": receipt.report_path,
            }
        ],
    )
    refusal = {"load_id": "load-1", "source_id": "harbour_wire", "url": "https://news.example/a", "stage": "fetch"}
    ops.append(
        settings.data,
        "refusals",
        [{**refusal, "reason": "http_404", "detail": "the page is gone", "is_retried": False}] * 2,
    )
    page = report.build_reports(settings).read_text()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert f"candidate {BUILD_ID} fail" in text
    assert "articles: whole loads articles: a null id 10" in text
    assert "mend the source or its entry in the registry" in text
    assert "harbour_wire fetch http_404 2" in text
    assert "the page is gone" in text
    assert "ingest articles 1 12 10 gate articles 1 10 0 10" in text
    for link in re.findall(r'href="([^"#]+)"', page):
        if link != "data:,":
            assert (settings.data.reports / link).is_file(), link


def test_a_pass_a_warning_and_a_failure_look_different(settings):
    counts = dict.fromkeys(("rows_in", "rows_out", "rows_quarantined", "rows_waived", "checks", "failures"), 0)
    base = {"load_id": "load-1", "table_name": "articles", "warnings": 0, "seconds": 0.1, **counts}
    for number, verdict in enumerate(["passed", "warned", "rows_set_aside", "failed", "empty"]):
        ops.append(settings.data, "validations", [{**base, "validation_id": f"v-{number}", "verdict": verdict}])
    lines = report.list_gates(settings.data)
    assert [line.verdict for line in lines] == ["pass", "fail", "warn", "warn", "pass"]


def test_a_load_that_passed_after_its_release_no_longer_stands_as_failed(settings):
    counts = dict.fromkeys(("rows_in", "rows_out", "rows_quarantined", "rows_waived", "checks", "failures"), 0)
    base = {"table_name": "articles", "warnings": 0, "seconds": 0.1, **counts}
    told = [("load-1", "failed"), ("load-2", "passed"), ("load-1", "rows_set_aside"), ("load-3", "passed")]
    for number, (load_id, verdict) in enumerate(told):
        fact = {**base, "load_id": load_id, "validation_id": f"v-{number}", "verdict": verdict}
        ops.append(settings.data, "validations", [fact])
    (line,) = report.find_latest(report.list_gates(settings.data))
    assert (line.load_id, line.told) == ("load-1", "rows set aside"), "the worst that still holds"


def test_suites_in_which_something_broke_come_first(settings):
    make_candidate(settings, "update marts.fct_deals set claim_count = 9 where deal_key = 'd-2'")
    receipt = gate.settle_candidate(settings, BUILD_ID)
    page = (settings.data.root / receipt.report_path).read_text()
    suites = re.findall(r"<h2>(marts\.[a-z_0-9]+): ", page)
    assert suites[0] == "marts.fct_deals"
    assert len(suites) > 20


def test_hostile_names_are_shown_as_text(settings):
    fact = {"load_id": "load-1", "source_id": HOSTILE, "url": f"javascript:alert(1){HOSTILE}", "stage": "parse"}
    ops.append(settings.data, "refusals", [{**fact, "reason": HOSTILE, "detail": HOSTILE, "is_retried": True}])
    load = {"load_id": HOSTILE, "table_name": "articles", "stage": "ingest", "outcome": "unreachable"}
    ops.append(settings.data, "loads", [{**load, "reason": HOSTILE, "source_id": HOSTILE}])
    page = report.build_reports(settings).read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def test_the_front_page_asks_no_other_host(settings):
    page = report.build_reports(settings).read_text()
    assert "//" not in page
    assert "//" not in (settings.data.reports / "style.css").read_text()


def test_a_refused_candidate_with_hostile_names_is_shown_as_text(settings):
    make_candidate(settings, f"update marts.dim_articles set source_key = '{HOSTILE}'")
    receipt = gate.settle_candidate(settings, BUILD_ID)
    page = (settings.data.root / receipt.report_path).read_text()
    assert not receipt.has_passed
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
