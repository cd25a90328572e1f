{#- What went from whom to whom in which year, by the news and by each edition of a register, in one form. -#}

with

deal_years as (
    select * from {{ ref('int_deals__spread') }}
),

deals as (
    select * from {{ ref('int_deals__assembled') }}
),

deliveries as (
    select * from {{ ref('int_registers__dated') }}
),

news as (
    select
        'news' as evidence_source,
        cast(null as {{ dbt.type_string() }}) as edition,
        true as is_latest_edition,
        deal_years.basis,
        deal_years.transfer_year,
        deals.supplier_code,
        deals.recipient_code,
        deals.weapon_category,
        deal_years.deal_key,
        deal_years.quantity,
        deal_years.value_usd,
        deal_years.value_constant_usd,
        cast(null as double) as tiv,
        deal_years.is_apportioned
    from deal_years
    inner join deals
        on deal_years.deal_key = deals.deal_key
),

-- the parts of an order that was spread over its delivery years are one order again
register_orders as (
    select
        register_id as evidence_source,
        edition,
        is_latest_edition,
        'ordered' as basis,
        order_year as transfer_year,
        supplier_code,
        recipient_code,
        counted_category as weapon_category,
        register_deal_key as deal_key,
        {{ as_amount('sum(quantity_ordered)') }} as quantity,
        cast(null as double) as value_usd,
        cast(null as double) as value_constant_usd,
        {{ as_amount('sum(tiv_ordered)') }} as tiv,
        false as is_apportioned
    from deliveries
    group by
        register_id,
        edition,
        is_latest_edition,
        order_year,
        supplier_code,
        recipient_code,
        counted_category,
        register_deal_key
),

-- an order without any delivery is in the basis ordered only
register_deliveries as (
    select
        register_id as evidence_source,
        edition,
        is_latest_edition,
        'delivered' as basis,
        delivery_year as transfer_year,
        supplier_code,
        recipient_code,
        counted_category as weapon_category,
        register_deal_key as deal_key,
        quantity_delivered as quantity,
        cast(null as double) as value_usd,
        cast(null as double) as value_constant_usd,
        tiv_delivered as tiv,
        is_apportioned
    from deliveries
    where
        delivery_year is not null
        or quantity_delivered > 0
        or tiv_delivered > 0
),

united as (
    select * from news
    union all
    select * from register_orders
    union all
    select * from register_deliveries
),

final as (
    select
        {{ hash_key(['evidence_source', 'edition', 'deal_key', 'basis', 'transfer_year']) }} as flow_key,
        united.*
    from united
)

select * from final
