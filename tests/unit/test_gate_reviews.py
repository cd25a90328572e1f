"""Reviewers' decisions: the file, its gate, and the verdicts as labelled examples."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from gate_batches import (
    ARTICLES,
    EVIDENCE,
    TEXT,
    TRANSFER_CLAIMS,
    key,
    make_article,
    make_claim,
    pretend_loads,
    stage,
)

from expectations import gate
from warehouse import clock, lake, ops, review_examples, reviews, waivers
from warehouse.contracts import REVIEWS
from warehouse.database import write_database
from warehouse.errors import LakeError, ReleaseError
from warehouse.manifests import read_manifest

EVALUATION = Path(__file__).resolve().parents[1] / "evaluation"
HEADER = ",".join(reviews.COLUMNS)
GOOD = f"{key(1)},,accept,,,a reviewer,read it,2026-01-02"
TOMORROW = f"{clock.now() + datetime.timedelta(days=1):%Y-%m-%d}"
FORM = "expect_correction_to_have_its_form(verdict, field, value)"

BROKEN = [
    (f"{key(1)},,maybe,,,a reviewer,read it,2026-01-02", "expect_column_values_to_be_in_set(verdict)"),
    (f"{key(1)},,,,,a reviewer,read it,2026-01-02", "expect_column_values_to_not_be_null(verdict)"),
    ("claim 1,,accept,,,a reviewer,read it,2026-01-02", "expect_column_values_to_match_regex(claim_id)"),
    (",,accept,,,a reviewer,read it,2026-01-02", "expect_review_to_name_its_target(claim_id, deal_key)"),
    (f"{key(1)},,accept,,,,read it,2026-01-02", "expect_column_values_to_not_be_null(reviewer)"),
    (f"{key(1)},,accept,,,a reviewer,,2026-01-02", "expect_column_values_to_not_be_null(reason)"),
    (f"{key(1)},,accept,,,a reviewer,read it,2026-02-32", "expect_column_values_to_match_regex(reviewed_on)"),
    (f"{key(1)},,accept,,,a reviewer,read it,last week", "expect_column_values_to_match_regex(reviewed_on)"),
    (f"{key(1)},,accept,,,a reviewer,read it,{TOMORROW}", "expect_day_not_to_be_ahead"),
    (f"{key(1)},,accept,quantity,12,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,quantity,,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,,12,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,quantity,a dozen,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,quantity,0,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,supplier_code,QQQ,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,value_currency,usd,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,status,rumoured,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,status,null,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,order_year,1900,a reviewer,read it,2026-01-02", FORM),
    (f"{key(1)},,correct,title,Guns,a reviewer,read it,2026-01-02", "expect_column_values_to_be_in_set(field)"),
]
FINE = [
    f"{key(1)},,correct,quantity,12,a reviewer,read it,2026-01-02",
    f"{key(1)},,correct,order_year,null,a reviewer,read it,2026-01-02",
    f"{key(1)},,correct,supplier_code,FRA,a reviewer,read it,2026-01-02",
    f'{key(1)},,correct,weapon_designation,"K9, late model",a reviewer,"two\nlines",2026-01-02',
    f"{key(1)},,correct,value,1.5,a reviewer,read it,2026-01-02",
]


@pytest.fixture
def desk(settings):
    """A lake with one article and three claims of it."""
    stage(settings, ARTICLES, "articles-1", [make_article(1)])
    assert gate.settle_load(settings, "articles", "articles-1").has_passed
    stage(settings, TRANSFER_CLAIMS, "claims-1", [make_claim(number) for number in (1, 2, 3)], inputs=["articles-1"])
    assert gate.settle_load(settings, "transfer_claims", "claims-1").has_passed
    return settings


def write(settings, *lines, header=HEADER):
    path = settings.data.reviews / reviews.FILE
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def settle(settings, *lines):
    write(settings, *lines)
    load_id = reviews.stage_reviews(settings.data)
    return gate.settle_load(settings, "reviews", load_id)


def current(settings):
    return lake.read_current(settings.data, "reviews").to_pylist()


def test_each_expectation_on_reviews_is_broken_by_what_it_forbids(desk):
    """One load: many good lines, then one line for each way to break one."""
    good = [GOOD.replace("read it", f"read it {number}") for number in range(20 * len(BROKEN))]
    receipt = settle(desk, *good, *FINE, *(line for line, _ in BROKEN))
    assert receipt.has_passed
    first = len(good) + len(FINE) + 2
    told = {}
    for fact in ops.read(desk.data, "quarantined_rows").to_pylist():
        assert not fact["is_waivable"]
        told[json.loads(fact["raw_row"])["line"] - first] = fact["expectations"]
    # one of the good lines has two lines of text in a cell
    told = {number - 1: labels for number, labels in told.items()}
    assert sorted(told) == list(range(len(BROKEN)))
    for number, (line, label) in enumerate(BROKEN):
        assert label in told[number], line


def test_the_report_names_the_line_and_stays_short(desk):
    receipt = settle(desk, *[GOOD.replace("read it", f"read it {number}") for number in range(20)], BROKEN[16][0])
    (line,) = receipt.set_aside
    assert line.startswith(f"reviews: {FORM}: 1 of 21 rows; line 22 [")
    page = (desk.data.root / receipt.report_path).read_text(encoding="utf-8")
    assert "forms: " in page
    assert "ZWE" not in page, "no pattern of all countries"


def test_bad_lines_of_a_file_that_was_mended_wait_no_longer(desk):
    settle(desk, GOOD, BROKEN[16][0])
    assert [entry.status for entry in waivers.list_entries(desk.data)] == ["open"]
    settle(desk, GOOD, FINE[0], BROKEN[18][0])
    assert sorted(entry.status for entry in waivers.list_entries(desk.data)) == ["dropped", "open"]
    (dropped,) = [entry for entry in waivers.list_entries(desk.data) if entry.status == "dropped"]
    assert (dropped.decided_by, dropped.load_id in dropped.decision_reason) == ("gate", False)
    assert settle(desk, BROKEN[0][0]).has_passed is False
    assert len([entry for entry in waivers.list_entries(desk.data) if entry.status == "open"]) == 2, "it was refused"


def test_good_decisions_become_current_and_replace_those_of_before(desk):
    assert settle(desk, GOOD, *FINE).rows_set_aside == 0
    assert len(current(desk)) == 6
    receipt = settle(desk, f"{key(2)},,reject,,,a reviewer,a rumour,2026-01-03")
    assert receipt.has_passed
    (row,) = current(desk)
    assert (row["claim_id"], row["verdict"], row["line"]) == (key(2), "reject", 2)


def test_the_same_file_again_is_nothing_new(desk):
    settle(desk, GOOD)
    assert reviews.stage_reviews(desk.data) is None


def test_no_file_is_nothing_new_and_a_removed_one_takes_its_decisions_back(desk):
    assert reviews.stage_reviews(desk.data) is None
    settle(desk, GOOD)
    (desk.data.reviews / reviews.FILE).unlink()
    receipt = gate.settle_load(desk, "reviews", reviews.stage_reviews(desk.data))
    assert any("decisions_have_not_vanished" in line and "the 1 decisions" in line for line in receipt.warnings)
    assert current(desk) == []
    assert reviews.stage_reviews(desk.data) is None


@pytest.mark.parametrize(("left", "is_warned"), [(6, False), (5, True)])
def test_a_file_that_lost_most_of_its_decisions_is_a_warning(desk, left, is_warned):
    lines = [GOOD.replace("read it", f"read it {number}") for number in range(12)]
    settle(desk, *lines)
    receipt = settle(desk, *lines[:left])
    assert any("expect_decisions_not_to_vanish" in line for line in receipt.warnings) is is_warned
    assert len(current(desk)) == left


def test_a_clock_that_ran_back_stops_the_file(desk):
    pretend_loads(desk, [3], table=REVIEWS, until=clock.now() + datetime.timedelta(days=2))
    receipt = settle(desk, GOOD)
    assert any("expect_clock_not_to_run_back" in line for line in receipt.failures)


def test_a_refused_file_leaves_the_decisions_of_before(desk):
    settle(desk, GOOD)
    assert not settle(desk, BROKEN[0][0]).has_passed
    assert len(current(desk)) == 1


def test_a_decision_on_a_claim_that_is_gone_is_a_warning(desk):
    receipt = settle(desk, GOOD, f"{key(99)},,reject,,,a reviewer,a rumour,2026-01-03")
    assert receipt.has_passed
    (line,) = receipt.warnings
    assert "expect_reference_to_exist(claim_id" in line
    assert len(current(desk)) == 2


def publish(settings, rows):
    settings.data.warehouse.mkdir(parents=True, exist_ok=True)
    settings.data.published.unlink(missing_ok=True)
    with write_database(settings.data.published) as connection:
        connection.execute("create schema marts; create schema ops")
        connection.execute("create table ops.rejected_claims (article_id varchar)")
        connection.execute("create table marts.fct_transfer_claims (deal_key varchar, claim_id varchar)")
        connection.executemany("insert into marts.fct_transfer_claims values (?, ?)", rows)


def test_a_decision_on_a_deal_is_one_on_its_claims_also_when_the_deal_is_gone(desk):
    publish(desk, [("deal-1", key(1)), ("deal-1", key(2)), ("deal-2", key(3))])
    line = ",deal-1,reject,,,a reviewer,a rumour,2026-01-03"
    assert settle(desk, line).has_passed
    assert {row["claim_id"] for row in current(desk)} == {key(1), key(2)}
    publish(desk, [("deal-2", key(3))])
    assert reviews.stage_reviews(desk.data) is None, "a release of its own making is nothing new"
    publish(desk, [("deal-1", key(3))])
    load_id = reviews.stage_reviews(desk.data)
    assert gate.settle_load(desk, "reviews", load_id).has_passed
    assert {row["claim_id"] for row in current(desk)} == {key(1), key(2), key(3)}


def test_a_deal_that_no_release_has_keeps_its_line(desk):
    assert settle(desk, GOOD, ",deal-9,reject,,,a reviewer,a rumour,2026-01-03").has_passed
    assert [row["deal_key"] for row in current(desk) if row["claim_id"] is None] == ["deal-9"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"claim_id,verdict\n", "columns deal_key, field, value, reviewer, reason, date are missing"),
        (b"", "columns claim_id"),
        (f"{HEADER}\n{key(1)},,accept\n".encode(), "line 2: another number of cells"),
        (f"{HEADER}\n{GOOD},more\n".encode(), "line 2: another number of cells"),
        (f'{HEADER}\n"{key(1)}\n'.encode(), "not readable as UTF-8 CSV"),
        (HEADER.encode("utf-16"), "not readable as UTF-8 CSV"),
    ],
)
def test_a_file_that_is_none_is_a_clear_error(desk, content, text):
    path = desk.data.reviews / reviews.FILE
    path.write_bytes(content)
    with pytest.raises(LakeError, match=text) as error:
        reviews.stage_reviews(desk.data)
    assert str(path) in str(error.value)


def test_a_file_from_a_spreadsheet_with_its_mark_and_empty_lines_is_read(desk):
    path = write(desk, GOOD, ",,,,,,,", "")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    gate.settle_load(desk, "reviews", reviews.stage_reviews(desk.data))
    assert len(current(desk)) == 1


def test_hostile_text_in_a_reason_is_shown_as_text(desk):
    hostile = "<script>alert(1)</script>"
    receipt = settle(desk, GOOD, f"{key(1)},,accept,{hostile},{hostile},{hostile},{hostile},2026-01-02")
    page = (desk.data.root / receipt.report_path).read_text()
    assert "&lt;script&gt;" in page
    assert "<script" not in page


EVENTS = """
create schema marts; create schema ops;
create table ops.rejected_claims as select '{rejected}' as article_id;
create table marts.dim_articles as
    select * from (values ('k-1', '{first}'), ('k-2', '{second}')) as t (article_key, article_id);
