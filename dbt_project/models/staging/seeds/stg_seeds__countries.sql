with

countries as (
    select * from {{ ref('countries') }}
),

final as (
    select
        {{ hash_key(['country_code']) }} as country_key,
        country_code,
        country_name,
        actor_type,
        iso2 as country_iso2,
        case when actor_type in ('state', 'historic_state') and length(country_code) = 3 then country_code end
            as country_iso3,
        region,
        valid_from as valid_from_year,
        valid_to as valid_to_year,
        home_country_code,
        source as reference_source
    from countries
)

select * from final
