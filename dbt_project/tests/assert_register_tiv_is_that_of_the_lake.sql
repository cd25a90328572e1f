-- TIV and units of each edition are those of the lake: no join drops or repeats a row, no year repeats a total.
with

raw_deliveries as (
    select * from {{ source('lake', 'register_deliveries') }}
),

newest as (
    select
        delivery_id,
        max(imported_at) as imported_at
    from raw_deliveries
    group by delivery_id
),

told as (
    select
        raw_deliveries.register_id,
        raw_deliveries.edition,
        count(*) as row_count,
        coalesce(sum(raw_deliveries.tiv_delivered), 0) as tiv,
        coalesce(sum(raw_deliveries.quantity_delivered), 0) as quantity
    from raw_deliveries
    inner join newest
        on
            raw_deliveries.delivery_id = newest.delivery_id
            and raw_deliveries.imported_at = newest.imported_at
    group by raw_deliveries.register_id, raw_deliveries.edition
),

deliveries as (
    select
        register_id,
        edition,
        count(*) as row_count,
        coalesce(sum(tiv_delivered), 0) as tiv,
        coalesce(sum(quantity_delivered), 0) as quantity
    from {{ ref('fct_register_deliveries') }}
    group by register_id, edition
),

final as (
    select
        told.*,
        deliveries.row_count as fact_row_count,
        deliveries.tiv as fact_tiv,
        deliveries.quantity as fact_quantity
    from told
    left join deliveries
        on
            told.register_id = deliveries.register_id
            and told.edition = deliveries.edition
    where
        deliveries.row_count is null
        or deliveries.row_count <> told.row_count
        or abs(deliveries.tiv - told.tiv) > 1e-6 * (1 + told.tiv)
        or abs(deliveries.quantity - told.quantity) > 1e-6 * (1 + told.quantity)
)

select * from final
