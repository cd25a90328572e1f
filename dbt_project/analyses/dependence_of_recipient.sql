-- On whom does one recipient depend in the last five years? Choose it: set variable country = 'IND';
with

network as (
    select * from {{ ref('rpt_supplier_recipient_network') }}
    where
        window_years = 5
        and recipient_code = coalesce(getvariable('country'), 'IND')
),

last_years as (
    select
        evidence_source,
        basis,
        max(end_year) as end_year
    from network
    where end_year <= extract(year from current_date)
    group by evidence_source, basis
)

select
    network.evidence_source,
    network.basis,
    network.end_year,
    network.supplier_rank,
    suppliers.country_name as supplier,
    round(100 * network.recipient_import_share, 1) as import_share_percent,
    network.deal_count,
    round(network.tiv, 2) as tiv
from network
inner join last_years
    on
        network.evidence_source = last_years.evidence_source
        and network.basis = last_years.basis
        and network.end_year = last_years.end_year
inner join {{ ref('dim_countries') }} as suppliers
    on network.supplier_country_key = suppliers.country_key
order by network.evidence_source desc, network.basis, network.supplier_rank, supplier
