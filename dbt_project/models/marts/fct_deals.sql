with

deals as (
    select * from {{ ref('int_deals__assembled') }}
),

released as (
    select
        deal_key,
        min(first_release_id) as first_release_id
    from {{ ref('int_deals__released') }}
    group by deal_key
),

final as (
    select
        deals.deal_key,
        {{ hash_key(['deals.supplier_code']) }} as supplier_country_key,
        {{ hash_key(['deals.recipient_code']) }} as recipient_country_key,
        deals.weapon_key,
        deals.weapon_category_key,
        {{ hash_key(['deals.order_year']) }} as order_year_key,
        deals.supplier_code,
        deals.recipient_code,
        deals.weapon_designation,
        deals.weapon_family,
        deals.weapon_category,
        deals.deal_status,
        deals.weapon_condition,
        deals.deal_type,
        deals.order_year,
        deals.order_year_is_estimate,
        deals.delivery_year_first,
        deals.delivery_year_last,
        deals.delivery_year_is_estimate,
        deals.quantity_min,
        deals.quantity_max,
        deals.quantity_is_approximate,
        deals.quantity_ordered,
        deals.quantity_claim_key,
        deals.quantity_delivered,
        deals.quantity_delivered_is_assumed,
        deals.value_min,
        deals.value_max,
        deals.value_amount,
        deals.value_currency,
        deals.value_type,
        deals.value_price_year,
        deals.value_rate_year,
        deals.value_usd,
        deals.value_min_usd,
        deals.value_max_usd,
        deals.value_constant_usd,
        deals.value_ceiling_usd,
        deals.value_claim_key,
        deals.package_key,
        deals.is_package_lead,
        deals.is_background,
        deals.supplier_is_inferred,
        deals.confidence,
        deals.first_claim_key,
        deals.first_reported_at,
        deals.last_reported_at,
        {{ as_count('deals.claim_count') }} as claim_count,
        {{ as_count('deals.article_count') }} as article_count,
        {{ as_count('deals.independent_report_count') }} as independent_report_count,
        {{ as_count('deals.source_count') }} as source_count,
        {{ as_count('deals.independent_source_count') }} as independent_source_count,
        deals.has_quantity_conflict,
        deals.has_value_conflict,
        deals.has_order_year_conflict,
        deals.has_status_conflict,
        released.first_release_id
    from deals
    inner join released
        on deals.deal_key = released.deal_key
)

select * from final
