{#- Reports of one order that contradict each other in number appear within days; a later, different number is another
    contract. 90 days leave room for the months between announcement and signature. -#}
{%- set conflict_days = 90 -%}

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
    select claims.*
    from claims
    left join announced
        on claims.claim_id = announced.claim_id
    left join followed
        on claims.claim_id = followed.claim_id
    where
        announced.claim_id is null
        and followed.claim_id is null
        and not claims.is_domestic
        and claims.order_year is not null
        and claims.claim_status in ('ordered', 'delivered', 'cancelled')
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

telling_flagged as (
    select
        *,
        case
            when
                quantity_low <= max(quantity_high) over (
                    partition by block_key, window_year order by quantity_low, quantity_high, claim_id
                    rows between unbounded preceding and 1 preceding
                )
                then 0
            else 1
        end as is_start
    from telling
),

telling_numbered as (
    select
        *,
        sum(is_start) over (
            partition by block_key, window_year order by quantity_low, quantity_high, claim_id
            rows between unbounded preceding and current row
        ) as quantity_number
    from telling_flagged
),

-- an article that tells two numbers in two claims tells two contracts
telling_per_article as (
    select
        *,
        min(quantity_number) over (partition by block_key, window_year, article_key) as least_in_article,
        max(quantity_number) over (partition by block_key, window_year, article_key) as greatest_in_article
    from telling_numbered
),

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

quantity_groups_compared as (
    select
        *,
        lag(exact_order_year) over (
            partition by block_key, window_year order by first_order_year, first_news_at, quantity_number
        ) as previous_exact_order_year,
        lag(first_news_at) over (
            partition by block_key, window_year order by first_order_year, first_news_at, quantity_number
        ) as previous_news_at,
        lag(is_told_apart) over (
            partition by block_key, window_year order by first_order_year, first_news_at, quantity_number
        ) as previous_is_told_apart
    from quantity_groups
),

quantity_groups_split as (
    select
        *,
        case
            when is_told_apart = 1 and previous_is_told_apart = 1 then 1
            when exact_order_year <> previous_exact_order_year then 1
            when {{ days_between('previous_news_at', 'first_news_at') }} > {{ conflict_days }} then 1
            else 0
        end as is_split
    from quantity_groups_compared
),

contracts as (
    select
        *,
        1 + sum(is_split) over (
            partition by block_key, window_year order by first_order_year, first_news_at, quantity_number
            rows between unbounded preceding and current row
        ) as contract_number
    from quantity_groups_split
),

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
                    when
                        windowed.quantity_low <= contracts.quantity_high
                        and windowed.quantity_high >= contracts.quantity_low
                        then 0
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
