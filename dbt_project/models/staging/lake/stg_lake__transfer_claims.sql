with

claims as (
    select * from {{ source('lake', 'transfer_claims') }}
),

-- a claim that was extracted again replaces its former version; load ids sort by time, and a load tells a claim once.
-- Only ids are grouped, so that the long texts stream through.
newest as (
    select
        claim_id,
        max(load_id) as load_id
    from claims
    group by claim_id
),

final as (
    select
        claims.claim_id,
        {{ hash_key(['claims.claim_id']) }} as claim_key,
        claims.article_id,
        {{ hash_key(['claims.article_id']) }} as article_key,
        claims.load_id,
        claims.ordinal,
        claims.supplier_text,
        claims.supplier_code,
        claims.supplier_type,
        claims.recipient_text,
        claims.recipient_code,
        claims.recipient_type,
        claims.weapon_text,
        claims.weapon_designation,
        claims.weapon_family,
        claims.weapon_category,
        claims.quantity_min,
        claims.quantity_max,
        claims.quantity_is_approximate,
        claims.value_min,
        claims.value_max,
        claims.value_currency,
        claims.value_type,
        claims.status as claim_status,
        claims.condition as weapon_condition,
        claims.deal_type,
        claims.order_year,
        claims.order_year_is_estimate,
        claims.delivery_year_first,
        claims.delivery_year_last,
        claims.delivery_year_is_estimate,
        claims.is_background,
        claims.is_domestic,
        claims.supplier_is_inferred,
        claims.confidence,
        claims.rule_id,
        claims.extractor_version,
        claims.evidence_field,
        claims.evidence_text,
        claims.evidence_start,
        claims.evidence_end
    from claims
    inner join newest
        on
            claims.claim_id = newest.claim_id
            and claims.load_id = newest.load_id
)

select * from final
