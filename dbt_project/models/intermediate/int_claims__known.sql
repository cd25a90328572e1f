with

changes as (
    select * from {{ ref('stg_history__claims') }}
),

-- ids of releases sort by time
ranked as (
    select
        *,
        row_number() over (partition by claim_key order by release_id desc) as recency
    from changes
),

final as (
    select
        claim_key,
        deal_key,
        claim_status,
        content_hash,
        release_id
    from ranked
    where
        recency = 1
        and change <> 'removed'
)

select * from final
