-- Which deals were reported for the first time most recently?
select
    deals.first_reported_at,
    suppliers.country_name as supplier,
    recipients.country_name as recipient,
    deals.weapon_designation,
    deals.deal_status,
    deals.quantity_ordered,
    deals.independent_report_count,
    deals.confidence
from {{ ref('fct_deals') }} as deals
inner join {{ ref('dim_countries') }} as suppliers
    on deals.supplier_country_key = suppliers.country_key
inner join {{ ref('dim_countries') }} as recipients
    on deals.recipient_country_key = recipients.country_key
where not deals.is_background
order by deals.first_reported_at desc, supplier, recipient, deals.deal_key
limit 30
