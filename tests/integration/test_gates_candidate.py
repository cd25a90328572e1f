"""Gate 3: a candidate that isn't what its own deals say must not be published."""

from __future__ import annotations

import pytest
from gate_candidates import BUILD_ID, PASSED, make_candidate, write_marts

from expectations import gate
from expectations.batch import Batch, BatchFacts
from expectations.marts import COUNTRY_YEAR_CHECK, MARTS, RELEASE_CHECK, SHARE_CHECK, list_batches
from warehouse import build, clock, ops, releases
from warehouse.errors import BuildError, GateError
from warehouse.receipts import AuditReceipt, file_sha256


@pytest.fixture
def few_marts(monkeypatch):
    """Only two marts are looked at, where a test is about something else."""
    kept = tuple(mart for mart in MARTS if mart.name in ("dim_years", "fct_deals"))
    monkeypatch.setattr("expectations.marts.MARTS", kept)


def failures_in(path, suite, *, published=None, allow_fall=False):
    """Run one suite of gate 3; return what failed."""
    from expectations import engine
    from expectations.suites import marts

    (batch,) = [batch for batch in list_batches(path, published) if batch.name == suite]
    rows = batch.read()
    suite = marts.build_suite(batch, rows.schema, allow_fall=allow_fall)
    key = batch.key or rows.column_names[0]
    facts = BatchFacts(load_id=batch.name, rows=rows.num_rows, validated_at=clock.now())
    result = engine.check_rows(suite, Batch.of_table(facts, rows), key=key)
    findings = engine.list_findings(result, suite=suite.name, table_name=batch.name, key=key)
    return [finding for finding in findings if not finding.is_success]


def test_a_sound_candidate_passes_and_leaves_its_receipt(settings):
    folder = make_candidate(settings)
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert receipt.failures == ()
    assert receipt.warnings == ()
    assert receipt.subject == f"candidate/{BUILD_ID}"
    assert receipt.fingerprint == file_sha256(folder / "armsledger.duckdb")
    assert AuditReceipt.read(folder / "receipt.json") == receipt
    assert (settings.data.root / receipt.report_path).is_file()
    results = ops.read(settings.data, "validation_results").to_pylist()
    assert {row["tool"] for row in results} == {"great_expectations", "dbt"}
    assert {mart.name for mart in MARTS} <= {row["table_name"] for row in results}


def test_the_newest_candidate_is_taken_when_none_is_named(settings, few_marts):
    make_candidate(settings)
    assert gate.settle_candidate(settings).subject == f"candidate/{BUILD_ID}"


def test_a_candidate_whose_sums_differ_from_its_deals_is_not_published(settings):
    folder = make_candidate(
        settings, "update marts.fct_country_year_transfers set quantity = 25 where transfer_year = 2026"
    )
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert not receipt.has_passed
    (line,) = receipt.failures
    assert line.startswith(
        f"marts.{COUNTRY_YEAR_CHECK}: expect_numbers_to_agree(quantity, recomputed_quantity): 1 of 5"
    )
    assert "KOR to NOR, 2026, artillery, ordered" in line
    with pytest.raises(GateError, match="the gate refused it"):
        releases.publish(settings, build.read_candidate(settings))
    assert not settings.data.published.exists()
    assert not AuditReceipt.read(folder / "receipt.json").has_passed
    (fact,) = ops.read(settings.data, "loads").to_pylist()
    assert (fact["stage"], fact["outcome"]) == ("gate", "failed")


FIGURES = "marts.fct_country_year_transfers"
WRONG_SUMS = [
    (f"update {FIGURES} set quantity = quantity * 3 where basis = 'delivered'", {"quantity"}),
    (f"update {FIGURES} set quantity = null where transfer_year = 2019", {"quantity"}),
    (f"update {FIGURES} set deal_count = 2 where transfer_year = 2019", {"deal_count"}),
    (f"update {FIGURES} set value_usd = 180e6 + 1 where transfer_year = 2026", {"value_usd"}),
    (f"update {FIGURES} set value_usd = 0 where transfer_year = 2019", {"value_usd"}),
    (
        f"update {FIGURES} set quantity_unknown_deal_count = 1 where transfer_year = 2021",
        {"quantity_unknown_deal_count"},
    ),
    (
        f"delete from {FIGURES} where transfer_year = 2021",
        {"deal_count", "quantity", "quantity_unknown_deal_count", "value_unknown_deal_count"},
    ),
    (
        f"update {FIGURES} set transfer_year = null where transfer_year = 2026",
        {"deal_count", "quantity", "quantity_unknown_deal_count", "value_usd", "value_unknown_deal_count"},
    ),
    (
        f"insert into {FIGURES} by name (select * exclude (basis), 'delivered' as basis from {FIGURES} "
        "where transfer_year = 2019)",
        {"deal_count", "quantity", "quantity_unknown_deal_count", "value_unknown_deal_count"},
    ),
    (f"update {FIGURES} set quantity = quantity + 1e-12", set()),
    (
        "update marts.fct_deals set deal_status = 'cancelled' where deal_key = 'd-1'",
        {"deal_count", "quantity", "quantity_unknown_deal_count", "value_usd", "value_unknown_deal_count"},
    ),
    ("update marts.fct_deals set quantity_delivered = 9 where deal_key = 'd-2'", {"quantity"}),
]


