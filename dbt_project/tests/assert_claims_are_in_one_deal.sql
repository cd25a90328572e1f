-- Every claim of the lake is one row of the fact, and part of a deal unless it is domestic; no domestic claim is.
with

raw_claims as (
    select distinct claim_id
    from {{ source('lake', 'transfer_claims') }}
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
