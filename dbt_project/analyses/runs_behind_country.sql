-- Which runs brought the deals of one recipient, from the page to the claim? Choose it: set variable country = 'POL';
with

promoted as (
    select
        load_id,
        table_name,
        max_by(run_id, occurred_at) as run_id,
        max_by(task, occurred_at) as task
    from {{ ref('loads') }}
    where outcome = 'promoted'
    group by load_id, table_name
)

select
    deals.supplier_code,
    deals.weapon_designation,
    claims.claim_id,
    articles.url,
    articles.load_id as article_load_id,
    article_loads.run_id as article_run_id,
    article_loads.task as article_task,
    claims.load_id as claim_load_id,
    claim_loads.run_id as claim_run_id,
    claim_loads.task as claim_task
from {{ ref('fct_deals') }} as deals
inner join {{ ref('fct_transfer_claims') }} as claims
    on deals.deal_key = claims.deal_key
inner join {{ ref('dim_articles') }} as articles
    on claims.article_key = articles.article_key
left join promoted as article_loads
    on
        articles.load_id = article_loads.load_id
        and article_loads.table_name = 'articles'
left join promoted as claim_loads
    on
        claims.load_id = claim_loads.load_id
        and claim_loads.table_name = 'transfer_claims'
where deals.recipient_code = coalesce(getvariable('country'), 'POL')
order by deals.supplier_code, deals.weapon_designation, claims.claim_id
