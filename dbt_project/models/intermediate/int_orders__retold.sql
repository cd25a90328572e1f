{%- set window = ['block_key', 'window_year'] -%}

with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

announced as (
    select * from {{ ref('int_orders__announced') }}
),

followed as (
    select * from {{ ref('int_orders__followed') }}
),

dated as (
    {{ dated_claims_left('claims', placed=['announced', 'followed']) }}
),

years as (
    select distinct
        block_key,
        order_year
    from dated
),

years_after_gap as (
    select
        block_key,
        order_year,
        case
            when order_year - lag(order_year) over (partition by block_key order by order_year) <= 1 then 0
            else 1
        end as is_start
    from years
),

years_in_runs as (
    select
        block_key,
        order_year,
        sum(is_start) over (
            partition by block_key order by order_year rows between unbounded preceding and current row
        ) as run_number
    from years_after_gap
),

run_starts as (
    select
        *,
        min(order_year) over (partition by block_key, run_number) as run_start
    from years_in_runs
),

-- a window is a pair of neighbouring years, so that no chain of years becomes one deal
windows as (
    select
        block_key,
        order_year,
        order_year - mod(order_year - run_start, 2) as window_year
    from run_starts
),

windowed as (
    select
        dated.*,
        windows.window_year
    from dated
    inner join windows
        on
            dated.block_key = windows.block_key
            and dated.order_year = windows.order_year
),

-- only the numbers in reports of an order tell contracts apart: a delivery may be a part
telling as (
    select *
    from windowed
    where
        claim_status = 'ordered'
        and quantity is not null
),

-- an article that tells two numbers in two claims tells two contracts
{{ number_quantities(window) }},

quantity_groups as (
    select
        block_key,
        window_year,
        quantity_number,
        min(quantity_low) as quantity_low,
        max(quantity_high) as quantity_high,
        min(order_year) as first_order_year,
        min(case when not order_year_is_estimate then order_year end) as exact_order_year,
        min(case when published_year - order_year <= 1 then published_at end) as first_news_at,
        max(case when greatest_in_article > least_in_article then 1 else 0 end) as is_told_apart
    from telling_per_article
    group by block_key, window_year, quantity_number
),

{{ number_contracts(
    window, order_by=['first_order_year', 'first_news_at', 'quantity_number'], reported_at='first_news_at'
) }},

told as (
    select
        telling_numbered.claim_id,
        telling_numbered.block_key,
        telling_numbered.window_year,
        contracts.contract_number,
        'order_quantity' as match_rule
    from telling_numbered
    inner join contracts
        on
            telling_numbered.block_key = contracts.block_key
            and telling_numbered.window_year = contracts.window_year
            and telling_numbered.quantity_number = contracts.quantity_number
),

-- the other claims of a window: same number first, then same year, then the latest contract known by then
rest_ranked as (
    select
        windowed.claim_id,
        windowed.block_key,
        windowed.window_year,
        contracts.contract_number,
        row_number() over (
            partition by windowed.claim_id
            order by
                case
                    when {{ quantities_overlap('windowed', 'contracts') }} then 0
                    else 1
                end,
                case when windowed.order_year = contracts.first_order_year then 0 else 1 end,
                case when contracts.first_news_at <= windowed.published_at then 0 else 1 end,
                contracts.contract_number desc
        ) as choice
    from windowed
    left join contracts
        on
            windowed.block_key = contracts.block_key
            and windowed.window_year = contracts.window_year
    where
        windowed.claim_status <> 'ordered'
        or windowed.quantity is null
),

rest as (
    select
        claim_id,
        block_key,
        window_year,
        coalesce(contract_number, 1) as contract_number,
        'order_year' as match_rule
    from rest_ranked
    where choice = 1
),

anchored as (
    select * from told
    union all
    select * from rest
),

final as (
    select
        claim_id,
        block_key,
        {{ hash_key(['block_key', 'window_year', 'contract_number']) }} as anchor_key,
        match_rule
    from anchored
)

select * from final
