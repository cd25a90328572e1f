with

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

final as (
    select
        currency_code,
        year as rate_year,
        currency_per_usd,
        months as month_count
    from exchange_rates
    where currency_per_usd > 0
)

select * from final
