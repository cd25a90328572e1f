"""What a gate does with a load: promote it, set it aside, or say why it can't."""

from __future__ import annotations

import datetime
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from gate_batches import (
    ARTICLES,
    FETCHED,
    TRANSFER_CLAIMS,
    key,
    make_article,
    make_claim,
    make_rows,
    stage,
)

from expectations import gate, pages
from warehouse import lake, ops
from warehouse.errors import ContractError, GateError, LakeError
from warehouse.manifests import read_manifest
from warehouse.receipts import AuditReceipt


def test_a_good_load_is_promoted_with_its_results_and_report(settings):
    stage(settings, ARTICLES, "load-1", [make_article(1), make_article(2)], source_id="harbour_wire")
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert receipt.has_passed
    assert receipt.failures == ()
    assert lake.read_current(settings.data, "articles").num_rows == 2
    assert lake.list_staged(settings.data, "articles") == []
    results = ops.read(settings.data, "validation_results").to_pylist()
    assert {row["validation_id"] for row in results} == {receipt.validation_id}
    assert {row["load_id"] for row in results} == {"load-1"}
    assert all(row["is_success"] for row in results)
    assert (settings.data.root / receipt.report_path).is_file()


def test_a_refused_load_keeps_rows_state_and_archive_and_raw_stays_as_it_was(settings):
    with lake.LoadWriter(settings.data, ARTICLES, "load-1", source_id="harbour_wire") as writer:
        writer.write(make_rows(ARTICLES, [make_article(1, title=" "), make_article(2, article_id=None)]))
        writer.set_state("harbour_wire", {"etag": "abc"})
        (writer.folder / "responses.warc.gz").write_bytes(b"raw responses")
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert not receipt.has_passed
    assert any("2 of 2 rows are bad, no good row is left" in line for line in receipt.failures)
    folder = settings.data.quarantine / "articles" / "load=load-1"
    assert pq.read_table(folder / "part-0.parquet").num_rows == 2
    assert (folder / "state.json").is_file()
    assert (folder / "responses.warc.gz").read_bytes() == b"raw responses"
    assert AuditReceipt.read(folder / "receipt.json") == receipt
    assert read_manifest(settings.data, ARTICLES).state == {}
    assert lake.read_current(settings.data, "articles").num_rows == 0
    assert not (settings.data.archive / "articles").exists()
    (fact,) = ops.read(settings.data, "quarantine").to_pylist()
    assert (fact["load_id"], fact["row_count"], fact["report_path"]) == ("load-1", 2, receipt.report_path)


def test_a_failure_names_suite_expectation_column_rows_keys_and_report(settings):
    stage(settings, ARTICLES, "a-1", [make_article(1)])
    assert gate.settle_load(settings, "articles", "a-1").has_passed
    stage(settings, TRANSFER_CLAIMS, "c-1", [make_claim(1), make_claim(2, status="rumoured")])
    receipt = gate.settle_load(settings, "transfer_claims", "c-1")
    (line,) = receipt.set_aside
    assert line == (
        f"transfer_claims: expect_column_values_to_be_in_set(status): 1 of 2 rows; "
        f"claim_id {key(2)} [{receipt.report_path}]"
    )
    assert lake.read_current(settings.data, "transfer_claims")["claim_id"].to_pylist() == [key(1)]


def test_a_warning_is_reported_and_lets_the_load_pass(settings):
    stage(settings, ARTICLES, "load-1", [make_article(1, language="de")])
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert receipt.has_passed
    (line,) = receipt.warnings
    assert "expect_column_values_to_be_in_set(language)" in line


def test_an_old_article_is_a_warning_from_the_second_load_of_a_source_on(settings):
    for number, source_id in enumerate(["harbour_wire", "other_wire", "harbour_wire"]):
        old = make_article(number, published_at=FETCHED - datetime.timedelta(days=400))
        stage(settings, ARTICLES, f"load-{number}", [old], source_id=source_id)
    warned = [bool(gate.settle_load(settings, "articles", f"load-{number}").warnings) for number in range(3)]
    assert warned == [False, False, True]


def test_validating_alone_leaves_the_load_in_staging(settings):
    stage(settings, ARTICLES, "load-1", [make_article(1, title=None)])
    assert not gate.validate_load(settings, "articles", "load-1").receipt.has_passed
    assert lake.list_staged(settings.data, "articles") == ["load-1"]


def test_a_suite_that_crashes_counts_as_failed(settings, monkeypatch):
    from expectations.suites import articles

    def crash(facts):
        raise ZeroDivisionError("no such\nnumber")

    monkeypatch.setattr(articles, "build_suite", crash)
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert not receipt.has_passed
    assert "ZeroDivisionError: no such number" in receipt.failures[0]
    assert (settings.data.quarantine / "articles" / "load=load-1").is_dir()
    (row,) = ops.read(settings.data, "validation_results").to_pylist()
    assert (row["expectation"], row["severity"], row["is_success"]) == ("suite_runs", "critical", False)
    assert "ZeroDivisionError" in (settings.data.root / receipt.report_path).read_text()


