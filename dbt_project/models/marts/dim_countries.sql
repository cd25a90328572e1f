with

countries as (
    select * from {{ ref('stg_seeds__countries') }}
),

final as (
    select
        country_key,
        country_code,
        country_name,
        actor_type,
        country_iso2,
        country_iso3,
        region,
        valid_from_year,
        valid_to_year,
        home_country_code,
        country_code = 'unknown' as is_unknown
    from countries
)

select * from final
