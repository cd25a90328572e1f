with

reviews as (
    select * from {{ ref('stg_lake__reviews') }}
),

claims as (
    select * from {{ ref('stg_lake__transfer_claims') }}
),

final as (
    select
        reviews.review_id,
        reviews.file_line,
        reviews.claim_id,
        reviews.deal_key as reviewed_deal_key,
        reviews.verdict,
        reviews.corrected_field,
        reviews.corrected_value,
        reviews.reviewer,
        reviews.reason,
        reviews.reviewed_on,
        case
            when reviews.claim_id is null then 'no release has had a deal of this key'
            else 'no article makes this claim any more'
        end as why_orphan
    from reviews
    left join claims
        on reviews.claim_id = claims.claim_id
    where claims.claim_id is null
)

select * from final
