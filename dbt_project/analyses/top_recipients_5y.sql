-- Which recipients have the greatest shares of the last five years, by the register and by the news?
with

shares as (
    select * from {{ ref('rpt_recipient_shares_5y') }}
    where
        is_latest_edition
        and basis = case when evidence_source = 'news' then 'ordered' else 'delivered' end
),

last_years as (
    select
        evidence_source,
        max(end_year) as end_year
    from shares
    where end_year <= extract(year from current_date)
    group by evidence_source
)

select
    shares.evidence_source,
    shares.start_year,
    shares.end_year,
    shares.share_rank,
    countries.country_name as recipient,
    round(100 * shares.market_share, 1) as share_percent,
    shares.deal_count,
    round(shares.tiv, 2) as tiv
from shares
inner join last_years
    on
        shares.evidence_source = last_years.evidence_source
        and shares.end_year = last_years.end_year
inner join {{ ref('dim_countries') }} as countries
    on shares.recipient_country_key = countries.country_key
where shares.share_rank <= 10
order by shares.evidence_source desc, shares.share_rank, recipient
