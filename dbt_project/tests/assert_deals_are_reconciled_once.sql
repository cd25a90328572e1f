-- Every deal of the news, and every deal of the register's latest edition, is in the reconciliation exactly once.
with

deals as (
    select deal_key
    from {{ ref('fct_deals') }}
),

register_deals as (
    select distinct register_deal_key
    from {{ ref('fct_register_deliveries') }}
    where is_latest_edition
),

reconciled as (
    select * from {{ ref('rpt_register_reconciliation') }}
),

from_news as (
    select
        'news' as side,
        deals.deal_key as one_key,
        count(reconciled.reconciliation_key) as row_count
    from deals
    left join reconciled
        on deals.deal_key = reconciled.deal_key
    group by deals.deal_key
),

from_register as (
    select
        'register' as side,
        register_deals.register_deal_key as one_key,
        count(reconciled.reconciliation_key) as row_count
    from register_deals
    left join reconciled
        on register_deals.register_deal_key = reconciled.register_deal_key
    group by register_deals.register_deal_key
),

united as (
    select * from from_news
    union all
    select * from from_register
),

final as (
    select *
    from united
    where row_count <> 1
)

select * from final
