with

articles as (
    select * from {{ ref('dim_articles') }}
),

sources as (
    select * from {{ ref('dim_sources') }}
),

claims as (
    select * from {{ ref('fct_transfer_claims') }}
),

deals as (
    select * from {{ ref('fct_deals') }}
),

weekly_articles as (
    select
        source_key,
        cast({{ dbt.date_trunc('week', 'published_at') }} as date) as week_start_date,
        count(*) as article_count,
        sum(case when is_reprint then 1 else 0 end) as reprint_count
    from articles
    group by source_key, cast({{ dbt.date_trunc('week', 'published_at') }} as date)
),

weekly_claims as (
    select
        claims.source_key,
        cast({{ dbt.date_trunc('week', 'claims.published_at') }} as date) as week_start_date,
        sum(case when claims.is_domestic then 0 else 1 end) as claim_count,
        sum(case when claims.is_domestic then 1 else 0 end) as domestic_claim_count,
        count(distinct claims.deal_key) as deal_count,
        count(distinct case when deals.first_claim_key = claims.claim_key then claims.deal_key end) as new_deal_count
    from claims
    left join deals
        on claims.deal_key = deals.deal_key
    group by claims.source_key, cast({{ dbt.date_trunc('week', 'claims.published_at') }} as date)
),

final as (
    select
        {{ hash_key(['weekly_articles.source_key', 'weekly_articles.week_start_date']) }} as source_week_key,
        weekly_articles.source_key,
        sources.source_id,
        weekly_articles.week_start_date,
        {{ as_count('weekly_articles.article_count') }} as article_count,
        {{ as_count('weekly_articles.reprint_count') }} as reprint_count,
        {{ as_count('coalesce(weekly_claims.claim_count, 0)') }} as claim_count,
        {{ as_count('coalesce(weekly_claims.domestic_claim_count, 0)') }} as domestic_claim_count,
        {{ as_count('coalesce(weekly_claims.deal_count, 0)') }} as deal_count,
        {{ as_count('coalesce(weekly_claims.new_deal_count, 0)') }} as new_deal_count
    from weekly_articles
    inner join sources
        on weekly_articles.source_key = sources.source_key
    left join weekly_claims
        on
            weekly_articles.source_key = weekly_claims.source_key
            and weekly_articles.week_start_date = weekly_claims.week_start_date
)

select * from final
