{#- News that call a deal off and news that carry it on contradict each other when they are days apart; months apart,
    the later one tells what has changed. 30 days: a choice, as long as reports of one event usually go on. -#}
{%- set conflict_days = 30 -%}

with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

reported as (
    select
        keyed.deal_key,
        claims.*
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
),

-- a cancelled order is still told as an order in later background; only news can revive it
summarised as (
    select
        deal_key,
        max(status_rank) as furthest_rank,
        max(case when status_rank > 0 and not is_background then published_at end) as last_positive_at,
        max(case when status_rank = 0 then published_at end) as last_cancelled_at,
        min(case when status_rank = 0 then published_at end) as first_cancelled_at
    from reported
    group by deal_key
),

final as (
    select
        deal_key,
        case
            when furthest_rank = 0 then 'cancelled'
            when last_cancelled_at > last_positive_at then 'cancelled'
            when last_cancelled_at is not null and last_positive_at is null then 'cancelled'
            when furthest_rank = 4 then 'delivered'
            when furthest_rank = 3 then 'ordered'
            when furthest_rank = 2 then 'approved'
            else 'proposed'
        end as deal_status,
        last_positive_at,
        last_cancelled_at,
        coalesce(
            last_positive_at >= first_cancelled_at
            and {{ days_between('last_cancelled_at', 'last_positive_at') }} <= {{ conflict_days }},
            false
        ) as has_status_conflict
    from summarised
)

select * from final
