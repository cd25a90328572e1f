"""Contracts of the ``history`` tables: what each release changed, appended to the lake when it is published.

Each file holds the changes of one release, so that the newest row of a key is what is known of it, and no row is ever
rewritten. Keys of deals and figures of releases that are long gone can be told from these tables alone.
"""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.model import Column, Table
from warehouse.contracts.transfer_claims import STATUSES

_RELEASE = Column("release_id", pa.string(), "Release that made the change.")
_CHANGES = ("added", "changed", "removed")

_MEASURES = (
    ("deal_count", pa.int64(), "Deals in the news", "deals"),
    ("quantity", pa.float64(), "Units in the news", "units"),
    ("value_usd", pa.float64(), "Value in the news", "current US dollars"),
    ("tiv", pa.float64(), "Trend-indicator value of the register", "million TIV"),
)
_FIGURES = tuple(
    Column(f"{prefix}{name}", kind, f"{what} {when} this release.", nullable=True, unit=unit)
    for prefix, when in (("", "since"), ("previous_", "before"))
    for name, kind, what, unit in _MEASURES
)

PUBLISHED_CLAIMS = Table(
    name="published_claims",
    version=1,
    grain="one claim that one release added, changed, moved to another deal or removed",
    description="Which deal each claim belonged to, release by release.",
    key="claim_key",
    columns=(
        _RELEASE,
        Column("claim_key", pa.string(), "Claim."),
        Column("deal_key", pa.string(), "Its deal since this release.", nullable=True),
        Column("previous_deal_key", pa.string(), "Its deal before this release.", nullable=True),
        Column("claim_status", pa.string(), "Lifecycle status that it tells.", nullable=True, allowed=STATUSES),
        Column("content_hash", pa.string(), "Hash of what the claim says.", nullable=True),
        Column("change", pa.string(), "What the release did to it.", allowed=("added", "changed", "moved", "removed")),
    ),
)

PUBLISHED_DEAL_YEARS = Table(
    name="published_deal_years",
    version=1,
    grain="one deal in one year on one basis that one release added, changed or removed",
    description="Which country-year figure each deal counted in, release by release.",
    key="deal_year_key",
    columns=(
        _RELEASE,
        Column("deal_year_key", pa.string(), "Deal, basis and year."),
        Column("deal_key", pa.string(), "Deal."),
        Column("country_year_transfer_key", pa.string(), "Figure that it counts in.", nullable=True),
        Column("previous_country_year_transfer_key", pa.string(), "Figure that it counted in before.", nullable=True),
        Column("quantity", pa.float64(), "Units that fall into the year.", nullable=True, unit="units"),
        Column("value_usd", pa.float64(), "Value that falls into the year.", nullable=True, unit="current US dollars"),
        Column("change", pa.string(), "What the release did to it.", allowed=_CHANGES),
    ),
)

PUBLISHED_COUNTRY_YEARS = Table(
    name="published_country_years",
    version=1,
    grain="one country-year figure that one release added, changed or removed",
    description="Country-year figures, release by release.",
    key="country_year_transfer_key",
    columns=(
        _RELEASE,
        Column("previous_release_id", pa.string(), "Release before it.", nullable=True),
        Column("country_year_transfer_key", pa.string(), "Figure."),
        Column("supplier_code", pa.string(), "Supplier."),
        Column("recipient_code", pa.string(), "Recipient."),
        Column("transfer_year", pa.int32(), "Year.", nullable=True, unit="year"),
        Column("weapon_category", pa.string(), "Category."),
        Column("basis", pa.string(), "Ordered or delivered.", allowed=("ordered", "delivered")),
        *_FIGURES,
        Column("change", pa.string(), "What the release did to it.", allowed=_CHANGES),
    ),
)

HISTORY_TABLES = (PUBLISHED_CLAIMS, PUBLISHED_DEAL_YEARS, PUBLISHED_COUNTRY_YEARS)
