-- Values in a currency without a rate for their year: they stay in their own currency and out of every sum in dollars.
{{ config(severity='warn') }}

with

deals as (
    select * from {{ ref('fct_deals') }}
),

final as (
    select
        deal_key,
        value_amount,
        value_currency,
        order_year
    from deals
    where
        value_amount is not null
        and value_currency <> 'USD'
        and value_rate_year is null
)

select * from final
