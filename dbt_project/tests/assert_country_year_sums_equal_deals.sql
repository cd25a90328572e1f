-- Units and dollars of the country-year table are exactly those of the deals behind it, basis by basis.
-- Returns each basis and measure whose sums differ by more than rounding.
with

deals as (
    select * from {{ ref('fct_deals') }}
),

country_years as (
    select * from {{ ref('fct_country_year_transfers') }}
),

expected as (
    select
        'ordered' as basis,
        count(*) as ordered_deal_count,
        coalesce(sum(quantity_ordered), 0) as quantity,
        coalesce(sum(value_usd), 0) as value_usd
    from deals
    where deal_status in ('ordered', 'delivered')
    union all
    select
        'delivered' as basis,
        cast(null as {{ dbt.type_bigint() }}) as ordered_deal_count,
        coalesce(sum(quantity_delivered), 0) as quantity,
        coalesce(sum(value_usd), 0) as value_usd
    from deals
    where deal_status = 'delivered'
),

actual as (
    select
        basis,
        sum(deal_count) as deal_count,
        coalesce(sum(quantity), 0) as quantity,
        coalesce(sum(value_usd), 0) as value_usd
    from country_years
    group by basis
),

final as (
    select
        expected.basis,
        expected.quantity as expected_quantity,
        actual.quantity as actual_quantity,
        expected.value_usd as expected_value_usd,
        actual.value_usd as actual_value_usd
    from expected
    left join actual
        on expected.basis = actual.basis
    where
        abs(expected.quantity - coalesce(actual.quantity, 0)) > 0.000001 * greatest(expected.quantity, 1)
        or abs(expected.value_usd - coalesce(actual.value_usd, 0)) > 0.000001 * greatest(expected.value_usd, 1)
        or expected.ordered_deal_count <> coalesce(actual.deal_count, 0)
)

select * from final
