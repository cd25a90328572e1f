with

validation_results as (
    select * from {{ source('ops', 'validation_results') }}
),

final as (
    select
        event_id,
        validation_id,
        load_id,
        table_name,
        tool,
        expectation,
        column_name,
        severity,
        is_success,
        unexpected_count,
        element_count,
        detail,
        suite,
        action,
        reason,
        number_source,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from validation_results
)

select * from final
