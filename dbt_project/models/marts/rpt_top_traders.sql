with

ranked as (
    select * from {{ ref('int_flows__ranked') }}
    where is_latest_edition
),

final as (
    select
        market_share_key as top_trader_key,
        {{ hash_key(['country_code']) }} as country_key,
        {{ hash_key(['end_year']) }} as end_year_key,
        trade_role,
        evidence_source,
        edition,
        basis,
        window_years,
        end_year,
        is_full_window,
        country_code,
        deal_count,
        value_constant_usd,
        tiv,
        market_share,
        share_rank,
        partner_count,
        partner_herfindahl_index
    from ranked
)

select * from final
