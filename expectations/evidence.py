"""Looks up, for claims, what their articles have at the offsets of the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset

from warehouse import lake
from warehouse.contracts import ARTICLES

if TYPE_CHECKING:
    from warehouse.settings import DataDirectory

EVIDENCE_COLUMN = "reference_evidence_text"
KNOWN_COLUMN = "reference_is_article_known"


def look_up_evidence(data: DataDirectory, claims: pa.Table) -> pa.Table:
    """Append two columns to claims: the article's text at the offsets, and whether the article is in the lake.

    Only the articles that these claims name are read. Evidence may stand in any current version of its article: a page
    may be read again between extraction and gate.

    Args:
        data: data directory.
        claims: claims with all columns of the contract; any value may be wrong or NULL.

    Returns:
        The claims with ``reference_evidence_text`` (NULL where the offsets lead nowhere) and
        ``reference_is_article_known``.

    Raises:
        LakeError: an article file is missing.
    """
    versions = _read_articles(data, pc.unique(claims["article_id"].drop_null()))
    found: list[str | None] = []
    known: list[bool] = []
    columns = ("article_id", "evidence_field", "evidence_start", "evidence_end", "evidence_text")
    for article, field, start, end, evidence in zip(*(claims[name].to_pylist() for name in columns), strict=True):
        known.append(article in versions)
        slices = [_slice(texts.get(field), start, end) for texts in versions.get(article, ())]
        found.append(evidence if evidence in slices else slices[-1] if slices else None)
    return claims.append_column(EVIDENCE_COLUMN, pa.array(found, pa.string())).append_column(
        KNOWN_COLUMN, pa.array(known, pa.bool_())
    )


def _slice(text: str | None, start: int | None, end: int | None) -> str | None:
    if text is None or start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    return text[start:end]


def _read_articles(data: DataDirectory, article_ids: pa.Array) -> dict[str, list[dict[str, str | None]]]:
    """Return the current versions of these articles, oldest first: a page that was read again has several."""
    files = [str(path) for path in lake.current_files(data, ARTICLES.name)]
    schema = pa.schema([field.with_nullable(True) for field in ARTICLES.schema])
    rows = pa_dataset.dataset(files, schema=schema, format="parquet").to_table(
        columns=["article_id", "title", "text"], filter=pc.field("article_id").isin(article_ids)
    )
    versions: dict[str, list[dict[str, str | None]]] = {}
    for batch in rows.to_batches():
        for row in batch.to_pylist():
            versions.setdefault(row["article_id"], []).append({"title": row["title"], "text": row["text"]})
    return versions
