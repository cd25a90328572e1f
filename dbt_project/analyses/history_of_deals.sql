-- Since when is each status of the most reported deals known, and from which article?
with

deals as (
    select * from {{ ref('fct_deals') }}
    order by independent_report_count desc, deal_key
    limit 10
)

select
    deals.supplier_code,
    deals.recipient_code,
    deals.weapon_designation,
    changes.deal_status,
    changes.first_reported_at,
    articles.url
from {{ ref('fct_deal_status_changes') }} as changes
inner join deals
    on changes.deal_key = deals.deal_key
inner join {{ ref('fct_transfer_claims') }} as claims
    on changes.first_claim_key = claims.claim_key
inner join {{ ref('dim_articles') }} as articles
    on claims.article_key = articles.article_key
order by deals.independent_report_count desc, deals.deal_key, changes.first_reported_at, changes.deal_status
