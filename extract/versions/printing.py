"""Versions of the extractor on a terminal, and as CSV files."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from extract.versions.comparing import KINDS, ArticleChange, ClaimChange, CountryYear

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from extract.versions.comparing import VersionComparison
    from warehouse.versions import Version

SHOWN = 40
"""Rows of a table that are printed; a screen holds as many."""


def build_versions(versions: Iterable[Version]) -> Table:
    """Build the table of the versions in the lake."""
    table = Table("extractor version", "article loads read", "current claims", "claims beside")
    for one in versions:
        counts = (sum(entry.rows for entry in entries) for entries in (one.current, one.beside))
        table.add_row(one.version, f"{len(one.articles):,}", *(f"{count:,}" for count in counts))
    return table


def summarise(found: VersionComparison) -> str:
    """Say in one line what differs."""
    counts = ", ".join(f"{found.count(kind):,} {kind}" for kind in KINDS)
    return (
        f"{found.older} → {found.newer}: {found.claims_before:,} → {found.claims_after:,} claims in {found.articles:,} "
        f"articles that both have read: {counts}, {found.unchanged:,} unchanged"
    )


def build_tables(found: VersionComparison) -> Iterator[Table | str]:
    """Yield what differs as tables, each followed by a line where rows are left out."""
    yield from _build(
        "claims",
        ("article", "claim", "what", "before", "after", "evidence"),
        [_describe_change(one) for one in found.changes],
    )
    yield from _build(
        "articles",
        ("article", "claims", "gained", "lost", "changed"),
        [
            (one.url, f"{one.claims_before} → {one.claims_after}", str(one.gained), str(one.lost), str(one.changed))
            for one in found.by_article
        ],
    )
    yield from _build(
        "orders and deliveries by country and order year",
        ("role", "country", "year", "claims", "units"),
        [
            (
                one.role,
                one.country_code or "?",
                str(one.order_year or "unknown"),
                f"{one.claims_before:,} → {one.claims_after:,}",
                f"{one.units_before:,} → {one.units_after:,}",
            )
            for one in found.by_country_year
        ],
    )


def write_csv(found: VersionComparison, folder: Path) -> list[Path]:
    """Write ``claims.csv``, ``articles.csv`` and ``country_years.csv``: all rows, with headings."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, kind, rows in (
        ("claims", ClaimChange, found.changes),
        ("articles", ArticleChange, found.by_article),
        ("country_years", CountryYear, found.by_country_year),
    ):
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [one.name for one in fields(kind)])
            writer.writeheader()
            writer.writerows(asdict(row) for row in rows)
        written.append(path)
    return written


def _build(title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[Table | str]:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*map(escape, row))
    yield table
    if len(rows) > SHOWN:
        yield f"… {len(rows) - SHOWN:,} more rows of {title}; all with --json or --csv"


def _describe_change(one: ClaimChange) -> tuple[str, ...]:
    claim = f"{one.supplier_code or '?'} → {one.recipient_code or '?'}: {one.weapon_family}"
    evidence = one.evidence_after or one.evidence_before or ""
    return one.url, claim, one.field_name or one.kind, one.before or "", one.after or "", evidence
