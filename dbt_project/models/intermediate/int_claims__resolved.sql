{#- A number told as about, some or up to may be this far off. A choice, not a measurement: wide enough for "nearly 50"
    beside 44, narrow enough to keep 12 and 18 apart. -#}
{%- set slack_below = 0.8 -%}
{%- set slack_above = 1.25 -%}

with

claims as (
    select * from {{ ref('int_claims__reviewed') }}
),

articles as (
    select * from {{ ref('stg_lake__articles') }}
),

groups as (
    select * from {{ ref('int_articles__grouped') }}
),

weapons as (
    select * from {{ ref('int_weapons__listed') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__filled') }}
),

joined as (
    select
        claims.claim_id,
        claims.claim_key,
        claims.article_key,
        groups.article_group_key,
        groups.is_reprint,
        groups.original_source_key,
        articles.source_key,
        articles.publisher,
        articles.published_at,
        cast(extract(year from articles.published_at) as {{ dbt.type_int() }}) as published_year,
        claims.ordinal,
        claims.evidence_field,
        claims.evidence_start,
        coalesce(claims.supplier_code, 'unknown') as supplier_code,
        coalesce(claims.recipient_code, 'unknown') as recipient_code,
        claims.weapon_designation,
        claims.weapon_family,
        weapons.weapon_key,
        weapons.weapon_category,
        weapons.weapon_category_key,
        claims.quantity_min,
        claims.quantity_max,
        coalesce(claims.quantity_max, claims.quantity_min) as quantity,
        claims.quantity_is_approximate,
        claims.value_min,
        claims.value_max,
        coalesce(claims.value_max, claims.value_min) as value_amount,
        claims.value_currency,
        case when claims.value_max is not null or claims.value_min is not null then claims.value_type end
            as value_type,
        claims.claim_status,
        {{ status_rank('claims.claim_status') }} as status_rank,
        claims.weapon_condition,
        claims.deal_type,
        claims.order_year,
        claims.order_year_is_estimate,
        coalesce(claims.delivery_year_first, claims.delivery_year_last) as delivery_year_first,
        coalesce(claims.delivery_year_last, claims.delivery_year_first) as delivery_year_last,
        claims.delivery_year_is_estimate,
        claims.is_background,
        coalesce({{ tells_repeat_order('claims.evidence_text', 'claims.claim_status') }}, false) as is_repeat_order,
        claims.is_domestic or coalesce(claims.supplier_code = claims.recipient_code, false) as is_domestic,
        claims.supplier_is_inferred,
        claims.confidence
    from claims
    inner join articles
        on claims.article_id = articles.article_id
    inner join groups
        on claims.article_id = groups.article_id
    inner join weapons
        on claims.weapon_family = weapons.weapon_family
),

-- money is converted at the rate of the year of the order, or of the report where no order year is told
converted as (
    select
        joined.*,
        exchange_rates.rate_year as value_rate_year,
        case
            when joined.value_currency = 'USD' then joined.value_amount
            else joined.value_amount / exchange_rates.currency_per_usd
        end as value_usd
    from joined
    left join exchange_rates
        on
            joined.value_currency = exchange_rates.currency_code
            and coalesce(joined.order_year, joined.published_year) = exchange_rates.year
),

final as (
    select
        *,
        {{ hash_key(['supplier_code']) }} as supplier_country_key,
        {{ hash_key(['recipient_code']) }} as recipient_country_key,
        {{ hash_key(['supplier_code', 'recipient_code', 'weapon_family']) }} as block_key,
        case
            when quantity_is_approximate then {{ slack_below }} * coalesce(quantity_min, quantity_max)
            else {{ as_amount('coalesce(quantity_min, quantity_max)') }}
        end as quantity_low,
        case when quantity_is_approximate then {{ slack_above }} * quantity else {{ as_amount('quantity') }} end
            as quantity_high
    from converted
)

select * from final
