"""The quality page: what the sources cover, what was restated, what was set aside, and where reports disagree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from warehouse.atlas.coverage import ARTICLES_BY_YEAR
from warehouse.atlas.reading import PageQuery, read_rows
from warehouse.atlas.trade_figures import Chart

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame
    from warehouse.atlas.shared import Shared

_GREAT_SOURCES = 7

COVERAGE = PageQuery(
    f"""
with monthly as (
    select
        {{page}}
        source_id,
        date_trunc('month', week_start_date) as month_start_date,
        sum(article_count)::int as articles,
        sum(reprint_count)::int as reprints,
        sum(claim_count)::int as claims,
        sum(new_deal_count)::int as new_deals
    from marts.rpt_source_coverage
    where {{scope}}
    group by all
),
great as (
    select source_id from monthly group by source_id order by sum(articles) desc, source_id limit {_GREAT_SOURCES}
)
select
    strftime(month_start_date, '%Y-%m-%d') as month,
    strftime(month_start_date + interval 1 month, '%Y-%m-%d') as month_end,
    case when source_id in (from great) then source_id else 'other sources' end as source,
    sum(articles)::int as articles,
    sum(reprints)::int as reprints,
    sum(claims)::int as claims,
    sum(new_deals)::int as new_deals
from monthly
group by all
order by all
""",
    (),
)


@dataclass(frozen=True)
class Listing:
    """One table of the page.

    Attributes:
        id: its place in the page.
        title: its title.
        note: how to read it.
        sql: where it comes from.
        empty: what to say when there is nothing.
        rows: its rows.
    """

    id: str
    title: str
    note: str
    sql: str
    empty: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def read(self, connection: duckdb.DuckDBPyConnection) -> Listing:
        """Return the same table with its rows."""
        return Listing(**{**vars(self), "rows": read_rows(connection, self.sql)})


LISTINGS = (
    Listing(
        "years",
        "Articles by year",
        "Years with less than a quarter of the articles of a usual year are shaded in the charts of news.",
        ARTICLES_BY_YEAR.strip(),
        "No article yet.",
    ),
    Listing(
        "conflicts",
        "Where reports disagree",
        "Deals by kind of conflict; each deal's page names the sources.",
        """
select
    count(*)::int as deals,
    count(*) filter (source_count > 1)::int as told_by_several_sources,
    count(*) filter (has_quantity_conflict)::int as units_differ,
    count(*) filter (has_value_conflict)::int as values_differ,
    count(*) filter (has_order_year_conflict)::int as order_years_differ,
    count(*) filter (has_status_conflict)::int as status_is_contested,
    count(*) filter (supplier_is_inferred)::int as supplier_is_inferred
from marts.fct_deals
""".strip(),
        "No deal yet.",
    ),
    Listing(
        "register",
        "News beside the register",
        "Deals of both sides, each counted once, and why one has no partner.",
        """
select
    reconciliation_status as status,
    reconciliation_reason as reason,
    count(*)::int as deals,
    count(*) filter (quantity_difference <> 0)::int as with_other_quantity
from marts.rpt_register_reconciliation
group by all
order by status, deals desc, reason
""".strip(),
        "No deal yet.",
    ),
    Listing(
        "restatements",
        "Restated figures",
        "Country-year figures that changed from one release to the next; the newest hundred.",
        """
select
    restatements.release_id as "release",
    suppliers.country_name as supplier,
    recipients.country_name as recipient,
    restatements.transfer_year as year,
    restatements.weapon_category as category,
    restatements.basis,
    restatements.previous_deal_count as deals_before,
    restatements.deal_count as deals,
    restatements.previous_tiv as tiv_before,
    restatements.tiv,
    restatements.reason
from marts.rpt_restatements as restatements
inner join marts.dim_countries as suppliers on restatements.supplier_country_key = suppliers.country_key
inner join marts.dim_countries as recipients on restatements.recipient_country_key = recipients.country_key
order by "release" desc, supplier, recipient, year, category, restatements.basis
limit 100
""".strip(),
        "No figure has changed: this is the first release, or only new figures came.",
    ),
    Listing(
        "rows-aside",
        "Rows in quarantine",
        "Single rows that a gate set aside while the rest of their load passed, by table and broken expectation.",
        """
select
    table_name,
    expectations,
    count(distinct quarantine_id)::int as rows,
    max(occurred_at)::date as last_seen
from ops.quarantined_rows
group by all
order by rows desc, table_name, expectations
limit 100
""".strip(),
        "No row was set aside.",
    ),
    Listing(
        "loads-aside",
        "Loads in quarantine",
        "Loads that a gate refused whole.",
        """
select table_name, load_id, row_count as rows, reason, occurred_at::date as day
from ops.quarantine
order by occurred_at desc, load_id
limit 100
""".strip(),
        "No load was refused.",
    ),
    Listing(
        "refusals",
        "Pages that did not become articles",
        "By source and reason.",
        """
select source_id as source, stage, reason, count(*)::int as pages, max(occurred_at)::date as last_seen
from ops.refusals
group by all
order by pages desc, source, reason
limit 100
""".strip(),
        "Every page became an article.",
    ),
)

_QUEUE = """
select
    queue.deal_key,
    queue.claim_id,
    suppliers.country_name as supplier,
    recipients.country_name as recipient,
    queue.weapon_designation as weapon,
    round(queue.confidence, 2) as confidence,
    queue.has_conflict,
    queue.evidence_text
from marts.rpt_review_queue as queue
left join marts.dim_countries as suppliers on queue.supplier_code = suppliers.country_code
left join marts.dim_countries as recipients on queue.recipient_code = recipients.country_code
where queue.deal_key is not null
order by queue.queue_position
limit 25
"""


def write_quality(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write the page."""
    coverage = Chart(
        "coverage",
        "coverage",
        "What the sources brought",
        "By month of publication: tells a growth of news from a growth of trade.",
        COVERAGE,
        {
            "articles": "articles",
            "reprints": "articles that repeat another",
            "claims": "claims",
            "new_deals": "deals first reported",
        },
    ).read(connection)
    frame.write(
        "quality/index.html",
        "quality.html.j2",
        coverage=coverage,
        coverage_rows=coverage.documents.get(()),
        listings=[listing.read(connection) for listing in LISTINGS],
        queue=read_rows(connection, _QUEUE),
        poor=shared.poor,
    )
