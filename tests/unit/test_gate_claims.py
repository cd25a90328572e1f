"""Each expectation on claims, broken by one row that differs from a good one in one field."""

from __future__ import annotations

from typing import Any

import pytest
from gate_batches import ARTICLES, EVIDENCE, FETCHED, TRANSFER_CLAIMS, key, make_article, make_claim, make_rows, stage
from gate_batches import make_settings as make_lake_settings

from expectations.batch import Batch, BatchFacts
from warehouse.receipts import AuditReceipt

NOT_NULL = "expect_column_values_to_not_be_null"
IN_SET = "expect_column_values_to_be_in_set"
MATCH = "expect_column_values_to_match_regex"
BETWEEN = "expect_values_to_be_within_limits"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
PARTIES = ("expect_parties_to_differ_unless_domestic", "supplier_code, recipient_code, is_domestic", "critical")
CURRENCY = ("expect_value_to_have_currency", "value_min, value_max, value_currency", "critical")
LENGTH = ("expect_evidence_length_to_match_offsets", "evidence_text, evidence_start, evidence_end", "critical")
EVIDENCE_THERE = (
    "expect_evidence_to_stand_in_its_article",
    "evidence_text, reference_evidence_text, reference_is_evidence_found",
    "critical",
)
ARTICLE = ("expect_article_to_be_in_the_lake", "article_id, reference_is_article_known", "critical")
QUANTITY = ("expect_quantity_to_fit_its_category", "weapon_category, quantity_max", "warning")
UNIT_VALUE = ("expect_unit_value_to_fit_its_category", "weapon_category, reference_unit_value_usd", "warning")
ORDER = ("expect_order_not_after_publication", "order_year, reference_published_year, status", "warning")
END = len(EVIDENCE)


def known(column: str) -> tuple[str, str, str]:
    """Return what a code breaks that no reference table has."""
    return ("expect_reference_to_exist", f"{column}, reference_has_{column}", "critical")


