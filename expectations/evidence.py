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

    Only the articles that these claims name are read.

    Args:
        data: data directory.
        claims: claims with all columns of the contract; any value may be wrong or NULL.

    Returns:
        The claims with ``reference_evidence_text`` (NULL where the offsets lead nowhere) and
        ``reference_is_article_known``.

    Raises:
        LakeError: an article file is missing.
    """
    fields = _read_articles(data, pc.unique(claims["article_id"].drop_null()))
    found: list[str | None] = []
    known: list[bool] = []
    columns = ("article_id", "evidence_field", "evidence_start", "evidence_end")
    for article, field, start, end in zip(*(claims[name].to_pylist() for name in columns), strict=True):
        texts = fields.get(article)
        known.append(texts is not None)
        text = texts.get(field) if texts else None
        is_inside = text is not None and start is not None and end is not None and 0 <= start <= end <= len(text)
        found.append(text[start:end] if text is not None and is_inside else None)
    return claims.append_column(EVIDENCE_COLUMN, pa.array(found, pa.string())).append_column(
        KNOWN_COLUMN, pa.array(known, pa.bool_())
    )


def _read_articles(data: DataDirectory, article_ids: pa.Array) -> dict[str, dict[str, str]]:
    files = [str(path) for path in lake.current_files(data, ARTICLES.name)]
    schema = pa.schema([field.with_nullable(True) for field in ARTICLES.schema])
    rows = pa_dataset.dataset(files, schema=schema, format="parquet").to_table(
        columns=["article_id", "title", "text"], filter=pc.field("article_id").isin(article_ids)
    )
    return {
        row["article_id"]: {"title": row["title"] or "", "text": row["text"] or ""}
        for batch in rows.to_batches()
        for row in batch.to_pylist()
    }
