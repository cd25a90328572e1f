"""A large staged load of claims with the articles they are from, made from a seed text, for benchmarks of gate 2."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from warehouse import lake
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.receipts import AuditReceipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

CLAIMS_OF_ARTICLE = 10
"""About as many as the long articles of the held-out set tell."""
_CHUNK = 20_000  # articles
_MOMENT = datetime.datetime(2024, 5, 6, tzinfo=datetime.UTC)
_SENTENCE = "The ministry said on day {} that {} has ordered {} K9 howitzers from South Korea for {} million dollars. "
_FILLER = "The guns replace older ones that have been in service for more than forty years, the army said. " * 2


def stage_claims(data: DataDirectory, count: int) -> str:
    """Promote articles without a gate and stage claims of them; gives the id of the claims load.

    Args:
        data: empty data directory.
        count: number of claims, a multiple of `CLAIMS_OF_ARTICLE`.
    """
    lake.initialise(data)
    articles = count // CLAIMS_OF_ARTICLE
    with lake.LoadWriter(data, ARTICLES, "articles-1", source_id="bench") as writer:
        for first, size in _chunks(articles):
            writer.write(_make_articles(first, size))
    staged = writer.staged
    assert staged is not None
    receipt = AuditReceipt(staged.subject, staged.fingerprint, "bench", "passed", (), (), None, _MOMENT.isoformat())
    lake.promote(data, "articles", "articles-1", receipt)
    with lake.LoadWriter(data, TRANSFER_CLAIMS, "claims-1", inputs=["articles-1"], extractor_version="1") as writer:
        for first, size in _chunks(articles):
            writer.write(_make_claims(first, size))
    return "claims-1"


def _chunks(articles: int) -> Iterator[tuple[int, int]]:
    for first in range(0, articles, _CHUNK):
        yield first, min(_CHUNK, articles - first)


def _texts() -> tuple[list[str], list[list[tuple[int, int, str]]]]:
    """Return a hundred texts, and where each one's ten sentences stand."""
    names = ("Norway", "Poland", "Finland", "Estonia")
    texts, spans = [], []
    for number in range(100):
        text, own = "", []
        for place in range(CLAIMS_OF_ARTICLE):
            sentence = _SENTENCE.format(number, names[(number + place) % 4], 12 + place, 100 + place).strip()
            own.append((len(text), len(text) + len(sentence), sentence))
            text += f"{sentence} {_FILLER}"
        texts.append(text)
        spans.append(own)
    return texts, spans


_TEXTS, _SPANS = _texts()


def _make_articles(first: int, size: int) -> pa.Table:
    ids = [f"{number:016x}" for number in range(first, first + size)]
    columns = {
        "article_id": ids,
        "url": [f"https://news.example/{one}" for one in ids],
        "text": [_TEXTS[number % 100] for number in range(first, first + size)],
        "text_hash": ids,
        "text_signature": [[1, 2, 3]] * size,
    }
    same = {
        "load_id": "articles-1",
        "source_id": "bench",
        "title": "Guns for the north",
        "published_at": _MOMENT,
        "published_at_origin": "json_ld",
        "language": "en",
        "fetched_at": _MOMENT,
        "publisher": "Harbour Wire",
    }
    return _fill(ARTICLES, size, columns, same)


def _make_claims(first: int, size: int) -> pa.Table:
    rows = size * CLAIMS_OF_ARTICLE
    articles = np.repeat(np.arange(first, first + size), CLAIMS_OF_ARTICLE)
    spans = [_SPANS[number % 100] for number in range(first, first + size)]
    start, end, sentence = zip(*(span for own in spans for span in own), strict=True)
    numbers = np.arange(rows)
    columns = {
        "claim_id": [f"{number:016x}" for number in range(first * CLAIMS_OF_ARTICLE, first * CLAIMS_OF_ARTICLE + rows)],
        "article_id": [f"{number:016x}" for number in articles.tolist()],
        "quantity_min": 12 + numbers % 10,
        "quantity_max": 12 + numbers % 10,
        "value_min": (100.0 + numbers % 10) * 1e6,
        "value_max": (100.0 + numbers % 10) * 1e6,
        "confidence": (numbers % 100) / 100,
        "recipient_code": np.array(["NOR", "POL", "FIN", "EST"])[numbers % 4],
        "recipient_text": np.array(["Norway", "Poland", "Finland", "Estonia"])[numbers % 4],
        "evidence_text": sentence,
        "evidence_start": start,
        "evidence_end": end,
    }
    flags = ("quantity_is_approximate", "delivery_year_is_estimate", "is_background", "is_domestic")
    same = {
        "load_id": "claims-1",
        "ordinal": 1,
        "supplier_text": "South Korea",
        "supplier_code": "KOR",
        "supplier_type": "state",
        "recipient_type": "state",
        "weapon_text": "K9 howitzers",
        "weapon_designation": "K9",
        "weapon_family": "K9",
        "weapon_category": "artillery",
        "value_currency": "USD",
        "value_type": "contract",
        "status": "ordered",
        "deal_type": "sale",
        "order_year": 2024,
        "order_year_is_estimate": True,
        "delivery_year_first": 2026,
        "delivery_year_last": 2027,
        "supplier_is_inferred": False,
        "rule_id": "order_from",
        "extractor_version": "1",
        "evidence_field": "text",
        **dict.fromkeys(flags, False),
    }
    return _fill(TRANSFER_CLAIMS, rows, columns, same)


def _fill(table: Table, rows: int, columns: dict[str, object], same: dict[str, object]) -> pa.Table:
    """Build rows of a contract: given columns, one value for all rows, NULL for the rest."""
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.repeat(pa.scalar(same.get(field.name), field.type), rows)
        for field in table.schema
    ]
    return pa.table(arrays, schema=pa.schema([field.with_nullable(True) for field in table.schema]))
