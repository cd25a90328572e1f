"""The marts of a candidate as batches: their rows, what their keys refer to, and what can be recomputed from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from expectations.comparisons import compare_mixes, compare_null_rates, count_conserved
from expectations.country_year import DEAL_COLUMNS, GRAIN, MEASURES, compare_country_years
from expectations.share_sums import sum_shares
from warehouse import database
from warehouse.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from expectations.comparisons import LakeOfCandidate

COUNTRY_YEAR_CHECK = "country_year_sums"
SHARE_CHECK = "share_sums"
RELEASE_CHECK = "release_comparison"
MIX_CHECK = "release_mixes"
NULL_RATE_CHECK = "release_null_rates"
CONSERVATION_CHECK = "conservation"
CLAIM_COUNT_COLUMN = "reference_claim_count"
COMPARED = ("dim_articles", "fct_transfer_claims", "fct_deals")


@dataclass(frozen=True)
class Mart:
    """What the gate knows of one mart.

    Attributes:
        name: relation in schema ``marts``.
        key: column whose values are unique and not null.
        references: column -> "table.column" in schema ``marts`` that it refers to.
        may_be_empty: whether a sound warehouse may lack any row of it.
    """

    name: str
    key: str
    references: dict[str, str] = field(default_factory=dict)
    may_be_empty: bool = False


_COUNTRY = {"country_key": "dim_countries.country_key"}
_SUPPLIER = {"supplier_country_key": "dim_countries.country_key"}
_RECIPIENT = {"recipient_country_key": "dim_countries.country_key"}
_END_YEAR = {"end_year_key": "dim_years.year_key"}
_PARTIES = {
    **_SUPPLIER,
    **_RECIPIENT,
    "weapon_category_key": "dim_weapon_categories.weapon_category_key",
}

MARTS: tuple[Mart, ...] = (
    Mart("dim_countries", "country_key"),
    Mart("dim_weapon_categories", "weapon_category_key"),
    Mart("dim_years", "year_key"),
    Mart("dim_dates", "date_day"),
    Mart(
        "dim_weapons",
        "weapon_key",
        {
            "weapon_category_key": "dim_weapon_categories.weapon_category_key",
            "origin_country_code": "dim_countries.country_code",
        },
    ),
    Mart("dim_sources", "source_key"),
    Mart(
        "dim_articles",
        "article_key",
        {"source_key": "dim_sources.source_key", "article_group_key": "dim_articles.article_key"},
    ),
    Mart(
        "fct_transfer_claims",
        "claim_key",
        {
            **_PARTIES,
            "article_key": "dim_articles.article_key",
            "article_group_key": "dim_articles.article_key",
            "source_key": "dim_sources.source_key",
            "weapon_key": "dim_weapons.weapon_key",
            "deal_key": "fct_deals.deal_key",
        },
    ),
    Mart(
        "fct_deals",
        "deal_key",
        {
            **_PARTIES,
            "weapon_key": "dim_weapons.weapon_key",
            "order_year_key": "dim_years.year_key",
            "first_claim_key": "fct_transfer_claims.claim_key",
            "quantity_claim_key": "fct_transfer_claims.claim_key",
            "value_claim_key": "fct_transfer_claims.claim_key",
        },
    ),
    Mart(
        "fct_deal_status_changes",
        "deal_status_change_key",
        {
            "deal_key": "fct_deals.deal_key",
            "first_claim_key": "fct_transfer_claims.claim_key",
            "first_article_key": "dim_articles.article_key",
            "first_source_key": "dim_sources.source_key",
        },
    ),
    Mart(
        "bridge_deals_articles",
        "deal_article_key",
        {"deal_key": "fct_deals.deal_key", "article_key": "dim_articles.article_key"},
    ),
    # deals that are all proposed or cancelled leave it empty; the recomputation tells when rows are missing
    Mart(
        "fct_country_year_transfers",
        "country_year_transfer_key",
        {**_PARTIES, "transfer_year_key": "dim_years.year_key"},
        may_be_empty=True,
    ),
    # every claim may be decided on
    Mart(
        "rpt_review_queue",
        "claim_key",
        {"claim_key": "fct_transfer_claims.claim_key", "deal_key": "fct_deals.deal_key"},
        may_be_empty=True,
    ),
    Mart(
        "dim_deal_keys",
        "deal_key",
        {"current_deal_key": "fct_deals.deal_key", "split_from_deal_key": "dim_deal_keys.deal_key"},
    ),
    # nothing is restated before the second release
    Mart(
        "rpt_restatements",
        "restatement_key",
        {**_PARTIES, "transfer_year_key": "dim_years.year_key"},
        may_be_empty=True,
    ),
    # a claim that is gone restates a figure, too: its key leads nowhere
    Mart(
        "bridge_restatements_claims",
        "restatement_claim_key",
        {"restatement_key": "rpt_restatements.restatement_key"},
        may_be_empty=True,
    ),
    Mart("rpt_source_coverage", "source_week_key", {"source_key": "dim_sources.source_key"}),
    # a register is imported by hand, so a warehouse without one is sound
    Mart(
        "fct_register_deliveries",
        "register_delivery_key",
        {
            **_PARTIES,
            "weapon_key": "dim_weapons.weapon_key",
            "order_year_key": "dim_years.year_key",
            "delivery_year_key": "dim_years.year_key",
        },
        may_be_empty=True,
    ),
    Mart("rpt_supplier_shares_5y", "supplier_share_key", {**_SUPPLIER, **_END_YEAR}, may_be_empty=True),
    Mart("rpt_recipient_shares_5y", "recipient_share_key", {**_RECIPIENT, **_END_YEAR}, may_be_empty=True),
    Mart(
        "rpt_supplier_recipient_network",
        "supplier_recipient_key",
        {**_SUPPLIER, **_RECIPIENT, **_END_YEAR},
        may_be_empty=True,
    ),
    Mart("rpt_top_traders", "top_trader_key", {**_COUNTRY, **_END_YEAR}, may_be_empty=True),
    Mart(
        "rpt_category_mix",
        "category_mix_key",
        {**_COUNTRY, **_END_YEAR, "weapon_category_key": "dim_weapon_categories.weapon_category_key"},
        may_be_empty=True,
    ),
    Mart("rpt_market_concentration", "market_concentration_key", _END_YEAR, may_be_empty=True),
    Mart(
        "rpt_register_reconciliation",
        "reconciliation_key",
        {**_SUPPLIER, **_RECIPIENT, "deal_key": "fct_deals.deal_key"},
        may_be_empty=True,
    ),
)


@dataclass(frozen=True)
class MartBatch:
    """Rows of one mart, or of one comparison, ready for its suite.

    Attributes:
        name: mart, or the name of a comparison.
        key: column that names a row.
        read: reads the rows; the mart's columns come first, reference columns of the gate after them.
        mart: what is known of the mart, or None for a comparison.
    """

    name: str
    key: str
    read: Callable[[], pa.Table]
    mart: Mart | None = None


def list_batches(path: Path, published: Path | None, *, source: LakeOfCandidate | None = None) -> list[MartBatch]:
    """Return all that gate 3 looks at in a candidate: known marts, other marts, and comparisons.

    Args:
        path: the candidate's database.
        published: the published database, or None before the first release.
        source: the lake that it was built from; without it, conservation is not looked at.
    """
    reader = _Reader(path)
    known = {mart.name for mart in MARTS}
    others = [Mart(name, "", may_be_empty=True) for name in reader.relations if name not in known]
    batches = [MartBatch(mart.name, mart.key, partial(_read_mart, reader, mart), mart) for mart in (*MARTS, *others)]
    batches.append(MartBatch(COUNTRY_YEAR_CHECK, "figure", partial(_compare_country_years, path)))
    batches.append(MartBatch(SHARE_CHECK, "figure", partial(sum_shares, path)))
    if published is not None:
        batches += [
            MartBatch(RELEASE_CHECK, "table_name", partial(_compare_releases, path, published)),
            MartBatch(MIX_CHECK, "mix", partial(compare_mixes, path, published)),
            MartBatch(NULL_RATE_CHECK, "column", partial(compare_null_rates, path, published)),
        ]
    if source is not None:
        batches.append(MartBatch(CONSERVATION_CHECK, "step", partial(count_conserved, source)))
    return batches


def reference_column(column: str) -> str:
    """Name the gate's column that says whether a key exists.

    >>> reference_column("deal_key")
    'reference_has_deal_key'
    """
    return f"reference_has_{column}"


class _Reader:
    """Reads a candidate; what several marts refer to is read once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.relations = database.list_relations(path, "marts")
        self._columns: dict[str, pa.ChunkedArray] = {}

    def read_column(self, address: str) -> pa.ChunkedArray:
        """Return a column by its address, ``table.column`` in schema ``marts``."""
        if address not in self._columns:
            relation, column = address.split(".")
            self._columns[address] = database.read_relation(self.path, f"marts.{relation}", [column])[column]
        return self._columns[address]


