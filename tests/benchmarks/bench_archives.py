"""How fast web archives are read: reading alone, two stages, one stage; what the gate keeps; what memory it takes."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from corpus import EVALUATION, make_irrelevant
from results import Measurement, Report, on_one_core
from web_pages import archive_of, make_page, page_url

from extract.bulk.archives import iterate_batches
from extract.bulk.gate import is_relevant
from extract.bulk.reading import MAX_PAGE_BYTES, read_page_of
from extract.bulk.records import ArchivedPage, read_archive
from extract.claims import ArticleText, extract_article
from extract.claims.lexicon import load_lexicon
from extract.parsing.page import Article
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PAGES = int(os.environ.get("ARMSLEDGER_BENCH_PAGES", "20000"))
_EVERY = max(1, _PAGES // 400)  # one stage takes as long for 400 pages as two stages for 4,000
_RATE, _GAIN, _KEPT, _MEMORY = 400, 8, 99, 600


def run() -> Report:
    """Measure an archive of 20,000 pages, 2 % of them relevant and 1 % of armies without a deal, on one core."""
    path = archive_of(_PAGES)
    load_lexicon()
    list(iterate_batches(itertools.islice(_pages(path), 20), processes=1, has_gate=False))  # loads libraries
    with on_one_core():
        started = time.process_time()
        alone = sum(1 for _ in _pages(path)) / (time.process_time() - started)
        kept, size = 0, path.stat().st_size
        started = time.process_time()
        for _, found in iterate_batches(_pages(path), processes=1):
            kept += len(found.pages)
        two = _PAGES / (time.process_time() - started)
        sample = list(itertools.islice(_pages(path), 0, None, _EVERY))
        started = time.process_time()
        for _ in iterate_batches(sample, processes=1, has_gate=False):
            pass
        one = len(sample) / (time.process_time() - started)
    megabytes = size / _PAGES / 1e6
    rows = (
        Measurement("reading records alone", alone, "pages/s", None, f"{alone * megabytes:,.1f} MB/s of archive"),
        Measurement(
            "two stages", two, "pages/s", _RATE, f"{two * megabytes:,.1f} MB/s; {kept / _PAGES:.1%} pass the gate"
        ),
        Measurement(
            "one stage", one, "pages/s", None, f"{one * megabytes:,.1f} MB/s; on {len(sample)} pages of the archive"
        ),
        Measurement("two stages, times one stage", two / one, "x", _GAIN),
        _measure_kept(),
        *_measure_command(path, megabytes),
    )
    title = f"web archive of {_PAGES:,} pages, {size / _PAGES / 1024:.0f} KiB gzipped each"
    return Report(title, rows)


def _pages(path: Path) -> Iterator[ArchivedPage]:
    for found in read_archive(path, max_bytes=MAX_PAGE_BYTES):
        assert isinstance(found, ArchivedPage), found
        yield found


def _measure_kept() -> Measurement:
    """Share of the pages with a claim that pass the gate: a page of each labelled text, one stage as judge."""
    told = kept = passed = 0
    pages = list(_labelled_pages())
    for archived in pages:
        whole = read_page_of(archived, has_gate=False)
        is_kept = is_relevant(archived.block.partition(b"\r\n\r\n")[2].decode())
        passed += is_kept
        if isinstance(whole, Article) and _has_claim(whole):
            told += 1
            kept += is_kept
    note = (
        f"{kept} of {told} pages from which one stage yields a claim; {passed} of all {len(pages)} labelled pages pass"
    )
    return Measurement("pages with a claim that the gate keeps", 100 * kept / told, "%", _KEPT, note)


def _labelled_pages() -> Iterable[ArchivedPage]:
    """Make a page of each labelled article, sentence and hard negative."""
    filler = make_irrelevant(40)
    files = ("devset/articles.jsonl", "heldout/articles.jsonl", "sentences.jsonl", "hard_negatives.jsonl")
    number = 0
    for name in files:
        for line in (EVALUATION / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = row["text"]
            if len(text) < 1000:  # a sentence alone is no page
                text += "\n\n" + filler[number % len(filler)][:1000]
            page = make_page(number, text, title=row.get("title") or "What the day brought").encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            yield ArchivedPage(page_url(number), "2026-01-02T03:04:05Z", head + page, 0)
            number += 1


def _has_claim(article: Article) -> bool:
    moment = article.published_at
    text = ArticleText("", "", article.title, article.text, moment.year, moment.month, article.language)
    return bool(extract_article(text))


def _measure_command(path: Path, megabytes: float) -> tuple[Measurement, Measurement]:
    """Rate and memory of the command on all cores, and the memory for an archive of a tenth the size."""
    small_seconds, small = _run_command(archive_of(_PAGES // 10))
    seconds, peak = _run_command(path)
    rate = (_PAGES - _PAGES // 10) / (seconds - small_seconds)
    note = f"{rate * megabytes:,.1f} MB/s by the clock, beyond the start, on {os.cpu_count()} cores"
    memory = f"largest process; {small:,.0f} MiB for an archive of a tenth the size"
    return (
        Measurement("python -m extract warc, all cores", rate, "pages/s", None, note),
        Measurement("memory below the 600 MiB allowed", _MEMORY - peak, "MiB", 0, f"{peak:,.0f} MiB, {memory}"),
    )


def _run_command(path: Path) -> tuple[float, float]:
    """Return seconds and the memory of the largest process, MiB."""
    with tempfile.TemporaryDirectory() as data:
        started = time.monotonic()
        code = (
            "import resource, subprocess, sys\n"
            "done = subprocess.run([sys.executable, '-m', 'extract', 'warc', sys.argv[1]], stdout=subprocess.DEVNULL)\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
            "sys.exit(done.returncode)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            cwd=PROJECT_ROOT,
            env={**os.environ, "ARMSLEDGER_DATA": data},
            capture_output=True,
            text=True,
            check=True,
        )
        return time.monotonic() - started, int(done.stdout) / 1024
