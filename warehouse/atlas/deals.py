"""Deals: their lines in tables of other pages, and the data that the deal page shows.

A page for each of a hundred thousand deals would be a gigabyte of frames around little; so there is one page, which
takes the deal's key from its address and loads the file that holds it and its like. Lines in tables are finished HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from warehouse.atlas.frame import build_environment
from warehouse.atlas.reading import read_rows
from warehouse.contracts.reviews import CORRECTABLE, VERDICTS

if TYPE_CHECKING:
    import duckdb

    from warehouse.atlas.frame import Frame
    from warehouse.atlas.naming import Actor
    from warehouse.atlas.shared import Shared

SHOWN = 25
"""Newest deals in a table; all of them are one link away."""
DEALS_A_FILE = 64
"""Deals that a file of data holds at most on average: it loads at once, and there are some thousand files, not more."""
FOLDER = "data/deals"

_LINES = """
with numbered as (
    select
        deals.*,
        row_number() over (partition by supplier_code order by first_reported_at desc, deal_key) as of_supplier,
        row_number() over (partition by recipient_code order by first_reported_at desc, deal_key) as of_recipient,
        row_number() over (
            partition by supplier_code, recipient_code order by first_reported_at desc, deal_key
        ) as of_pair,
        row_number() over (partition by weapon_family order by first_reported_at desc, deal_key) as of_weapon,
        row_number() over (order by first_reported_at desc, deal_key) as of_world
    from marts.fct_deals as deals
)
select
    deal_key,
    supplier_code,
    recipient_code,
    weapon_family,
    weapon_designation as weapon,
    deal_status,
    supplier_is_inferred,
    strftime(first_reported_at, '%Y-%m-%d') as first_reported,
    coalesce(case when order_year_is_estimate then '≈ ' else '' end || order_year, '') as year_text,
    coalesce(
        case
            when quantity_min < quantity_max then format('{:,}–{:,}', quantity_min, quantity_max)
            else case when quantity_is_approximate then '≈ ' else '' end
                || format('{:,}', coalesce(quantity_ordered, quantity_max, quantity_min))
        end, ''
    ) as quantity_text,
    coalesce(
        case
            when value_usd is null then '≤ ' || format('{:,.0f}', value_ceiling_usd / 1e6)
            when value_max_usd > value_min_usd
                then format('{:,.0f}–{:,.0f}', value_min_usd / 1e6, value_max_usd / 1e6)
            else format('{:,.0f}', value_usd / 1e6)
        end, ''
    ) as value_text,
    source_count || case when source_count = 1 then ' source' else ' sources' end as reports_text,
    concat_ws(
        ', ',
        case when has_quantity_conflict then 'units differ' end,
        case when has_value_conflict then 'values differ' end,
        case when has_order_year_conflict then 'order years differ' end,
        case when has_status_conflict then 'status is contested' end
    ) as conflicts,
    of_supplier,
    of_recipient,
    of_pair,
    of_weapon,
    of_world
from numbered
where least(of_supplier, of_recipient, of_pair, of_weapon, of_world) <= {shown}
order by of_world
"""

_DOCUMENTS = """
with told as (
    select
        claims.deal_key,
        claims.article_key,
        to_json(list(struct_pack(
            id := claims.claim_id,
            status := claims.claim_status,
            supplier := claims.supplier_text,
            recipient := claims.recipient_text,
            weapon := coalesce(claims.weapon_text, claims.weapon_designation),
            quantity := [claims.quantity_min, claims.quantity_max],
            approximate := claims.quantity_is_approximate,
            "value" := [claims.value_min, claims.value_max],
            currency := claims.value_currency,
            value_type := claims.value_type,
            order_year := claims.order_year,
            order_year_is_estimate := claims.order_year_is_estimate,
            delivered := [claims.delivery_year_first, claims.delivery_year_last],
            inferred := claims.supplier_is_inferred,
            confidence := round(claims.confidence, 3),
            review := claims.review_verdict,
            field := claims.evidence_field,
            evidence := claims.evidence_text
        ) order by claims.evidence_start, claims.claim_id)) as claims
    from marts.fct_transfer_claims as claims
    where claims.deal_key is not null
    group by all
),
reported as (
    select
        told.deal_key,
        to_json(list(struct_pack(
            title := articles.title,
            url := articles.url,
            source := sources.source_id,
            publisher := sources.publisher,
            published := strftime(articles.published_at, '%Y-%m-%d'),
            reprint := articles.is_reprint,
            claims := told.claims
        ) order by articles.published_at, articles.article_key)) as articles
    from told
    inner join marts.dim_articles as articles on told.article_key = articles.article_key
    inner join marts.dim_sources as sources on articles.source_key = sources.source_key
    group by told.deal_key
),
changed as (
    select
        deal_key,
        to_json(list(struct_pack(
            status := deal_status,
            "first" := strftime(first_reported_at, '%Y-%m-%d'),
            claims := claim_count,
            current := is_current,
            "release" := first_release_id
        ) order by change_number)) as statuses
    from marts.fct_deal_status_changes
    group by deal_key
),
registered as (
    select
        deal_key,
        to_json(list(struct_pack(
            register := register_id,
            edition := edition,
            weapon := register_weapon_designation,
            quantity := register_quantity,
            order_year := register_order_year,
            tiv := tiv
        ))) as register
    from marts.rpt_register_reconciliation
    where reconciliation_status = 'matched'
    group by deal_key
)
select
    substr(deals.deal_key, 1, {digits}) as file,
    '{{' || string_agg(
        '"' || deals.deal_key || '":' || to_json(struct_pack(
            supplier := deals.supplier_code,
            recipient := deals.recipient_code,
            weapon := deals.weapon_designation,
            family := deals.weapon_family,
            category := categories.category_name,
            status := deals.deal_status,
            condition := deals.weapon_condition,
            type := deals.deal_type,
            order_year := deals.order_year,
            order_year_is_estimate := deals.order_year_is_estimate,
            delivery := [deals.delivery_year_first, deals.delivery_year_last],
            delivery_is_estimate := deals.delivery_year_is_estimate,
            quantity := [deals.quantity_min, deals.quantity_max],
            quantity_ordered := deals.quantity_ordered,
            approximate := deals.quantity_is_approximate,
            delivered := deals.quantity_delivered,
            delivered_is_assumed := deals.quantity_delivered_is_assumed,
            "value" := [deals.value_min, deals.value_max],
            currency := deals.value_currency,
            value_type := deals.value_type,
            usd := deals.value_usd,
            constant := deals.value_constant_usd,
            ceiling := deals.value_ceiling_usd,
            package := deals.package_key is not null,
            lead := deals.is_package_lead,
            background := deals.is_background,
            inferred := deals.supplier_is_inferred,
            confidence := round(deals.confidence, 3),
            sources := deals.source_count,
            independent := deals.independent_source_count,
            reports := deals.article_count,
            conflicts := [
                deals.has_quantity_conflict, deals.has_value_conflict,
                deals.has_order_year_conflict, deals.has_status_conflict
            ],
            "release" := deals.first_release_id,
            statuses := changed.statuses,
            register := registered.register,
            articles := reported.articles
        )),
        ',' order by deals.deal_key
    ) || '}}' as document
