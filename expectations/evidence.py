"""Looks up, for claims, what their articles have at the offsets of the evidence.

Articles are read once, batch by batch; of each claim only the outcome is kept. So ten million claims need the memory of
their own columns, not that of their articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset

from warehouse import lake
from warehouse.contracts import ARTICLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import DataDirectory

EVIDENCE_COLUMN = "reference_evidence_text"
FOUND_COLUMN = "reference_is_evidence_found"
KNOWN_COLUMN = "reference_is_article_known"
PUBLISHED_COLUMN = "reference_published_year"
ARTICLES_AT_ONCE = 2_000
_OFFSETS = ("evidence_field", "evidence_start", "evidence_end", "evidence_text")
NEEDED = ("article_id", *_OFFSETS)
"""Columns of a claim that the look-up reads."""


def look_up_evidence(data: DataDirectory, claims: pa.Table) -> pa.Table:
    """Say of each claim whether its evidence stands in its article, and what stands there instead.

    Only the articles that these claims name are read. Evidence may stand in any current version of its article: a page
    may be read again between extraction and gate.

    Args:
        data: data directory.
        claims: claims with at least the columns `NEEDED`; any value may be wrong or NULL.

    Returns:
        One row per claim, in order: ``reference_evidence_text`` (what the newest version of the article has there;
        NULL where it is the evidence itself, or where the offsets lead nowhere), ``reference_is_evidence_found`` (true
        too where the article is unknown), ``reference_is_article_known`` and ``reference_published_year`` (NULL where
        it is not).

    Raises:
        LakeError: an article file is missing.
    """
    by_article = _Claims(claims["article_id"])
    offsets = claims.select(list(_OFFSETS)).combine_chunks()
    count = claims.num_rows
    is_known, is_found = np.zeros(count, bool), np.zeros(count, bool)
    published = np.zeros(count, np.int32)
    others: dict[int, str | None] = {}
    for ids, texts, years in _iterate_articles(data, by_article.articles):
        rows, owners = by_article.rows_of(ids)
        is_known[rows] = True
        published[rows] = years[owners]
        told = offsets.take(pa.array(rows)).to_pydict()
        values = zip(rows.tolist(), owners.tolist(), *(told[name] for name in _OFFSETS), strict=True)
        for row, owner, field, start, end, evidence in values:
            if is_found[row]:
                continue
            there = _slice(texts[field][owner] if field in texts else None, start, end)
            if there is not None and there == evidence:
                is_found[row] = True
                others.pop(row, None)
            else:
                others[row] = there
    places = pa.array(sorted(others), pa.int64())
    instead = pa.nulls(count, pa.string())
    if others:
        is_other = np.zeros(count, bool)
        is_other[places.to_numpy()] = True
        told_instead = pa.array([others[place] for place in sorted(others)], pa.string())
        instead = pc.replace_with_mask(instead, pa.array(is_other), told_instead)
    columns = {
        EVIDENCE_COLUMN: instead,
        FOUND_COLUMN: pa.array(is_found | ~is_known),
        KNOWN_COLUMN: pa.array(is_known),
        PUBLISHED_COLUMN: pa.array(published, mask=published == 0),
    }
    return pa.table(columns)


class _Claims:
    """Which claims are of which article."""

    def __init__(self, article_ids: pa.ChunkedArray) -> None:
        encoded = article_ids.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0)
        self.articles: pa.Array = encoded.dictionary
        codes = encoded.indices.fill_null(len(self.articles)).to_numpy(zero_copy_only=False)
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.searchsorted(codes[self._order], np.arange(len(self.articles) + 1))

    def rows_of(self, article_ids: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the claims of these articles, and for each the place of its article among them."""
        codes = pc.index_in(article_ids, value_set=self.articles).to_numpy(zero_copy_only=False)
        spans = [self._order[self._starts[int(code)] : self._starts[int(code) + 1]] for code in codes]
        owners = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        return np.concatenate(spans) if spans else np.empty(0, np.int64), owners


def _iterate_articles(
    data: DataDirectory, article_ids: pa.Array
) -> Iterator[tuple[pa.Array, dict[str, list[Any]], np.ndarray]]:
    """Yield the current versions of these articles, oldest first: ids, their texts by field, years of publication."""
    files = [str(path) for path in lake.current_files(data, ARTICLES.name)]
    schema = pa.schema([field.with_nullable(True) for field in ARTICLES.schema])
    scanner = pa_dataset.dataset(files, schema=schema, format="parquet").scanner(
        columns=["article_id", "title", "text", "published_at"],
        filter=pc.field("article_id").isin(article_ids),
        batch_size=ARTICLES_AT_ONCE,
        batch_readahead=1,
        fragment_readahead=1,
    )
    for batch in scanner.to_batches():
        if batch.num_rows:
            years = pc.year(batch["published_at"]).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32)
            yield batch["article_id"], {name: batch[name].to_pylist() for name in ("title", "text")}, years


def _slice(text: str | None, start: int | None, end: int | None) -> str | None:
    if text is None or start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    return text[start:end]
