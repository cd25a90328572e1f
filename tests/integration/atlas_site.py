"""Sites of the atlas for tests: a published warehouse, changed by SQL as a test wants it, and its pages."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from warehouse import database
from warehouse.atlas.site import write_site

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings

RELEASE_ID = "20260102T030405Z-ab12cd34"
EMPTY = tuple(
    f"delete from {relation}"
    for relation in (
        *(f"marts.{name}" for name in (
            "bridge_deals_articles", "fct_deal_status_changes", "fct_transfer_claims", "fct_country_year_transfers",
            "fct_register_deliveries", "rpt_supplier_shares_5y", "rpt_recipient_shares_5y",
            "rpt_supplier_recipient_network", "rpt_source_coverage", "rpt_review_queue", "rpt_register_reconciliation",
            "rpt_restatements", "fct_deals", "dim_articles", "dim_sources",
        )),
    )
)  # fmt: skip
"""Statements that leave a warehouse as it is before its first article."""


def copy_database(published: Settings, target: Path, *statements: str) -> Path:
    """Copy the published database, and run SQL statements on the copy."""
    shutil.copyfile(published.data.published, target)
    target.chmod(0o644)
    with database.write_database(target) as connection:
        for statement in statements:
            connection.execute(statement)
    return target


def write_planted_site(published: Settings, root: Path, *statements: str) -> Path:
    """Write the site of the planted warehouse after these statements; gives its folder.

    Args:
        published: session fixture of the same name.
        root: an empty folder.
        *statements: SQL that changes the copy of the database which the site is made of.
    """
    path = copy_database(published, root / "armsledger.duckdb", *statements)
    site = root / "reports" / "atlas"
    write_site(path, site, release_id=RELEASE_ID, published_at="2026-01-02T03:04:05+00:00")
    return site
