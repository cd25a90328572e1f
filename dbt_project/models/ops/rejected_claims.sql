with

claims as (
    select * from {{ ref('stg_lake__transfer_claims') }}
),

reviews as (
    select * from {{ ref('stg_lake__reviews') }}
),

ranked as (
    select
        *,
        row_number() over (partition by claim_id order by reviewed_on desc, file_line desc) as recency
    from reviews
    where claim_id is not null
),

final as (
    select
        claims.claim_id,
        claims.article_id,
        claims.supplier_code,
        claims.recipient_code,
        claims.weapon_designation,
        claims.claim_status,
        claims.confidence,
        claims.rule_id,
        claims.extractor_version,
        claims.evidence_text,
        ranked.deal_key as reviewed_deal_key,
        ranked.reviewer,
        ranked.reason,
        ranked.reviewed_on
    from claims
    inner join ranked
        on claims.claim_id = ranked.claim_id
    where
        ranked.recency = 1
        and ranked.verdict = 'reject'
)

select * from final
