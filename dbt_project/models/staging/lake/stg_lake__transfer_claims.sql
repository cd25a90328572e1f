with

claims as (
    select * from {{ source('lake', 'transfer_claims') }}
),

-- a claim that was extracted again replaces its former version; load ids sort by time
ranked as (
    select
        *,
        row_number() over (partition by claim_id order by load_id desc) as version_rank
    from claims
),

final as (
    select
        claim_id,
        {{ hash_key(['claim_id']) }} as claim_key,
        article_id,
        {{ hash_key(['article_id']) }} as article_key,
        load_id,
        ordinal,
        supplier_text,
        supplier_code,
        supplier_type,
        recipient_text,
        recipient_code,
        recipient_type,
        weapon_text,
        weapon_designation,
        weapon_family,
        weapon_category,
        quantity_min,
        quantity_max,
        quantity_is_approximate,
        value_min,
        value_max,
        value_currency,
        value_type,
        status as claim_status,
        condition as weapon_condition,
        deal_type,
        order_year,
        order_year_is_estimate,
        delivery_year_first,
        delivery_year_last,
        delivery_year_is_estimate,
        is_background,
        is_domestic,
        supplier_is_inferred,
        confidence,
        rule_id,
        extractor_version,
        evidence_field,
        evidence_text,
        evidence_start,
        evidence_end
    from ranked
    where version_rank = 1
)

select * from final
