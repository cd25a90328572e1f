-- Every claim of the lake is one row of the fact, and part of a deal unless it is domestic; no domestic claim is.
-- A claim that a reviewer rejected is none of the two, and stands in ops.
with

raw_claims as (
    select distinct transfer_claims.claim_id
    from {{ source('lake', 'transfer_claims') }} as transfer_claims
    left join {{ ref('rejected_claims') }} as rejected_claims
        on transfer_claims.claim_id = rejected_claims.claim_id
    where rejected_claims.claim_id is null
),

claims as (
    select * from {{ ref('fct_transfer_claims') }}
),

final as (
    select
        raw_claims.claim_id,
        claims.deal_key,
        claims.is_domestic
    from raw_claims
    left join claims
        on raw_claims.claim_id = claims.claim_id
    where
        claims.claim_id is null
        or (claims.deal_key is null) <> claims.is_domestic
)

select * from final
