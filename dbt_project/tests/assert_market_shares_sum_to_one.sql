-- Shares of all parties are the whole world in each window, wherever any share is known.
with

suppliers as (
    select
        'supplier' as trade_role,
        evidence_source,
        edition,
        basis,
        end_year,
        sum(deal_share) as deal_share,
        sum(value_share) as value_share,
        sum(tiv_share) as tiv_share,
        sum(market_share) as market_share
    from {{ ref('rpt_supplier_shares_5y') }}
    group by evidence_source, edition, basis, end_year
),

recipients as (
    select
        'recipient' as trade_role,
        evidence_source,
        edition,
        basis,
        end_year,
        sum(deal_share) as deal_share,
        sum(value_share) as value_share,
        sum(tiv_share) as tiv_share,
        sum(market_share) as market_share
    from {{ ref('rpt_recipient_shares_5y') }}
    group by evidence_source, edition, basis, end_year
),

united as (
    select * from suppliers
    union all
    select * from recipients
),

final as (
    select *
    from united
    where
        abs(deal_share - 1) > 1e-6
        or abs(value_share - 1) > 1e-6
        or abs(tiv_share - 1) > 1e-6
        or abs(market_share - 1) > 1e-6
)

select * from final
