with

claims as (
    select * from {{ ref('int_claims__reviewed') }}
),

resolved as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

final as (
    select
        claims.claim_key,
        claims.claim_id,
        keyed.deal_key,
        keyed.match_rule as deal_match_rule,
        claims.article_key,
        resolved.article_group_key,
        resolved.is_reprint,
        resolved.source_key,
        resolved.published_at,
        resolved.supplier_country_key,
        resolved.recipient_country_key,
        resolved.weapon_key,
        resolved.weapon_category_key,
        claims.supplier_text,
        resolved.supplier_code,
        claims.recipient_text,
        resolved.recipient_code,
        claims.weapon_text,
        claims.weapon_designation,
        claims.weapon_family,
        resolved.weapon_category,
        claims.quantity_min,
        claims.quantity_max,
        claims.quantity_is_approximate,
        claims.value_min,
        claims.value_max,
        claims.value_currency,
        claims.value_type,
        resolved.value_rate_year,
        resolved.value_usd,
        claims.claim_status,
        claims.weapon_condition,
        claims.deal_type,
        claims.order_year,
        claims.order_year_is_estimate,
        claims.delivery_year_first,
        claims.delivery_year_last,
        claims.delivery_year_is_estimate,
        claims.is_background,
        resolved.is_domestic,
        claims.supplier_is_inferred,
        claims.confidence,
        claims.review_verdict,
        claims.evidence_field,
        claims.evidence_text,
        claims.evidence_start,
        claims.evidence_end,
        claims.rule_id,
        claims.extractor_version,
        claims.load_id
    from claims
    inner join resolved
        on claims.claim_id = resolved.claim_id
    left join keyed
        on claims.claim_id = keyed.claim_id
)

select * from final
