"""How fast claims are extracted, beside what only finds the words: a plain scan, and spaCy's matcher."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import spacy
from corpus import make_batch, make_irrelevant, make_relevant
from results import Measurement, Report, measure_rate, on_one_core
from spacy.matcher import PhraseMatcher

from extract.claims import extract_claims
from extract.claims.fold import fold
from extract.claims.lexicon import load_lexicon
from extract.claims.triggers import load_triggers
from extract.claims.words import PHRASES
from warehouse.reference import read_seed

if TYPE_CHECKING:
    import pyarrow as pa

_RELEVANT, _IRRELEVANT = 200, 2_000  # articles
_BATCH = 25  # articles handed to a process at once: about half a second of work
_CORES = 2
_UNIT = "articles/s"


def run() -> Report:
    """Measure extraction, its limit and spaCy's matcher on one core, and the gain of two processes."""
    relevant, irrelevant = make_relevant(_RELEVANT), make_irrelevant(_IRRELEVANT)
    batch = make_batch(relevant)
    with on_one_core():
        rows = (
            _measure_claims("relevant articles", batch, 500),
            _measure_claims("irrelevant articles", make_batch(irrelevant), 30_000),
            _measure_scan("relevant articles, plain scan", relevant),
            _measure_scan("irrelevant articles, plain scan", irrelevant),
            _measure_spacy(relevant),
        )
    return Report("extraction of claims, articles of 3,000 characters, one core", (*rows, _measure_pool(batch)))


def _measure_claims(what: str, batch: pa.RecordBatch, target: float) -> Measurement:
    """Rate of the extractor."""
    claims = extract_claims(batch).num_rows
    rate = measure_rate(lambda: extract_claims(batch), batch.num_rows)
    return Measurement(what, rate, _UNIT, target, f"{claims / batch.num_rows:.1f} claims an article")


def _measure_scan(what: str, texts: list[str]) -> Measurement:
    """Rate of ahocorasick_rs alone over folded texts: no extractor with this lexicon can be faster."""
    lexicon = load_lexicon()
    folded = [f" {fold(text)}" for text in texts]
    scan = lexicon.automaton.find_matches_as_indexes
    hits = sum(len(scan(text)) for text in folded) / len(folded)
    rate = measure_rate(lambda: [scan(text) for text in folded], len(folded))
    note = f"ahocorasick_rs, {len(lexicon.readings):,} terms, {hits:.0f} matches an article"
    return Measurement(what, rate, _UNIT, None, note)


def _measure_spacy(texts: list[str]) -> Measurement:
    """Rate of spaCy's blank pipeline with a matcher of the lexicon's terms; it finds words, no claims."""
    what = "relevant articles, spaCy PhraseMatcher"
    pipeline = spacy.blank("en")
    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    terms = list_terms()
    matcher.add("term", list(pipeline.pipe(terms)))
    rate = measure_rate(lambda: [matcher(doc) for doc in pipeline.pipe(texts)], len(texts))
    return Measurement(what, rate, _UNIT, None, f"blank pipeline, {len(terms):,} terms as the seeds spell them")


def list_terms() -> list[str]:
    """Return all names and words of the lexicon as written in the seeds, sorted."""
    columns = {
        "country_aliases": ("alias",),
        "companies": ("company_name", "aliases"),
        "weapons": ("designation", "aliases"),
        "weapon_types": ("weapon_type", "aliases"),
    }
    terms = {*load_triggers(), *PHRASES}
    for seed, names in columns.items():
        for row in read_seed(seed).to_pylist():
            for name in names:
                terms |= {part.strip() for part in (row[name] or "").split("|")}
    return sorted(terms - {""})


def _measure_pool(batch: pa.RecordBatch) -> Measurement:
    """Gain of two processes over one, each doing the same batches through the pool."""
    what = "process pool on two cores, times one process"
    if (os.cpu_count() or 1) < _CORES:
        return Measurement(what, None, "x", 1.7, "this machine has one core")
    batches = [batch.slice(start, _BATCH) for start in range(0, batch.num_rows, _BATCH)] * 2
    rates = {}
    for workers in (1, _CORES):
        with ProcessPoolExecutor(workers, initializer=load_lexicon) as pool:

            def work(pool: ProcessPoolExecutor = pool) -> None:
                list(pool.map(extract_claims, batches))

            rates[workers] = measure_rate(work, 2 * batch.num_rows, clock=time.perf_counter)
    note = f"{rates[_CORES]:,.0f} articles/s on {_CORES} processes, {rates[1]:,.0f} on one, hand-over included"
    return Measurement(what, rates[_CORES] / rates[1], "x", 1.7, note)
