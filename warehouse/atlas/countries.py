"""Pages of countries and other actors, and of pairs of supplier and recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from warehouse.atlas.reading import PageQuery, read_groups, read_rows
from warehouse.atlas.trade_figures import pair_charts, trade_charts

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame
    from warehouse.atlas.naming import Actor
    from warehouse.atlas.shared import Shared

KINDS = {
    "state": "State",
    "historic_state": "Former state",
    "organisation": "Organisation",
    "non_state": "Non-state actor",
    "unknown": "Party that no report names",
}

_PARTNERS = """
select
    {page}
    deals.partner_code,
    count(*)::int as deals,
    count(*) filter (deals.deal_status in ('ordered', 'delivered'))::int as firm,
    min(deals.order_year) as first_year,
    max(deals.order_year) as last_year,
    string_agg(distinct categories.category_name, ', ' order by categories.category_name) as categories
from (
    select *, recipient_code as partner_code, 'supplier' as role, supplier_code as own_code from marts.fct_deals
    union all
    select *, supplier_code as partner_code, 'recipient' as role, recipient_code as own_code from marts.fct_deals
) as deals
inner join marts.dim_weapon_categories as categories on deals.weapon_category_key = categories.weapon_category_key
where {scope}
group by all
order by deals desc, partner_code
"""
_SEEN = """
select
    code,
    count(*)::int as deals,
    count(*) filter (role = 'supplier')::int as sold,
    count(*) filter (role = 'recipient')::int as bought,
    min(first_reported_at)::date as first_reported,
    max(last_reported_at)::date as last_reported
from (
    select supplier_code as code, 'supplier' as role, first_reported_at, last_reported_at from marts.fct_deals
    union all
    select recipient_code, 'recipient', first_reported_at, last_reported_at from marts.fct_deals
)
group by code
"""
_REGISTERED = """
select supplier_code, recipient_code, count(distinct register_deal_id)::int as deals
from marts.fct_register_deliveries
where is_latest_edition
group by all
"""
_PAIR_WEAPONS = """
select
    {page}
    weapon_family,
    any_value(weapon_category) as weapon_category,
    count(*)::int as deals,
    sum(quantity_ordered) filter (deal_status in ('ordered', 'delivered'))::int as units,
    min(order_year) as first_year,
    max(order_year) as last_year
from marts.fct_deals
where {scope}
group by all
order by deals desc, weapon_family
"""
SHOWN_PARTNERS = 20


def write_countries(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write a page for each actor that sold or got something, and the list of them."""
    charts = [chart.read(connection) for chart in trade_charts()]
    partners = read_groups(connection, PageQuery(_PARTNERS, ("deals.own_code", "deals.role")))
    seen = {row["code"]: row for row in read_rows(connection, _SEEN)}
    for actor in shared.actors.values():
        shown = [(chart, chart.documents[(actor.code,)]) for chart in charts if (actor.code,) in chart.documents]
        frame.write(
            f"country/{actor.page}.html",
            "country.html.j2",
            actor=actor,
            kind=KINDS[actor.kind],
            home=shared.actors.get(actor.home_code or ""),
            seen=seen.get(actor.code),
            news=[pair for pair in shown if pair[0].evidence == "news"],
            register=[pair for pair in shown if pair[0].evidence == "register"],
            actors=shared.actors,
            sold_to=partners.get((actor.code, "supplier"), []),
            bought_from=partners.get((actor.code, "recipient"), []),
            most=SHOWN_PARTNERS,
            sold=shared.lines.of_supplier.get(actor.code, Markup("")),
            bought=shared.lines.of_recipient.get(actor.code, Markup("")),
            poor=shared.poor,
        )
    _write_list(frame, shared.actors, seen)


def _write_list(frame: Frame, actors: dict[str, Actor], seen: dict[str, dict[str, Any]]) -> None:
    groups: dict[str, list[Actor]] = {}
    for actor in actors.values():
        groups.setdefault(actor.region or "Elsewhere" if actor.kind == "state" else KINDS[actor.kind], []).append(actor)
    states = sorted(name for name in groups if name not in KINDS.values())
    others = [name for name in KINDS.values() if name in groups]
    frame.write(
        "country/index.html",
        "countries.html.j2",
        groups=[(name, groups[name]) for name in (*states, *others)],
        seen=seen,
    )


def write_pairs(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write a page for each supplier and recipient that have a deal in the news or in the register."""
    charts = [chart.read(connection) for chart in pair_charts()]
    weapons = read_groups(connection, PageQuery(_PAIR_WEAPONS, ("supplier_code", "recipient_code")))
    registered = {
        (row["supplier_code"], row["recipient_code"]): row["deals"] for row in read_rows(connection, _REGISTERED)
    }
    pairs = {*weapons, *(key for chart in charts for key in chart.documents)}
    for codes in sorted(pairs):
        supplier, recipient = shared.actors[codes[0]], shared.actors[codes[1]]
        frame.write(
            f"pair/{pair_page(supplier, recipient)}.html",
            "pair.html.j2",
            supplier=supplier,
            recipient=recipient,
            charts=[(chart, chart.documents[codes]) for chart in charts if codes in chart.documents],
            codes=codes,
            weapons=weapons.get((supplier.code, recipient.code), []),
            pages=shared.weapons,
            registered=registered.get((supplier.code, recipient.code), 0),
            reverse=(codes[1], codes[0]) in pairs,
            deals=shared.lines.of_pair.get((supplier.code, recipient.code), Markup("")),
            poor=shared.poor,
        )


def pair_page(supplier: Actor, recipient: Actor) -> str:
    """Return the name of a pair's page; two underscores are in no name of an actor's page."""
    return f"{supplier.page}__{recipient.page}"
