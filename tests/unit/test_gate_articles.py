"""Each expectation on articles, broken by one row that differs from a good one in one field."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest
from gate_batches import ARTICLES, FETCHED, key, make_article, make_rows

from expectations.batch import Batch, BatchFacts

NOW = FETCHED + datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)

BROKEN: list[tuple[dict[str, Any], set[tuple[str, str, str]]]] = [
    ({"url": None}, {("expect_column_values_to_not_be_null", "url", "critical")}),
    ({"title": None}, {("expect_column_values_to_not_be_null", "title", "critical")}),
    ({"title": " \n"}, {("expect_column_values_to_match_regex", "title", "critical")}),
    (
        {"text": "  "},
        {
            ("expect_column_values_to_match_regex", "text", "critical"),
            ("expect_column_value_lengths_to_be_between", "text", "warning"),
        },
    ),
    ({"text": "Norway buys guns."}, {("expect_column_value_lengths_to_be_between", "text", "warning")}),
    ({"url": "javascript:alert(1)"}, {("expect_column_values_to_match_regex", "url", "critical")}),
    ({"text_hash": "abc"}, {("expect_column_values_to_match_regex", "text_hash", "critical")}),
    ({"text_hash": key(7) + "\n"}, {("expect_column_values_to_match_regex", "text_hash", "critical")}),
    ({"published_at_origin": "guess"}, {("expect_column_values_to_be_in_set", "published_at_origin", "critical")}),
    ({"published_at": None}, {("expect_column_values_to_not_be_null", "published_at", "critical")}),
    (
        {"published_at": datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC)},
        {("expect_values_to_be_within_limits", "published_at", "critical")},
    ),
    (
        {"published_at": FETCHED + 25 * HOUR},
        {("expect_publication_not_after_fetch", "published_at, fetched_at", "critical")},
    ),
    ({"published_at": FETCHED + 23 * HOUR}, set()),
    ({"fetched_at": NOW + HOUR}, {("expect_values_to_be_within_limits", "fetched_at", "critical")}),
    ({"language": "de"}, {("expect_column_values_to_be_in_set", "language", "warning")}),
    ({"load_id": "load-2"}, {("expect_column_values_to_be_in_set", "load_id", "critical")}),
    ({"author": "A. Writer", "terms_url": "https://news.example/terms"}, set()),
]


def run(rows: list[dict[str, Any]], **facts: Any) -> Any:
    from expectations import engine
    from expectations.suites import articles

    known = BatchFacts(load_id="load-1", rows=len(rows), validated_at=NOW, **facts)
    suite = articles.build_suite(known)
    batch = make_rows(ARTICLES, rows).append_column(articles.NEW_TEXT, pa.array([True] * len(rows)))
    result = engine.check_rows(suite, Batch.of_table(known, batch), key="article_id")
    return engine.list_findings(result, suite=suite.name, table_name="articles", key="article_id")


@pytest.fixture(scope="module")
def outcome() -> Any:
    """One load: a good row, then one row for each way to break it."""
    broken = [make_article(number, **changes) for number, (changes, _) in enumerate(BROKEN, start=1)]
    return run([make_article(0), *broken])


def failures_of(outcome: Any, article_id: str) -> set[tuple[str, str, str]]:
    return {
        (finding.expectation, finding.column, finding.severity)
        for finding in outcome
        if not finding.is_success and article_id in finding.detail
    }


@pytest.mark.parametrize("number", range(1, len(BROKEN) + 1), ids=[str(changes) for changes, _ in BROKEN])
def test_a_broken_row_breaks_exactly_the_expectations_about_it(outcome, number):
    assert failures_of(outcome, key(number)) == BROKEN[number - 1][1]


def test_the_good_row_breaks_nothing(outcome):
    assert failures_of(outcome, key(0)) == set()


def test_a_good_load_passes_without_a_warning():
    assert [f for f in run([make_article(1), make_article(2)]) if not f.is_success] == []


def test_one_id_twice_is_critical_and_named():
    (finding,) = [f for f in run([make_article(1), make_article(1, text_hash=key(9))]) if not f.is_success]
    assert (finding.expectation, finding.column, finding.severity) == (
        "expect_column_values_to_be_unique",
        "article_id",
        "critical",
    )
    assert finding.unexpected_count == 2
    assert key(1) in finding.detail


def test_a_row_without_id_is_critical():
    outcome = run([make_article(1), make_article(2, article_id=None)])
    (finding,) = [f for f in outcome if not f.is_success]
    assert (finding.expectation, finding.column) == ("expect_column_values_to_not_be_null", "article_id")
    assert finding.severity == "critical"
    assert finding.detail == "article_id (none)"


def test_one_text_under_two_addresses_is_a_warning():
    (finding,) = [f for f in run([make_article(1), make_article(2, text_hash=key(1001))]) if not f.is_success]
    assert (finding.expectation, finding.column, finding.severity) == (
        "expect_column_values_to_be_unique",
        "text_hash",
        "warning",
    )


def test_a_silent_source_is_a_warning_that_tells_the_age():
    old = FETCHED - datetime.timedelta(days=200)
    (finding,) = [f for f in run([make_article(1, published_at=old)]) if not f.is_success]
    assert (finding.expectation, finding.severity) == ("expect_newest_article_to_be_fresh", "warning")
    assert "200 days before the fetch" in finding.detail


def test_the_first_load_of_a_source_may_bring_its_past():
    old = FETCHED - datetime.timedelta(days=2000)
    assert [f for f in run([make_article(1, published_at=old)], is_first_of_source=True) if not f.is_success] == []