def _read_mart(reader: _Reader, mart: Mart) -> pa.Table:
    if mart.name not in reader.relations:
        raise GateError(f"marts.{mart.name} is missing in the candidate; see dbt's results for it")
    rows = database.read_relation(reader.path, f"marts.{mart.name}")
    absent = sorted({mart.key, *mart.references} - {"", *rows.column_names})
    if absent:
        raise GateError(f"marts.{mart.name} lacks the columns {', '.join(absent)}")
    for column, target in mart.references.items():
        flags = pc.is_in(rows[column], value_set=reader.read_column(target).combine_chunks())
        rows = rows.append_column(reference_column(column), flags)
    if mart.name == "fct_deals":
        rows = rows.append_column(CLAIM_COUNT_COLUMN, _count_claims(reader, rows["deal_key"]))
    return rows


def _count_claims(reader: _Reader, deal_keys: pa.ChunkedArray) -> pa.Array:
    claims = reader.read_column("fct_transfer_claims.deal_key")
    counts = {row["values"]: row["counts"] for row in pc.value_counts(claims).to_pylist()}
    return pa.array([counts.get(key, 0) for key in deal_keys.to_pylist()], pa.int64())


def _compare_country_years(path: Path) -> pa.Table:
    return compare_country_years(
        database.read_relation(path, "marts.fct_deals", DEAL_COLUMNS),
        database.read_relation(path, "marts.fct_country_year_transfers", (*GRAIN, *MEASURES)),
    )


def _compare_releases(path: Path, published: Path) -> pa.Table:
    before, now = (database.count_rows(file, ("marts",)) for file in (published, path))
    names = [name for name in COMPARED if f"marts.{name}" in before]
    return pa.table(
        {
            "table_name": pa.array(names, pa.string()),
            "published_rows": pa.array([before[f"marts.{name}"] for name in names], pa.int64()),
            "candidate_rows": pa.array([now.get(f"marts.{name}", 0) for name in names], pa.int64()),
        }
    )
