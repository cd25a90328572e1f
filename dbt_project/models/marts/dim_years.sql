with

numbers as (
    {{ dbt.generate_series(last_year() - first_year() + 1) }}
),

years as (
    select cast(generated_number + {{ first_year() - 1 }} as {{ dbt.type_int() }}) as year
    from numbers
),

members as (
    select year
    from years
    union all
    select cast(null as {{ dbt.type_int() }}) as year
),

final as (
    select
        {{ hash_key(['year']) }} as year_key,
        year,
        coalesce(cast(year as {{ dbt.type_string() }}), 'unknown') as year_name,
        year - mod(year, 10) as decade_start_year,
        year is null as is_unknown
    from members
)

select * from final
