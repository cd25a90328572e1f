-- Both export schemas of one edition would count every deal twice.
with

deliveries as (
    select * from {{ ref('fct_register_deliveries') }}
),

final as (
    select
        register_id,
        edition
    from deliveries
    group by register_id, edition
    having count(distinct export_schema) > 1
)

select * from final
