-- How far do few suppliers hold the market, year by year? Herfindahl index of five-year windows, in points.
select
    evidence_source,
    end_year,
    trade_role,
    round(10000 * herfindahl_index) as herfindahl_points,
    round(100 * top_party_share, 1) as top_party_percent,
    party_count,
    round(100 * unknown_party_share, 1) as unknown_percent
from {{ ref('rpt_market_concentration') }}
where
    window_years = 5
    and basis = case when evidence_source = 'news' then 'ordered' else 'delivered' end
order by evidence_source desc, trade_role desc, end_year desc
