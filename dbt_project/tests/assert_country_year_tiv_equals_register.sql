-- TIV and units of the country-year table are those of the register's latest edition, basis delivered.
with

deliveries as (
    select
        coalesce(sum(tiv_delivered), 0) as tiv,
        coalesce(sum(quantity_delivered), 0) as quantity
    from {{ ref('fct_register_deliveries') }}
    where
        register_id = 'sipri'
        and is_latest_edition
),

country_years as (
    select
        coalesce(sum(tiv), 0) as tiv,
        coalesce(sum(register_quantity), 0) as quantity
    from {{ ref('fct_country_year_transfers') }}
    where basis = 'delivered'
),

final as (
    select
        deliveries.*,
        country_years.tiv as summed_tiv,
        country_years.quantity as summed_quantity
    from deliveries
    cross join country_years
    where
        abs(deliveries.tiv - country_years.tiv) > 1e-6 * (1 + deliveries.tiv)
        or abs(deliveries.quantity - country_years.quantity) > 1e-6 * (1 + deliveries.quantity)
)

select * from final
