-- The status of a deal is one that some claim reports, and the history marks it, once, as the current one.
with

deals as (
    select * from {{ ref('fct_deals') }}
),

changes as (
    select *
    from {{ ref('fct_deal_status_changes') }}
    where is_current
),

final as (
    select
        deals.deal_key,
        deals.deal_status,
        count(changes.deal_key) as current_count
    from deals
    left join changes
        on
            deals.deal_key = changes.deal_key
            and deals.deal_status = changes.deal_status
    group by deals.deal_key, deals.deal_status
    having count(changes.deal_key) <> 1
)

select * from final
