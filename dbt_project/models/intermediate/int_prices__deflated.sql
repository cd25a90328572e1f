with

us_cpi as (
    select * from {{ ref('stg_seeds__us_cpi') }}
),

base as (
    select cpi_index
    from us_cpi
    where price_year = {{ price_base_year() }}
),

years as (
    select generated_number + {{ first_year() - 1 }} as year
    from ({{ dbt.generate_series(last_year() - first_year() + 1) }}) as numbers
),

-- as with exchange rates: a year without an index takes the latest one before it, at most two years old
spread as (
    select
        years.year,
        max(us_cpi.price_year) over (order by years.year rows between 2 preceding and current row) as index_year
    from years
    left join us_cpi
        on years.year = us_cpi.price_year
),

final as (
    select
        cast(spread.year as {{ dbt.type_int() }}) as year,
        cast(spread.index_year as {{ dbt.type_int() }}) as index_year,
        base.cpi_index / us_cpi.cpi_index as constant_per_current_usd
    from spread
    inner join us_cpi
        on spread.index_year = us_cpi.price_year
    cross join base
)

select * from final
