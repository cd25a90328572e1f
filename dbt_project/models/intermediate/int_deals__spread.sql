with

deals as (
    select * from {{ ref('int_deals__assembled') }}
),

years as (
    -- a whole number on every engine: its text is a part of the key
    select cast(generated_number + {{ first_year() - 1 }} as {{ dbt.type_int() }}) as year
    from ({{ dbt.generate_series(last_year() - first_year() + 1) }}) as numbers
),

ordered as (
    select
        deal_key,
        'ordered' as basis,
        order_year as transfer_year,
        1 as year_count,
        quantity_ordered as quantity,
        value_usd,
        value_constant_usd
    from deals
    where deal_status in ('ordered', 'delivered')
),

delivered as (
    select
        deals.deal_key,
        'delivered' as basis,
        years.year as transfer_year,
        coalesce(deals.delivery_year_last - deals.delivery_year_first + 1, 1) as year_count,
        deals.quantity_delivered as quantity,
        deals.value_usd,
        deals.value_constant_usd
    from deals
    left join years
        on years.year between deals.delivery_year_first and deals.delivery_year_last
    where deals.deal_status = 'delivered'
),

united as (
    select * from ordered
    union all
    select * from delivered
),

final as (
    select
        {{ hash_key(['deal_key', 'basis', 'transfer_year']) }} as deal_year_key,
        deal_key,
        basis,
        cast(transfer_year as {{ dbt.type_int() }}) as transfer_year,
        {{ as_amount('quantity') }} / year_count as quantity,
        value_usd / year_count as value_usd,
        value_constant_usd / year_count as value_constant_usd,
        year_count > 1 as is_apportioned
    from united
)

select * from final
