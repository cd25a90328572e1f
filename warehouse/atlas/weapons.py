"""Pages of weapons: who sold each to whom, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from warehouse.atlas.reading import PageQuery, read_documents, read_groups, read_rows

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame
    from warehouse.atlas.shared import Shared

_WEAPONS = """
select
    deals.weapon_family,
    any_value(categories.category_name) as category,
    any_value(weapons.weapon_type) as weapon_type,
    any_value(weapons.origin_country_code) as origin_code,
    bool_or(weapons.is_generic) as is_generic,
    count(*)::int as deals,
    count(distinct deals.supplier_code)::int as suppliers,
    count(distinct deals.recipient_code)::int as recipients,
    sum(deals.quantity_ordered) filter (deals.deal_status in ('ordered', 'delivered'))::bigint as units,
    count(*) filter (deals.deal_status in ('ordered', 'delivered') and deals.quantity_ordered is null)::int
        as deals_without_units,
    string_agg(distinct deals.weapon_designation, ', ' order by deals.weapon_designation) as designations
from marts.fct_deals as deals
inner join marts.dim_weapon_categories as categories on deals.weapon_category_key = categories.weapon_category_key
left join marts.dim_weapons as weapons on deals.weapon_key = weapons.weapon_key
where deals.weapon_family is not null
group by deals.weapon_family
order by lower(deals.weapon_family), deals.weapon_family
"""
SALES = PageQuery(
    """
select
    {page}
    recipients.country_name as recipient,
    suppliers.country_name as supplier,
    deals.order_year as year,
    count(*)::int as deals,
    sum(deals.quantity_ordered)::bigint as quantity,
    count(*) filter (deals.quantity_ordered is null)::int as deals_without_units
from marts.fct_deals as deals
inner join marts.dim_countries as suppliers on deals.supplier_country_key = suppliers.country_key
inner join marts.dim_countries as recipients on deals.recipient_country_key = recipients.country_key
where {scope} and deals.deal_status in ('ordered', 'delivered')
group by all
order by all
""",
    ("deals.weapon_family",),
)
_PAIRS = PageQuery(
    """
select
    {page}
    deals.supplier_code,
    deals.recipient_code,
    count(*)::int as deals,
    sum(deals.quantity_ordered) filter (deals.deal_status in ('ordered', 'delivered'))::bigint as units,
    min(deals.order_year) as first_year,
    max(deals.order_year) as last_year,
    string_agg(distinct deals.deal_status, ', ' order by deals.deal_status) as statuses
from marts.fct_deals as deals
where {scope}
group by all
order by deals desc, supplier_code, recipient_code
""",
    ("deals.weapon_family",),
)
SHOWN_PAIRS = 40


def write_weapons(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write a page for each weapon family that a deal is about, and the list of them."""
    sales = read_documents(connection, SALES)
    pairs = read_groups(connection, _PAIRS)
    weapons = read_rows(connection, _WEAPONS)
    for weapon in weapons:
        family = weapon["weapon_family"]
        frame.write(
            f"weapon/{shared.weapons[family]}.html",
            "weapon.html.j2",
            weapon=weapon,
            origin=shared.actors.get(weapon["origin_code"] or ""),
            sales=sales.get((family,)),
            sql=SALES.for_one(family),
            pairs=pairs.get((family,), []),
            most=SHOWN_PAIRS,
            actors=shared.actors,
            deals=shared.lines.of_weapon.get(family, Markup("")),
            poor=shared.poor,
        )
    groups: dict[str, list[dict[str, Any]]] = {}
    for weapon in weapons:
        groups.setdefault(weapon["category"], []).append(weapon)
    frame.write("weapon/index.html", "weapons.html.j2", groups=sorted(groups.items()), pages=shared.weapons)
