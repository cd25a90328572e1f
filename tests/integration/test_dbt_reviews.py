"""Reviewers' decisions in a build: rejected claims leave the marts, corrections count, orphans are told."""

from __future__ import annotations

import pytest
from dbt_candidate import Lake, fetch, run_dbt, write_candidate


@pytest.fixture(scope="module")
def built(parsed_project, tmp_path_factory):
    """A build with one claim for each kind of decision."""
    lake = Lake()
    claims = {}
    for number, name in enumerate(["untouched", "accepted", "rejected", "corrected", "doubtful"]):
        article = lake.add_article(name, f"2025-0{number + 1}-10")
        told = {"quantity": 12, "order_year": 2020 + number, "confidence": 0.3 if name == "doubtful" else 0.9}
        claims[name] = lake.add_claim(article, "FRA", ["IND", "EGY", "QAT", "GRC", "HRV"][number], "Rafale", **told)
    lake.add_review(claims["accepted"], "accept")
    lake.add_review(claims["rejected"], "reject", reason="it is a quotation of a rumour")
    lake.add_review(claims["corrected"], "correct", field="quantity", value="18")
    lake.add_review(claims["corrected"], "correct", field="recipient_code", value="SRB")
    lake.add_review("f" * 16, "reject")
    lake.add_review(None, "accept", deal_key="no-such-deal")
    database = write_candidate(tmp_path_factory.mktemp("reviews"), lake)
    done = run_dbt(database, "build")
    assert done.returncode == 0, done.stdout[-3000:]
    return database, claims, done.stdout


def test_a_rejected_claim_is_in_no_mart_and_stays_in_ops(built):
    database, claims, _ = built
    kept = {row["claim_id"] for row in fetch(database, "select claim_id from marts.fct_transfer_claims")}
    assert kept == set(claims.values()) - {claims["rejected"]}
    assert fetch(database, "select count(*) as deals from marts.fct_deals") == [{"deals": 4}]
    (row,) = fetch(database, "select claim_id, reviewer, reason, evidence_text from ops.rejected_claims")
    assert row["claim_id"] == claims["rejected"]
    assert (row["reviewer"], row["reason"]) == ("a reviewer", "it is a quotation of a rumour")
    assert row["evidence_text"]


def test_a_correction_reaches_the_deal(built):
    database, claims, _ = built
    sql = """
        select d.recipient_code, d.quantity_ordered, c.review_verdict, c.confidence
        from marts.fct_deals as d join marts.fct_transfer_claims as c using (deal_key)
        where c.claim_id = '{}'
    """
    (row,) = fetch(database, sql.format(claims["corrected"]))
    assert row == {"recipient_code": "SRB", "quantity_ordered": 18, "review_verdict": "correct", "confidence": 1.0}
    (row,) = fetch(database, sql.format(claims["untouched"]))
    assert row == {"recipient_code": "IND", "quantity_ordered": 12, "review_verdict": None, "confidence": 0.9}


def test_the_queue_ranks_what_nobody_has_decided_on(built):
    database, claims, _ = built
    rows = fetch(database, "select claim_id, priority from marts.rpt_review_queue order by queue_position")
    assert [row["claim_id"] for row in rows] == [claims["doubtful"], claims["untouched"]]
    assert rows[0]["priority"] > rows[1]["priority"]


def test_decisions_without_their_claim_are_told_and_warn(built):
    database, _, output = built
    rows = fetch(database, "select claim_id, reviewed_deal_key, why_orphan from ops.orphan_reviews order by file_line")
    assert [(row["claim_id"], row["reviewed_deal_key"]) for row in rows] == [
        ("f" * 16, None),
        (None, "no-such-deal"),
    ]
    assert "no article makes this claim any more" in rows[0]["why_orphan"]
    assert "WARN 2 assert_reviews_have_their_claim" in output
