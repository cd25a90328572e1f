with

ranked as (
    select * from {{ ref('int_flows__ranked') }}
    where
        trade_role = 'recipient'
        and window_years = 5
),

final as (
    {{ compare_five_years('ranked', 'recipient') }}
)

select * from final
