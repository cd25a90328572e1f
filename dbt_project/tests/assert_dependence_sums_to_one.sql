-- A recipient's suppliers share all of its imports, a supplier's recipients all of its exports, categories all of both.
with

imports as (
    select
        'recipient_import_share' as measure,
        recipient_code as country_code,
        evidence_source,
        basis,
        window_years,
        end_year,
        sum(recipient_import_share) as total_share
    from {{ ref('rpt_supplier_recipient_network') }}
    group by recipient_code, evidence_source, basis, window_years, end_year
),

exports as (
    select
        'supplier_export_share' as measure,
        supplier_code as country_code,
        evidence_source,
        basis,
        window_years,
        end_year,
        sum(supplier_export_share) as total_share
    from {{ ref('rpt_supplier_recipient_network') }}
    group by supplier_code, evidence_source, basis, window_years, end_year
),

categories as (
    select
        trade_role as measure,
        country_code,
        evidence_source,
        basis,
        window_years,
        end_year,
        sum(category_share) as total_share
    from {{ ref('rpt_category_mix') }}
    group by trade_role, country_code, evidence_source, basis, window_years, end_year
),

united as (
    select * from imports
    union all
    select * from exports
    union all
    select * from categories
),

final as (
    select *
    from united
    where abs(total_share - 1) > 1e-6
)

select * from final
