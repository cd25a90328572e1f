-- What has one country bought and sold, year by year? Choose it: set variable country = 'IND';
select
    transfers.transfer_year,
    transfers.basis,
    case when transfers.supplier_code = coalesce(getvariable('country'), 'IND') then 'sold to' else 'bought from' end
        as direction,
    case
        when transfers.supplier_code = coalesce(getvariable('country'), 'IND') then recipients.country_name
        else suppliers.country_name
    end as partner,
    transfers.weapon_category,
    transfers.deal_count,
    round(transfers.quantity, 2) as quantity,
    round(transfers.value_constant_usd / 1e6, 1) as value_constant_usd_m,
    round(transfers.register_quantity, 2) as register_quantity,
    round(transfers.tiv, 2) as tiv
from {{ ref('fct_country_year_transfers') }} as transfers
inner join {{ ref('dim_countries') }} as suppliers
    on transfers.supplier_country_key = suppliers.country_key
inner join {{ ref('dim_countries') }} as recipients
    on transfers.recipient_country_key = recipients.country_key
where
    coalesce(getvariable('country'), 'IND') in (transfers.supplier_code, transfers.recipient_code)
order by transfers.transfer_year desc nulls last, transfers.basis, direction, partner, transfers.weapon_category