BROKEN: list[tuple[dict[str, Any], set[tuple[str, str, str]]]] = [
    ({"status": "rumoured"}, {(IN_SET, "status", "critical")}),
    ({"status": None}, {(NOT_NULL, "status", "critical")}),
    ({"weapon_category": "tank"}, {(IN_SET, "weapon_category", "critical")}),
    ({"weapon_text": None}, {(NOT_NULL, "weapon_text", "critical")}),
    ({"supplier_type": "company"}, {(IN_SET, "supplier_type", "critical")}),
    ({"supplier_code": "kor!"}, {(MATCH, "supplier_code", "critical"), known("supplier_code")}),
    ({"supplier_code": "QQQ"}, {known("supplier_code")}),
    ({"recipient_code": "QQQ"}, {known("recipient_code")}),
    ({"value_currency": "QQQ"}, {known("value_currency")}),
    ({"condition": "used"}, {(IN_SET, "condition", "critical")}),
    ({"deal_type": "gift"}, {(IN_SET, "deal_type", "critical")}),
    ({"value_type": "price"}, {(IN_SET, "value_type", "critical")}),
    ({"value_currency": "usd"}, {(MATCH, "value_currency", "critical"), known("value_currency")}),
    ({"ordinal": 0}, {(BETWEEN, "ordinal", "critical")}),
    ({"confidence": 1.2}, {(BETWEEN, "confidence", "critical")}),
    ({"confidence": None}, {(NOT_NULL, "confidence", "critical")}),
    ({"order_year": 1900}, {(BETWEEN, "order_year", "critical")}),
    ({"quantity_min": 0}, {(BETWEEN, "quantity_min", "critical")}),
    ({"quantity_min": 25}, {(GREATER, "quantity_max, quantity_min", "critical")}),
    ({"quantity_min": None}, set()),
    ({"value_min": 181e6}, {(GREATER, "value_max, value_min", "critical")}),
    ({"value_min": -1.0}, {(BETWEEN, "value_min", "critical")}),
    ({"value_currency": None}, {CURRENCY}),
    ({"value_min": None, "value_currency": None}, {CURRENCY}),
    ({"value_min": None, "value_max": None, "value_currency": None, "value_type": None}, set()),
    ({"delivery_year_last": 2027}, {(GREATER, "delivery_year_last, delivery_year_first", "critical")}),
    ({"delivery_year_first": 2025}, {(GREATER, "delivery_year_first, order_year", "warning")}),
    ({"delivery_year_first": None, "delivery_year_last": None}, set()),
    ({"recipient_code": "KOR"}, {PARTIES}),
    ({"recipient_code": "KOR", "is_domestic": True}, set()),
    ({"is_domestic": True}, {PARTIES}),
    ({"supplier_code": None}, set()),
    ({"supplier_code": None, "recipient_code": None}, set()),
    ({"quantity_min": 155_000, "quantity_max": 155_000}, {QUANTITY, UNIT_VALUE}),
    ({"value_min": 180e9, "value_max": 180e9}, {UNIT_VALUE}),
    ({"value_min": 180e9, "value_max": 180e9, "value_currency": "KRW"}, set()),
    ({"value_min": 180e9, "value_max": 180e9, "value_type": "package_share"}, set()),
    ({"value_min": 180e9, "value_max": 180e9, "quantity_min": None, "quantity_max": None}, set()),
    ({"order_year": 2027}, {ORDER}),
    ({"order_year": 2027, "status": "proposed"}, set()),
    ({"order_year": None}, set()),
    ({"quantity_min": 155_000, "quantity_max": 155_000, "weapon_category": "other"}, set()),
    ({"load_id": "load-2"}, {(IN_SET, "load_id", "critical")}),
    ({"article_id": key(99)}, {ARTICLE}),
    ({"evidence_end": END - 1}, {LENGTH, EVIDENCE_THERE}),
    ({"evidence_start": 1, "evidence_end": END + 1}, {EVIDENCE_THERE}),
    ({"evidence_start": 90_000, "evidence_end": 90_000 + END}, {EVIDENCE_THERE}),
    ({"evidence_text": EVIDENCE.replace("24", "42")}, {EVIDENCE_THERE}),
    ({"evidence_field": "title"}, {EVIDENCE_THERE}),
    ({"evidence_field": "title", "evidence_text": "Norway", "evidence_end": 6}, set()),
    ({"evidence_field": "caption"}, {(IN_SET, "evidence_field", "critical"), EVIDENCE_THERE}),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A lake with one article, in two versions."""
    from warehouse import lake

    settings = make_lake_settings(tmp_path_factory.mktemp("lake"))
    for load_id, changes in (("articles-1", {}), ("articles-2", {"text": "Reworded. " + make_article(1)["text"]})):
        staged = stage(settings, ARTICLES, load_id, [make_article(1, **changes)])
        receipt = AuditReceipt(staged.subject, staged.fingerprint, "test", "passed", (), (), None, FETCHED.isoformat())
        lake.promote(settings.data, "articles", load_id, receipt)
    return settings


def run(settings: Any, rows: list[dict[str, Any]], *, load_id: str = "load-1") -> Any:
    from expectations import engine
    from expectations.suites import transfer_claims

    claims = make_rows(TRANSFER_CLAIMS, rows)
    for column in (references := transfer_claims.look_up(settings, claims)).column_names:
        claims = claims.append_column(column, references[column])
    facts = BatchFacts(load_id=load_id, rows=len(rows), validated_at=FETCHED)
    batch = Batch.of_table(facts, claims)
    suite = transfer_claims.build_suite(facts)
    result = engine.check_rows(suite, batch, key="claim_id")
    return engine.list_findings(result, suite=suite.name, table_name="transfer_claims", key="claim_id")


@pytest.fixture(scope="module")
def outcome(settings: Any) -> Any:
    """One load: a good row, then one row for each way to break it."""
    broken = [make_claim(number, **changes) for number, (changes, _) in enumerate(BROKEN, start=1)]
    return run(settings, [make_claim(0), *broken])


def failures_of(outcome: Any, claim_id: str) -> set[tuple[str, str, str]]:
    return {
        (finding.expectation, finding.column, finding.severity)
        for finding in outcome
        if not finding.is_success and claim_id in finding.detail
    }


@pytest.mark.parametrize("number", range(1, len(BROKEN) + 1), ids=[str(changes) for changes, _ in BROKEN])
def test_a_broken_row_breaks_exactly_the_expectations_about_it(outcome, number):
    assert failures_of(outcome, key(number)) == BROKEN[number - 1][1]


def test_the_good_row_breaks_nothing(outcome):
    assert failures_of(outcome, key(0)) == set()


def test_a_good_load_passes_without_a_warning(settings):
    assert [f for f in run(settings, [make_claim(1), make_claim(2)]) if not f.is_success] == []


def test_evidence_may_stand_in_any_current_version_of_the_article(settings):
    later = make_claim(1, evidence_start=10, evidence_end=10 + END)
    assert [f for f in run(settings, [later]) if not f.is_success] == []


def test_one_id_twice_is_critical_and_named(settings):
    (finding,) = [f for f in run(settings, [make_claim(1), make_claim(1)]) if not f.is_success]
    assert (finding.expectation, finding.column, finding.severity) == (
        "expect_column_values_to_be_unique",
        "claim_id",
        "critical",
    )
    assert finding.unexpected_count == 2


def test_a_row_without_id_is_critical(settings):
    (finding,) = [f for f in run(settings, [make_claim(1), make_claim(2, claim_id=None)]) if not f.is_success]
    assert (finding.expectation, finding.column, finding.severity) == (NOT_NULL, "claim_id", "critical")


@pytest.mark.parametrize("column", ["supplier_code", "recipient_code", "quantity_max"])
def test_many_untold_values_are_a_warning(settings, column):
    changes = {column: None, "quantity_min": None} if column == "quantity_max" else {column: None}
    rows = [make_claim(number, **(changes if number % 3 else {})) for number in range(40)]
    (finding,) = [f for f in run(settings, rows) if not f.is_success]
    assert (finding.expectation, finding.column, finding.severity) == (
        "expect_column_proportion_of_non_null_values_to_be_between",
        column,
        "warning",
    )


def test_rates_over_few_rows_are_not_looked_at(settings):
    rows = [make_claim(number, supplier_code=None) for number in range(29)]
    assert [f for f in run(settings, rows) if not f.is_success] == []


def test_hundreds_of_bad_rows_are_counted_but_not_all_listed(settings):
    outcome = run(settings, [make_claim(number, status="rumoured") for number in range(500)])
    (finding,) = [f for f in outcome if not f.is_success]
    assert finding.unexpected_count == 500
    assert finding.detail.endswith(" and 490 more")
