with

refusals as (
    select * from {{ source('ops', 'refusals') }}
),

final as (
    select
        event_id,
        load_id,
        source_id,
        url,
        stage,
        reason,
        detail,
        is_retried,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from refusals
)

select * from final
