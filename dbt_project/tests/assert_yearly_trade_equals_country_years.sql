-- What suppliers sell in a year is what the country-year table holds of it, by the news and by the register.
with

traders as (
    select
        evidence_source,
        basis,
        end_year as transfer_year,
        coalesce(sum(value_constant_usd), 0) as value_constant_usd,
        coalesce(sum(tiv), 0) as tiv
    from {{ ref('rpt_top_traders') }}
    where
        trade_role = 'supplier'
        and window_years = 1
    group by evidence_source, basis, end_year
),

summed as (
    select
        basis,
        transfer_year,
        sum(case when evidence_source = 'news' then value_constant_usd else 0 end) as value_constant_usd,
        sum(case when evidence_source = 'sipri' then tiv else 0 end) as tiv
    from traders
    group by basis, transfer_year
),

country_years as (
    select
        basis,
        transfer_year,
        coalesce(sum(value_constant_usd), 0) as value_constant_usd,
        coalesce(sum(tiv), 0) as tiv
    from {{ ref('fct_country_year_transfers') }}
    where transfer_year is not null
    group by basis, transfer_year
),

final as (
    select
        country_years.*,
        summed.value_constant_usd as traded_value_constant_usd,
        summed.tiv as traded_tiv
    from country_years
    left join summed
        on
            country_years.basis = summed.basis
            and country_years.transfer_year = summed.transfer_year
    where
        summed.basis is null
        or abs(country_years.value_constant_usd - summed.value_constant_usd)
        > 1e-6 * (1 + abs(country_years.value_constant_usd))
        or abs(country_years.tiv - summed.tiv) > 1e-6 * (1 + abs(country_years.tiv))
)

select * from final
