with

quarantined_rows as (
    select * from {{ source('ops', 'quarantined_rows') }}
),

final as (
    select
        event_id,
        quarantine_id,
        table_name,
        load_id,
        source_id,
        validation_id,
        row_key,
        expectations,
        is_waivable,
        raw_row,
        report_path,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from quarantined_rows
)

select * from final
