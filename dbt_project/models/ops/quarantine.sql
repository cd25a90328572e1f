with

quarantine as (
    select * from {{ source('ops', 'quarantine') }}
),

final as (
    select
        event_id,
        load_id,
        table_name,
        validation_id,
        row_count,
        reason,
        report_path,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from quarantine
)

select * from final
