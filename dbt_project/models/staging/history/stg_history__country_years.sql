with

country_years as (
    select * from {{ source('history', 'published_country_years') }}
),

final as (
    select
        release_id,
        previous_release_id,
        country_year_transfer_key,
        supplier_code,
        recipient_code,
        transfer_year,
        weapon_category,
        basis,
        deal_count,
        quantity,
        value_usd,
        tiv,
        previous_deal_count,
        previous_quantity,
        previous_value_usd,
        previous_tiv,
        change
    from country_years
)

select * from final
