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

-- only what ranks the reports is sorted; the rest is looked up for the first ones
reported as (
    select
        keyed.claim_id,
        keyed.deal_key,
        claims.claim_status as deal_status,
        count(*) over (partition by keyed.deal_key, claims.claim_status) as claim_count,
        row_number() over (
            partition by keyed.deal_key, claims.claim_status
            order by claims.published_at, keyed.claim_id
        ) as report_number
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

first_reports as (
    select
        reported.deal_key,
        reported.deal_status,
        reported.claim_count,
        claims.status_rank,
        claims.claim_key,
        claims.article_key,
        claims.source_key,
        claims.published_at
    from reported
    inner join claims
        on reported.claim_id = claims.claim_id
    where reported.report_number = 1
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
