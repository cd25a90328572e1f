"""Charts of trade that several kinds of pages share: by year and category, and shares of five-year windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from warehouse.atlas.reading import Key, PageQuery, read_documents

if TYPE_CHECKING:
    import duckdb

NEWS_MEASURES = {
    "deals": "deals",
    "units": "units told",
    "value_constant_usd": "constant 2024 USD told",
}
REGISTER_MEASURES = {"tiv": "TIV, millions", "units": "units"}
TELLS = "A deal counts in the year of its order, or in each year of its deliveries. Shaded years: few articles."
SHARE_MEASURES = {"share_percent": "share, percent"}


@dataclass(frozen=True)
class Chart:
    """One chart of a kind of page, with the data of all of them.

    Attributes:
        name: its place in the page.
        kind: kind of chart of ``charts.CHARTS``.
        title: title; ``{name}`` is what the page is about.
        note: how to read it.
        query: where its rows come from.
        measures: columns that may be drawn, each with its words; the first is drawn first.
        evidence: ``news`` or ``register``; the two never share an axis.
        has_basis: whether a reader chooses between ordered and delivered.
        documents: rows as JSON by page.
    """

    name: str
    kind: str
    title: str
    note: str
    query: PageQuery
    measures: dict[str, str]
    evidence: str = "news"
    has_basis: bool = False
    documents: dict[Key, str] = field(default_factory=dict, repr=False)

    def read(self, connection: duckdb.DuckDBPyConnection) -> Chart:
        """Return the same chart with the data of all its pages."""
        return Chart(**{**vars(self), "documents": read_documents(connection, self.query)})


def by_year(keys: tuple[str, ...]) -> PageQuery:
    """Return what the news tell by year and category, of pages told by these columns."""
    return PageQuery(
        """
select
    {page}
    transfers.transfer_year as year,
    categories.category_name as category,
    transfers.basis,
    sum(transfers.deal_count)::int as deals,
    round(sum(transfers.quantity), 2) as units,
    round(sum(transfers.value_constant_usd)) as value_constant_usd,
    sum(transfers.quantity_unknown_deal_count)::int as deals_without_units,
    sum(transfers.value_unknown_deal_count)::int as deals_without_value,
    bool_or(transfers.is_apportioned) as is_apportioned
from marts.fct_country_year_transfers as transfers
inner join marts.dim_weapon_categories as categories on transfers.weapon_category_key = categories.weapon_category_key
where {scope} and transfers.deal_count > 0
group by all
order by all
""",
        keys,
    )


def by_year_in_register(keys: tuple[str, ...]) -> PageQuery:
    """Return what the register's latest edition counts by delivery year and category, likewise."""
    return PageQuery(
        """
select
    {page}
    transfers.transfer_year as year,
    categories.category_name as category,
    round(sum(transfers.tiv), 2) as tiv,
    round(sum(transfers.register_quantity), 2) as units,
    bool_or(transfers.register_is_apportioned) as is_apportioned
from marts.fct_country_year_transfers as transfers
inner join marts.dim_weapon_categories as categories on transfers.weapon_category_key = categories.weapon_category_key
where {scope} and transfers.basis = 'delivered' and transfers.register_deal_count > 0
group by all
order by all
""",
        keys,
    )


def dependence(*, of_supplier: bool, is_register: bool) -> PageQuery:
    """Return each great partner's share in a party's trade, in windows of five years.

    Args:
        of_supplier: shares of the recipients in a supplier's exports, not of the suppliers in a recipient's imports.
        is_register: by the TIV of a register, not by deals in the news.
    """
    own, partner = ("supplier", "recipient") if of_supplier else ("recipient", "supplier")
    share = "supplier_export_share" if of_supplier else "recipient_import_share"
    evidence, basis = ("<> 'news'", "delivered") if is_register else ("= 'news'", "ordered")
    return PageQuery(
        f"""
with great as (
    select supplier_code, recipient_code
    from marts.rpt_supplier_recipient_network
    where window_years = 5 and is_full_window and evidence_source {evidence} and basis = '{basis}'
    group by supplier_code, recipient_code
    qualify row_number() over (partition by {own}_code order by max({share}) desc nulls last, {partner}_code) <= 8
)
select
    {{page}}
    partners.country_name as party,
    network.end_year - 4 as start_year,
    network.end_year,
    round(100 * network.{share}, 1) as share_percent,
    network.{"tiv" if is_register else "deal_count as deals"}
from marts.rpt_supplier_recipient_network as network
inner join great
    on network.supplier_code = great.supplier_code and network.recipient_code = great.recipient_code
inner join marts.dim_countries as partners on network.{partner}_country_key = partners.country_key
where
    {{scope}}
    and network.window_years = 5 and network.is_full_window
    and network.evidence_source {evidence} and network.basis = '{basis}'
order by all
""",
        (f"network.{own}_code",),
    )


def trade_charts() -> tuple[Chart, ...]:
    """Return the charts of a country's page, without data."""
    window = "Each point is the share in the five years up to that year; the eight greatest partners."
    register = "Trend-indicator value (TIV): a volume of transfers, not a price. Never to be added to news figures."
    share_tiv = "Share of TIV delivered in the five years up to that year."
    supplier, recipient = ("supplier_code",), ("recipient_code",)
    return (
        Chart("imports", "by_year", "Imports by year and category", TELLS, by_year(recipient), NEWS_MEASURES,
              has_basis=True),
        Chart("exports", "by_year", "Exports by year and category", TELLS, by_year(supplier), NEWS_MEASURES,
              has_basis=True),
        Chart("import-shares", "shares", "Dependence: who supplies it", window,
              dependence(of_supplier=False, is_register=False), SHARE_MEASURES),
        Chart("export-shares", "shares", "Customers: whom it supplies", window,
              dependence(of_supplier=True, is_register=False), SHARE_MEASURES),
        Chart("register-imports", "by_year", "Imports by year and category", register, by_year_in_register(recipient),
              REGISTER_MEASURES, "register"),
        Chart("register-exports", "by_year", "Exports by year and category", register, by_year_in_register(supplier),
              REGISTER_MEASURES, "register"),
        Chart("register-import-shares", "shares", "Dependence: who supplies it", share_tiv,
              dependence(of_supplier=False, is_register=True), SHARE_MEASURES, "register"),
        Chart("register-export-shares", "shares", "Customers: whom it supplies", share_tiv,
              dependence(of_supplier=True, is_register=True), SHARE_MEASURES, "register"),
    )  # fmt: skip


def pair_charts() -> tuple[Chart, ...]:
    """Return the charts of a pair's page, without data."""
    pair = ("supplier_code", "recipient_code")
    register = "Trend-indicator value (TIV) by delivery year: a volume of transfers, not a price."
    return (
        Chart("transfers", "by_year", "Transfers by year and category", TELLS, by_year(pair), NEWS_MEASURES,
              has_basis=True),
        Chart("register-transfers", "by_year", "Transfers by year and category", register, by_year_in_register(pair),
              REGISTER_MEASURES, "register"),
    )  # fmt: skip
