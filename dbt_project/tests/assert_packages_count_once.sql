-- A package has exactly one lead, and no other deal of it bears the package's value.
with

deals as (
    select * from {{ ref('fct_deals') }}
),

final as (
    select
        package_key,
        sum(case when is_package_lead then 1 else 0 end) as lead_count,
        sum(case when value_type = 'package_share' and value_usd is not null then 1 else 0 end) as valued_count
    from deals
    where package_key is not null
    group by package_key
    having
        sum(case when is_package_lead then 1 else 0 end) <> 1
        or sum(case when value_type = 'package_share' and value_usd is not null then 1 else 0 end) > 1
)

select * from final
