with

releases as (
    select * from {{ source('ops', 'releases') }}
),

final as (
    select
        release_id,
        {{ utc_timestamp('published_at') }} as published_at,
        code_version,
        input_fingerprint,
        articles,
        claims,
        deals,
        warnings
    from releases
)

select * from final