@pytest.mark.parametrize(("change", "measures"), WRONG_SUMS, ids=[change for change, _ in WRONG_SUMS])
def test_each_difference_between_figures_and_deals_is_critical(tmp_path, change, measures):
    write_marts(tmp_path / "a.duckdb", change)
    failed = failures_in(tmp_path / "a.duckdb", COUNTRY_YEAR_CHECK)
    assert {finding.column.split(",")[0] for finding in failed} == measures
    assert {finding.severity for finding in failed} <= {"critical"}


REFERENCE = "expect_reference_to_exist"
BETWEEN = "expect_values_to_be_within_limits"
IN_SET = "expect_column_values_to_be_in_set"
NOT_NULL = "expect_column_values_to_not_be_null"
PARTIES = "expect_parties_of_a_deal_to_differ"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
ROWS = "expect_table_row_count_to_be_between"
MATCH = "expect_column_values_to_match_regex"
TOLD = "expect_column_proportion_of_non_null_values_to_be_between"
COUNTRY_YEARS = "fct_country_year_transfers"
SHARES = "rpt_supplier_shares_5y"
NETWORK = "rpt_supplier_recipient_network"
# what a list, a limit or a NULL forbids is broken for every column in tests/unit/test_gate_every_expectation.py
BROKEN = [
    ("fct_deals", "update {} set supplier_country_key = 'k-none' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("fct_deals", "update {} set first_claim_key = 'c-none' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("fct_deals", "update {} set order_year_key = 'y-1066' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("fct_transfer_claims", "update {} set deal_key = 'd-9' where claim_key = 'c-5'", REFERENCE, "critical"),
    ("fct_transfer_claims", "update {} set article_key = 'a-9' where claim_key = 'c-5'", REFERENCE, "critical"),
    ("bridge_deals_articles", "update {} set article_key = 'a-9' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("dim_articles", "update {} set source_key = 's-9'", REFERENCE, "critical"),
    ("dim_countries", "update {} set country_key = null", NOT_NULL, "critical"),
    ("dim_dates", "delete from {} where date_day = date '2020-01-21'", "expect_days_to_follow_each_other", "critical"),
    ("dim_dates", "update {} set month_start_date = date_day", "expect_month_and_year_of_the_day", "critical"),
    ("dim_weapons", "update {} set origin_country_code = 'QQQ'", REFERENCE, "critical"),
    ("dim_articles", "update {} set article_group_key = 'a-9' where article_key = 'a-2'", REFERENCE, "critical"),
    ("fct_deals", "update {} set value_claim_key = 'c-none' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("fct_deals", "update {} set delivery_year_last = 2101 where deal_key = 'd-1'", BETWEEN, "critical"),
    ("fct_deals", "update {} set quantity_delivered = -1 where deal_key = 'd-2'", BETWEEN, "critical"),
    ("fct_deal_status_changes", "update {} set first_source_key = 's-9'", REFERENCE, "critical"),
    ("dim_deal_keys", "update {} set split_from_deal_key = 'd-9' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("fct_register_deliveries", "update {} set tiv_delivered = -1", BETWEEN, "critical"),
    ("dim_years", "insert into {} values ('y-2019', 2019)", "expect_column_values_to_be_unique", "critical"),
    ("dim_sources", "delete from {}", ROWS, "critical"),
    ("fct_deals", "delete from {}", ROWS, "critical"),
    ("fct_deals", "update {} set deal_status = 'rumoured' where deal_key = 'd-3'", IN_SET, "critical"),
    ("fct_deals", "update {} set recipient_code = 'KOR' where deal_key = 'd-3'", PARTIES, "critical"),
    ("fct_deals", "update {} set claim_count = 3 where deal_key = 'd-1'", "expect_numbers_to_agree", "critical"),
    ("fct_deals", "update {} set value_usd = -1 where deal_key = 'd-1'", BETWEEN, "critical"),
    ("fct_deals", "update {} set delivery_year_last = 2019 where deal_key = 'd-2'", GREATER, "critical"),
    ("fct_deals", "update {} set order_year = 2021 where deal_key = 'd-2'", GREATER, "warning"),
    ("fct_transfer_claims", "update {} set evidence_text = null where claim_key = 'c-1'", NOT_NULL, "critical"),
    ("fct_transfer_claims", "update {} set evidence_text = ' ' where claim_key = 'c-1'", MATCH, "critical"),
    ("fct_transfer_claims", "update {} set evidence_end = 0 where claim_key = 'c-1'", GREATER, "critical"),
    ("fct_transfer_claims", "update {} set claim_status = 'x' where claim_key = 'c-1'", IN_SET, "critical"),
    (COUNTRY_YEARS, "update {} set basis = 'planned' where transfer_year = 2019", IN_SET, "critical"),
    (COUNTRY_YEARS, "update {} set recipient_code = 'KOR' where transfer_year = 2019", PARTIES, "critical"),
    (COUNTRY_YEARS, "update {} set transfer_year = null where transfer_year > 2019", TOLD, "warning"),
    (COUNTRY_YEARS, "update {} set quantity = -1 where transfer_year = 2019", BETWEEN, "critical"),
    ("rpt_source_coverage", "update {} set reprint_count = 3", GREATER, "critical"),
    ("rpt_source_coverage", "update {} set domestic_claim_count = 6", GREATER, "critical"),
    ("rpt_source_coverage", "update {} set new_deal_count = 4", GREATER, "critical"),
    ("dim_deal_keys", "update {} set current_deal_key = 'd-9' where deal_key = 'd-1'", REFERENCE, "critical"),
    ("rpt_restatements", "update {} set change = 'moved'", IN_SET, "critical"),
    ("rpt_restatements", "update {} set transfer_year_key = 'y-1066'", REFERENCE, "critical"),
    ("bridge_restatements_claims", "update {} set restatement_key = 't-9'", REFERENCE, "critical"),
    (SHARES, "update {} set market_share = 1.1", BETWEEN, "critical"),
    (SHARES, "update {} set deal_count_moving_average = 6", GREATER, "critical"),
    (SHARES, "update {} set start_year = 2021", GREATER, "critical"),
    (SHARES, "insert into {} select * from {}", "expect_column_values_to_be_unique", "critical"),
    ("rpt_recipient_shares_5y", "update {} set end_year_key = 'y-1066'", REFERENCE, "critical"),
    (NETWORK, "update {} set recipient_code = 'KOR'", PARTIES, "warning"),
    (NETWORK, "update {} set recipient_import_share = 1.5", BETWEEN, "critical"),
    ("rpt_top_traders", "update {} set partner_herfindahl_index = 2", BETWEEN, "critical"),
    ("rpt_category_mix", "update {} set weapon_category_key = 'g-none'", REFERENCE, "critical"),
    ("rpt_market_concentration", "update {} set herfindahl_index = 1.01", BETWEEN, "critical"),
    ("rpt_register_reconciliation", "update {} set reconciliation_status = 'maybe'", IN_SET, "critical"),
    ("rpt_shares", "create table {} as select 'r-1' as share_key, 1.2 as value_usd_share", BETWEEN, "critical"),
]


@pytest.mark.parametrize(
    ("mart", "change", "expectation", "severity"), BROKEN, ids=[f"{name}: {change}" for name, change, *_ in BROKEN]
)
def test_each_expectation_on_a_mart_is_broken_by_what_it_forbids(tmp_path, mart, change, expectation, severity):
    write_marts(tmp_path / "a.duckdb", change.replace("{}", f"marts.{mart}"))
    (finding,) = failures_in(tmp_path / "a.duckdb", mart)
    assert (finding.expectation, finding.severity) == (expectation, severity)


@pytest.mark.parametrize(
    ("mart", "share"),
    [
        (SHARES, "market_share"), (SHARES, "deal_share"), (SHARES, "tiv_share"),
        ("rpt_recipient_shares_5y", "market_share"), ("rpt_top_traders", "market_share"),
        (NETWORK, "recipient_import_share"), (NETWORK, "supplier_export_share"), ("rpt_category_mix", "category_share"),
    ],
)  # fmt: skip
def test_shares_that_are_not_a_whole_refuse_the_candidate(tmp_path, mart, share):
    write_marts(tmp_path / "a.duckdb", f"update marts.{mart} set {share} = 0.9")
    (finding,) = failures_in(tmp_path / "a.duckdb", SHARE_CHECK)
    assert (finding.expectation, finding.severity) == ("expect_numbers_to_agree", "critical")
    assert f"{mart}.{share} sipri 2024 delivered 2020" in str(finding)


def test_two_unknown_parties_are_no_domestic_deal(tmp_path):
    change = "update marts.fct_deals set supplier_code = 'unknown', recipient_code = 'unknown' where deal_key = 'd-3'"
    write_marts(tmp_path / "a.duckdb", change)
    assert failures_in(tmp_path / "a.duckdb", "fct_deals") == []


def test_a_missing_mart_refuses_the_candidate_by_name(settings):
    make_candidate(settings, "drop table marts.rpt_source_coverage")
    receipt = gate.settle_candidate(settings, BUILD_ID)
    (line,) = receipt.failures
    assert "marts.rpt_source_coverage is missing in the candidate" in line


def test_a_mart_without_its_key_column_refuses_the_candidate(settings, few_marts):
    make_candidate(settings, "alter table marts.dim_years drop year_key")
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert any("marts.dim_years lacks the columns year_key" in line for line in receipt.failures)


@pytest.mark.parametrize(
    ("rows", "allow_fall", "severities"),
    [(3, False, []), (4, False, ["warning"]), (7, False, ["warning", "critical"]), (7, True, ["warning", "warning"])],
)
def test_a_fall_against_the_published_release(tmp_path, rows, allow_fall, severities):
    write_marts(tmp_path / "new.duckdb")
    copies = f"insert into marts.fct_deals select d.* from marts.fct_deals d, range({rows - 3}) where deal_key = 'd-1'"
    write_marts(tmp_path / "old.duckdb", copies)
    failed = failures_in(
        tmp_path / "new.duckdb", RELEASE_CHECK, published=tmp_path / "old.duckdb", allow_fall=allow_fall
    )
    assert [finding.severity for finding in failed] == severities
    assert all("fct_deals" in finding.detail for finding in failed)


def test_a_failed_dbt_test_refuses_the_candidate_and_a_warning_does_not(settings, few_marts):
    broken = {**PASSED, "name": "not_null_fct_deals_x", "is_success": False, "failures": 7, "message": "Got 7 results"}
    late = {**broken, "name": "not_greater_fct_deals", "severity": "warning"}
    make_candidate(settings, tests=[PASSED, broken, late])
    receipt = gate.settle_candidate(settings, BUILD_ID)
    (line,) = receipt.failures
    assert line.startswith("dbt.fct_deals: not_null_fct_deals_x(deal_key): 7 rows; Got 7 results")
    assert len(receipt.warnings) == 1
    rows = [row for row in ops.read(settings.data, "validation_results").to_pylist() if row["tool"] == "dbt"]
    assert [(row["is_success"], row["severity"]) for row in rows] == [
        (True, "critical"),
        (False, "critical"),
        (False, "warning"),
    ]


def test_what_dbt_skipped_is_counted_in_one_line_and_recorded_one_by_one(settings, few_marts):
    skipped = [
        {**PASSED, "name": f"test_{number}", "is_success": False, "failures": None, "message": None}
        for number in range(50)
    ]
    error = {**PASSED, "name": "fct_deals", "is_success": False, "failures": None, "message": "Parser Error"}
    make_candidate(settings, tests=[error, *skipped])
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert len(receipt.failures) == 2
    assert "Parser Error" in receipt.failures[0]
    assert "50 further checks could not run" in receipt.failures[1]
    results = ops.read(settings.data, "validation_results").to_pylist()
    assert sum(not row["is_success"] for row in results) == 51


def test_a_candidate_without_dbt_results_is_an_error(settings):
    folder = make_candidate(settings)
    (folder / "dbt_results.json").unlink()
    with pytest.raises(BuildError, match=r"dbt_results\.json is missing"):
        gate.settle_candidate(settings, BUILD_ID)


def test_a_candidate_that_is_not_there_is_an_error(settings):
    with pytest.raises(BuildError, match="no candidate"):
        gate.settle_candidate(settings, "20200101T000000Z-00000000")


def test_a_database_that_is_no_database_refuses_the_candidate(settings):
    folder = make_candidate(settings)
    (folder / "armsledger.duckdb").write_bytes(b"not a database")
    receipt = gate.settle_candidate(settings, BUILD_ID)
    assert not receipt.has_passed
    assert "can't be opened" in receipt.failures[0]


def test_a_crash_of_one_suite_refuses_the_candidate_and_the_others_still_report(settings, few_marts, monkeypatch):
    from expectations.suites import marts

    def crash():
        raise RuntimeError("no such rule")

    monkeypatch.setitem(marts._OWN, "fct_deals", crash)
    make_candidate(settings)
    receipt = gate.settle_candidate(settings, BUILD_ID)
    (line,) = receipt.failures
    assert "marts.fct_deals" in line
    assert "RuntimeError: no such rule" in line
    results = ops.read(settings.data, "validation_results").to_pylist()
    assert "dim_years" in {row["table_name"] for row in results}
