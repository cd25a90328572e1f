with

weapon_categories as (
    select * from {{ ref('stg_seeds__weapon_categories') }}
),

final as (
    select
        weapon_category_key,
        weapon_category,
        category_name,
        category_description,
        sipri_category,
        unroca_category
    from weapon_categories
)

select * from final
