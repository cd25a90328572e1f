with

us_cpi as (
    select * from {{ ref('us_cpi') }}
),

final as (
    select
        year as price_year,
        cpi_index,
        months as month_count
    from us_cpi
    where cpi_index > 0
)

select * from final
