-- Every deal is the current one of its own key, and every key of any release leads to a deal unless it was withdrawn.
with

deals as (
    select * from {{ ref('fct_deals') }}
),

deal_keys as (
    select * from {{ ref('dim_deal_keys') }}
),

final as (
    select
        deals.deal_key,
        deal_keys.resolution
    from deals
    left join deal_keys
        on deals.deal_key = deal_keys.deal_key
    where coalesce(deal_keys.resolution, 'missing') <> 'current'
    union all
    select
        deal_key,
        resolution
    from deal_keys
    where (current_deal_key is null) <> (resolution = 'withdrawn')
)

select * from final
