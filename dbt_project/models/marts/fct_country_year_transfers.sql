with

deal_years as (
    select * from {{ ref('int_deals__spread') }}
),

deals as (
    select * from {{ ref('int_deals__assembled') }}
),

summed as (
    select
        deals.supplier_code,
        deals.recipient_code,
        deal_years.transfer_year,
        deals.weapon_category,
        deal_years.basis,
        {{ as_count('count(*)') }} as deal_count,
        {{ as_amount('sum(deal_years.quantity)') }} as quantity,
        {{ as_count('sum(case when deal_years.quantity is null then 1 else 0 end)') }} as quantity_unknown_deal_count,
        {{ as_amount('sum(deal_years.value_usd)') }} as value_usd,
        {{ as_count('sum(case when deal_years.value_usd is null then 1 else 0 end)') }} as value_unknown_deal_count,
        max(case when deal_years.is_apportioned then 1 else 0 end) = 1 as is_apportioned
    from deal_years
    inner join deals
        on deal_years.deal_key = deals.deal_key
    group by
        deals.supplier_code,
        deals.recipient_code,
        deal_years.transfer_year,
        deals.weapon_category,
        deal_years.basis
),

final as (
    select
        {{ hash_key(['supplier_code', 'recipient_code', 'transfer_year', 'weapon_category', 'basis']) }}
            as country_year_transfer_key,
        {{ hash_key(['supplier_code']) }} as supplier_country_key,
        {{ hash_key(['recipient_code']) }} as recipient_country_key,
        {{ hash_key(['transfer_year']) }} as transfer_year_key,
        {{ hash_key(['weapon_category']) }} as weapon_category_key,
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis,
        deal_count,
        quantity,
        quantity_unknown_deal_count,
        value_usd,
        value_unknown_deal_count,
        is_apportioned
    from summed
)

select * from final
