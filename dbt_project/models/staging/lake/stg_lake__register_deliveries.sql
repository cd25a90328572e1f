with

deliveries as (
    select * from {{ source('lake', 'register_deliveries') }}
),

-- a row that was imported again replaces its former version
ranked as (
    select
        *,
        row_number() over (partition by delivery_id order by imported_at desc, load_id desc) as version_rank
    from deliveries
),

final as (
    select
        delivery_id,
        {{ hash_key(['register_id', 'edition', 'register_deal_id', 'delivery_year']) }} as register_delivery_key,
        {{ hash_key(['register_id', 'edition', 'register_deal_id']) }} as register_deal_key,
        load_id,
        register_id,
        edition,
        export_schema,
        source_file,
        source_line,
        register_deal_id,
        supplier_text,
        supplier_code,
        supplier_type,
        recipient_text,
        recipient_code,
        recipient_type,
        weapon_designation,
        weapon_description,
        armament_category,
        weapon_family,
        weapon_category,
        order_year,
        order_year_is_estimate,
        quantity_ordered,
        quantity_ordered_is_estimate,
        quantity_delivered,
        quantity_delivered_is_estimate,
        delivery_year,
        delivery_year_is_estimate,
        condition as weapon_condition,
        tiv_unit_new,
        tiv_unit,
        tiv_ordered,
        tiv_delivered,
        is_apportioned,
        delivery_year_count,
        is_local_production,
        comments,
        {{ utc_timestamp('imported_at') }} as imported_at
    from ranked
    where version_rank = 1
)

select * from final
