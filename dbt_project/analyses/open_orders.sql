-- What is ordered and not delivered yet, by recipient and planned year?
select
    recipients.country_name as recipient,
    suppliers.country_name as supplier,
    deals.weapon_designation,
    deals.quantity_ordered,
    deals.order_year,
    deals.delivery_year_first as planned_first_year,
    deals.delivery_year_last as planned_last_year,
    deals.last_reported_at
from {{ ref('fct_deals') }} as deals
inner join {{ ref('dim_countries') }} as suppliers
    on deals.supplier_country_key = suppliers.country_key
inner join {{ ref('dim_countries') }} as recipients
    on deals.recipient_country_key = recipients.country_key
where deals.deal_status = 'ordered'
order by deals.delivery_year_first nulls last, recipient, supplier, deals.weapon_designation, deals.deal_key
limit 100
