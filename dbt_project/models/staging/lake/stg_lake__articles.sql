with

articles as (
    select * from {{ source('lake', 'articles') }}
),

-- a page that was read again replaces its former version
ranked as (
    select
        *,
        row_number() over (partition by article_id order by fetched_at desc, load_id desc) as version_rank
    from articles
),

final as (
    select
        article_id,
        {{ hash_key(['article_id']) }} as article_key,
        load_id,
        source_id,
        {{ hash_key(['source_id']) }} as source_key,
        publisher,
        publisher_country_code,
        terms_url,
        url,
        title,
        author,
        {{ utc_timestamp('published_at') }} as published_at,
        published_at_origin,
        language,
        text_hash,
        text_signature,
        {{ utc_timestamp('fetched_at') }} as fetched_at
    from ranked
    where version_rank = 1
)

select * from final
