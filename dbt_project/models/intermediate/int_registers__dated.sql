with

deliveries as (
    select * from {{ ref('stg_lake__register_deliveries') }}
),

editions as (
    select
        register_id,
        max(edition) as latest_edition
    from deliveries
    group by register_id
),

final as (
    select
        deliveries.*,
        deliveries.edition = editions.latest_edition as is_latest_edition,
        coalesce(deliveries.weapon_category, 'other') as counted_category,
        deliveries.weapon_category is null as weapon_category_is_assumed
    from deliveries
    inner join editions
        on deliveries.register_id = editions.register_id
)

select * from final
