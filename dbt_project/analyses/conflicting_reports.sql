-- On which deals do the sources disagree, and on what?
select
    deals.supplier_code,
    deals.recipient_code,
    deals.weapon_designation,
    deals.order_year,
    deals.quantity_min,
    deals.quantity_max,
    deals.value_min,
    deals.value_max,
    deals.value_currency,
    deals.has_quantity_conflict,
    deals.has_value_conflict,
    deals.has_order_year_conflict,
    deals.independent_report_count
from {{ ref('fct_deals') }} as deals
where
    deals.has_quantity_conflict
    or deals.has_value_conflict
    or deals.has_order_year_conflict
order by deals.independent_report_count desc, deals.deal_key
limit 50