def test_an_expectation_that_crashes_counts_as_failed_even_if_it_only_warns(settings, monkeypatch):
    import great_expectations as gx
    import great_expectations.expectations as gxe

    from expectations.suites import articles

    broken = gxe.ExpectColumnValuesToBeBetween(column="no_such_column", min_value=1, severity="warning")
    monkeypatch.setattr(articles, "build_suite", lambda facts: gx.ExpectationSuite("articles", expectations=[broken]))
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert not receipt.has_passed
    assert "no_such_column" in receipt.failures[0]
    assert "it crashed" in receipt.failures[0]


def test_an_empty_load_commits_its_state_without_importing_great_expectations(tmp_path):
    script = f"""
import sys
sys.path.insert(0, {str(__file__.rsplit("/", 1)[0])!r})
from pathlib import Path
from gate_batches import ARTICLES, make_settings
from expectations import gate
from warehouse import lake
from warehouse.manifests import read_manifest
settings = make_settings(Path({str(tmp_path)!r}))
with lake.LoadWriter(settings.data, ARTICLES, "load-1") as writer:
    writer.set_state("harbour_wire", {{"etag": "abc"}})
assert gate.settle_load(settings, "articles", "load-1").has_passed
assert read_manifest(settings.data, ARTICLES).state == {{"harbour_wire": {{"etag": "abc"}}}}
assert lake.list_staged(settings.data, "articles") == []
assert "great_expectations" not in sys.modules
import expectations.__main__
assert "great_expectations" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_load_that_is_not_there_is_a_clear_error(settings):
    with pytest.raises(LakeError, match=r"articles/load=nothing is not in staging"):
        gate.settle_load(settings, "articles", "nothing")


def test_a_promoted_load_cannot_be_settled_again(settings):
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    gate.settle_load(settings, "articles", "load-1")
    with pytest.raises(LakeError, match="it was promoted, quarantined or never staged"):
        gate.settle_load(settings, "articles", "load-1")


def test_an_unknown_table_is_a_clear_error(settings):
    with pytest.raises(ContractError, match="no raw table 'weapons'"):
        gate.settle_load(settings, "weapons", "load-1")


def test_a_receipt_does_not_let_other_content_pass(settings):
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    receipt = gate.validate_load(settings, "articles", "load-1").receipt
    stage(settings, ARTICLES, "load-1", [make_article(1, title=None)])
    with pytest.raises(GateError, match="the content has changed"):
        lake.promote(settings.data, "articles", "load-1", receipt)


def test_files_that_changed_after_staging_are_an_error_not_a_verdict(settings):
    staged = stage(settings, ARTICLES, "load-1", [make_article(1)])
    (staged.folder / "part-0.parquet").write_bytes(b"half a file")
    with pytest.raises(LakeError, match="stage the load again"):
        gate.settle_load(settings, "articles", "load-1")


def test_the_verdict_stands_when_the_report_cannot_be_written(settings):
    (settings.data.reports / "validation").write_text("a file where a folder should be")
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert receipt.has_passed
    assert receipt.report_path is None
    assert "the report could not be written" in receipt.warnings[0]
    assert ops.read(settings.data, "validation_results").num_rows > 0


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_hostile_markup_in_values_is_shown_as_text(settings, caplog):
    rows = [
        make_article(3, url=None, published_at=None, fetched_at=None),
        make_article(1, language=HOSTILE, published_at_origin=HOSTILE, url=HOSTILE, title=HOSTILE),
        make_article(2, article_id=HOSTILE),
        make_article(2, article_id=HOSTILE),
    ]
    stage(settings, ARTICLES, "load-1", rows)
    receipt = gate.settle_load(settings, "articles", "load-1")
    assert len(receipt.failures) == 9
    assert "Exception" not in caplog.text
    page = (settings.data.root / receipt.report_path).read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "<img" not in page


def test_a_page_asks_no_other_host_and_has_no_script(settings):
    stage(settings, ARTICLES, "load-1", [make_article(1, language="de")])
    receipt = gate.settle_load(settings, "articles", "load-1")
    page = (settings.data.root / receipt.report_path).read_text()
    assert "//" not in page.replace(r"(https?|file)://", "")
    assert "<script" not in page
    assert (settings.data.reports / "style.css").is_file()
    assert "Later stages know these values and no others." in page


def test_a_page_that_another_gate_removes_meanwhile_does_no_harm(settings):
    folder = settings.data.reports / "validation" / "articles"
    folder.mkdir(parents=True)
    (folder / "gone.html").symlink_to(folder / "nowhere")  # listed, but not there when it is looked at
    stage(settings, ARTICLES, "load-1", [make_article(1)])
    receipt = gate.validate_load(settings, "articles", "load-1").receipt
    assert receipt.warnings == ()
    assert (settings.data.root / receipt.report_path).is_file()


def test_only_the_newest_pages_are_kept(settings, monkeypatch):
    monkeypatch.setattr(pages, "KEPT_PAGES", 2)
    for number in range(4):
        stage(settings, ARTICLES, f"load-{number}", [make_article(number)])
        last = gate.validate_load(settings, "articles", f"load-{number}").receipt
    folder = (settings.data.root / last.report_path).parent
    assert len(list(folder.glob("*.html"))) == 2
    assert len(list(folder.glob("*.json"))) == 2
    assert (settings.data.root / last.report_path).is_file()