create table marts.fct_transfer_claims as
    select
        article_key, 'KOR' as supplier_code, recipient_code, 'K9' as weapon_designation, 'artillery' as weapon_category,
        24 as quantity_min, 24 as quantity_max, false as quantity_is_approximate, 180e6 as value_max,
        'USD' as value_currency, 'contract' as value_type, 'ordered' as claim_status, null as weapon_condition,
        'sale' as deal_type, 2026 as order_year, 2028 as delivery_year_first, false as is_background,
        false as supplier_is_inferred, '{evidence}' as evidence_text, 0 as evidence_start, review_verdict,
        false as is_domestic
    from (values ('k-1', 'NOR', 'accept'), ('k-2', 'NOR', 'correct'), ('k-2', 'POL', null))
        as t (article_key, recipient_code, review_verdict);
"""


def test_verdicts_on_all_claims_of_an_article_become_labelled_examples(settings, tmp_path):
    stage(settings, ARTICLES, "articles-1", [make_article(number) for number in (1, 2, 3)])
    assert gate.settle_load(settings, "articles", "articles-1").has_passed
    settings.data.warehouse.mkdir(parents=True)
    with write_database(settings.data.published) as connection:
        connection.execute(EVENTS.format(first=key(1), second=key(2), rejected=key(3), evidence=EVIDENCE))
    written = review_examples.write_examples(settings.data, tmp_path / "examples")
    assert (written.articles, written.events, written.undecided) == (2, 1, 1)
    labels = [json.loads(line) for line in written.labels_file.read_text().splitlines()]
    assert [label["id"] for label in labels] == [key(1), key(3)]
    (event,) = labels[0]["events"]
    assert (event["supplier"], event["recipient"], event["weapon"], event["quantity"]) == ("KOR", "NOR", "K9", 24)
    assert labels[1]["events"] == [], "an article whose only claim was rejected is a negative"
    articles = [json.loads(line) for line in written.articles_file.read_text().splitlines()]
    assert articles[0]["text"] == TEXT
    sys.path.insert(0, str(EVALUATION))
    from evaluate import main

    arguments = ["--articles", str(written.articles_file), "--labels", str(written.labels_file), "--json"]
    scored = CliRunner().invoke(main, arguments)
    assert scored.exit_code == 0, scored.output
    assert json.loads(scored.output)


def test_examples_need_a_release_and_a_decided_article(settings, tmp_path):
    with pytest.raises(ReleaseError, match="doesn't exist yet"):
        review_examples.write_examples(settings.data, tmp_path)


def test_reviews_are_a_table_of_the_lake_like_any_other(desk):
    settle(desk, GOOD)
    assert read_manifest(desk.data, REVIEWS).loads[0].rows == 1
