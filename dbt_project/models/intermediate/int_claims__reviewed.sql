with

claims as (
    select * from {{ ref('stg_lake__transfer_claims') }}
),

reviews as (
    select * from {{ ref('stg_lake__reviews') }}
),

-- the latest decision counts, of one day the one further down in the file
ranked as (
    select
        claim_id,
        verdict,
        corrected_field,
        corrected_value,
        row_number() over (partition by claim_id order by reviewed_on desc, file_line desc) as recency,
        row_number() over (
            partition by claim_id, corrected_field
            order by reviewed_on desc, file_line desc
        ) as field_recency
    from reviews
    where claim_id is not null
),

decided as (
    select
        claim_id,
        verdict
    from ranked
    where recency = 1
),

corrections as (
    select
        claim_id,
        {{ correction_of('supplier_code') }} as supplier_code,
        {{ correction_of('recipient_code') }} as recipient_code,
        {{ correction_of('weapon_designation') }} as weapon_designation,
        {{ correction_of('weapon_family') }} as weapon_family,
        {{ correction_of('weapon_category') }} as weapon_category,
        {{ correction_of('quantity') }} as quantity,
        {{ correction_of('value') }} as value,
        {{ correction_of('value_currency') }} as value_currency,
        {{ correction_of('value_type') }} as value_type,
        {{ correction_of('status') }} as status,
        {{ correction_of('condition') }} as condition,
        {{ correction_of('deal_type') }} as deal_type,
        {{ correction_of('order_year') }} as order_year,
        {{ correction_of('delivery_year_first') }} as delivery_year_first,
        {{ correction_of('delivery_year_last') }} as delivery_year_last,
        {{ correction_of('is_background') }} as is_background,
        {{ correction_of('is_domestic') }} as is_domestic
    from ranked
    where
        field_recency = 1
        and verdict = 'correct'
    group by claim_id
),

final as (
    select
        claims.claim_id,
        claims.claim_key,
        claims.article_id,
        claims.article_key,
        claims.load_id,
        claims.ordinal,
        claims.supplier_text,
        {{ corrected('supplier_code', 'claims.supplier_code', dbt.type_string()) }} as supplier_code,
        claims.recipient_text,
        {{ corrected('recipient_code', 'claims.recipient_code', dbt.type_string()) }} as recipient_code,
        claims.weapon_text,
        {{ corrected('weapon_designation', 'claims.weapon_designation', dbt.type_string()) }} as weapon_designation,
        {{ corrected('weapon_family', 'claims.weapon_family', dbt.type_string()) }} as weapon_family,
        {{ corrected('weapon_category', 'claims.weapon_category', dbt.type_string()) }} as weapon_category,
        {{ corrected('quantity', 'claims.quantity_min', dbt.type_bigint()) }} as quantity_min,
        {{ corrected('quantity', 'claims.quantity_max', dbt.type_bigint()) }} as quantity_max,
        claims.quantity_is_approximate and corrections.quantity is null as quantity_is_approximate,
        {{ corrected('value', 'claims.value_min', "double") }} as value_min,
        {{ corrected('value', 'claims.value_max', "double") }} as value_max,
        {{ corrected('value_currency', 'claims.value_currency', dbt.type_string()) }} as value_currency,
        {{ corrected('value_type', 'claims.value_type', dbt.type_string()) }} as value_type,
        {{ corrected('status', 'claims.claim_status', dbt.type_string()) }} as claim_status,
        {{ corrected('condition', 'claims.weapon_condition', dbt.type_string()) }} as weapon_condition,
        {{ corrected('deal_type', 'claims.deal_type', dbt.type_string()) }} as deal_type,
        {{ corrected('order_year', 'claims.order_year', dbt.type_int()) }} as order_year,
        claims.order_year_is_estimate and corrections.order_year is null as order_year_is_estimate,
        {{ corrected('delivery_year_first', 'claims.delivery_year_first', dbt.type_int()) }} as delivery_year_first,
        {{ corrected('delivery_year_last', 'claims.delivery_year_last', dbt.type_int()) }} as delivery_year_last,
        claims.delivery_year_is_estimate
        and corrections.delivery_year_first is null
        and corrections.delivery_year_last is null as delivery_year_is_estimate,
        {{ corrected('is_background', 'claims.is_background', "boolean") }} as is_background,
        {{ corrected('is_domestic', 'claims.is_domestic', "boolean") }} as is_domestic,
        claims.supplier_is_inferred and corrections.supplier_code is null as supplier_is_inferred,
        case when decided.verdict is null then claims.confidence else 1.0 end as confidence,
        claims.rule_id,
        claims.extractor_version,
        claims.evidence_field,
        claims.evidence_text,
        claims.evidence_start,
        claims.evidence_end,
        decided.verdict as review_verdict
    from claims
    left join decided
        on claims.claim_id = decided.claim_id
    left join corrections
        on claims.claim_id = corrections.claim_id
    where
        decided.verdict is null
        or decided.verdict <> 'reject'
)

select * from final
