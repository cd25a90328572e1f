with

changes as (
    select * from {{ ref('int_claims__logged') }}
),

final as (
    select
        {{ hash_key(['deal_key', 'claim_status']) }} as deal_status_key,
        deal_key,
        claim_status as deal_status,
        min(release_id) as first_release_id
    from changes
    where deal_key is not null
    group by deal_key, claim_status
)

select * from final
