-- Every deal leads back to at least one article, and its counts agree with the bridge.
with

deals as (
    select * from {{ ref('fct_deals') }}
),

bridge as (
    select * from {{ ref('bridge_deals_articles') }}
),

counted as (
    select
        deal_key,
        count(*) as article_count,
        sum(claim_count) as claim_count
    from bridge
    group by deal_key
),

final as (
    select
        deals.deal_key,
        deals.article_count,
        counted.article_count as bridged_article_count
    from deals
    left join counted
        on deals.deal_key = counted.deal_key
    where
        counted.deal_key is null
        or deals.article_count <> counted.article_count
        or deals.claim_count <> counted.claim_count
)

select * from final
