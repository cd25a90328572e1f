with

reviews as (
    select * from {{ source('lake', 'reviews') }}
),

final as (
    select
        review_id,
        load_id,
        line as file_line,
        claim_id,
        deal_key,
        verdict,
        field as corrected_field,
        value as corrected_value,
        reviewer,
        reason,
        reviewed_on
    from reviews
)

select * from final
