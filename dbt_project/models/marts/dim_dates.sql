with

numbers as (
    {{ dbt.generate_series(366 * (last_year() - first_year() + 1)) }}
),

days as (
    select
        cast({{ dbt.dateadd('day', 'generated_number - 1', "cast('" ~ first_year() ~ "-01-01' as date)") }} as date)
            as date_day
    from numbers
),

final as (
    select
        date_day,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date,
        cast({{ dbt.date_trunc('year', 'date_day') }} as date) as year_start_date
    from days
    where date_day < cast('{{ last_year() + 1 }}-01-01' as date)
)

select * from final
