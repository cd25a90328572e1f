with

weapon_categories as (
    select * from {{ ref('weapon_categories') }}
),

final as (
    select
        {{ hash_key(['weapon_category']) }} as weapon_category_key,
        weapon_category,
        category_name,
        description as category_description,
        sipri_category,
        unroca_category
    from weapon_categories
)

select * from final
