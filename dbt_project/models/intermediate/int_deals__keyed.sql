{#- A deal keeps its key from release to release: the key stays where the claim is that it was made from, or, once that
    claim is gone, where most of the deal's claims are. Of several keys that meet in one deal, the oldest stays. -#}
with

clustered as (
    select * from {{ ref('int_deals__clustered') }}
),

known as (
    select * from {{ ref('int_claims__known') }}
),

changes as (
    select * from {{ ref('stg_history__claims') }}
),

key_releases as (
    select
        deal_key,
        min(release_id) as first_release_id
    from changes
    where deal_key is not null
    group by deal_key
),

newest as (
    select coalesce(max(release_id), '') as release_id
    from changes
),

shared as (
    select
        clustered.cluster_key,
        known.deal_key,
        max(case when clustered.claim_key = known.deal_key then 1 else 0 end) as has_first_claim,
        count(*) as claim_count
    from clustered
    inner join known
        on clustered.claim_key = known.claim_key
    group by clustered.cluster_key, known.deal_key
),

heirs as (
    select
        *,
        row_number() over (
            partition by deal_key order by has_first_claim desc, claim_count desc, cluster_key
        ) as choice
    from shared
),

inherited as (
    select
        heirs.cluster_key,
        heirs.deal_key,
        row_number() over (
            partition by heirs.cluster_key
            order by key_releases.first_release_id, heirs.claim_count desc, heirs.deal_key
        ) as choice
    from heirs
    inner join key_releases
        on heirs.deal_key = key_releases.deal_key
    where heirs.choice = 1
),

clusters as (
    select cluster_key
    from clustered
    where report_number = 1
),

-- a new deal bears the key of its earliest claim, unless the deal that this claim has left bears it still
keyed as (
    select
        clusters.cluster_key,
        case
            when inherited.deal_key is not null then inherited.deal_key
            when taken.deal_key is null then clusters.cluster_key
            else {{ hash_key(['clusters.cluster_key', 'newest.release_id']) }}
        end as deal_key
    from clusters
    cross join newest
    left join inherited
        on
            clusters.cluster_key = inherited.cluster_key
            and inherited.choice = 1
    left join inherited as taken
        on
            clusters.cluster_key = taken.deal_key
            and taken.choice = 1
),

final as (
    select
        clustered.claim_id,
        clustered.claim_key,
        keyed.deal_key,
        clustered.match_rule,
        clustered.report_number
    from clustered
    inner join keyed
        on clustered.cluster_key = keyed.cluster_key
)

select * from final
