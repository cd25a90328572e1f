-- Which deals are the largest by value, in constant dollars?
select
    suppliers.country_name as supplier,
    recipients.country_name as recipient,
    deals.weapon_designation,
    deals.order_year,
    deals.deal_status,
    deals.quantity_ordered,
    round(deals.value_constant_usd / 1e6, 1) as value_constant_usd_m,
    deals.value_type,
    deals.article_count
from {{ ref('fct_deals') }} as deals
inner join {{ ref('dim_countries') }} as suppliers
    on deals.supplier_country_key = suppliers.country_key
inner join {{ ref('dim_countries') }} as recipients
    on deals.recipient_country_key = recipients.country_key
where deals.value_constant_usd is not null
order by deals.value_constant_usd desc, supplier, recipient, deals.deal_key
limit 20
