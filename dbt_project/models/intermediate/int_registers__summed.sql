{#- A register's deals, each once, in the latest edition: what news deals are compared with. -#}

with

deliveries as (
    select * from {{ ref('int_registers__dated') }}
    where is_latest_edition
),

final as (
    select
        register_deal_key,
        min(register_id) as register_id,
        min(edition) as edition,
        min(register_deal_id) as register_deal_id,
        min(supplier_code) as supplier_code,
        min(recipient_code) as recipient_code,
        min(weapon_designation) as weapon_designation,
        min(weapon_family) as weapon_family,
        min(counted_category) as weapon_category,
        min(order_year) as order_year,
        min(delivery_year) as delivery_year_first,
        max(delivery_year) as delivery_year_last,
        {{ as_amount('sum(quantity_ordered)') }} as quantity_ordered,
        {{ as_amount('sum(quantity_delivered)') }} as quantity_delivered,
        {{ as_amount('sum(tiv_delivered)') }} as tiv_delivered
    from deliveries
    group by register_deal_key
)

select * from final
