"""A lake of generated articles and claims, any size, the same from the same seed: what the build benchmark works on.

Deals are told as news tells them: a few of them by very many articles, most by a handful; 35 of 100 articles repeat an
earlier one, half of these with changes; a follow-up tells a deal of years ago. Only the texts are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from warehouse import lake
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.manifests import LoadEntry, change_manifest, table_folder
from warehouse.parquet import fingerprint
from warehouse.settings import SEEDS

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.settings import DataDirectory

CLAIMS_PER_ARTICLE = 2
CLAIMS_PER_DEAL = 8
REPEATED_SHARE = 0.35
_LOAD = "generated"
_SEED = 20_260_101

_WORLD = """
create macro u(i, salt) as (hash(i, salt, {seed}) >> 12)::double / (1::ubigint << 52);
create macro pick(i, salt, n) as cast(floor(u(i, salt) * n) as bigint);
create table states as
select row_number() over (order by country_code) - 1 as number, country_code
from read_csv('{seeds}/countries.csv', header = true, all_varchar = true)
where actor_type = 'state' and length(country_code) = 3;
create table weapons as
select row_number() over (order by weapon_family) - 1 as number, weapon_family, any_value(weapon_category) as category
from read_csv('{seeds}/weapons.csv', header = true, all_varchar = true) group by weapon_family;
create table deals as
select
    d,
    supplier.country_code as supplier,
    recipient.country_code as recipient,
    weapons.weapon_family,
    weapons.category,
    1990 + pick(d, 'year', 36) as order_year,
    1 + pick(d, 'month', 12) as order_month,
    2 + pick(d, 'quantity', 120) as quantity,
    round(exp(15 + 8 * u(d, 'value')), -5) as value
from range({deals}) as t(d)
join states as supplier on supplier.number = cast(floor(40 * pow(u(d, 'supplier'), 2)) as bigint)
join states as recipient on recipient.number = 40 + pick(d, 'recipient', (select count(*) from states) - 40)
join weapons on weapons.number = cast(floor(pow(u(d, 'weapon'), 2) * (select count(*) from weapons)) as bigint);
"""

_ARTICLES = """
create view told as
select
    a,
    -- a repeated article tells what its original tells
    case when a < {originals} then a else pick(a, 'original', {originals}) end as original,
    pick(a, 'rewritten', 2) = 1 as is_rewritten
from range({articles}) as t(a);
create view told_claims as
select
    told.*,
    claims.ordinal,
    cast(floor({deals} * pow(u(told.original * {per_article} + claims.ordinal, 'deal'), 3)) as bigint) as d,
    case when claims.ordinal > 1 then 'background'
        else (['ordered', 'ordered', 'ordered', 'delivered', 'proposed', 'vague'])[1 + pick(told.original, 'kind', 6)]
    end as kind
from told cross join range(1, {per_article} + 1) as claims(ordinal);
create view dated as
select
    told.a,
    make_timestamp(
        (
            deals.order_year
            + case kind when 'delivered' then 3 when 'proposed' then -1 when 'vague' then 1 else 0 end
        )::bigint,
        deals.order_month, 1 + pick(told.original, 'day', 28), 6, 0, 0
    ) + case when told.a = told.original then interval 0 hour else to_hours((1 + pick(told.a, 'later', 60))::int) end
        as published_at
