with

weapons as (
    select * from {{ ref('weapons') }}
),

weapon_types as (
    select * from {{ ref('weapon_types') }}
),

-- one designation speaks for its family: the one that bears the family's name, else the first by name
designations as (
    select
        weapon_family,
        weapon_category,
        weapon_type,
        origin_country_code,
        count(*) over (partition by weapon_family) as designation_count,
        row_number() over (
            partition by weapon_family
            order by case when designation = weapon_family then 0 else 1 end, designation
        ) as family_rank
    from weapons
),

families as (
    select
        weapon_family,
        weapon_category,
        weapon_type,
        origin_country_code,
        designation_count,
        false as is_generic
    from designations
    where family_rank = 1
),

generic_types as (
    select
        weapon_types.weapon_type as weapon_family,
        weapon_types.weapon_category,
        weapon_types.weapon_type,
        cast(null as {{ dbt.type_string() }}) as origin_country_code,
        0 as designation_count,
        true as is_generic
    from weapon_types
    left join families
        on weapon_types.weapon_type = families.weapon_family
    where families.weapon_family is null
),

final as (
    select * from families
    union all
    select * from generic_types
)

select * from final
