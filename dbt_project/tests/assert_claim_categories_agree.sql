-- The extractor and the reference list put a weapon family into the same category.
{{ config(severity='warn') }}

with

claims as (
    select * from {{ ref('int_claims__reviewed') }}
),

weapons as (
    select * from {{ ref('int_weapons__listed') }}
),

final as (
    select
        claims.weapon_family,
        claims.weapon_category as claimed_category,
        weapons.weapon_category as listed_category,
        count(*) as claim_count
    from claims
    inner join weapons
        on claims.weapon_family = weapons.weapon_family
    where claims.weapon_category <> weapons.weapon_category
    group by claims.weapon_family, claims.weapon_category, weapons.weapon_category
)

select * from final
