with

ranked as (
    select * from {{ ref('int_flows__ranked') }}
    where
        trade_role = 'supplier'
        and window_years = 5
),

final as (
    {{ compare_five_years('ranked', 'supplier') }}
)

select * from final
