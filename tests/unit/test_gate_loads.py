"""Expectations on a load as a whole: volume against former loads, clocks, refused pages; loads that are special."""

from __future__ import annotations

import datetime

import pytest
from gate_batches import ARTICLES, DAY, FETCHED, TRANSFER_CLAIMS, key, make_article, make_claim, pretend_loads, stage

from expectations import gate
from expectations.custom.batches import find_fences
from warehouse import clock, ops
from warehouse.manifests import read_manifest


def settle(settings, rows, load_id="load-1", *, table=ARTICLES, **attributes):
    if table is ARTICLES:
        attributes = {"source_id": "harbour_wire", **attributes}
    stage(settings, table, load_id, rows, **attributes)
    return gate.settle_load(settings, table.name, load_id)


def failed(settings, load_id, action="reported"):
    rows = ops.read(settings.data, "validation_results").to_pylist()
    return {row["expectation"]: row["detail"] for row in rows if row["load_id"] == load_id and row["action"] == action}


def last_run(settings):
    return ops.read(settings.data, "validations").to_pylist()[-1]


@pytest.mark.parametrize(
    ("former", "rows", "is_usual"),
    [
        ([10] * 28, 10, True),
        ([10] * 28, 79, True),
        ([10] * 28, 81, False),
        ([100] * 28, 10, False),
        ([10, 200] * 14, 2, True),
        ([10] * 7, 500, True),
    ],
)
def test_a_load_is_compared_with_the_last_28_of_its_source(settings, former, rows, is_usual):
    pretend_loads(settings, former)
    settle(settings, [make_article(number) for number in range(rows)])
    told = failed(settings, "load-1")
    assert ("expect_figure_to_be_usual" not in told) is is_usual
    if not is_usual:
        assert "articles in a load of this source" in told["expect_figure_to_be_usual"]


def test_only_the_newest_28_loads_of_the_same_source_count(settings):
    pretend_loads(settings, [10] * 28 + [10_000] * 40)
    settle(settings, [make_article(number) for number in range(100)])
    assert "expect_figure_to_be_usual" in failed(settings, "load-1")
    settle(settings, [make_article(1000 + number) for number in range(100)], "load-2", source_id="other_wire")
    assert "expect_figure_to_be_usual" not in failed(settings, "load-2")


def test_fences_are_as_wide_as_former_loads_differ():
    assert find_fences([10, 1000] * 14)[1] > find_fences([90, 110] * 14)[1] * 100


def test_claims_are_counted_per_article(settings):
    settle(settings, [make_article(number) for number in range(20)])
    for number in range(8):
        claims = [make_claim(100 * number + place) for place in range(20)]
        settle(settings, claims, f"c-{number}", table=TRANSFER_CLAIMS, inputs=["load-1"])
    few = [make_claim(5000)]
    settle(settings, few, "c-few", table=TRANSFER_CLAIMS, inputs=["load-1"])
    assert "claims per article: 0.05; usual 1" in failed(settings, "c-few")["expect_figure_to_be_usual"]


def test_most_pages_refused_is_a_warning_and_few_pages_mean_nothing(settings):
    rows = [make_article(number) for number in range(4)]
    settle(settings, rows, refused=20)
    assert failed(settings, "load-1")["expect_most_pages_to_be_usable"] == "observed 20 of 24 pages were refused"
    settle(settings, [make_article(9)], "load-2", refused=3)
    assert "expect_most_pages_to_be_usable" not in failed(settings, "load-2")


def test_a_text_under_a_new_address_is_a_warning(settings):
    settle(settings, [make_article(1)])
    settle(settings, [make_article(2, text_hash=key(1001)), make_article(3)], "load-2")
    assert failed(settings, "load-2")["expect_text_to_be_new"] == f"article_id {key(2)}"


def test_the_same_article_again_is_no_text_under_a_new_address(settings):
    settle(settings, [make_article(1)])
    settle(settings, [make_article(1)], "load-2")
    assert "expect_text_to_be_new" not in failed(settings, "load-2")


def test_a_fetch_in_the_future_stops_the_load(settings):
    ahead = clock.now() + DAY
    rows = [make_article(number, fetched_at=ahead, published_at=ahead) for number in range(3)]
    receipt = settle(settings, rows)
    assert not receipt.has_passed
    assert "expect_values_to_be_within_limits" in failed(settings, "load-1", "refused")
    assert last_run(settings)["verdict"] == "failed"


def test_a_clock_that_ran_back_stops_the_load_and_says_so(settings):
    pretend_loads(settings, [10], until=clock.now() + 2 * DAY)
    receipt = settle(settings, [make_article(1), make_article(2)])
    assert not receipt.has_passed
    assert "the newest load is of" in failed(settings, "load-1", "refused")["expect_clock_not_to_run_back"]
    assert read_manifest(settings.data, ARTICLES).load("load-1") is None


def test_ten_minutes_between_machines_are_no_clock_that_ran_back(settings):
    pretend_loads(settings, [10], until=clock.now() + datetime.timedelta(minutes=9))
    assert settle(settings, [make_article(1)]).has_passed


def test_an_empty_load_has_a_verdict_of_its_own(settings):
    settle(settings, [])
    run = last_run(settings)
    assert (run["verdict"], run["circumstance"]) == ("empty", "empty load: nothing new came in")
    assert (run["rows_in"], run["rows_out"], run["rows_quarantined"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("silent", "gap", "is_warned"), [(20, 1, False), (40, 1, True), (40, 10, False), (150, 10, True)]
)
def test_an_empty_load_of_a_source_that_vanished_is_a_warning(settings, silent, gap, is_warned):
    pretend_loads(settings, [10] * 5, gap=gap * DAY, until=clock.now() - silent * DAY)
    receipt = settle(settings, [])
    assert receipt.has_passed
    run = last_run(settings)
    assert run["verdict"] == ("warned" if is_warned else "empty")
    if is_warned:
        (line,) = receipt.warnings
        assert "source_has_not_vanished" in line
        assert f"{silent} days ago; the usual pause is {gap}.0 days" in line


def test_a_new_source_that_brings_nothing_has_not_vanished(settings):
    pretend_loads(settings, [10] * 5, until=clock.now() - 400 * DAY)
    settle(settings, [], source_id="new_wire")
    assert last_run(settings)["verdict"] == "empty"


def test_the_first_load_ever_and_the_first_of_a_source_are_named(settings):
    settle(settings, [make_article(1), make_article(2)])
    assert last_run(settings)["circumstance"] == "first load ever: there is nothing to compare with"
    settle(settings, [make_article(3), make_article(4)], "load-2", source_id="other_wire")
    assert last_run(settings)["circumstance"].startswith("first load of its source")
    settle(settings, [make_article(5), make_article(6)], "load-3")
    assert last_run(settings)["circumstance"] is None


def test_a_load_of_one_row_is_named_and_judged_by_its_row(settings):
    settle(settings, [make_article(1)])
    settle(settings, [make_article(2)], "load-2")
    assert last_run(settings)["circumstance"] == "one row: shares mean nothing"
    assert not settle(settings, [make_article(3, title=" ")], "load-3").has_passed
    assert clock.now() > FETCHED
