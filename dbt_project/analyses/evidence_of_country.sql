-- Which sentences stand behind the deals of one recipient? Choose it: set variable country = 'POL';
select
    deals.supplier_code,
    deals.weapon_designation,
    claims.claim_status,
    claims.evidence_text,
    sources.publisher,
    articles.published_at,
    articles.url
from {{ ref('fct_deals') }} as deals
inner join {{ ref('fct_transfer_claims') }} as claims
    on deals.deal_key = claims.deal_key
inner join {{ ref('dim_articles') }} as articles
    on claims.article_key = articles.article_key
inner join {{ ref('dim_sources') }} as sources
    on articles.source_key = sources.source_key
where deals.recipient_code = coalesce(getvariable('country'), 'POL')
order by
    articles.published_at desc,
    deals.supplier_code,
    deals.weapon_designation,
    articles.url,
    claims.evidence_text,
    claims.claim_status
