-- How has the five-year moving average of one supplier developed? Choose it: set variable country = 'FRA';
select
    evidence_source,
    basis,
    end_year,
    round(tiv_moving_average, 1) as tiv_moving_average,
    deal_count_moving_average,
    round(100 * market_share, 2) as share_percent,
    share_rank
from {{ ref('rpt_supplier_shares_5y') }}
where
    is_latest_edition
    and supplier_code = coalesce(getvariable('country'), 'FRA')
order by evidence_source desc, basis, end_year
