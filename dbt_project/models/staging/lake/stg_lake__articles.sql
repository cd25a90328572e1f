with

articles as (
    select * from {{ source('lake', 'articles') }}
),

-- a page that was read again replaces its former version; a load tells a page once
ranked as (
    select
        article_id,
        load_id,
        row_number() over (partition by article_id order by fetched_at desc, load_id desc) as version_rank
    from articles
),

final as (
    select
        articles.article_id,
        {{ hash_key(['articles.article_id']) }} as article_key,
        articles.load_id,
        articles.source_id,
        {{ hash_key(['articles.source_id']) }} as source_key,
        articles.publisher,
        articles.publisher_country_code,
        articles.terms_url,
        articles.url,
        articles.title,
        articles.author,
        {{ utc_timestamp('articles.published_at') }} as published_at,
        articles.published_at_origin,
        articles.language,
        articles.text_hash,
        articles.text_signature,
        {{ utc_timestamp('articles.fetched_at') }} as fetched_at
    from articles
    inner join ranked
        on
            articles.article_id = ranked.article_id
            and articles.load_id = ranked.load_id
            and ranked.version_rank = 1
)

select * from final