from told_claims as told join deals using (d)
where told.ordinal = 1;
"""

_COPY_ARTICLES = """
copy (
    select
        printf('%016x', hash(a, 'article')) as article_id,
        '{load}' as load_id,
        'source_' || pick(a, 'source', 60) as source_id,
        'https://source-' || pick(a, 'source', 60) || '.example/' || a as url,
        'Article ' || a as title,
        null::varchar as author,
        published_at at time zone 'UTC' as published_at,
        'feed' as published_at_origin,
        'en' as language,
        'Text ' || original as text,
        printf('%016x', case when a = original or not is_rewritten then hash(original, 'text') else hash(a, 'text') end)
            as text_hash,
        [
            case when a <> original and is_rewritten and place < 4 then hash(a, place) else hash(original, place) end
            for place in range(16)
        ] as text_signature,
        timestamptz '2026-01-01 00:00:00+00' as fetched_at,
        'Source ' || pick(a, 'source', 60) as publisher,
        null::varchar as publisher_country_code,
        null::varchar as terms_url
    from told join dated using (a)
) to '{path}' (format parquet, compression zstd)
"""

_COPY_CLAIMS = """
copy (
    select
        printf('%016x', hash(a, ordinal, 'claim')) as claim_id,
        printf('%016x', hash(a, 'article')) as article_id,
        '{load}' as load_id,
        ordinal::int as ordinal,
        supplier as supplier_text, supplier as supplier_code, 'state' as supplier_type,
        recipient as recipient_text, recipient as recipient_code, 'state' as recipient_type,
        weapon_family as weapon_text, weapon_family as weapon_designation, weapon_family, category as weapon_category,
        case when pick(original, 'counted', 4) > 0 then quantity end as quantity_min,
        case when pick(original, 'counted', 4) > 0 then quantity end as quantity_max,
        kind = 'vague' as quantity_is_approximate,
        null::double as value_min,
        case when pick(original, 'priced', 3) = 0 then value end as value_max,
        case when pick(original, 'priced', 3) = 0 then (['USD', 'USD', 'EUR', 'GBP'])[1 + pick(d, 'currency', 4)] end
            as value_currency,
        case when pick(original, 'priced', 3) = 0 then
            case when kind = 'proposed' then 'ceiling' when pick(d, 'package', 20) = 0 then 'package_share'
            else 'contract' end
        end as value_type,
        case kind when 'vague' then 'ordered' when 'background' then 'ordered' else kind end as status,
        null::varchar as condition,
        'sale' as deal_type,
        case when kind in ('ordered', 'vague', 'background') then order_year::int end as order_year,
        pick(original, 'estimate', 3) = 0 as order_year_is_estimate,
        case when kind = 'delivered' then order_year::int + 3 end as delivery_year_first,
        case when kind = 'delivered' then order_year::int + 3 + pick(d, 'series', 5)::int end as delivery_year_last,
        false as delivery_year_is_estimate,
        kind = 'background' as is_background,
        false as is_domestic,
        false as supplier_is_inferred,
        0.5 + u(a, 'confidence') / 2 as confidence,
        'generated' as rule_id,
        '1' as extractor_version,
        'text' as evidence_field,
        supplier || ' delivers ' || quantity || ' ' || weapon_family || ' to ' || recipient || ' under a contract of '
            || order_year || ', article ' || a || ' says.' as evidence_text,
        0::int as evidence_start,
        100::int as evidence_end
    from told_claims join deals using (d)
) to '{path}' (format parquet, compression zstd)
"""


@dataclass(frozen=True)
class GeneratedLake:
    """What was generated.

    Attributes:
        claims: rows of ``transfer_claims``.
        articles: rows of ``articles``.
        deals: deals that the claims tell.
    """

    claims: int
    articles: int
    deals: int


def write_lake(data: DataDirectory, claims: int) -> GeneratedLake:
    """Fill an empty lake with claims, as promoted loads; the same number gives the same rows.

    Args:
        data: data directory.
        claims: how many claims.
    """
    made = GeneratedLake(claims, claims // CLAIMS_PER_ARTICLE, claims // CLAIMS_PER_DEAL)
    lake.initialise(data)
    words = {
        "seed": _SEED,
        "seeds": SEEDS,
        "deals": made.deals,
        "articles": made.articles,
        "originals": round(made.articles * (1 - REPEATED_SHARE)),
        "per_article": CLAIMS_PER_ARTICLE,
        "load": _LOAD,
    }
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute((_WORLD + _ARTICLES).format(**words))
        for table, copy, rows in (
            (ARTICLES, _COPY_ARTICLES, made.articles),
            (TRANSFER_CLAIMS, _COPY_CLAIMS, made.claims),
        ):
            path = table_folder(data, table) / f"load={_LOAD}" / "part-0.parquet"
            path.parent.mkdir(parents=True)
            connection.execute(copy.format(**words, path=path))
            _enter(data, table, path, rows)
    return made


def _enter(data: DataDirectory, table: Table, path: Path, rows: int) -> None:
    """Name the file in the table's manifest, as promoting does."""
    entry = LoadEntry(
        load_id=_LOAD,
        files=(str(path.relative_to(data.raw / table.name)),),
        rows=rows,
        fingerprint=fingerprint(path.parent, [path.name]),
        promoted_at="2026-01-01T00:00:00+00:00",
    )
    change_manifest(data, table, lambda manifest: manifest.with_load(entry))
