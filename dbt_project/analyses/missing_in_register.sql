-- Which ordered deals of the news does the register not have, although it is new enough?
select
    reconciliation.supplier_code,
    reconciliation.recipient_code,
    reconciliation.news_weapon_designation,
    reconciliation.news_order_year,
    reconciliation.news_quantity,
    reconciliation.reconciliation_reason,
    deals.independent_report_count
from {{ ref('rpt_register_reconciliation') }} as reconciliation
inner join {{ ref('fct_deals') }} as deals
    on reconciliation.deal_key = deals.deal_key
where
    reconciliation.reconciliation_status = 'only_in_news'
    and reconciliation.reconciliation_reason not in ('not_ordered', 'weapon_not_in_scope', 'party_unknown')
order by deals.independent_report_count desc, reconciliation.reconciliation_key
limit 100
