with

families as (
    select * from {{ ref('stg_seeds__weapon_families') }}
),

claims as (
    select * from {{ ref('int_claims__reviewed') }}
),

claimed as (
    select
        weapon_family,
        weapon_category,
        count(*) as claim_count
    from claims
    group by weapon_family, weapon_category
),

-- a family that only claims know takes the category that most of them give
claimed_ranked as (
    select
        weapon_family,
        weapon_category,
        row_number() over (
            partition by weapon_family
            order by claim_count desc, weapon_category
        ) as category_rank
    from claimed
),

unlisted as (
    select
        claimed_ranked.weapon_family,
        claimed_ranked.weapon_category,
        cast(null as {{ dbt.type_string() }}) as weapon_type,
        cast(null as {{ dbt.type_string() }}) as origin_country_code,
        0 as designation_count,
        false as is_generic
    from claimed_ranked
    left join families
        on claimed_ranked.weapon_family = families.weapon_family
    where
        claimed_ranked.category_rank = 1
        and families.weapon_family is null
),

listed as (
    select
        *,
        true as is_in_reference
    from families
    union all
    select
        *,
        false as is_in_reference
    from unlisted
),

final as (
    select
        {{ hash_key(['weapon_family']) }} as weapon_key,
        weapon_family,
        weapon_category,
        {{ hash_key(['weapon_category']) }} as weapon_category_key,
        weapon_type,
        origin_country_code,
        {{ as_count('designation_count') }} as designation_count,
        is_generic,
        is_in_reference
    from listed
)

select * from final
