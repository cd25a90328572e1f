{#- Follow-ups that tell the year of an order, and no other number than an announced order's, belong to that order. -#}

with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

announced as (
    select * from {{ ref('int_orders__announced') }}
),

dated as (
    {{ dated_claims_left('claims', placed=['announced']) }}
),

contracts as (
    select
        block_key,
        anchor_key,
        is_repeat,
        announced_at,
        quantity_low,
        quantity_high,
        coalesce(exact_order_year, cast(extract(year from announced_at) as {{ dbt.type_int() }})) as order_year
    from announced
    group by block_key, anchor_key, is_repeat, announced_at, quantity_low, quantity_high, exact_order_year
),

-- sources differ by a year on when an order was made
years as (
    select generated_number - 2 as years_off
    from ({{ dbt.generate_series(3) }}) as numbers
),

contract_years as (
    select
        contracts.*,
        years.years_off,
        contracts.order_year + years.years_off as told_year
    from contracts
    cross join years
),

compared as (
    select
        dated.claim_id,
        dated.block_key,
        dated.claim_status,
        dated.is_repeat_order,
        contract_years.anchor_key,
        contract_years.is_repeat,
        contract_years.announced_at,
        contract_years.years_off <> 0 as is_other_year,
        -- before another order there was one that this report may mean
        contract_years.years_off < 0 and contract_years.is_repeat and not dated.is_repeat_order as is_of_earlier_order,
        coalesce(dated.quantity_low > contract_years.quantity_high, false) as is_more,
        coalesce(dated.quantity_high < contract_years.quantity_low, false) as is_less,
        contract_years.announced_at > dated.published_at as is_later
    from dated
    inner join contract_years
        on
            dated.block_key = contract_years.block_key
            and dated.order_year = contract_years.told_year
),

-- a delivery may be a part of the order; its year tells more than its number
ranked as (
    select
        *,
        row_number() over (
            partition by claim_id
            order by
                case when claim_status <> 'delivered' and (is_more or is_less) then 1 else 0 end,
                case when is_repeat_order and not is_repeat then 1 else 0 end,
                case when is_other_year then 1 else 0 end,
                case when is_more then 2 when is_less then 1 else 0 end,
                case when is_repeat then 1 else 0 end,
                case when is_later then 1 else 0 end,
                announced_at,
                anchor_key
        ) as choice
    from compared
    where
        not is_of_earlier_order
        and (
            not is_other_year
            or (not is_more and (claim_status = 'delivered' or not is_less))
        )
),

final as (
    select
        claim_id,
        block_key,
        anchor_key
    from ranked
    where choice = 1
)

select * from final
