with

weapons as (
    select * from {{ ref('int_weapons__listed') }}
),

final as (
    select
        weapon_key,
        weapon_family,
        weapon_category_key,
        weapon_category,
        weapon_type,
        origin_country_code,
        designation_count,
        is_generic,
        is_in_reference
    from weapons
)

select * from final
