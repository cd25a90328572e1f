"""The benchmarks measure what they say, on the same texts everywhere; how fast it is on this machine is no test."""

from __future__ import annotations

import hashlib
from collections import Counter

import bench_extraction
import bench_spark
import claims_load
import corpus
import pyarrow as pa
import pytest
import run
import web_pages
from click.testing import CliRunner
from results import Measurement, Report, measure_rate

from expectations import column_groups, gate
from extract.claims import extract_claims
from warehouse import lake
from warehouse.contracts import TRANSFER_CLAIMS


def test_relevant_articles_tell_transfers_and_irrelevant_ones_none():
    relevant = corpus.make_batch(corpus.make_relevant(10))
    told = set(extract_claims(relevant).column("article_id").to_pylist())
    assert len(told) == relevant.num_rows
    assert extract_claims(corpus.make_batch(corpus.make_irrelevant(50))).num_rows == 0


@pytest.mark.parametrize("make", [corpus.make_relevant, corpus.make_irrelevant])
def test_texts_are_the_same_in_each_run_and_differ_from_each_other(make):
    texts = make(20)
    assert texts == make(20)
    assert len({hashlib.sha256(text.encode()).digest() for text in texts}) == 20
    assert {len(text) for text in texts} == {corpus.LENGTH}


def test_pages_are_the_same_in_each_run_and_as_large_as_real_ones():
    kinds, texts = zip(*web_pages.make_texts(200), strict=True)
    assert Counter(kinds) == {"everyday": 194, "relevant": 4, "military": 2}
    pages = [web_pages.make_page(number, text) for number, text in enumerate(texts[:20])]
    assert pages == [web_pages.make_page(number, text) for number, text in enumerate(texts[:20])]
    sizes = [len(web_pages.write_record(number, page)) for number, page in enumerate(pages)]
    assert 28_000 < sum(sizes) / len(sizes) < 42_000


def test_the_rate_is_items_by_seconds_of_the_clock():
    now = 0.0

    def work() -> None:
        nonlocal now
        now += 0.25

    assert measure_rate(work, 10, clock=lambda: now) == pytest.approx(40)


def test_terms_of_the_lexicon_come_from_all_seeds():
    terms = bench_extraction.list_terms()
    assert {"Poland", "Saab", "Rafale", "frigate"} <= set(terms)
    assert len(terms) == len(set(terms)) > 10_000


def test_a_report_is_shown_beside_its_targets(monkeypatch):
    measured = (
        Measurement("fast", 600.0, "articles/s", 500, "enough"),
        Measurement("small", 2.0, "GiB", limit=1, note="too much"),
        Measurement("absent", None, "articles/s", None, "its package is not installed"),
    )
    monkeypatch.setattr(bench_extraction, "run", lambda: Report("two lines", measured))
    shown = CliRunner().invoke(run.main, ["extraction"]).output
    for words in ("600 articles/s", ">= 500 articles/s", "<= 1 GiB", "not measured", "its package is not installed"):
        assert words in shown
    assert '"value": 600.0' in CliRunner().invoke(run.main, ["extraction", "--json"]).output


def test_an_unknown_benchmark_is_named_with_those_that_are_there():
    ended = CliRunner().invoke(run.main, ["speed"])
    assert ended.exit_code == 2
    known = run.list_benchmarks()
    assert {"archives", "build", "extraction", "fetching", "pipeline"} <= set(known)
    assert f"no benchmark is called speed; there are {', '.join(known)}" in " ".join(ended.output.split())


def test_a_number_is_held_against_its_least_or_its_greatest_value():
    assert Measurement("rate", 2.0, "x", 1).is_reached
    assert not Measurement("rate", 0.5, "x", 1).is_reached
    assert Measurement("time", 0.5, "s", limit=1).is_reached
    assert not Measurement("time", 2.0, "s", limit=1).is_reached
    assert Measurement("alone", 2.0, "s").is_reached is None
    assert Measurement("absent", None, "s", limit=1).is_reached is None


def test_the_load_of_the_benchmark_passes_its_gate(settings):
    load_id = claims_load.stage_claims(settings.data, 500)
    receipt = gate.validate_load(settings, "transfer_claims", load_id).receipt
    assert receipt.failures == receipt.warnings == receipt.set_aside == ()


def test_column_groups_find_what_one_group_finds(settings, monkeypatch):
    """A budget of nothing reads every column by itself: the results are the same."""
    import pyarrow.parquet as pq

    load_id = claims_load.stage_claims(settings.data, 500)
    staged = lake.read_staged(settings.data, "transfer_claims", load_id)
    rows = pq.read_table(staged.paths[0]).to_pylist()
    for number, changes in enumerate([{"status": "x"}, {"recipient_code": "KOR"}, {"claim_id": rows[9]["claim_id"]}]):
        rows[number] = {**rows[number], **changes}
    with lake.LoadWriter(settings.data, TRANSFER_CLAIMS, load_id, **staged.attributes) as writer:
        writer.write(
            pa.Table.from_pylist(rows, schema=pa.schema([f.with_nullable(True) for f in TRANSFER_CLAIMS.schema]))
        )
    found = []
    for budget in (column_groups.BUDGET_BYTES, 1):
        monkeypatch.setattr(column_groups.list_groups, "__kwdefaults__", {"budget": budget})
        found.append(gate.validate_load(settings, "transfer_claims", load_id))
    whole, parted = found
    assert whole.set_aside == parted.set_aside
    assert set(whole.set_aside) == {0, 1, 2, 9}


def test_spark_is_done_first_from_where_its_start_is_earned_back():
    one = bench_spark.Pace(start=1, rate=10, handed=1e6, processor=100)
    spark = bench_spark.Pace(start=11, rate=20, handed=800, processor=125)
    compared = bench_spark.compare("Spark", spark, one)
    assert compared.value == pytest.approx(2)
    assert "done first from 200 articles on" in compared.note
    assert "done first" not in bench_spark.compare("Spark", one, spark).note


def test_one_driver_limits_what_spark_is_projected_to_do():
    one = bench_spark.Pace(start=1, rate=10, handed=1e6, processor=100)
    _, cores, alone, many = bench_spark.project(one, bench_spark.Pace(start=11, rate=8, handed=80, processor=125))
    assert cores.value == pytest.approx(10)
    assert alone.value / many.value == pytest.approx(8), "80 articles/s, not 16 times 8"
