with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

final as (
    select
        {{ hash_key(['keyed.deal_key', 'claims.article_key']) }} as deal_article_key,
        keyed.deal_key,
        claims.article_key,
        {{ as_count('count(*)') }} as claim_count,
        min(keyed.report_number) = 1 as is_first_report
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
    group by keyed.deal_key, claims.article_key
)

select * from final
