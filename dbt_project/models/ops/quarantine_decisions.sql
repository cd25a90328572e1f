with

quarantine_decisions as (
    select * from {{ source('ops', 'quarantine_decisions') }}
),

final as (
    select
        event_id,
        quarantine_id,
        table_name,
        decision,
        waived,
        decided_by,
        reason,
        load_id,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from quarantine_decisions
)

select * from final
