-- Which deals does one recipient have, and how far are they? Choose it: set variable country = 'POL';
select
    suppliers.country_name as supplier,
    deals.weapon_designation,
    deals.order_year,
    deals.deal_status,
    deals.quantity_ordered,
    deals.quantity_delivered,
    deals.delivery_year_first,
    deals.delivery_year_last,
    round(deals.value_usd / 1e6, 1) as value_usd_m,
    deals.independent_report_count,
    deals.last_reported_at
from {{ ref('fct_deals') }} as deals
inner join {{ ref('dim_countries') }} as suppliers
    on deals.supplier_country_key = suppliers.country_key
where deals.recipient_code = coalesce(getvariable('country'), 'POL')
order by deals.order_year desc nulls last, supplier, deals.weapon_designation, deals.deal_key
