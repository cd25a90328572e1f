with

loads as (
    select * from {{ source('ops', 'loads') }}
),

final as (
    select
        event_id,
        load_id,
        table_name,
        source_id,
        stage,
        outcome,
        rows_in,
        rows_out,
        rows_quarantined,
        reason,
        seconds,
        {{ utc_timestamp('occurred_at') }} as occurred_at,
        run_id,
        task
    from loads
)

select * from final
