with

deliveries as (
    select * from {{ ref('int_registers__dated') }}
),

weapons as (
    select * from {{ ref('int_weapons__listed') }}
),

final as (
    select
        deliveries.register_delivery_key,
        deliveries.register_deal_key,
        {{ hash_key(['deliveries.supplier_code']) }} as supplier_country_key,
        {{ hash_key(['deliveries.recipient_code']) }} as recipient_country_key,
        weapons.weapon_key,
        {{ hash_key(['deliveries.counted_category']) }} as weapon_category_key,
        {{ hash_key(['deliveries.order_year']) }} as order_year_key,
        {{ hash_key(['deliveries.delivery_year']) }} as delivery_year_key,
        deliveries.register_id,
        deliveries.edition,
        deliveries.is_latest_edition,
        deliveries.export_schema,
        deliveries.register_deal_id,
        deliveries.supplier_code,
        deliveries.supplier_text,
        deliveries.recipient_code,
        deliveries.recipient_text,
        deliveries.weapon_designation,
        deliveries.weapon_description,
        deliveries.armament_category,
        weapons.weapon_family,
        deliveries.counted_category as weapon_category,
        deliveries.weapon_category_is_assumed,
        deliveries.weapon_condition,
        deliveries.order_year,
        deliveries.order_year_is_estimate,
        deliveries.delivery_year,
        deliveries.delivery_year_is_estimate,
        deliveries.quantity_ordered,
        deliveries.quantity_ordered_is_estimate,
        deliveries.quantity_delivered,
        deliveries.quantity_delivered_is_estimate,
        deliveries.tiv_unit_new,
        deliveries.tiv_unit,
        deliveries.tiv_ordered,
        deliveries.tiv_delivered,
        deliveries.is_apportioned,
        deliveries.delivery_year_count,
        deliveries.is_local_production,
        deliveries.comments,
        deliveries.source_file,
        deliveries.source_line,
        deliveries.load_id,
        deliveries.imported_at
    from deliveries
    left join weapons
        on deliveries.weapon_family = weapons.weapon_family
)

select * from final
