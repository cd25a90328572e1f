"""Looks up, for claims, what their articles have at the offsets of the evidence.

Articles are read once, batch by batch; of each claim only the outcome is kept. So ten million claims need the memory of
their own columns, not that of their articles.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import lake
from warehouse.contracts import ARTICLES
from warehouse.errors import LakeError

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
        LakeError: an article file is missing or damaged; the message names it.
    """
    by_article = _Claims(claims["article_id"])
    offsets = [_Column(claims[name]) for name in _OFFSETS]
    count = claims.num_rows
    is_known, is_found = np.zeros(count, bool), np.zeros(count, bool)
    published = np.zeros(count, np.int32)
    others: dict[int, str | None] = {}
    for codes, texts, years in _iterate_articles(data, by_article):
        rows, owners = by_article.rows_of(codes)
        is_known[rows] = True
        published[rows] = years[owners]
        values = zip(rows.tolist(), owners.tolist(), *(column.take(rows) for column in offsets), strict=True)
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


class _Column:
    """A column in chunks, from which values are taken without putting the chunks together first."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._chunks = column.chunks
        self._starts = np.cumsum([0, *(len(chunk) for chunk in column.chunks)])

    def take(self, rows: np.ndarray) -> list[Any]:
        """Return the values of rows, given by their numbers."""
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        values: list[Any] = []
        ends = [*(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(rows)] if len(rows) else []
        for first, last in itertools.pairwise([0, *ends]):
            owner = owners[first]
            values += self._chunks[owner].take(pa.array(rows[first:last] - self._starts[owner])).to_pylist()
        return values


class _Claims:
    """Which claims are of which article."""

    def __init__(self, article_ids: pa.ChunkedArray) -> None:
        encoded = article_ids.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0)
        # its hash table is built once, where Arrow would build one for each batch of articles
        self._index = pd.Index(encoded.dictionary.to_pandas())
        codes = encoded.indices.fill_null(len(self._index)).to_numpy(zero_copy_only=False)
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.searchsorted(codes[self._order], np.arange(len(self._index) + 1))

    def find(self, article_ids: pa.ChunkedArray | pa.Array) -> np.ndarray:
        """Return a code for each article that has claims, -1 for the others."""
        return np.asarray(self._index.get_indexer(article_ids.to_pandas()))

    def rows_of(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the claims of these articles, and for each the place of its article among them."""
        spans = [self._order[self._starts[code] : self._starts[code + 1]] for code in codes.tolist()]
        owners = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        return np.concatenate(spans) if spans else np.empty(0, np.int64), owners


def _iterate_articles(
    data: DataDirectory, claims: _Claims
) -> Iterator[tuple[np.ndarray, dict[str, list[Any]], np.ndarray]]:
    """Yield the current versions of the articles with claims, oldest first: codes, texts by field, years.

    Ids are read first, and texts only of the row groups that have one of them: a small load costs little in a large
    lake, and a large one no more memory than some articles.
    """
    for one in lake.current_files(data, ARTICLES.name):
        path, loads = (one.path, pa.array(one.values)) if isinstance(one, lake.Part) else (one, None)
        try:
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    ids = file.read_row_group(group, columns=["article_id"])["article_id"]
                    if (claims.find(ids) >= 0).any():
                        yield from _read_articles(file, group, claims, loads)
        except (pa.ArrowException, OSError) as error:
            raise LakeError(f"{path}: not a readable Parquet file ({error}); restore it from a backup") from error


def _read_articles(
    file: pq.ParquetFile, group: int, claims: _Claims, loads: pa.Array | None
) -> Iterator[tuple[np.ndarray, dict[str, list[Any]], np.ndarray]]:
    """Yield the articles of a row group that have claims; of a shared file only those of the loads that count."""
    columns = ["article_id", "load_id", "title", "text", "published_at"]
    for whole in file.iter_batches(ARTICLES_AT_ONCE, row_groups=[group], columns=columns, use_threads=False):
        batch = whole if loads is None else whole.filter(pc.is_in(whole["load_id"], value_set=loads))
        codes = claims.find(batch["article_id"])
        wanted = batch.filter(pa.array(codes >= 0))
        if wanted.num_rows:
            years = pc.year(wanted["published_at"]).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32)
            yield codes[codes >= 0], {name: wanted[name].to_pylist() for name in ("title", "text")}, years


def _slice(text: str | None, start: int | None, end: int | None) -> str | None:
    if text is None or start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    return text[start:end]
