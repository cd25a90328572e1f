with

claims as (
    select * from {{ ref('int_claims__resolved') }}
),

keyed as (
    select * from {{ ref('int_deals__keyed') }}
),

counted as (
    select
        keyed.deal_key,
        claims.*
    from keyed
    inner join claims
        on keyed.claim_id = claims.claim_id
    where claims.quantity is not null
),

-- a reprint repeats a number, it doesn't support it
supports as (
    select
        deal_key,
        claim_status,
        quantity,
        count(distinct article_group_key) as support
    from counted
    group by deal_key, claim_status, quantity
),

-- the order's own number first, exact before rounded, told by more independent reports, the latest, lowest id
ranked as (
    select
        counted.deal_key,
        counted.claim_key,
        counted.claim_status,
        counted.quantity_min,
        counted.quantity_max,
        counted.quantity,
        counted.quantity_is_approximate,
        row_number() over (
            partition by counted.deal_key
            order by
                case counted.claim_status
                    when 'ordered' then 1
                    when 'delivered' then 2
                    when 'approved' then 3
                    when 'proposed' then 4
                    else 5
                end,
                case when counted.quantity_is_approximate then 1 else 0 end,
                supports.support desc,
                counted.published_at desc,
                counted.claim_id
        ) as choice,
        counted.quantity_high
    from counted
    inner join supports
        on
            counted.deal_key = supports.deal_key
            and counted.claim_status = supports.claim_status
            and counted.quantity = supports.quantity
),

best as (
    select *
    from ranked
    where choice = 1
),

-- more than the whole deal can't have arrived: such a number is told of something else
delivered as (
    select
        counted.deal_key,
        max(case when counted.quantity <= best.quantity_high then counted.quantity end) as quantity_told_delivered,
        max(case when counted.quantity_low > best.quantity_high then 1 else 0 end) as is_more_than_all
    from counted
    inner join best
        on counted.deal_key = best.deal_key
    where counted.claim_status = 'delivered'
    group by counted.deal_key
),

-- reports of an order that leave no common number
ordered as (
    select
        deal_key,
        max(quantity_low) > min(quantity_high) as is_contradicted
    from counted
    where claim_status = 'ordered'
    group by deal_key
),

final as (
    select
        best.deal_key,
        best.claim_key as quantity_claim_key,
        best.quantity_min,
        best.quantity_max,
        best.quantity,
        best.quantity_is_approximate,
        delivered.quantity_told_delivered,
        coalesce(ordered.is_contradicted, false) or coalesce(delivered.is_more_than_all = 1, false)
            as has_quantity_conflict
    from best
    left join delivered
        on best.deal_key = delivered.deal_key
    left join ordered
        on best.deal_key = ordered.deal_key
)

select * from final
