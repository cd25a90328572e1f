"""The Arrow interface: a record batch of articles in, a record batch of claims out."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter

import pyarrow as pa

from extract.claims.engine import extract_article
from extract.claims.model import ArticleText, Claim
from extract.claims.version import EXTRACTOR_VERSION
from warehouse.contracts import TRANSFER_CLAIMS

READ_COLUMNS = ("article_id", "load_id", "title", "text", "published_at", "language")
"""Columns of the contract ``articles`` that a claim follows from."""
_FIELDS = tuple(field.name for field in fields(Claim))
_values_of = attrgetter(*_FIELDS)  # a claim is flat: ``asdict`` would copy each value deeply


def extract_claims(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Extract the claims of a batch of articles.

    Pure and deterministic: a claim depends on its own article alone.

    Args:
        batch: rows of the contract ``articles``; only id, load, title, text, time and language are read.

    Returns:
        Rows of the contract ``transfer_claims``; ``load_id`` is the article's, for the caller to replace.
    """
    columns = {name: batch.column(name).to_pylist() for name in READ_COLUMNS}
    rows = []
    for article_id, load_id, title, text, published, language in zip(*(columns[n] for n in READ_COLUMNS), strict=True):
        article = ArticleText(
            article_id,
            load_id,
            title or "",
            text or "",
            published.year if published else None,
            published.month if published else None,
            language or "",
        )
        for claim in extract_article(article):
            rows.append(dict(zip(_FIELDS, _values_of(claim), strict=True)) | {"extractor_version": EXTRACTOR_VERSION})
    return pa.RecordBatch.from_pylist(rows, schema=TRANSFER_CLAIMS.schema)
