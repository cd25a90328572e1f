with

extractor_differences as (
    select * from {{ source('ops', 'extractor_differences') }}
),

final as (
    select
        event_id,
        load_id,
        model,
        article_id,
        url,
        kind,
        claim_id,
        supplier_code,
        recipient_code,
        weapon_family,
        field_name,
        rules_value,
        model_value,
        evidence_text,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from extractor_differences
)

select * from final
