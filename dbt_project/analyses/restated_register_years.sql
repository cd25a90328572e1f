-- What has the register restated from one edition to the next? World TIV by year.
with

editions as (
    select
        register_id,
        edition,
        lag(edition) over (partition by register_id order by edition) as previous_edition
    from {{ ref('fct_register_deliveries') }}
    group by register_id, edition
),

yearly as (
    select
        register_id,
        edition,
        delivery_year,
        sum(tiv_delivered) as tiv
    from {{ ref('fct_register_deliveries') }}
    where delivery_year is not null
    group by register_id, edition, delivery_year
)

select
    editions.register_id,
    editions.previous_edition,
    editions.edition,
    yearly.delivery_year,
    round(previous.tiv, 2) as previous_tiv,
    round(yearly.tiv, 2) as tiv,
    round(100 * (yearly.tiv / nullif(previous.tiv, 0) - 1), 2) as change_percent
from editions
inner join yearly
    on
        editions.register_id = yearly.register_id
        and editions.edition = yearly.edition
inner join yearly as previous
    on
        editions.register_id = previous.register_id
        and editions.previous_edition = previous.edition
        and yearly.delivery_year = previous.delivery_year
where abs(yearly.tiv - previous.tiv) > 0.005
order by editions.register_id, editions.edition desc, yearly.delivery_year desc
