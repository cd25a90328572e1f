with

claims as (
    select * from {{ source('history', 'published_claims') }}
),

final as (
    select
        release_id,
        claim_key,
        deal_key,
        previous_deal_key,
        claim_status,
        content_hash,
        change
    from claims
)

select * from final
