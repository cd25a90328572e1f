"""How fast a page becomes text and article, beside the parse alone and trafilatura; and how true the text is."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import trafilatura
from resiliparse.parse.html import HTMLTree
from results import Measurement, Report, measure_rate, on_one_core
from web_pages import make_page, make_texts, page_url

from extract.bulk.gate import is_relevant
from extract.parsing.decode import decode_html
from extract.parsing.page import FetchedPage, parse_page
from extract.parsing.text import extract_text

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGES = 60
_GRAM = 4  # words; as in the comparison of extractors that the project's choice rests on
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def run() -> Report:
    """Measure the parse, the text stages and the whole article on the same pages, on one core."""
    texts = [text for _, text in make_texts(_PAGES)]
    pages = [make_page(number, text).encode() for number, text in enumerate(texts)]
    with on_one_core():
        rows = (
            _measure("lexbor parse alone (the limit)", pages, lambda page: HTMLTree.parse(page.decode())),
            _measure("decode and relevance gate", pages, lambda page: is_relevant(decode_html(page).text)),
            _measure("our text", pages, _our_text),
            _measure("trafilatura, fast", pages, lambda page: _trafilatura(page, fast=True)),
            _measure("trafilatura, default", pages, lambda page: _trafilatura(page, fast=False)),
            _measure("our article: text, dates, author, language, signature", pages, _our_article),
        )
    ours = _score(pages, texts, _our_text)
    fast = _score(pages, texts, lambda page: _trafilatura(page, fast=True))
    told = f"F1 of {_GRAM}-grams against the text that each page was made from; the target is trafilatura's fast mode"
    quality = Measurement("truth of our text", ours, "F1", fast, told)
    return Report("page to text, pages of 160 kB, one core", (*rows, quality))


def _measure(what: str, pages: list[bytes], work: Callable[[bytes], object]) -> Measurement:
    rate = measure_rate(lambda: [work(page) for page in pages], len(pages))
    return Measurement(what, rate, "pages/s", None, f"{rate * sum(map(len, pages)) / len(pages) / 1e6:,.1f} MB/s")


def _our_text(page: bytes) -> str:
    return extract_text(trafilatura.load_html(decode_html(page).text))


def _our_article(page: bytes) -> object:
    return parse_page(FetchedPage(page, page_url(0), "text/html; charset=utf-8", _NOW))


def _trafilatura(page: bytes, *, fast: bool) -> str:
    return trafilatura.extract(page.decode(), fast=fast, include_comments=False) or ""


def _score(pages: list[bytes], texts: list[str], read: Callable[[bytes], str]) -> float:
    """Mean F1 of the texts read, by shingles of words."""
    scores = []
    for page, text in zip(pages, texts, strict=True):
        found, true = _grams(read(page)), _grams(text)
        shared = sum((found & true).values())
        scores.append(2 * shared / (sum(found.values()) + sum(true.values())))
    return sum(scores) / len(scores)


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = text.split()
    return Counter(zip(*(words[start:] for start in range(_GRAM)), strict=False))
