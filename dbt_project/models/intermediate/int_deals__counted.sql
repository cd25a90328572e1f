with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

-- distinct rows are counted in steps of their own, since these can spill to disk where memory is short
reported as (
    select
        keyed.deal_key,
        claims.article_key,
        claims.article_group_key,
        claims.source_key,
        claims.original_source_key
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

articles as (
    select distinct
        deal_key,
        article_key
    from reported
),

article_counts as (
    select
        deal_key,
        count(*) as article_count
    from articles
    group by deal_key
),

reports as (
    select distinct
        deal_key,
        article_group_key
    from reported
),

report_counts as (
    select
        deal_key,
        count(*) as independent_report_count
    from reports
    group by deal_key
),

sources as (
    select distinct
        deal_key,
        source_key
    from reported
),

source_counts as (
    select
        deal_key,
        count(*) as source_count
    from sources
    group by deal_key
),

original_sources as (
    select distinct
        deal_key,
        original_source_key
    from reported
),

original_source_counts as (
    select
        deal_key,
        count(*) as independent_source_count
    from original_sources
    group by deal_key
),

claim_counts as (
    select
        deal_key,
        count(*) as claim_count
    from keyed
    group by deal_key
),

final as (
    select
        claim_counts.deal_key,
        claim_counts.claim_count,
        article_counts.article_count,
        report_counts.independent_report_count,
        source_counts.source_count,
        original_source_counts.independent_source_count
    from claim_counts
    inner join article_counts
        on claim_counts.deal_key = article_counts.deal_key
    inner join report_counts
        on claim_counts.deal_key = report_counts.deal_key
    inner join source_counts
        on claim_counts.deal_key = source_counts.deal_key
    inner join original_source_counts
        on claim_counts.deal_key = original_source_counts.deal_key
)

select * from final
