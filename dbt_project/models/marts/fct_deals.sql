with

deals as (
    select * from {{ ref('int_deals__assembled') }}
),

final as (
    select
        deal_key,
        {{ hash_key(['supplier_code']) }} as supplier_country_key,
        {{ hash_key(['recipient_code']) }} as recipient_country_key,
        weapon_key,
        weapon_category_key,
        {{ hash_key(['order_year']) }} as order_year_key,
        supplier_code,
        recipient_code,
        weapon_designation,
        weapon_family,
        weapon_category,
        deal_status,
        weapon_condition,
        deal_type,
        order_year,
        order_year_is_estimate,
        delivery_year_first,
        delivery_year_last,
        delivery_year_is_estimate,
        quantity_min,
        quantity_max,
        quantity_is_approximate,
        quantity_ordered,
        quantity_claim_key,
        quantity_delivered,
        quantity_delivered_is_assumed,
        value_min,
        value_max,
        value_amount,
        value_currency,
        value_type,
        value_rate_year,
        value_usd,
        value_ceiling_usd,
        value_claim_key,
        package_key,
        is_package_lead,
        is_background,
        supplier_is_inferred,
        confidence,
        first_claim_key,
        first_reported_at,
        last_reported_at,
        {{ as_count('claim_count') }} as claim_count,
        {{ as_count('article_count') }} as article_count,
        {{ as_count('independent_report_count') }} as independent_report_count,
        {{ as_count('source_count') }} as source_count,
        has_quantity_conflict,
        has_value_conflict,
        has_order_year_conflict
    from deals
)

select * from final
