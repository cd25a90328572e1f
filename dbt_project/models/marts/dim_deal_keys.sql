with

changes as (
    select * from {{ ref('int_claims__logged') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

present as (
    select deal_key
    from keyed
    where report_number = 1
),

first_releases as (
    select
        deal_key,
        min(release_id) as first_release_id
    from changes
    where deal_key is not null
    group by deal_key
),

-- a key that begins with claims of another deal was split off
origins as (
    select
        changes.deal_key,
        changes.previous_deal_key,
        row_number() over (
            partition by changes.deal_key order by count(*) desc, changes.previous_deal_key
        ) as choice
    from changes
    inner join first_releases
        on
            changes.deal_key = first_releases.deal_key
            and changes.release_id = first_releases.first_release_id
    where changes.previous_deal_key <> changes.deal_key
    group by changes.deal_key, changes.previous_deal_key
),

ended as (
    select
        first_releases.deal_key,
        max(changes.release_id) as last_release_id
    from first_releases
    left join present
        on first_releases.deal_key = present.deal_key
    inner join changes
        on first_releases.deal_key = changes.previous_deal_key
    where
        present.deal_key is null
        and coalesce(changes.deal_key <> changes.previous_deal_key, true)
    group by first_releases.deal_key
),

ended_claims as (
    select distinct
        ended.deal_key,
        changes.claim_key
    from ended
    inner join changes
        on ended.deal_key = changes.deal_key
),

-- the last deal of a claim that is gone
last_deals as (
    select
        claim_key,
        previous_deal_key as deal_key,
        row_number() over (partition by claim_key order by release_id desc) as recency
    from changes
    where change = 'removed'
),

successors as (
    select
        ended_claims.deal_key,
        coalesce(keyed.deal_key, last_deals.deal_key) as current_deal_key,
        max(case when keyed.deal_key is null then 0 else 1 end) as is_alive,
        count(*) as claim_count
    from ended_claims
    left join keyed
        on ended_claims.claim_key = keyed.claim_key
    left join last_deals
        on
            ended_claims.claim_key = last_deals.claim_key
            and last_deals.recency = 1
    group by ended_claims.deal_key, coalesce(keyed.deal_key, last_deals.deal_key)
),

successors_ranked as (
    select
        successors.deal_key,
        successors.current_deal_key,
        row_number() over (
            partition by successors.deal_key
            order by successors.is_alive desc, successors.claim_count desc, successors.current_deal_key
        ) as choice
    from successors
    inner join present
        on successors.current_deal_key = present.deal_key
),

final as (
    select
        first_releases.deal_key,
        coalesce(present.deal_key, successors_ranked.current_deal_key) as current_deal_key,
        case
            when present.deal_key is not null then 'current'
            when successors_ranked.current_deal_key is not null then 'merged'
            else 'withdrawn'
        end as resolution,
        origins.previous_deal_key as split_from_deal_key,
        first_releases.first_release_id,
        ended.last_release_id as ended_release_id
    from first_releases
    left join present
        on first_releases.deal_key = present.deal_key
    left join ended
        on first_releases.deal_key = ended.deal_key
    left join origins
        on
            first_releases.deal_key = origins.deal_key
            and origins.choice = 1
    left join successors_ranked
        on
            first_releases.deal_key = successors_ranked.deal_key
            and successors_ranked.choice = 1
)

select * from final
