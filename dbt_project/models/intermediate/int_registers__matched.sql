{#- Years that news and register may differ by: a contract may count in the year in which it takes effect. -#}
{%- set year_slack = 1 -%}

with

deals as (
    select
        *,
        cast(extract(year from first_reported_at) as {{ dbt.type_int() }}) as reported_year
    from {{ ref('int_deals__assembled') }}
    where deal_status in ('ordered', 'delivered')
),

register_deals as (
    select * from {{ ref('int_registers__summed') }}
),

-- one weapon between the same parties, ordered at about the same time; where the news tell no order year, the report
-- must come after the order and not long after the last delivery
candidates as (
    select
        deals.deal_key,
        register_deals.register_deal_key,
        abs(coalesce(deals.order_year, deals.reported_year) - register_deals.order_year) as year_distance,
        abs(deals.quantity_ordered - coalesce(register_deals.quantity_ordered, register_deals.quantity_delivered))
            as quantity_distance
    from deals
    inner join register_deals
        on
            deals.supplier_code = register_deals.supplier_code
            and deals.recipient_code = register_deals.recipient_code
            and deals.weapon_family = register_deals.weapon_family
    where
        abs(deals.order_year - register_deals.order_year) <= {{ year_slack }}
        or (
            (deals.order_year is null or register_deals.order_year is null)
            and deals.reported_year >= coalesce(register_deals.order_year, register_deals.delivery_year_first)
            and deals.reported_year
            <= coalesce(register_deals.delivery_year_last, register_deals.order_year) + {{ year_slack }}
        )
),

ranked_first as (
    select
        *,
        row_number() over (
            partition by deal_key
            order by coalesce(year_distance, 99), coalesce(quantity_distance, 1e9), register_deal_key
        ) as register_choice,
        row_number() over (
            partition by register_deal_key
            order by coalesce(year_distance, 99), coalesce(quantity_distance, 1e9), deal_key
        ) as deal_choice
    from candidates
),

pairs_first as (
    select
        deal_key,
        register_deal_key,
        year_distance,
        quantity_distance
    from ranked_first
    where
        register_choice = 1
        and deal_choice = 1
),

-- whoever lost its first choice to a better pair may still find another
left_over as (
    select candidates.*
    from candidates
    left join pairs_first as by_deal
        on candidates.deal_key = by_deal.deal_key
    left join pairs_first as by_register
        on candidates.register_deal_key = by_register.register_deal_key
    where
        by_deal.deal_key is null
        and by_register.deal_key is null
),

ranked_second as (
    select
        *,
        row_number() over (
            partition by deal_key
            order by coalesce(year_distance, 99), coalesce(quantity_distance, 1e9), register_deal_key
        ) as register_choice,
        row_number() over (
            partition by register_deal_key
            order by coalesce(year_distance, 99), coalesce(quantity_distance, 1e9), deal_key
        ) as deal_choice
    from left_over
),

pairs_second as (
    select
        deal_key,
        register_deal_key,
        year_distance,
        quantity_distance
    from ranked_second
    where
        register_choice = 1
        and deal_choice = 1
),

pairs as (
    select * from pairs_first
    union all
    select * from pairs_second
),

final as (
    select
        deal_key,
        register_deal_key,
        cast(year_distance as {{ dbt.type_int() }}) as year_distance,
        {{ as_amount('quantity_distance') }} as quantity_distance
    from pairs
)

select * from final
