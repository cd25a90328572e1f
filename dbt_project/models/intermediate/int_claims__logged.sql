with

published as (
    select * from {{ ref('stg_history__claims') }}
),

changed as (
    select * from {{ ref('int_claims__changed') }}
),

final as (
    select * from published
    union all
    select * from changed
)

select * from final
