with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

statuses as (
    select * from {{ ref('int_deals__statused') }}
),

released as (
    select * from {{ ref('int_deals__released') }}
),

reported as (
    select
        keyed.deal_key,
        claims.claim_status as deal_status,
        claims.status_rank,
        claims.claim_id,
        claims.claim_key,
        claims.article_key,
        claims.source_key,
        claims.published_at,
        count(*) over (partition by keyed.deal_key, claims.claim_status) as claim_count,
        row_number() over (
            partition by keyed.deal_key, claims.claim_status
            order by claims.published_at, claims.claim_id
        ) as report_number
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

first_reports as (
    select *
    from reported
    where report_number = 1
),

final as (
    select
        {{ hash_key(['first_reports.deal_key', 'first_reports.deal_status']) }} as deal_status_change_key,
        first_reports.deal_key,
        first_reports.deal_status,
        {{ as_count('row_number() over (
            partition by first_reports.deal_key order by first_reports.published_at, first_reports.status_rank
        )') }} as change_number,
        first_reports.published_at as first_reported_at,
        first_reports.claim_key as first_claim_key,
        first_reports.article_key as first_article_key,
        first_reports.source_key as first_source_key,
        {{ as_count('first_reports.claim_count') }} as claim_count,
        first_reports.deal_status = statuses.deal_status as is_current,
        released.first_release_id
    from first_reports
    inner join statuses
        on first_reports.deal_key = statuses.deal_key
    inner join released
        on
            first_reports.deal_key = released.deal_key
            and first_reports.deal_status = released.deal_status
)

select * from final
