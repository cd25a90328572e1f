"""The benchmarks measure what they say, on the same texts everywhere; how fast it is on this machine is no test."""

from __future__ import annotations

import hashlib
from collections import Counter

import bench_extraction
import corpus
import pytest
import run
import web_pages
from click.testing import CliRunner
from results import Measurement, Report, measure_rate

from extract.claims import extract_claims


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
        Measurement("absent", None, "articles/s", None, "its package is not installed"),
    )
    monkeypatch.setattr(bench_extraction, "run", lambda: Report("two lines", measured))
    shown = CliRunner().invoke(run.main, ["extraction"]).output
    for words in ("600 articles/s", ">= 500 articles/s", "not measured", "its package is not installed"):
        assert words in shown
    assert '"value": 600.0' in CliRunner().invoke(run.main, ["extraction", "--json"]).output


def test_an_unknown_benchmark_is_named_with_those_that_are_there():
    ended = CliRunner().invoke(run.main, ["speed"])
    assert ended.exit_code == 2
    assert "no benchmark is called speed; there are archives, extraction, fetching" in ended.output
