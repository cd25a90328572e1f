with

published as (
    select * from {{ ref('stg_history__country_years') }}
),

changed as (
    select * from {{ ref('int_country_years__changed') }}
),

final as (
    select * from published
    union all
    select * from changed
)

select * from final
