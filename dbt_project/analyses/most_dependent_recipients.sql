-- Which recipients get most of their imports from a single supplier, in the last five years?
with

network as (
    select * from {{ ref('rpt_supplier_recipient_network') }}
    where
        window_years = 5
        and basis = case when evidence_source = 'news' then 'ordered' else 'delivered' end
),

last_years as (
    select
        evidence_source,
        max(end_year) as end_year
    from network
    where end_year <= extract(year from current_date)
    group by evidence_source
)

select
    network.evidence_source,
    recipients.country_name as recipient,
    suppliers.country_name as supplier,
    round(100 * network.recipient_import_share, 1) as import_share_percent,
    network.deal_count,
    round(network.tiv, 2) as tiv
from network
inner join last_years
    on
        network.evidence_source = last_years.evidence_source
        and network.end_year = last_years.end_year
inner join {{ ref('dim_countries') }} as suppliers
    on network.supplier_country_key = suppliers.country_key
inner join {{ ref('dim_countries') }} as recipients
    on network.recipient_country_key = recipients.country_key
where network.recipient_import_share > 0.5
order by network.evidence_source desc, network.recipient_import_share desc, network.deal_count desc, recipient
limit 50
