with

exchange_rates as (
    select * from {{ ref('stg_seeds__exchange_rates') }}
),

bounds as (
    select
        currency_code,
        min(rate_year) as first_year
    from exchange_rates
    group by currency_code
),

years as (
    select generated_number + {{ first_year() - 1 }} as year
    from ({{ dbt.generate_series(last_year() - first_year() + 1) }}) as numbers
),

-- a year without a rate takes the latest one before it, at most two years old: rates are published late
spread as (
    select
        bounds.currency_code,
        years.year,
        max(exchange_rates.rate_year) over (
            partition by bounds.currency_code order by years.year rows between 2 preceding and current row
        ) as rate_year
    from bounds
    inner join years
        on bounds.first_year <= years.year
    left join exchange_rates
        on
            bounds.currency_code = exchange_rates.currency_code
            and years.year = exchange_rates.rate_year
),

final as (
    select
        spread.currency_code,
        cast(spread.year as {{ dbt.type_int() }}) as year,
        cast(spread.rate_year as {{ dbt.type_int() }}) as rate_year,
        exchange_rates.currency_per_usd
    from spread
    inner join exchange_rates
        on
            spread.currency_code = exchange_rates.currency_code
            and spread.rate_year = exchange_rates.rate_year
)

select * from final
