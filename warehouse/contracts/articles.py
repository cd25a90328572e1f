"""Contract of raw ``articles``: one row per article of one source."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.model import Column, Table

TIMESTAMP = pa.timestamp("us", tz="UTC")

ARTICLES = Table(
    name="articles",
    version=1,
    grain="one article at one canonical URL",
    description="Articles as fetched and reduced to their main text.",
    key="article_id",
    loaded_at="fetched_at",
    stale_after_days=2,  # sources are read hourly: two silent days mean that the schedule stands still
    columns=(
        Column("article_id", pa.string(), "Hash of the canonical URL.", pattern=r"[0-9a-f]{16}"),
        Column("load_id", pa.string(), "Load that brought the article into the lake."),
        Column("source_id", pa.string(), "Source in the registry."),
        Column("url", pa.string(), "Canonical URL.", pattern=r"(https?|file)://\S+"),
        Column("title", pa.string(), "Headline."),
        Column("author", pa.string(), "Byline as written.", nullable=True),
        Column("published_at", TIMESTAMP, "Publication time; midnight UTC where only the day is told.", unit="UTC"),
        Column(
            "published_at_origin",
            pa.string(),
            "Where the publication time was read.",
            allowed=("json_ld", "feed", "sitemap", "page", "file"),
        ),
        Column("language", pa.string(), "Language of the text, ISO 639-1.", pattern=r"[a-z]{2}"),
        Column("text", pa.string(), "Main text; paragraphs are separated by one empty line."),
        Column(
            "text_hash",
            pa.string(),
            "Hash of the text without case, punctuation and white space.",
            pattern=r"[0-9a-f]{16}",
        ),
        Column("text_signature", pa.list_(pa.uint64()), "Minimum hashes of word shingles: near-duplicates share them."),
        Column("fetched_at", TIMESTAMP, "When the page was fetched.", unit="UTC"),
        Column("publisher", pa.string(), "Publisher of the source."),
        Column(
            "publisher_country_code",
            pa.string(),
            "Country of the publisher, ISO 3166-1 alpha-3.",
            nullable=True,
            pattern=r"[A-Z]{3}",
        ),
        Column("terms_url", pa.string(), "Licence or terms under which the source is read.", nullable=True),
    ),
)
