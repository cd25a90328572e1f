with

articles as (
    select * from {{ ref('stg_lake__articles') }}
),

-- the newest article tells the present publisher and terms
ranked as (
    select
        *,
        row_number() over (partition by source_key order by fetched_at desc, article_id) as choice
    from articles
),

final as (
    select
        source_key,
        source_id,
        publisher,
        publisher_country_code,
        terms_url
    from ranked
    where choice = 1
)

select * from final
