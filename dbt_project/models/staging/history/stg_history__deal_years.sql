with

deal_years as (
    select * from {{ source('history', 'published_deal_years') }}
),

final as (
    select
        release_id,
        deal_year_key,
        deal_key,
        country_year_transfer_key,
        previous_country_year_transfer_key,
        quantity,
        value_usd,
        change
    from deal_years
)

select * from final
