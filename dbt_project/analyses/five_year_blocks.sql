-- How have the shares of suppliers changed from one five-year block to the next? Blocks don't overlap.
with

shares as (
    select * from {{ ref('rpt_supplier_shares_5y') }}
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
    countries.country_name as supplier,
    shares.start_year,
    shares.end_year,
    round(100 * shares.market_share, 1) as share_percent,
    round(shares.tiv, 2) as tiv,
    round(100 * (shares.tiv / nullif(shares.tiv_previous_5y, 0) - 1), 1) as tiv_change_percent,
    shares.deal_count,
    shares.deal_count_previous_5y
from shares
inner join last_years
    on
        shares.evidence_source = last_years.evidence_source
        and mod(last_years.end_year - shares.end_year, 5) = 0
inner join {{ ref('dim_countries') }} as countries
    on shares.supplier_country_key = countries.country_key
where shares.share_rank <= 10
order by shares.evidence_source desc, shares.end_year desc, shares.share_rank, supplier
