"""Articles as rows of the lake."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.contracts import ARTICLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.parsing.page import Article
    from extract.sources import Source


def build_rows(articles: Iterable[Article], *, source: Source, load_id: str) -> pa.Table:
    """Return articles as rows of raw ``articles``.

    Args:
        articles: articles of one load.
        source: where they come from.
        load_id: the load.
    """
    origin = {
        "load_id": load_id,
        "source_id": source.id,
        "publisher": source.publisher,
        "publisher_country_code": source.country,
        "terms_url": source.terms,
    }
    return pa.Table.from_pylist([{**asdict(article), **origin} for article in articles], schema=ARTICLES.schema)
