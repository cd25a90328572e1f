-- On which deals do the sources disagree, and on what?
with

disputed as (
    select *
    from {{ ref('fct_deals') }}
    where
        has_quantity_conflict
        or has_value_conflict
        or has_order_year_conflict
    order by independent_report_count desc, deal_key
    limit 50
),

told as (
    select
        claims.deal_key,
        min(coalesce(claims.quantity_min, claims.quantity_max)) as least_quantity_told,
        max(coalesce(claims.quantity_max, claims.quantity_min)) as greatest_quantity_told,
        min(claims.order_year) as least_order_year_told,
        max(claims.order_year) as greatest_order_year_told
    from {{ ref('fct_transfer_claims') }} as claims
    inner join disputed
        on claims.deal_key = disputed.deal_key
    group by claims.deal_key
)

select
    disputed.supplier_code,
    disputed.recipient_code,
    disputed.weapon_designation,
    disputed.has_quantity_conflict,
    disputed.quantity_ordered,
    told.least_quantity_told,
    told.greatest_quantity_told,
    disputed.has_order_year_conflict,
    disputed.order_year,
    told.least_order_year_told,
    told.greatest_order_year_told,
    disputed.has_value_conflict,
    disputed.value_min,
    disputed.value_max,
    disputed.value_currency,
    disputed.independent_report_count
from disputed
inner join told
    on disputed.deal_key = told.deal_key
order by disputed.independent_report_count desc, disputed.deal_key
