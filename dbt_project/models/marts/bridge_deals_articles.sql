with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

clustered as (
    select * from {{ ref('int_deals__clustered') }}
),

final as (
    select
        {{ hash_key(['clustered.deal_key', 'claims.article_key']) }} as deal_article_key,
        clustered.deal_key,
        claims.article_key,
        {{ as_count('count(*)') }} as claim_count,
        min(clustered.report_number) = 1 as is_first_report
    from clustered
    inner join claims
        on clustered.claim_id = claims.claim_id
    group by clustered.deal_key, claims.article_key
)

select * from final
