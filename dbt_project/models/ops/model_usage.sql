with

model_usage as (
    select * from {{ source('ops', 'model_usage') }}
),

final as (
    select
        event_id,
        load_id,
        model,
        endpoint_host,
        extractor_mode,
        articles_asked,
        articles_kept,
        articles_failed,
        requests,
        prompt_tokens,
        completion_tokens,
        claims_told,
        claims_kept,
        seconds,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from model_usage
)

select * from final
