with

articles as (
    select * from {{ ref('stg_lake__articles') }}
),

groups as (
    select * from {{ ref('int_articles__grouped') }}
),

final as (
    select
        articles.article_key,
        articles.article_id,
        articles.source_key,
        groups.article_group_key,
        groups.is_reprint,
        articles.url,
        articles.title,
        articles.author,
        articles.published_at,
        articles.published_at_origin,
        articles.language,
        articles.fetched_at,
        articles.load_id
    from articles
    inner join groups
        on articles.article_id = groups.article_id
)

select * from final