from marts.fct_deals as deals
inner join marts.dim_weapon_categories as categories on deals.weapon_category_key = categories.weapon_category_key
left join reported on deals.deal_key = reported.deal_key
left join changed on deals.deal_key = changed.deal_key
left join registered on deals.deal_key = registered.deal_key
group by file
"""


@dataclass(frozen=True)
class DealLines:
    """Finished table lines of the newest deals, by what a page is about.

    Attributes:
        of_supplier: by supplier's code.
        of_recipient: by recipient's code.
        of_pair: by both codes.
        of_weapon: by weapon family.
        of_world: the newest of all.
    """

    of_supplier: dict[str, Markup]
    of_recipient: dict[str, Markup]
    of_pair: dict[tuple[str, str], Markup]
    of_weapon: dict[str, Markup]
    of_world: Markup


def read_lines(connection: duckdb.DuckDBPyConnection, actors: dict[str, Actor]) -> DealLines:
    """Return the lines of the newest deals of every page; each deal is rendered once.

    Args:
        connection: published database.
        actors: all actors, by code.
    """
    row = build_environment().get_template("parts.html.j2").module.deal_row  # type: ignore[attr-defined]
    found: tuple[dict[Any, list[Markup]], ...] = ({}, {}, {}, {}, {})
    names = ("of_supplier", "of_recipient", "of_pair", "of_weapon", "of_world")
    for deal in read_rows(connection, _LINES.replace("{shown}", str(SHOWN))):
        supplier, recipient = actors[deal["supplier_code"]], actors[deal["recipient_code"]]
        deal |= {"supplier": supplier.name, "supplier_page": supplier.page}
        deal |= {"recipient": recipient.name, "recipient_page": recipient.page}
        line = row(deal, "../")
        keys = (supplier.code, recipient.code, (supplier.code, recipient.code), deal["weapon_family"], "")
        for name, key, lines in zip(names, keys, found, strict=True):
            if deal[name] <= SHOWN:
                lines.setdefault(key, []).append(line)
    supplied, received, paired, armed, world = (
        {key: Markup("").join(lines) for key, lines in by_key.items()} for by_key in found
    )
    return DealLines(supplied, received, paired, armed, world.get("", Markup("")))


def write_deals(connection: duckdb.DuckDBPyConnection, frame: Frame, shared: Shared) -> None:
    """Write the deal page and the files of data that it loads: ``data/deals/<first digits of the key>.js``."""
    (total,) = connection.execute("select count(*) from marts.fct_deals").fetchone() or (0,)
    digits = count_digits(total)
    folder = frame.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # no format(): the braces of JSON would be taken for places
    sql = _DOCUMENTS.replace("{digits}", str(digits)).replace("{{", "{").replace("}}", "}")
    answer = connection.execute(sql)
    while rows := answer.fetchmany(64):
        for name, document in rows:
            text = f"atlas.deals = Object.assign(atlas.deals || {{}}, {escape_separators(document)});\n"
            (folder / f"{name or 'all'}.js").write_text(text, encoding="utf-8")
    names = {actor.code: [actor.name, actor.page] for actor in shared.actors.values()}
    setting = {"digits": digits, "actors": names, "weapons": shared.weapons}
    frame.write("deal/index.html", "deal.html.j2", setting=setting, verdicts=VERDICTS, fields=CORRECTABLE)


def count_digits(deals: int) -> int:
    """Return by how many hexadecimal digits of their keys deals are spread over files.

    >>> count_digits(0), count_digits(116), count_digits(100_000)
    (0, 1, 3)
    """
    digits = 0
    while deals > DEALS_A_FILE * 16**digits:
        digits += 1
    return digits


def escape_separators(text: str) -> str:
    r"""Escape the two line separators that JSON allows and older scripts don't.

    >>> escape_separators("\u2028")
    '\\u2028'
    """
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
